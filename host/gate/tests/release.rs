//! Every check on leaving: what has changed since the send was admitted, and what becomes of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

mod fine;

use fine::{
    Fine, NOW, contact, number, phone, reached, stopped, stopped_by_the_network, template, wamid,
};
use gate::{AccountPace, Bound, OptIn, Pace, Release, limits};
use model::{
    ContactKey, Mode, Pause, Permission, Purpose, Span, StopTarget, TemplateCategory, UserId,
};

/// What has changed since it was admitted, and what becomes of it.
type Row = (&'static str, fn(&mut Fine), &'static str);

#[test]
fn i06_nothing_is_taken_for_granted_from_when_it_was_admitted() {
    let rows: &[Row] = &[
        ("nothing", |_| {}, "go"),
        (
            "its number left the allowlist",
            |f| f.policy.numbers = [number(2)].into(),
            "not-allowlisted",
        ),
        (
            "they opted out",
            |f| f.contact.consent.everything = Permission::Out(NOW),
            "opted-out",
        ),
        (
            "a stop is pending",
            |f| f.contact.stop_pending = true,
            "opted-out",
        ),
        (
            "consent is demanded now",
            |f| f.policy.opt_in = OptIn::Explicit,
            "not-opted-in",
        ),
        (
            "a person took over",
            |f| f.contact.pause = paused(1, None),
            "paused",
        ),
        (
            "another decision handed over",
            |f| f.contact.pause = paused(1, Some("wamid.other")),
            "paused",
        ),
        (
            "its own decision handed over",
            |f| f.contact.pause = paused(1, Some("wamid.question")),
            "go",
        ),
        (
            "the pause is over",
            |f| f.contact.pause = paused(0, None),
            "go",
        ),
        (
            "the window closed",
            |f| f.now = NOW.plus(Span::from_hours(23)),
            "window-closed",
        ),
        (
            "the margin grew over the window",
            |f| f.policy.window_margin = Span::from_hours(23),
            "window-closed",
        ),
        (
            "the margin is longer than any window",
            |f| f.policy.window_margin = Span::from_hours(48),
            "window-closed",
        ),
        (
            "their user id became known",
            |f| f.contact.key = both(1),
            "go",
        ),
        (
            "it is somebody else",
            |f| f.contact.key = ContactKey::Phone(phone(2)),
            "window-closed",
        ),
        (
            "the tenant was stopped",
            |f| f.stops = vec![stopped(StopTarget::Tenant)],
            "stopped",
        ),
        (
            "the number was stopped",
            |f| f.stops = vec![stopped(StopTarget::Number(number(1)))],
            "stopped",
        ),
        (
            "another number was stopped",
            |f| f.stops = vec![stopped(StopTarget::Number(number(2)))],
            "go",
        ),
        (
            "WhatsApp stopped the number",
            |f| f.stops = vec![stopped_by_the_network(StopTarget::Number(number(1)))],
            "wait 1m",
        ),
        (
            "WhatsApp stopped the number, and an operator the tenant",
            |f| {
                f.stops = vec![
                    stopped_by_the_network(StopTarget::Number(number(1))),
                    stopped(StopTarget::Tenant),
                ];
            },
            "stopped",
        ),
        (
            "WhatsApp stopped the number, and they opted out",
            |f| {
                f.stops = vec![stopped_by_the_network(StopTarget::Number(number(1)))];
                f.contact.consent.everything = Permission::Out(NOW);
            },
            "opted-out",
        ),
        (
            "the last moment at which an answer is wanted",
            |f| f.now = NOW.plus(f.policy.answer_within),
            "go",
        ),
        (
            "nobody wants the answer any more",
            |f| f.now = NOW.plus(f.policy.answer_within).plus(Span::from_millis(1)),
            "too-late",
        ),
        (
            "the clock was set back over the decision",
            |f| f.now = NOW.minus(Span::from_hours(100)),
            "go",
        ),
        (
            "60 sends within the hour, itself included",
            |f| f.sent(60),
            "go",
        ),
        ("the budget was lowered", |f| f.sent(61), "quota-exceeded"),
        (
            "the budget was lowered, as a shadow",
            |f| {
                f.sent(61);
                f.policy.bounds.contact_hourly.shadow = true;
            },
            "go",
        ),
        (
            "the account's second is used up by another number",
            |f| {
                let pace = Pace {
                    account: Some(AccountPace {
                        account: "aws".into(),
                        per_second: 2,
                    }),
                    ..Pace::default()
                };
                for other in 8..10 {
                    f.rates
                        .note(&number(2), &pace, model::ContactId(other), f.now);
                }
                f.policy.pace.insert(number(1), pace);
            },
            "wait 1s",
        ),
        (
            "a shadow of the rates: what leaves keeps to them",
            |f| {
                f.policy.bounds.rates_shadow = true;
                f.spend(limits::PAIR_BURST);
            },
            "wait 6s",
        ),
        ("dry run", |f| f.policy.mode = Mode::DryRun, "withhold"),
        ("dry run, and they opted out", dry_and_out, "opted-out"),
        ("dry run on a simulator", dry_simulator, "go"),
        (
            "44 others left for them",
            |f| f.spend(limits::PAIR_BURST - 1),
            "go",
        ),
        (
            "45 others left for them",
            |f| f.spend(limits::PAIR_BURST),
            "wait 6s",
        ),
        (
            "a second's worth left from the number",
            |f| spend_number(f, limits::NUMBER_BURST),
            "wait",
        ),
    ];
    for (what, change, becomes) in rows {
        let mut scene = Fine::new();
        let admitted = scene.admitted();
        change(&mut scene);
        let release = scene.release(&admitted);
        if let Release::Go(pass) = &release {
            assert_eq!(pass.outbound(), admitted.outbound(), "{what}");
        }
        assert!(said(&release).starts_with(becomes), "{what}: {release:?}");
    }
}

