//! The outbox: what is due, what leaves, what arrives.

use std::sync::Arc;

use model::{Delivery, Mode, Purpose, SendState};
use tokio::task::JoinSet;

use super::shop::{
    ANA, BRUNO, CLARA, HOLDS_BACK, Shop, admitted, at, nobody, policy, tenant, the_gate, token,
    waits, wamid,
};
use crate::{Arrived, Departure, Due, Ledger, Settled, Wanted};

/// Two hosts, or one twice: one of them holds the pass.
pub async fn i05_of_departures_at_once_one_goes(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    let mut departures = JoinSet::new();
    for _ in 0..8 {
        let shop = shop.clone();
        departures.spawn(async move { shop.tries("t1", 1, the_gate(policy(), at(1))).await });
    }
    let departures = departures.join_all().await;
    let gone = departures
        .iter()
        .filter(|departure| matches!(departure, Departure::Gone))
        .count();
    assert_eq!(gone, 7, "{departures:?}");
    for departure in departures {
        if let Departure::Go { pass, attempt } = departure {
            assert_eq!(
                (pass.outbound(), attempt),
                (&shop.send("t1").await.outbound, 1)
            );
        }
    }
    assert_eq!(shop.state("t1").await, SendState::InFlight);
}

/// A judge spends rates: it must not be asked for nothing.
pub async fn what_is_not_ready_is_gone_and_not_judged(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    assert!(matches!(
        shop.tries("never", 1, nobody()).await,
        Departure::Gone
    ));
    assert!(
        matches!(
            shop.elsewhere().tries("t1", 1, nobody()).await,
            Departure::Gone
        ),
        "another tenant's token"
    );
    shop.departs("t1", 1).await;
    assert!(
        matches!(shop.tries("t1", 2, nobody()).await, Departure::Gone),
        "in flight"
    );
    shop.arrives("t1", Arrived::Sent(None), 3).await;
    assert!(
        matches!(shop.tries("t1", 4, nobody()).await, Departure::Gone),
        "sent"
    );
}

/// Sends of one contact leave in order, those of different contacts side by side.
pub async fn each_contacts_first_send_is_due_and_their_next_when_it_has_arrived(
    ledger: Arc<dyn Ledger>,
) {
    let shop = Shop::new(ledger);
    let ana = shop.hears(ANA, "wamid.1", 0).await;
    assert!(shop.due(0).await.is_empty());
    shop.answers(&ana, &["a1", "a2"], 0).await;
    shop.serves(ANA, "wamid.2", &["a3"], 0).await;
    shop.serves(BRUNO, "wamid.3", &["b1", "b2"], 0).await;
    let elsewhere = shop.elsewhere();
    elsewhere.serves(ANA, "wamid.1", &["e1"], 0).await;

    let due = shop
        .ledger
        .due(at(1), HOLDS_BACK, crate::Wanted::any(100))
        .await
        .unwrap();
    let first = Due {
        tenant: tenant("shop"),
        token: token("a1"),
        number: shop.number.clone(),
        contact: ana.contact,
        has_next: true,
    };
    assert!(due.contains(&first), "{due:?}");
    assert_eq!(sorted(shop.due(1).await), ["a1", "b1", "e1"]);
    assert_eq!(
        shop.ledger
            .due(at(1), HOLDS_BACK, crate::Wanted::any(2))
            .await
            .unwrap()
            .len(),
        2,
        "no more than was asked for"
    );
    for (sent, then) in [("a1", ["a2", "b1", "e1"]), ("a2", ["a3", "b1", "e1"])] {
        shop.departs(sent, 2).await;
        shop.arrives(sent, Arrived::Sent(None), 2).await;
        assert_eq!(sorted(shop.due(2).await), then);
    }
    shop.departs("b1", 3).await;
    shop.arrives(
        "b1",
        Arrived::Failed {
            code: None,
            cause: "not on WhatsApp".into(),
        },
        3,
    )
    .await;
    assert_eq!(
        sorted(shop.due(3).await),
        ["a3", "b2", "e1"],
        "what failed for good holds back nothing"
    );
}

