//! A contact asks for an order, a shop answers.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that finds something else than it expects has failed"
)]

use plugin_order_status::OrderStatus;
use sdk::lookup::Answer;
use sdk::testing::{Did, Host, problems, schema_differences, tap, turn};
use sdk::{Outcome, Outgoing, Unanswered};

const SETTINGS: &str = r#"{"endpoint": "orders", "ask": {"en": "Which order?", "pt": "Qual pedido?"}, "label": "Orders",
    "found": {"en": "Order {order.number} is {order.status}, due {order.due|soon}."},
    "not_found": {"en": "You have no such order."}, "down": {"en": "Please ask again later."}}"#;

/// The shop's order 4711, of the contact that `turn` has.
const THEIRS: &str = r#"{"number": "4711", "status": "on its way", "due": "Friday", "phone": "+5511900000001", "total": 9.5}"#;
/// The same, of somebody else.
const NOT_THEIRS: &str = r#"{"number": "4711", "status": "on its way", "phone": "+5511900000002"}"#;

fn said(host: Host, words: &str) -> String {
    let mut host = host;
    assert_eq!(
        host.run::<OrderStatus>(&turn("en", words), SETTINGS),
        Ok(Outcome::Handled)
    );
    host.said().join(" | ")
}

fn paths(host: &Host) -> Vec<String> {
    let asked = host.did().iter().filter_map(|did| match did {
        Did::LookUp(request) => {
            let query: Vec<_> = request
                .query
                .iter()
                .map(|part| format!("?{}={}", part.name, part.value))
                .collect();
            Some(format!(
                "{}:{}{}",
                request.endpoint,
                request.path,
                query.concat()
            ))
        }
        _ => None,
    });
    asked.collect()
}

#[test]
fn an_order_with_its_number_is_told_at_once() {
    let mut host = Host::new().answering(200, THEIRS);
    host.run::<OrderStatus>(&turn("en", "Where is #4711?"), SETTINGS)
        .unwrap();
    assert_eq!(host.said(), ["Order 4711 is on its way, due Friday."]);
    assert_eq!(paths(&host), ["orders:orders/4711"]);
}

