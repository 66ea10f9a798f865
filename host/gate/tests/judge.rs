//! Every check when a send is proposed: what is changed about a scene in which all is fine, and what the gate says then.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

mod fine;

use fine::{
    Fine, NOW, number, phone, reached, stopped, stopped_by_the_network, template, text, wamid,
};
use gate::{Bound, OptIn, limits, tempo};
use model::{
    Interface, Mode, Pause, Permission, Purpose, Recipient, Refusal, Span, StopTarget,
    TemplateCategory,
};

/// The checks of a send, in their order.
const CHECKS: [&str; 14] = [
    "grant",
    "effects",
    "recipient",
    "allowlist",
    "stop",
    "content",
    "consent",
    "pause",
    "window",
    "loop",
    "quota",
    "contact",
    "rates",
    "mode",
];

/// What is changed, the check that refuses, and the word of its refusal.
type Row = (&'static str, fn(&mut Fine), &'static str, &'static str);

#[test]
fn each_check_refuses_what_it_is_for_and_is_the_last_on_record() {
    let rows: &[Row] = &[
        (
            "no grant to send",
            |f| f.grants.interfaces = [Interface::Desk].into(),
            "grant",
            "not-granted",
        ),
        (
            "80 effects already",
            |f| f.effects_in_decision = model::limits::EFFECTS_PER_DECISION,
            "effects",
            "quota-exceeded",
        ),
        (
            "somebody else",
            |f| f.to = Recipient::Phone(phone(2)),
            "recipient",
            "not-granted",
        ),
        (
            "somebody else's number",
            |f| f.from = Some(number(9)),
            "allowlist",
            "not-allowlisted",
        ),
        (
            "the tenant is stopped",
            |f| f.stops = vec![stopped(StopTarget::Tenant)],
            "stop",
            "stopped",
        ),
        (
            "the number is stopped",
            |f| f.stops = vec![stopped(StopTarget::Number(number(1)))],
            "stop",
            "stopped",
        ),
        (
            "WhatsApp stopped the number",
            |f| f.stops = vec![stopped_by_the_network(StopTarget::Number(number(1)))],
            "stop",
            "stopped",
        ),
        (
            "the number that it is sent from is stopped",
            |f| {
                wrote_to_both(f);
                f.stops = vec![stopped(StopTarget::Number(number(2)))];
            },
            "stop",
            "stopped",
        ),
        (
            "its template is stopped",
            |f| {
                f.outgoing = template(TemplateCategory::Utility);
                f.stops = vec![stopped_by_the_network(order_sent())];
            },
            "stop",
            "stopped",
        ),
        (
            "the confirmation of a stop, on a stopped number",
            |f| {
                f.purpose = Purpose::Confirmation;
                f.stops = vec![stopped(StopTarget::Number(number(1)))];
            },
            "stop",
            "stopped",
        ),
        (
            "a blank text",
            |f| f.outgoing = text(" \n "),
            "content",
            "invalid",
        ),
        (
            "a stop is pending",
            |f| f.contact.stop_pending = true,
            "consent",
            "opted-out",
        ),
        (
            "they opted out",
            |f| f.contact.consent.everything = Permission::Out(NOW),
            "consent",
            "opted-out",
        ),
        (
            "consent is demanded",
            |f| f.policy.opt_in = OptIn::Explicit,
            "consent",
            "not-opted-in",
        ),
        ("a stop after a yes", stop_after_yes, "consent", "opted-out"),
        (
            "a person has the conversation",
            |f| f.contact.pause = paused(None),
            "pause",
            "paused",
        ),
        (
            "since another message",
            |f| f.contact.pause = paused(Some("wamid.other")),
            "pause",
            "paused",
        ),
        (
            "the margin has begun",
            |f| f.now = NOW.plus(Span::from_minutes(22 * 60 + 50)),
            "window",
            "window-closed",
        ),
        (
            "they never wrote to that number",
            |f| f.from = Some(number(2)),
            "window",
            "window-closed",
        ),
        ("a granted stranger", stranger, "window", "window-closed"),
        (
            "a template to a granted stranger",
            |f| {
                stranger(f);
                f.contact.consent.everything = Permission::In(NOW);
                f.outgoing = template(TemplateCategory::Utility);
            },
            "consent",
            "not-opted-in",
        ),
        (
            "nine turns answered at once",
            |f| f.contact.tempo.answered_at_once = 9,
            "loop",
            "loop-suspected",
        ),
        (
            "thirty automatic turns within the hour",
            |f| spoke(f, 30),
            "loop",
            "loop-suspected",
        ),
        (
            "a ninth send",
            |f| f.sends_in_run = limits::SENDS_PER_RUN,
            "quota",
            "quota-exceeded",
        ),
        (
            "a 61st send within the hour",
            |f| f.sent(60),
            "contact",
            "quota-exceeded",
        ),
        (
            "a wait past bearing",
            |f| f.spend(limits::PAIR_BURST),
            "rates",
            "rate-limited",
        ),
    ];
    for (what, change, check, refusal) in rows {
        let judgement = Fine::changed(change).judge();
        assert_eq!(
            judgement.verdict.as_ref().err().map(Refusal::word),
            Some(*refusal),
            "{what}: {judgement:?}"
        );
        let made: Vec<&str> = judgement
            .checks
            .iter()
            .map(|check| check.name.as_str())
            .collect();
        let place = CHECKS.iter().position(|name| name == check).unwrap();
        assert_eq!(made, CHECKS[..=place], "{what}");
        assert!(
            judgement
                .checks
                .iter()
                .all(|made| made.passed == (made.name != *check)),
            "{what}: {judgement:?}"
        );
    }
}

#[test]
fn what_passes_all_the_same() {
    type Row = (&'static str, fn(&mut Fine));
    let rows: &[Row] = &[
        ("nothing changed", |_| {}),
        ("the last millisecond before the margin", |f| {
            f.now = NOW.plus(Span::from_millis((22 * 60 + 50) * 60_000 - 1));
        }),
        ("recorded consent where it is demanded", |f| {
            f.policy.opt_in = OptIn::Explicit;
            f.contact.consent.everything = Permission::In(NOW);
        }),
        ("a marketing stop, for a reply", |f| {
            f.contact.consent.marketing = Permission::Out(NOW);
        }),
        ("what hands over says so", |f| {
            f.contact.pause = paused(Some("wamid.question"));
        }),
        ("79 effects already", |f| {
            f.effects_in_decision = model::limits::EFFECTS_PER_DECISION - 1;
        }),
        ("an eighth send", |f| {
            f.sends_in_run = limits::SENDS_PER_RUN - 1;
        }),
        ("a pause that ends now", |f| {
            f.contact.pause = Some(Pause {
                until: NOW,
                by: None,
            });
        }),
        ("another of our numbers, which they wrote to", wrote_to_both),
        ("44 left before it", |f| f.spend(limits::PAIR_BURST - 1)),
        ("a wait that can be borne", |f| {
            f.policy.bearable_wait = Span::from_seconds(6);
            f.spend(limits::PAIR_BURST);
        }),
        ("the confirmation of a stop", |f| {
            f.purpose = Purpose::Confirmation;
            f.policy.opt_in = OptIn::Explicit;
            f.contact.consent.everything = Permission::Out(NOW);
            f.contact.stop_pending = true;
            f.contact.pause = paused(None);
        }),
        ("what a person sends while a person talks", |f| {
            f.purpose = Purpose::Person;
            f.contact.pause = paused(None);
        }),
        ("dry run", |f| f.policy.mode = Mode::DryRun),
        ("another number is stopped", |f| {
            f.stops = vec![
                stopped(StopTarget::Number(number(2))),
                stopped(order_sent()),
            ];
        }),
        ("eight turns answered at once", |f| {
            f.contact.tempo.answered_at_once = 8;
        }),
        ("29 automatic turns within the hour", |f| spoke(f, 29)),
        ("30 automatic turns, the first of them an hour ago", |f| {
            spoke(f, 1);
            f.now = NOW.plus(limits::TEMPO_HOUR);
            spoke(f, 29);
            f.contact.last_inbound.insert(number(1), f.now);
            f.now = f.now.plus(limits::TEMPO_SLICE);
        }),
        ("what a person sends in what looks like a loop", |f| {
            f.purpose = Purpose::Person;
            f.contact.tempo.answered_at_once = 99;
            spoke(f, 99);
            f.sent(99);
        }),
        ("the confirmation of a stop, after a flood", |f| {
            f.purpose = Purpose::Confirmation;
            f.contact.stop_pending = true;
            f.contact.tempo.answered_at_once = 99;
            f.sent(99);
        }),
        ("a 60th send within the hour", |f| f.sent(59)),
        ("a template long after they wrote, to who opted in", |f| {
            f.contact.consent.everything = Permission::In(NOW);
            f.now = NOW.plus(Span::from_hours(1000));
            f.outgoing = template(TemplateCategory::Utility);
        }),
    ];
    for (what, change) in rows {
        let judgement = Fine::changed(change).judge();
        assert!(
            matches!(judgement.verdict, Ok(Some(_))),
            "{what}: {judgement:?}"
        );
        let made: Vec<&str> = judgement
            .checks
            .iter()
            .map(|check| check.name.as_str())
            .collect();
        assert_eq!(made, CHECKS, "{what}");
    }
}

/// The pause is all that a person's send passes by: whatever else holds back a rule's answer holds back theirs.
#[test]
fn i06_a_person_sends_past_the_pause_and_past_nothing_else() {
    type Row = (&'static str, fn(&mut Fine), &'static str);
    let rows: &[Row] = &[
        (
            "a stop is pending",
            |f| f.contact.stop_pending = true,
            "opted-out",
        ),
        (
            "they opted out",
            |f| f.contact.consent.everything = Permission::Out(NOW),
            "opted-out",
        ),
        (
            "consent is demanded",
            |f| f.policy.opt_in = OptIn::Explicit,
            "not-opted-in",
        ),
        (
            "the margin has begun",
            |f| f.now = NOW.plus(Span::from_minutes(22 * 60 + 50)),
            "window-closed",
        ),
        (
            "a number that is not listed",
            |f| f.number = number(9),
            "not-allowlisted",
        ),
        ("a blank text", |f| f.outgoing = text(" "), "invalid"),
        (
            "a wait past bearing",
            |f| f.spend(limits::PAIR_BURST),
            "rate-limited",
        ),
    ];
    for (what, change, refusal) in rows {
        let scene = Fine::changed(|f| {
            f.purpose = Purpose::Person;
            f.contact.pause = paused(None);
            change(f);
        });
        let judgement = scene.judge();
        assert_eq!(
            judgement.verdict.as_ref().err().map(Refusal::word),
            Some(*refusal),
            "{what}: {judgement:?}"
        );
    }
}

/// Everything is wrong at once: put right one after the other, each is named in its turn.
#[test]
fn the_first_refusal_wins() {
    type Repair = (&'static str, fn(&mut Fine));
    let repairs: [Repair; 13] = [
        ("grant", |f| f.grants.interfaces = Interface::ALL.into()),
        ("effects", |f| f.effects_in_decision = 0),
        ("recipient", |f| f.to = Recipient::Contact),
        ("allowlist", |f| f.number = number(1)),
        ("stop", |f| f.stops.clear()),
        ("content", |f| f.outgoing = text("oi")),
        ("consent", |f| {
            f.contact.consent.everything = Permission::Unasked;
        }),
        ("pause", |f| f.contact.pause = None),
        ("window", |f| {
            f.contact.last_inbound = [(number(1), NOW)].into();
        }),
        ("loop", |f| f.contact.tempo.answered_at_once = 0),
        ("quota", |f| f.sends_in_run = 0),
        ("contact", |f| f.contact.tempo = model::Tempo::default()),
        ("rates", |f| f.rates = gate::Rates::default()),
    ];
    let mut scene = Fine::changed(|f| {
        f.spend(limits::PAIR_BURST);
        f.sent(60);
        f.sends_in_run = limits::SENDS_PER_RUN;
        f.contact.tempo.answered_at_once = 9;
        f.stops = vec![stopped(StopTarget::Tenant)];
        f.contact.last_inbound.clear();
        f.contact.pause = paused(None);
        f.contact.consent.everything = Permission::Out(NOW);
        f.outgoing = text("");
        f.number = number(9);
        f.to = Recipient::Phone(phone(2));
        f.effects_in_decision = model::limits::EFFECTS_PER_DECISION;
        f.grants.interfaces.clear();
    });
    for (check, repair) in repairs {
        let judgement = scene.judge();
        assert!(judgement.verdict.is_err(), "{check}");
        assert_eq!(
            judgement.checks.last().map(|made| made.name.as_str()),
            Some(check)
        );
        repair(&mut scene);
    }
    assert!(scene.judge().verdict.is_ok());
}

/// These two stand in the record only where they bound anything.
#[test]
fn a_plugin_has_its_budget_and_a_tenant_its_messaging_limit() {
    type Row = (&'static str, fn(&mut Fine), &'static str, bool);
    let rows: &[Row] = &[
        ("a budget with room", |f| budget(f, 5, 4), "plugin", true),
        (
            "a budget that is used up",
            |f| budget(f, 5, 5),
            "plugin",
            false,
        ),
        ("a budget of nothing", |f| budget(f, 0, 0), "plugin", false),
        (
            "room for one more contact",
            |f| reaches(f, 10, 9),
            "tier",
            true,
        ),
        (
            "no room, but in a minute",
            |f| reaches(f, 10, 10),
            "tier",
            false,
        ),
        (
            "no room, but in a minute, which is bearable",
            |f| {
                reaches(f, 10, 10);
                f.policy.bearable_wait = Span::from_minutes(1);
            },
            "tier",
            true,
        ),
        (
            "the limit was lowered: in a minute there is still none",
            |f| {
                reaches(f, 9, 10);
                f.policy.bearable_wait = Span::from_minutes(1);
            },
            "tier",
            false,
        ),
        (
            "no room, but this one was reached",
            |f| {
                reaches(f, 10, 10);
                f.reach.includes_this = true;
            },
            "tier",
            true,
        ),
    ];
    for (what, change, check, passes) in rows {
        let judgement = Fine::changed(change).judge();
        assert_eq!(judgement.verdict.is_ok(), *passes, "{what}: {judgement:?}");
        if !passes {
            let refusal = judgement.verdict.unwrap_err();
            assert_eq!(refusal.word(), "quota-exceeded", "{what}");
        }
        let made = judgement.checks.iter().find(|made| made.name == *check);
        assert_eq!(made.unwrap().passed, *passes, "{what}");
    }
}

#[test]
fn a_template_within_the_window_reaches_nobody_new() {
    let judgement = Fine::changed(|f| {
        reaches(f, 10, 10);
        f.now = NOW;
    })
    .judge();
    assert!(judgement.verdict.is_ok(), "{judgement:?}");
    assert!(judgement.checks.iter().all(|made| made.name != "tier"));
}

/// Counted, and shown in the record: what an operator would refuse is known before it is refused.
#[test]
fn a_limit_that_is_a_shadow_refuses_nothing_and_says_what_it_would_have_refused() {
    type Row = (&'static str, fn(&mut Fine), &'static str);
    let rows: &[Row] = &[
        (
            "loop",
            |f| {
                f.policy.bounds.loops.shadow = true;
                f.contact.tempo.answered_at_once = 9;
            },
            "loop-suspected",
        ),
        (
            "contact",
            |f| {
                f.policy.bounds.contact_hourly.shadow = true;
                f.sent(60);
            },
            "quota-exceeded",
        ),
        (
            "tier",
            |f| {
                reaches(f, 10, 10);
                f.policy.bounds.tier.as_mut().unwrap().shadow = true;
            },
            "quota-exceeded",
        ),
        (
            "rates",
            |f| {
                f.policy.bounds.rates_shadow = true;
                f.spend(limits::PAIR_BURST);
            },
            "rate-limited",
        ),
    ];
    for (check, change, word) in rows {
        let judgement = Fine::changed(change).judge();
        assert!(judgement.verdict.is_ok(), "{check}: {judgement:?}");
        for made in &judgement.checks {
            assert_eq!(made.shadowed, made.name == *check, "{made:?}");
            assert!(made.passed, "{made:?}");
            assert_eq!(made.saw.contains(word), made.shadowed, "{made:?}");
        }
        assert!(judgement.checks.iter().any(|made| made.shadowed));
    }
}

#[test]
fn a_rate_refusal_says_when_there_is_room_again() {
    let refusal = Fine::changed(|f| f.spend(limits::PAIR_BURST))
        .judge()
        .verdict
        .unwrap_err();
    assert_eq!(
        refusal,
        Refusal::RateLimited {
            retry_at: NOW.plus(Span::from_seconds(6))
        }
    );
}

#[test]
fn an_admitted_send_is_what_was_proposed_to_the_contact_of_the_turn() {
    let scene = Fine::changed(|f| f.quoting = true);
    let admitted = scene.admitted();
    let outbound = admitted.outbound();
    assert_eq!(
        (&outbound.tenant, outbound.contact, &outbound.to),
        (&scene.contact.tenant, scene.contact.id, &scene.contact.key)
    );
    assert_eq!(
        (&outbound.number, &outbound.message, outbound.decided_at),
        (&number(1), &scene.outgoing, NOW)
    );
    assert_eq!(
        (outbound.quoting.as_ref(), &outbound.cause),
        (Some(&scene.message), &scene.message)
    );
}

#[test]
fn i12_no_check_shows_a_whole_phone_number() {
    for change in [|f: &mut Fine| f.to = Recipient::Phone(phone(2)), stranger] {
        let judgement = Fine::changed(change).judge();
        let shown = format!("{judgement:?}");
        assert!(!shown.contains(phone(2).as_str()), "{shown}");
    }
}

fn stop_after_yes(fine: &mut Fine) {
    fine.policy.opt_in = OptIn::Explicit;
    fine.contact.consent.everything = Permission::In(NOW);
    fine.contact.stop_pending = true;
}

fn wrote_to_both(fine: &mut Fine) {
    fine.from = Some(number(2));
    fine.contact
        .last_inbound
        .insert(number(2), NOW.minus(Span::from_hours(2)));
}

/// So many automatic turns, now.
fn spoke(fine: &mut Fine, turns: u32) {
    for _ in 0..turns {
        tempo::speak(&mut fine.contact.tempo, fine.now);
    }
}

fn budget(fine: &mut Fine, most: u32, sends: u32) {
    fine.grants.hourly_sends = Some(most);
    fine.plugin_sends = sends;
}

/// A template outside of the window.
fn reaches(fine: &mut Fine, most: u32, contacts: u32) {
    fine.policy.bounds.tier = Some(Bound {
        most,
        shadow: false,
    });
    fine.reach = reached(contacts);
    fine.reach.opens = Some(NOW.plus(Span::from_hours(48)).plus(Span::from_minutes(1)));
    fine.now = NOW.plus(Span::from_hours(48));
    fine.contact.consent.everything = Permission::In(NOW);
    fine.outgoing = template(TemplateCategory::Utility);
}

fn order_sent() -> StopTarget {
    StopTarget::Template("order_sent".into())
}

fn stranger(fine: &mut Fine) {
    fine.grants.recipients.insert(phone(2));
    fine.to = Recipient::Phone(phone(2));
}

fn paused(by: Option<&str>) -> Option<Pause> {
    Some(Pause {
        until: NOW.plus(Span::from_minutes(1)),
        by: by.map(wamid),
    })
}