/// The order would be lost.
pub async fn a_send_in_flight_holds_back_the_contacts_later_ones(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["a1", "a2"], 0).await;
    shop.serves(BRUNO, "wamid.2", &["b1"], 0).await;
    shop.departs("a1", 1).await;
    assert_eq!(shop.due(2).await, ["b1"]);
    shop.learns("a1", Delivery::Sent, 3).await;
    assert_eq!(
        sorted(shop.due(3).await),
        ["a2", "b1"],
        "a status settles it as well as a carrier's reply"
    );
}

/// A status tells within seconds, and then the order is kept; but nobody waits for what may never be told.
pub async fn a_send_of_unknown_outcome_holds_back_the_next_for_a_while(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["a1", "a2"], 0).await;
    shop.loses("a1", 1).await;
    assert_eq!(shop.due(10).await, [""; 0]);
    assert_eq!(shop.due(11).await, ["a2"]);
}

/// And what is behind it waits with it.
pub async fn a_send_that_waits_is_due_at_its_time_and_not_before(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["a1", "a2"], 0).await;
    shop.serves(BRUNO, "wamid.2", &["b1"], 0).await;
    shop.serves(CLARA, "wamid.3", &["c1"], 0).await;
    assert_eq!(
        shop.ledger.next_due(at(1)).await.unwrap(),
        None,
        "all that is ready may leave now"
    );
    for (of, until) in [("a1", 60), ("b1", 90)] {
        let departure = shop.tries(of, 1, waits(until)).await;
        assert!(
            matches!(departure, Departure::Wait(stored) if stored == at(until)),
            "{departure:?}"
        );
    }
    assert_eq!(shop.due(59).await, ["c1"]);
    assert_eq!(shop.ledger.next_due(at(1)).await.unwrap(), Some(at(60)));
    assert_eq!(sorted(shop.due(60).await), ["a1", "c1"]);
    assert_eq!(shop.ledger.next_due(at(60)).await.unwrap(), Some(at(90)));
    assert_eq!(sorted(shop.due(90).await), ["a1", "b1", "c1"]);
    assert_eq!(shop.ledger.next_due(at(90)).await.unwrap(), None);
    let (_, attempt) = shop.departs("a1", 60).await;
    assert_eq!(attempt, 1, "waiting is no attempt");
}

/// Admitted, recorded, and it stays.
pub async fn a_dry_run_withholds(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["t1", "t2"], 0).await;
    let dry = gate::Policy {
        mode: Mode::DryRun,
        ..policy()
    };
    assert!(matches!(
        shop.tries("t1", 1, the_gate(dry, at(1))).await,
        Departure::Withheld
    ));
    let send = shop.send("t1").await;
    assert_eq!((send.state, send.attempts), (SendState::Withheld, 0));
    assert_eq!(shop.due(2).await, ["t2"]);
    assert!(shop.ledger.departures(at(0)).await.unwrap().is_empty());
}

/// Sent, failed, unknown.
pub async fn what_arrived_is_recorded(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let cause = |text: &str| Some(text.to_owned());
    let table = [
        (
            "t1",
            Arrived::Sent(Some(wamid("wamid.out"))),
            SendState::Sent,
            Some(wamid("wamid.out")),
            None,
        ),
        ("t2", Arrived::Sent(None), SendState::Sent, None, None),
        (
            "t3",
            Arrived::Failed {
                code: None,
                cause: "not on WhatsApp".into(),
            },
            SendState::Failed,
            None,
            cause("not on WhatsApp"),
        ),
        (
            "t4",
            Arrived::Unknown {
                cause: "no reply".into(),
            },
            SendState::Unknown,
            None,
            cause("no reply"),
        ),
    ];
    shop.serves(ANA, "wamid.1", &["t1", "t2", "t3", "t4"], 0)
        .await;
    for (of, arrived, state, id, cause) in table {
        shop.departs(of, 1).await;
        shop.arrives(of, arrived, 2).await;
        let send = shop.send(of).await;
        assert_eq!(
            (send.state, send.wamid, send.cause),
            (state, id, cause),
            "{of}"
        );
        assert_eq!((send.attempts, send.changed_at), (1, at(2)), "{of}");
    }
    // Nothing is in flight under these names: nothing happens.
    shop.arrives("never", Arrived::Sent(None), 3).await;
    shop.elsewhere().arrives("t4", Arrived::Sent(None), 3).await;
    assert_eq!(shop.state("t4").await, SendState::Unknown);
}