#[test]
fn i06_the_one_confirmation_leaves_after_the_stop() {
    let mut scene = Fine::changed(|f| {
        f.purpose = Purpose::Confirmation;
        f.contact.consent.everything = Permission::Out(NOW);
    });
    let admitted = scene.admitted();
    scene.contact.pause = paused(1, None);
    assert_eq!(said(&scene.release(&admitted)), "go");
    // All else holds for it as for any other.
    scene.now = NOW.plus(Span::from_hours(23));
    assert_eq!(said(&scene.release(&admitted)), "window-closed");
}

/// A place in the messaging limit may be gone since it was admitted, and may soon be there again.
#[test]
fn a_template_that_reaches_out_keeps_to_the_messaging_limit_on_leaving() {
    let rows: &[Row] = &[
        ("there is room", |f| f.reach = reached(9), "go"),
        (
            "there will be in a minute",
            |f| f.reach = reached(10),
            "wait 1m",
        ),
        (
            "there will be in a minute, and that is too long",
            |f| {
                f.reach = reached(10);
                f.policy.bearable_wait = Span::from_seconds(59);
            },
            "quota-exceeded",
        ),
        (
            "this one was reached already",
            |f| {
                f.reach = reached(10);
                f.reach.includes_this = true;
            },
            "go",
        ),
        (
            "the limit is a shadow",
            |f| {
                f.reach = reached(10);
                f.policy.bounds.tier.as_mut().unwrap().shadow = true;
            },
            "go",
        ),
        (
            "they wrote, and it reaches out no more",
            |f| {
                f.reach = reached(10);
                f.contact.last_inbound.insert(number(1), NOW);
            },
            "go",
        ),
        (
            "its template was stopped",
            |f| {
                f.stops = vec![stopped_by_the_network(StopTarget::Template(
                    "order_sent".into(),
                ))];
            },
            "stopped",
        ),
        (
            "another template was stopped",
            |f| f.stops = vec![stopped(StopTarget::Template("order".into()))],
            "go",
        ),
    ];
    for (what, change, becomes) in rows {
        let mut scene = Fine::changed(|f| {
            f.contact.consent.everything = Permission::In(NOW);
            f.contact.last_inbound.clear();
            f.outgoing = template(TemplateCategory::Utility);
            f.policy.bearable_wait = Span::from_minutes(1);
            f.policy.bounds.tier = Some(Bound {
                most: 10,
                shadow: false,
            });
        });
        let admitted = scene.admitted();
        change(&mut scene);
        let release = scene.release(&admitted);
        if let Release::Go(pass) = &release {
            let reaches_out = scene.contact.last_inbound.is_empty();
            assert_eq!(pass.reaches_out(), reaches_out, "{what}");
        }
        assert_eq!(said(&release), *becomes, "{what}");
    }
}

