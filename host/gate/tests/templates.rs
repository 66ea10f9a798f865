//! What a template takes of consent and window, when it is proposed and when it leaves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

mod fine;

use fine::{Fine, NOW, phone, template};
use gate::{OptIn, Release};
use model::{Permission, Purpose, Recipient, Refusal, Span, TemplateCategory};

#[test]
fn what_templates_take_of_consent_and_window() {
    use Permission::{In, Out, Unasked};
    use TemplateCategory::{Authentication, Marketing, Utility};
    type Row = (
        TemplateCategory,
        Permission,
        Permission,
        OptIn,
        &'static str,
        &'static str,
    );
    // Category, everything, marketing, what the tenant demands; within the window, and outside of it.
    let rows: &[Row] = &[
        (
            Utility,
            Unasked,
            Unasked,
            OptIn::Inbound,
            "go",
            "not-opted-in",
        ),
        (
            Utility,
            Unasked,
            Unasked,
            OptIn::Explicit,
            "not-opted-in",
            "not-opted-in",
        ),
        (Utility, In(NOW), Unasked, OptIn::Inbound, "go", "go"),
        (Utility, In(NOW), Unasked, OptIn::Explicit, "go", "go"),
        (Utility, In(NOW), Out(NOW), OptIn::Inbound, "go", "go"),
        (
            Utility,
            Unasked,
            In(NOW),
            OptIn::Inbound,
            "go",
            "not-opted-in",
        ),
        (
            Utility,
            Out(NOW),
            In(NOW),
            OptIn::Inbound,
            "opted-out",
            "opted-out",
        ),
        (
            Authentication,
            Unasked,
            Unasked,
            OptIn::Inbound,
            "go",
            "not-opted-in",
        ),
        (Authentication, In(NOW), Unasked, OptIn::Inbound, "go", "go"),
        (
            Marketing,
            Unasked,
            Unasked,
            OptIn::Inbound,
            "not-opted-in",
            "not-opted-in",
        ),
        (Marketing, In(NOW), Unasked, OptIn::Inbound, "go", "go"),
        (Marketing, In(NOW), Unasked, OptIn::Explicit, "go", "go"),
        (Marketing, In(NOW), In(NOW), OptIn::Inbound, "go", "go"),
        (
            Marketing,
            In(NOW),
            Out(NOW),
            OptIn::Inbound,
            "opted-out",
            "opted-out",
        ),
        (
            Marketing,
            Unasked,
            Out(NOW),
            OptIn::Inbound,
            "opted-out",
            "opted-out",
        ),
        (
            Marketing,
            Unasked,
            In(NOW),
            OptIn::Inbound,
            "go",
            "not-opted-in",
        ),
        (
            Marketing,
            Unasked,
            In(NOW),
            OptIn::Explicit,
            "not-opted-in",
            "not-opted-in",
        ),
        (
            Marketing,
            Out(NOW),
            In(NOW),
            OptIn::Inbound,
            "opted-out",
            "opted-out",
        ),
    ];
    for row @ (category, everything, marketing, opt_in, within, outside) in rows {
        for (hours, expected) in [(0, within), (30, outside)] {
            let mut scene = Fine::changed(|f| {
                f.outgoing = template(*category);
                f.now = NOW.plus(Span::from_hours(hours));
                f.contact.consent.everything = *everything;
                f.contact.consent.marketing = *marketing;
                f.policy.opt_in = *opt_in;
            });
            let judgement = scene.judge();
            let said = judgement
                .verdict
                .as_ref()
                .map_or_else(Refusal::word, |_| "go");
            assert_eq!(said, *expected, "{row:?} after {hours} h: {judgement:?}");
            if said == "go" {
                scene.contact.stop_pending = true;
                let word = scene.judge().verdict.map_err(|refusal| refusal.word());
                assert_eq!(
                    word,
                    Err("opted-out"),
                    "{row:?} after {hours} h, and a stop"
                );
            }
        }
    }
}