#[test]
fn without_a_number_the_one_open_order_is_told() {
    let one = format!(r#"{{"orders": [{THEIRS}]}}"#);
    let mut host = Host::new().answering(200, &one);
    host.run::<OrderStatus>(&turn("en", "Where is my order?"), SETTINGS)
        .unwrap();
    assert_eq!(host.said(), ["Order 4711 is on its way, due Friday."]);
    assert_eq!(paths(&host), ["orders:orders?open=true"]);
}

#[test]
fn several_orders_are_offered_and_a_tap_is_the_second_step() {
    let two = format!(
        r#"{{"orders": [{THEIRS}, {}]}}"#,
        THEIRS.replace("4711", "4712")
    );
    let mut host = Host::new().answering(200, &two).answering(200, THEIRS);
    host.run::<OrderStatus>(&turn("en", "my order?"), SETTINGS)
        .unwrap();
    let [Outgoing::Menu(menu)] = host.sent()[..] else {
        panic!("a menu: {host:?}")
    };
    assert_eq!(
        (menu.body.as_str(), menu.label.as_str()),
        ("Which order?", "Orders")
    );
    let rows = &menu.sections[0].rows;
    assert_eq!(
        (rows[1].id.as_str(), rows[1].title.as_str()),
        ("4712", "4712")
    );
    assert_eq!(rows[1].description.as_deref(), Some("on its way"));

    host.run::<OrderStatus>(&tap("en", "4711", "4711"), SETTINGS)
        .unwrap();
    assert_eq!(host.said(), ["Order 4711 is on its way, due Friday."]);
}

#[test]
fn without_any_order_the_number_is_asked_for_in_words() {
    assert_eq!(
        said(Host::new().answering(200, r#"{"orders": []}"#), "my order?"),
        "Which order?"
    );
}

#[test]
fn an_order_of_somebody_else_is_no_order() {
    assert_eq!(
        said(Host::new().answering(200, NOT_THEIRS), "4711"),
        "You have no such order."
    );
    let list = format!(r#"{{"orders": [{NOT_THEIRS}, {THEIRS}]}}"#);
    assert_eq!(
        said(Host::new().answering(200, &list), "my order?"),
        "Order 4711 is on its way, due Friday."
    );
    // Nor is one that does not say whose it is, or that has another number than was asked for.
    let nobodys = r#"{"number": "4711", "status": "x"}"#;
    assert_eq!(
        said(Host::new().answering(200, nobodys), "4711"),
        "You have no such order."
    );
    assert_eq!(
        said(Host::new().answering(200, THEIRS), "4712"),
        "You have no such order."
    );
    assert_eq!(
        said(Host::new().answering(404, ""), "4711"),
        "You have no such order."
    );
}

#[test]
fn a_contact_without_a_phone_is_known_by_their_user_id() {
    let mut turn = turn("en", "4711");
    turn.contact.phone = None;
    turn.contact.user_id = Some("BR.123".to_owned());
    let of = |user: &str| {
        format!(
            r#"{{"number": "4711", "status": "on its way", "user": "{user}", "phone": "+5511900000001"}}"#
        )
    };
    let mut host = Host::new()
        .answering(200, &of("BR.123"))
        .answering(200, &of("BR.124"));
    host.run::<OrderStatus>(&turn, SETTINGS).unwrap();
    assert_eq!(host.said(), ["Order 4711 is on its way, due soon."]);
    host.run::<OrderStatus>(&turn, SETTINGS).unwrap();
    assert_eq!(host.said(), ["You have no such order."]);
}

#[test]
fn a_shop_that_does_not_answer_is_not_taken_for_no_order() {
    for answer in [Answer::Slow, Answer::Unreachable("refused".to_owned())] {
        assert_eq!(
            said(Host::new().looking_up(answer.clone()), "4711"),
            "Please ask again later."
        );
        assert_eq!(
            said(Host::new().looking_up(answer), "my order?"),
            "Please ask again later."
        );
    }
    for (status, body) in [(500, ""), (401, ""), (200, "<html>"), (200, "{}")] {
        assert_eq!(
            said(Host::new().answering(status, body), "4711"),
            "Please ask again later.",
            "{status} {body}"
        );
    }
}

#[test]
fn without_texts_of_its_own_the_rule_decides() {
    let settings = r#"{"endpoint": "orders", "ask": "?", "found": "{order.status}"}"#;
    let ends = |host: Host| {
        let mut host = host;
        let outcome = host.run::<OrderStatus>(&turn("en", "4711"), settings);
        assert_eq!(host.said(), [""; 0]);
        outcome.unwrap()
    };
    assert_eq!(ends(Host::new()), Outcome::Unanswered(Unanswered::NoAnswer));
    assert_eq!(
        ends(Host::new().looking_up(Answer::Slow)),
        Outcome::Unanswered(Unanswered::Slow)
    );
}

#[test]
fn the_second_step_leaves_other_messages_to_other_rules() {
    let settings = r#"{"endpoint": "orders", "found": "{order.status}", "needs_number": true}"#;
    let mut host = Host::new();
    let outcome = host.run::<OrderStatus>(&turn("en", "never mind"), settings);
    assert_eq!(outcome, Ok(Outcome::Passed));
    assert_eq!(paths(&host), [""; 0]);
}

#[test]
fn what_the_shop_says_is_never_read_as_a_placeholder() {
    let order = THEIRS.replace("on its way", "{contact.phone|x}");
    assert_eq!(
        said(Host::new().answering(200, &order), "4711"),
        "Order 4711 is {contact.phone|x}, due Friday."
    );
}

#[test]
fn what_is_wrong_is_found_when_the_rule_is_saved() {
    for (settings, expected) in [
        (
            r#"{"endpoint": "order", "ask": "?", "found": "a"}"#,
            "endpoint: there is no endpoint `order` (did you mean `orders`?)",
        ),
        (
            r#"{"endpoint": "orders", "found": "a"}"#,
            "ask: there is no question for a message without a number",
        ),
        (
            r#"{"endpoint": "orders", "ask": "?", "found": "{order.stat}"}"#,
            "found: `{order.stat}` is no known placeholder (did you mean `{order.status}`?)",
        ),
        (
            r#"{"endpoint": "orders", "ask": "?", "found": "{order.due}"}"#,
            "found: `{order.due}` may be missing",
        ),
        (
            r#"{"endpoint": "orders", "ask": "{order.status}", "found": "a"}"#,
            "ask: `{order.status}` is no known placeholder",
        ),
        (
            r#"{"endpoint": "orders", "ask": "?", "found": "a", "label": "exactly 21 characters"}"#,
            "label: it has 21 characters",
        ),
    ] {
        let found = problems::<OrderStatus>(settings);
        assert_eq!(found.len(), 1, "{settings}: {found:?}");
        assert!(found[0].starts_with(expected), "{settings}: {found:?}");
    }
}

#[test]
fn the_schema_and_the_type_are_in_step() {
    let whole = [
        SETTINGS,
        r#"{"endpoint": "orders", "found": "a", "needs_number": true}"#,
    ];
    for settings in whole {
        assert_eq!(problems::<OrderStatus>(settings), [""; 0]);
    }
    assert_eq!(schema_differences::<OrderStatus>(&whole), [""; 0]);
}
