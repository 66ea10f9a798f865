//! Who takes over, what is done besides, and what is found to be wrong beforehand.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that finds something else than it expects has failed"
)]

use router::Router;
use sdk::testing::{Did, Host, problems, schema_differences, tap, turn, with_value};
use sdk::{Outcome, Refusal, Turn, Unanswered};

fn done(turn: &Turn, settings: &str) -> Vec<Did> {
    let mut host = Host::new();
    assert_eq!(
        host.run::<Router>(turn, settings),
        Ok(Outcome::Handled),
        "{settings}"
    );
    host.did().to_vec()
}

/// The desk that takes over, or how the turn ends without.
fn desk(turn: &Turn, settings: &str) -> Result<String, Outcome> {
    let mut host = Host::new();
    let outcome = host.run::<Router>(turn, settings).unwrap();
    match host.did() {
        [] => Err(outcome),
        [Did::HandOver(desk, _)] => Ok(desk.clone()),
        did => panic!("{did:?}"),
    }
}

fn last_desk(desk: &str, turn: Turn) -> Turn {
    let mut turn = turn;
    turn.contact.last_desk = Some(desk.to_owned());
    turn
}

#[test]
fn tags_come_before_the_hand_over_and_the_pause_after_it() {
    let settings = r#"{"hand_to": "support", "note": {"en": "asks: {message.text}", "pt": "pergunta: {message.text}"},
                       "pause_bot": "2h", "tag": ["x"], "untag": ["y"]}"#;
    assert_eq!(
        done(&turn("en", "where is it?"), settings),
        [
            Did::Untag("y".to_owned()),
            Did::Tag("x".to_owned()),
            // The desk reads the file's first language, whatever the contact writes.
            Did::HandOver("support".to_owned(), "pergunta: where is it?".to_owned()),
            Did::Pause(7_200_000),
        ]
    );
}