#[test]
fn an_answer_may_come_too_late_and_what_a_person_sends_never_does() {
    for (purpose, becomes) in [
        (Purpose::Reply, "too-late"),
        (Purpose::Person, "go"),
        (Purpose::Confirmation, "go"),
    ] {
        let mut scene = Fine::changed(|f| f.purpose = purpose);
        let admitted = scene.admitted();
        scene.now = NOW.plus(Span::from_hours(7));
        assert_eq!(said(&scene.release(&admitted)), becomes, "{purpose:?}");
    }
}

#[test]
fn i06_what_a_person_sends_leaves_in_a_pause_and_not_after_a_stop() {
    let mut scene = Fine::changed(|f| f.purpose = Purpose::Person);
    let admitted = scene.admitted();
    scene.contact.pause = paused(1, None);
    assert_eq!(said(&scene.release(&admitted)), "go");
    scene.contact.stop_pending = true;
    assert_eq!(said(&scene.release(&admitted)), "opted-out");
    scene.contact.stop_pending = false;
    scene.now = NOW.plus(Span::from_hours(23));
    assert_eq!(said(&scene.release(&admitted)), "window-closed");
}

#[test]
fn what_does_not_leave_spends_nothing() {
    let mut scene = Fine::new();
    let admitted = scene.admitted();
    for change in [
        |f: &mut Fine| f.policy.mode = Mode::DryRun,
        |f: &mut Fine| f.contact.stop_pending = true,
    ] {
        change(&mut scene);
        for _ in 0..2 * limits::PAIR_BURST {
            assert!(!matches!(
                scene.release(&admitted),
                Release::Go(_) | Release::Wait(_)
            ));
        }
    }
    scene.policy.mode = Mode::Live;
    scene.contact.stop_pending = false;
    for _ in 0..limits::PAIR_BURST {
        assert_eq!(said(&scene.release(&admitted)), "go");
    }
    // Nor does waiting.
    for _ in 0..3 {
        assert_eq!(said(&scene.release(&admitted)), "wait 6s");
    }
    scene.now = NOW.plus(Span::from_seconds(6));
    assert_eq!(said(&scene.release(&admitted)), "go");
}

fn said(release: &Release) -> String {
    match release {
        Release::Go(_) => "go".into(),
        Release::Wait(until) => format!("wait {}", until.since(NOW)),
        Release::Withhold => "withhold".into(),
        Release::Cancel(refusal) => refusal.word().into(),
    }
}

fn paused(minutes: u64, by: Option<&str>) -> Option<Pause> {
    Some(Pause {
        until: NOW.plus(Span::from_minutes(minutes)),
        by: by.map(wamid),
    })
}

fn both(which: u64) -> ContactKey {
    ContactKey::Both(phone(which), UserId::new("BR.1234567890").unwrap())
}

fn dry_and_out(fine: &mut Fine) {
    fine.policy.mode = Mode::DryRun;
    fine.contact.consent.everything = Permission::Out(NOW);
}

fn dry_simulator(fine: &mut Fine) {
    fine.policy.mode = Mode::DryRun;
    fine.policy.simulated.insert(number(1));
}

/// To other contacts, one each.
fn spend_number(fine: &mut Fine, count: u32) {
    for other in 2..2 + u64::from(count) {
        let (pace, contact) = (gate::Pace::default(), model::ContactId(other));
        fine.rates.note(&number(1), &pace, contact, NOW);
    }
    assert_eq!(fine.contact.id, contact(1).id);
}