/// Its order is kept: what is behind it waits.
pub async fn a_send_that_was_not_taken_leaves_again_at_its_time(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let head = shop.head(&lane).await;
    let mut settlement = shop.settlement(&lane, 0).await;
    settlement.sends = ["t1", "t2"]
        .iter()
        .map(|with| admitted(&head, with, Purpose::Reply, 0))
        .collect();
    assert_eq!(shop.settle(settlement).await, Settled::Done);
    shop.departs("t1", 1).await;
    shop.arrives(
        "t1",
        Arrived::Again {
            at: at(30),
            cause: "throttled".into(),
        },
        2,
    )
    .await;
    let send = shop.send("t1").await;
    assert_eq!(
        (send.state, send.attempts, send.cause.as_deref()),
        (SendState::Ready, 1, Some("throttled"))
    );
    assert!(shop.due(29).await.is_empty());
    assert_eq!(shop.ledger.next_due(at(2)).await.unwrap(), Some(at(30)));
    assert_eq!(shop.due(30).await, ["t1"]);
    let (pass, attempt) = shop.departs("t1", 30).await;
    assert_eq!((&pass.outbound().token, attempt), (&token("t1"), 2));
}

fn sorted(mut tokens: Vec<String>) -> Vec<String> {
    tokens.sort();
    tokens
}

/// An answer does not wait until WhatsApp takes tomorrow's advertisement; and for minutes the order is kept.
pub async fn a_send_that_waits_for_a_day_holds_back_nobody(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["a1", "a2"], 0).await;
    shop.serves(BRUNO, "wamid.2", &["b1", "b2"], 0).await;
    for (of, until) in [("a1", 24 * 3600), ("b1", 1800)] {
        shop.departs(of, 1).await;
        let again = Arrived::Again {
            at: at(until),
            cause: "not now".into(),
        };
        shop.arrives(of, again, 1).await;
    }
    assert_eq!(shop.due(2).await, ["a2"]);
    shop.departs("a2", 2).await;
    shop.arrives("a2", Arrived::Sent(None), 2).await;
    assert_eq!(
        shop.due(1800).await,
        ["b1"],
        "what is behind it came due with it"
    );
    shop.departs("b1", 1800).await;
    shop.arrives("b1", Arrived::Sent(None), 1800).await;
    assert_eq!(shop.due(1800).await, ["b2"]);
    assert_eq!(sorted(shop.due(24 * 3600).await), ["a1", "b2"]);
}

/// What waits on one number never hides what is due on another.
pub async fn numbers_take_turns_and_those_that_rest_are_stepped_over(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let second = shop.on(2);
    for (place, digits) in [ANA, BRUNO, CLARA].into_iter().enumerate() {
        let (id, send) = (format!("wamid.{place}"), format!("t{place}"));
        shop.serves(digits, &id, &[&send], 0).await;
    }
    second.serves("5511900000009", "wamid.9", &["t9"], 0).await;
    let first = (shop.tenant.clone(), shop.number.clone());
    let asked = async |wanted: Wanted| -> Vec<String> {
        let due = shop.ledger.due(at(1), HOLDS_BACK, wanted).await.unwrap();
        due.into_iter().map(|due| due.token.into()).collect()
    };
    let rests = Wanted {
        but_not: [first.clone()].into(),
        ..Wanted::any(100)
    };
    assert_eq!(asked(rests).await, ["t9"]);
    let few = Wanted {
        per_number: 1,
        ..Wanted::any(100)
    };
    assert_eq!(asked(few).await, ["t0", "t9"], "the oldest of each");
    let turn = Wanted {
        after: Some(first),
        ..Wanted::any(2)
    };
    assert_eq!(asked(turn).await, ["t9", "t0"], "and round again");
}