#[test]
fn a_note_without_a_hand_over_stays_with_the_contact() {
    let did = done(&turn("pt", "oi"), r#"{"note": "disse {message.text}"}"#);
    assert_eq!(did, [Did::Note("disse oi".to_owned())]);
}

#[test]
fn a_pause_lasts_until_the_conversation_is_closed_and_no_longer_than_its_most() {
    let did = done(
        &turn("pt", "oi"),
        r#"{"pause_bot": "until closed, max 12h"}"#,
    );
    assert_eq!(did, [Did::Pause(43_200_000)]);
    assert_eq!(
        done(&turn("pt", "oi"), r#"{"resume": true}"#),
        [Did::Resume]
    );
}

const SHIFTS: &str = r#"{"desks": [{"desk": "support", "hours": "shop"}, {"desk": "evening", "hours": "late"}, {"desk": "night"}]}"#;

fn at(shop: &str, late: &str) -> Turn {
    let turn = with_value(turn("en", "help"), "hours.shop.open", shop);
    with_value(turn, "hours.late.open", late)
}

#[test]
fn the_first_desk_that_is_open_takes_over() {
    assert_eq!(desk(&at("yes", "yes"), SHIFTS), Ok("support".to_owned()));
    assert_eq!(desk(&at("no", "yes"), SHIFTS), Ok("evening".to_owned()));
    assert_eq!(desk(&at("no", "no"), SHIFTS), Ok("night".to_owned()));
}

#[test]
fn when_all_are_closed_nothing_is_done_and_the_rule_decides() {
    let settings = r#"{"desks": [{"desk": "support", "hours": "shop"}], "tag": ["waiting"], "pause_bot": "1h"}"#;
    let closed = Err(Outcome::Unanswered(Unanswered::NoAnswer));
    assert_eq!(desk(&at("no", "no"), settings), closed);
    // Hours that the turn does not know are not open.
    assert_eq!(desk(&turn("en", "x"), settings), closed);
}

#[test]
fn a_tap_on_the_menu_leads_to_its_desk() {
    let menu = r#"{"menu": {"sales": "sales-desk", "help": "support"}}"#;
    assert_eq!(
        desk(&tap("en", "sales", "Buy"), menu),
        Ok("sales-desk".to_owned())
    );
    assert_eq!(
        desk(&tap("en", "other", "Other"), menu),
        Err(Outcome::Passed)
    );
    assert_eq!(desk(&turn("en", "sales"), menu), Err(Outcome::Passed));
    let with_fallback = r#"{"menu": {"sales": "sales-desk"}, "hand_to": "support"}"#;
    assert_eq!(
        desk(&turn("en", "hm"), with_fallback),
        Ok("support".to_owned())
    );
    // What the contact chose comes before habit.
    let sticky = r#"{"menu": {"sales": "sales-desk"}, "hand_to": "support", "sticky": true}"#;
    let tapped = last_desk("support", tap("en", "sales", "Buy"));
    assert_eq!(desk(&tapped, sticky), Ok("sales-desk".to_owned()));
}

#[test]
fn a_sticky_rule_goes_back_to_the_last_desk_if_it_could_choose_it() {
    let sticky = SHIFTS.replace(r#"{"desks""#, r#"{"sticky": true, "desks""#);
    assert_eq!(
        desk(&last_desk("evening", at("yes", "yes")), &sticky),
        Ok("evening".to_owned())
    );
    assert_eq!(
        desk(&last_desk("evening", at("yes", "no")), &sticky),
        Ok("support".to_owned())
    );
    assert_eq!(
        desk(&last_desk("night", at("yes", "no")), &sticky),
        Ok("night".to_owned())
    );
    assert_eq!(
        desk(&last_desk("sales", at("yes", "no")), &sticky),
        Ok("support".to_owned())
    );
    assert_eq!(
        desk(&last_desk("evening", at("yes", "yes")), SHIFTS),
        Ok("support".to_owned())
    );
    let menu = r#"{"menu": {"sales": "sales-desk"}, "sticky": true}"#;
    assert_eq!(
        desk(&last_desk("sales-desk", turn("en", "hi again")), menu),
        Ok("sales-desk".to_owned())
    );
}

#[test]
fn with_one_desk_sticky_means_whichever_desk_had_the_contact() {
    let settings = r#"{"hand_to": "support", "sticky": true}"#;
    assert_eq!(
        desk(&last_desk("sales", turn("en", "hi")), settings),
        Ok("sales".to_owned())
    );
    assert_eq!(desk(&turn("en", "hi"), settings), Ok("support".to_owned()));
    // The desk is gone: the one that the rule names takes over.
    let mut host = Host::new().refusing(Refusal::Invalid("no such desk".to_owned()));
    let outcome = host.run::<Router>(&last_desk("gone", turn("en", "hi")), settings);
    assert_eq!(outcome, Ok(Outcome::Handled));
    let desks: Vec<_> = host
        .did()
        .iter()
        .filter_map(|did| match did {
            Did::HandOver(desk, _) => Some(desk.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(desks, ["gone", "support"]);
}

#[test]
fn the_first_refusal_ends_the_turn() {
    let mut host = Host::new().refusing(Refusal::Invalid("no".to_owned()));
    let outcome = host.run::<Router>(
        &turn("en", "x"),
        r#"{"tag": ["a", "b"], "hand_to": "support"}"#,
    );
    assert_eq!(outcome, Ok(Outcome::Unanswered(Unanswered::Refused)));
    assert_eq!(host.did(), [Did::Tag("a".to_owned())]);
}

#[test]
fn a_note_is_cut_to_what_a_desk_takes() {
    let did = done(
        &turn("en", &"é".repeat(4000)),
        r#"{"hand_to": "support", "note": "{message.text}"}"#,
    );
    let [Did::HandOver(_, note)] = &did[..] else {
        panic!("{did:?}")
    };
    assert_eq!(note.chars().count(), 2000);
}

#[test]
fn what_is_wrong_is_found_when_the_rule_is_saved() {
    for (settings, expected) in [
        (
            "{}",
            ": there is nothing to do (set one of hand_to, desks, menu",
        ),
        (
            r#"{"hand_to": "suport"}"#,
            "hand_to: there is no desk `suport` (did you mean `support`?)",
        ),
        (
            r#"{"hand_to": "kitchen"}"#,
            "hand_to: there is no desk `kitchen` (there is support, sales)",
        ),
        (
            r#"{"desks": [{"desk": "suport"}]}"#,
            "desks.0.desk: there is no desk `suport`",
        ),
        (
            r#"{"desks": [{"desk": "support", "hours": "shpo"}]}"#,
            "desks.0.hours: there is no [hours.…] with the name `shpo` (did you mean `shop`?)",
        ),
        (
            r#"{"desks": [{"desk": "support"}, {"desk": "sales", "hours": "shop"}]}"#,
            "desks.1: it is never reached: `support` above is there at any hour",
        ),
        (
            r#"{"desks": [{"desk": "sales", "hours": "shop"}, {"desk": "sales", "hours": "shop"}]}"#,
            "desks.1: the same desk with the same hours stands above",
        ),
        (
            r#"{"desks": [{"hours": "shop"}]}"#,
            "desks.0: `desk` is missing",
        ),
        (
            r#"{"hand_to": "sales", "desks": [{"desk": "support"}]}"#,
            "desks: `hand_to` and `desks` both say which desk takes over",
        ),
        (
            r#"{"menu": {"buy": "sale"}}"#,
            "menu.buy: there is no desk `sale` (did you mean `sales`?)",
        ),
        (r#"{"menu": {"": "sales"}}"#, "menu.: the option is empty"),
        (
            r#"{"sticky": true, "tag": ["a"]}"#,
            "sticky: it prefers the desk that last had the contact",
        ),
        (
            r#"{"pause_bot": "2 hours"}"#,
            "pause_bot: \"2 hours\" is no span of time (write it like",
        ),
        (
            r#"{"pause_bot": "until closed"}"#,
            "pause_bot: \"until closed\" is no span of time",
        ),
        (
            r#"{"pause_bot": "until noon, max 2h"}"#,
            "pause_bot: \"until noon, max 2h\" is no span",
        ),
        (
            r#"{"pause_bot": "0s"}"#,
            "pause_bot: a pause of no length is none",
        ),
        (
            r#"{"pause_bot": "2h", "resume": true}"#,
            "resume: the bot cannot pause and resume at once",
        ),
        (r#"{"tag": ["a", " "]}"#, "tag.1: the tag is empty"),
        (r#"{"tag": ["a", "a"]}"#, "tag.1: `a` stands above"),
        (
            r#"{"tag": ["a"], "untag": ["a"]}"#,
            "untag.0: `a` is put on and taken off at once",
        ),
        (
            r#"{"hand_to": "sales", "note": "{contact.name}"}"#,
            "note: `{contact.name}` may be missing",
        ),
        (r#"{"tag": "vip"}"#, "tag: expected a list, found a text"),
        (
            r#"{"hand_too": "sales", "tag": ["a"]}"#,
            "hand_too: unknown key `hand_too` (did you mean `hand_to`?)",
        ),
    ] {
        let found = problems::<Router>(settings);
        assert_eq!(found.len(), 1, "{settings}: {found:?}");
        assert!(found[0].starts_with(expected), "{settings}: {found:?}");
    }
    let long = format!(r#"{{"tag": ["{}"]}}"#, "é".repeat(101));
    assert!(problems::<Router>(&long)[0].starts_with("tag.0: it has 101 characters"));
}

#[test]
fn the_schema_and_the_type_are_in_step() {
    let whole = [
        r#"{"hand_to": "support", "sticky": true, "note": "diz: {message.text}", "pause_bot": "1h 30m", "tag": ["a"], "untag": ["b"]}"#,
        r#"{"desks": [{"desk": "support", "hours": "shop"}, {"desk": "sales"}], "menu": {"buy": "sales"}, "note": {"pt": "x"}}"#,
        r#"{"resume": true}"#,
    ];
    for settings in whole {
        assert_eq!(problems::<Router>(settings), [""; 0], "{settings}");
    }
    assert_eq!(schema_differences::<Router>(&whole), [""; 0]);
}