/// What is said of a template is what the gate says to one.
#[test]
fn a_closed_window_says_truly_whether_a_template_would_pass() {
    type Row = (&'static str, fn(&mut Fine));
    let rows: &[Row] = &[
        ("they never said", |_| {}),
        ("they opted in", |f| {
            f.contact.consent.everything = Permission::In(NOW);
        }),
        ("they opted in, and never wrote to that number", |f| {
            f.contact.consent.everything = Permission::In(NOW);
            f.contact.last_inbound.clear();
        }),
        ("they want marketing, and said nothing else", |f| {
            f.contact.consent.marketing = Permission::In(NOW);
        }),
        ("another number that was granted", |f| {
            f.contact.consent.everything = Permission::In(NOW);
            f.grants.recipients.insert(phone(2));
            f.to = Recipient::Phone(phone(2));
        }),
        ("a confirmation that came too late", |f| {
            f.contact.consent.everything = Permission::Out(NOW);
            f.purpose = Purpose::Confirmation;
        }),
        ("a confirmation while the stop is pending", |f| {
            f.contact.consent.everything = Permission::In(NOW);
            f.contact.stop_pending = true;
            f.purpose = Purpose::Confirmation;
        }),
    ];
    let mut said = Vec::new();
    for (what, change) in rows {
        let mut scene = Fine::changed(|f| {
            f.now = NOW.plus(Span::from_hours(30));
            change(f);
        });
        let Err(Refusal::WindowClosed {
            template_would_pass,
        }) = scene.judge().verdict
        else {
            panic!("{what}: {:?}", scene.judge())
        };
        scene.outgoing = template(TemplateCategory::Utility);
        let judgement = scene.judge();
        assert_eq!(
            judgement.verdict.is_ok(),
            template_would_pass,
            "{what}: {judgement:?}"
        );
        said.push(template_would_pass);
    }
    assert_eq!(said, [false, true, true, false, false, false, false]);
}

#[test]
fn an_opt_out_is_confirmed_by_no_advertisement() {
    let confirmation = |category, hours| {
        let judgement = Fine::changed(|f| {
            f.outgoing = template(category);
            f.purpose = Purpose::Confirmation;
            f.contact.stop_pending = true;
            f.contact.consent.everything = Permission::In(NOW);
            f.now = NOW.plus(Span::from_hours(hours));
        })
        .judge();
        judgement
            .verdict
            .map_or_else(|refusal| refusal.word(), |_| "go")
    };
    assert_eq!(confirmation(TemplateCategory::Utility, 0), "go");
    assert_eq!(confirmation(TemplateCategory::Utility, 30), "opted-out");
    assert_eq!(confirmation(TemplateCategory::Marketing, 0), "opted-out");
}

#[test]
fn i06_a_template_is_judged_again_on_leaving() {
    type Row = (&'static str, TemplateCategory, fn(&mut Fine), &'static str);
    use TemplateCategory::{Marketing, Utility};
    let rows: &[Row] = &[
        ("nothing", Utility, |_| {}, "go"),
        ("nothing", Marketing, |_| {}, "go"),
        ("a week went by", Utility, a_week_later, "go"),
        ("a week went by", Marketing, a_week_later, "go"),
        (
            "they opted out",
            Utility,
            |f| f.contact.consent.everything = Permission::Out(NOW),
            "opted-out",
        ),
        (
            "a stop is pending",
            Utility,
            |f| f.contact.stop_pending = true,
            "opted-out",
        ),
        (
            "they opted out of marketing",
            Utility,
            |f| f.contact.consent.marketing = Permission::Out(NOW),
            "go",
        ),
        (
            "they opted out of marketing",
            Marketing,
            |f| f.contact.consent.marketing = Permission::Out(NOW),
            "opted-out",
        ),
        (
            "their yes was withdrawn, and the window closed",
            Utility,
            |f| {
                a_week_later(f);
                f.contact.consent.everything = Permission::Unasked;
            },
            "not-opted-in",
        ),
        (
            "their yes was withdrawn",
            Marketing,
            |f| f.contact.consent.everything = Permission::Unasked,
            "not-opted-in",
        ),
        (
            "it is somebody else",
            Utility,
            |f| f.contact.key = model::ContactKey::Phone(phone(2)),
            "not-opted-in",
        ),
    ];
    for (what, category, change, becomes) in rows {
        let mut scene = Fine::changed(|f| {
            f.contact.consent.everything = Permission::In(NOW);
            f.outgoing = template(*category);
            f.policy.answer_within = Span::from_hours(24 * 30);
        });
        let admitted = scene.admitted();
        change(&mut scene);
        let word = match scene.release(&admitted) {
            Release::Go(_) => "go",
            Release::Wait(_) => "wait",
            Release::Withhold => "withhold",
            Release::Cancel(refusal) => refusal.word(),
        };
        assert_eq!(word, *becomes, "{what}, {category:?}");
    }
}

fn a_week_later(fine: &mut Fine) {
    fine.now = NOW.plus(Span::from_hours(24 * 7));
}
