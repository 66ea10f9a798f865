//! I11: what is done about a send whose outcome nobody knows, and what statuses say.

use std::sync::Arc;

use model::{Delivery, NetworkError, NoticeBody, SendState};

use super::shop::{ANA, BRUNO, CLARA, Shop, at, nobody, policy, the_gate, token, wamid};
use crate::{Acceptance, Arrived, Departure, Ledger, Resolution, Unsure};

async fn resolve(shop: &Shop, of: &str, resolution: Resolution, second: u64) -> bool {
    shop.ledger
        .resolve(&shop.tenant, &token(of), resolution, at(second))
        .await
        .unwrap()
}

async fn the_unsure(shop: &Shop, of: &str) -> Unsure {
    let unsure = shop.ledger.unsure(None, 100).await.unwrap();
    unsure
        .into_iter()
        .find(|unsure| unsure.record.outbound.token == token(of))
        .expect("it is unsure")
}

/// The status came first, from the network that the reply never came from.
pub async fn i11_what_a_carrier_says_never_undoes_a_status(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let sayings = [
        ("t1", Arrived::Sent(Some(wamid("wamid.sent.t1")))),
        (
            "t2",
            Arrived::Again {
                at: at(30),
                cause: "throttled".into(),
            },
        ),
        (
            "t3",
            Arrived::Failed {
                code: None,
                cause: "refused".into(),
            },
        ),
        (
            "t4",
            Arrived::Unknown {
                cause: "no reply".into(),
            },
        ),
    ];
    shop.serves(ANA, "wamid.1", &["t1", "t2", "t3", "t4"], 0)
        .await;
    for (of, saying) in sayings {
        shop.departs(of, 1).await;
        shop.learns(of, Delivery::Delivered, 2).await;
        shop.arrives(of, saying, 3).await;
        let send = shop.send(of).await;
        assert_eq!(
            (send.state, send.wamid),
            (
                SendState::Delivered,
                Some(wamid(&format!("wamid.sent.{of}")))
            ),
            "{of}"
        );
    }
    assert!(shop.due(99).await.is_empty() && shop.unsure().await.is_empty());
}

/// The last host died with them.
pub async fn i11_what_was_in_flight_is_unknown_counted_from_now(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["a1", "a2"], 0).await;
    shop.serves(BRUNO, "wamid.2", &["b1", "b2"], 0).await;
    shop.departs("a1", 1).await;
    shop.departs("b1", 1).await;
    shop.arrives("b1", Arrived::Sent(None), 2).await;
    shop.departs("b2", 2).await;
    assert_eq!(shop.ledger.recover(at(1000)).await.unwrap(), 2);
    for (of, state) in [
        ("a1", SendState::Unknown),
        ("a2", SendState::Ready),
        ("b1", SendState::Sent),
        ("b2", SendState::Unknown),
    ] {
        assert_eq!(shop.state(of).await, state, "{of}");
    }
    let unsure = the_unsure(&shop, "a1").await;
    assert_eq!(
        (unsure.since, unsure.resent, unsure.record.attempts),
        (at(1000), false, 1)
    );
    assert_eq!(
        shop.due(1010).await,
        ["a2"],
        "what was not sent goes on, a moment later"
    );
    assert_eq!(shop.ledger.recover(at(1012)).await.unwrap(), 0);
}

/// In flight, unknown, held.
pub async fn i11_a_status_with_our_token_settles_whatever_is_unsure(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["held", "unknown", "flying"], 0)
        .await;
    shop.loses("held", 1).await;
    assert!(resolve(&shop, "held", Resolution::Hold, 2).await);
    shop.loses("unknown", 3).await;
    shop.departs("flying", 13).await;
    for (of, delivery, state) in [
        ("held", Delivery::Sent, SendState::Sent),
        ("unknown", Delivery::Delivered, SendState::Delivered),
        ("flying", Delivery::Read, SendState::Read),
    ] {
        assert_eq!(
            shop.learns(of, delivery, 14).await,
            Acceptance::Status {
                of: Some(token(of))
            }
        );
        let send = shop.send(of).await;
        assert_eq!(
            (send.state, send.wamid),
            (state, Some(wamid(&format!("wamid.sent.{of}")))),
            "{of}"
        );
    }
    assert!(shop.unsure().await.is_empty());
    assert_eq!(shop.ledger.counts().await.unwrap().unknown, 0);
}

/// It arrived the first time after all.
pub async fn i11_a_status_takes_back_a_resend_that_has_not_left(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    shop.loses("t1", 1).await;
    assert!(resolve(&shop, "t1", Resolution::Resend, 2).await);
    assert_eq!(shop.state("t1").await, SendState::Ready);
    shop.learns("t1", Delivery::Sent, 3).await;
    assert!(shop.due(4).await.is_empty());
    assert!(matches!(
        shop.tries("t1", 4, nobody()).await,
        Departure::Gone
    ));
    assert_eq!(shop.state("t1").await, SendState::Sent);
}

/// Not every status echoes the token.
pub async fn a_status_with_a_known_id_alone_finds_its_send(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    shop.departs("t1", 1).await;
    shop.arrives("t1", Arrived::Sent(Some(wamid("wamid.out"))), 2)
        .await;
    let unknown = shop.status("wamid.somebody", None, Delivery::Delivered, 3);
    assert_eq!(
        shop.accept(unknown, 3).await,
        Acceptance::Status { of: None }
    );
    assert_eq!(shop.state("t1").await, SendState::Sent);
    let known = shop.status("wamid.out", None, Delivery::Delivered, 4);
    assert_eq!(
        shop.accept(known, 4).await,
        Acceptance::Status {
            of: Some(token("t1"))
        }
    );
    assert_eq!(shop.state("t1").await, SendState::Delivered);
    // The id was learnt from a status, and serves the next one.
    shop.serves(BRUNO, "wamid.2", &["t2"], 5).await;
    shop.departs("t2", 5).await;
    shop.learns("t2", Delivery::Sent, 6).await;
    shop.accept(shop.status("wamid.sent.t2", None, Delivery::Read, 7), 7)
        .await;
    assert_eq!(shop.state("t2").await, SendState::Read);
}

/// Statuses come in any order.
pub async fn a_late_status_never_moves_a_send_back(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    use Delivery::{Accepted, Delivered, Failed, Played, Read, Sent, Warning};
    let table: [(&str, &[Delivery], SendState); 7] = [
        ("t1", &[Delivered, Sent, Accepted], SendState::Delivered),
        ("t2", &[Read, Delivered, Sent], SendState::Read),
        ("t3", &[Delivered, Failed], SendState::Delivered),
        ("t4", &[Failed, Sent], SendState::Failed),
        ("t5", &[Failed, Delivered], SendState::Delivered),
        (
            "t6",
            &[Accepted, Sent, Delivered, Played, Read],
            SendState::Read,
        ),
        ("t7", &[Sent, Warning], SendState::Sent),
    ];
    for (of, deliveries, state) in table {
        shop.serves(CLARA, &format!("wamid.{of}"), &[of], 0).await;
        shop.departs(of, 1).await;
        for (place, delivery) in deliveries.iter().enumerate() {
            shop.learns(of, *delivery, 2 + place as u64).await;
        }
        assert_eq!(shop.state(of).await, state, "{deliveries:?}");
    }
}

/// In WhatsApp's words.
pub async fn a_failed_status_says_why(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    shop.departs("t1", 1).await;
    let mut failed = shop.status("wamid.out", Some("t1"), Delivery::Failed, 2);
    if let NoticeBody::Status(status) = &mut failed.notice.body {
        status.errors.push(NetworkError {
            code: 131_026,
            title: "Message undeliverable".into(),
            details: None,
        });
    }
    shop.accept(failed, 2).await;
    let send = shop.send("t1").await;
    assert_eq!(send.state, SendState::Failed);
    let cause = send.cause.unwrap_or_default();
    assert!(
        cause.contains("131026") && cause.contains("undeliverable"),
        "{cause:?}"
    );
}

/// Tokens and ids are worth something only where they were given out.
pub async fn i13_a_status_on_another_number_or_tenant_touches_nothing(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    shop.departs("t1", 1).await;
    shop.arrives("t1", Arrived::Sent(Some(wamid("wamid.out"))), 1)
        .await;
    let before = shop.send("t1").await;
    for stranger in [shop.elsewhere(), shop.on(2)] {
        let status = stranger.status("wamid.out", Some("t1"), Delivery::Read, 2);
        assert_eq!(
            stranger.accept(status, 2).await,
            Acceptance::Status { of: None }
        );
        let status = stranger.status("wamid.out", None, Delivery::Read, 3);
        assert_eq!(
            stranger.accept(status, 3).await,
            Acceptance::Status { of: None }
        );
    }
    assert_eq!(shop.send("t1").await, before);
}

/// The network works, so the lost one was lost: that is what the evidence must prove.
pub async fn i11_a_later_send_confirms_only_by_its_status_on_the_same_number(
    ledger: Arc<dyn Ledger>,
) {
    let shop = Shop::new(ledger);
    shop.serves(BRUNO, "wamid.1", &["earlier"], 0).await;
    shop.serves(ANA, "wamid.2", &["lost"], 0).await;
    shop.on(2).serves(CLARA, "wamid.3", &["elsewhere"], 0).await;
    shop.serves(CLARA, "wamid.4", &["later"], 0).await;
    shop.elsewhere()
        .serves(CLARA, "wamid.5", &["stranger"], 0)
        .await;

    shop.departs("earlier", 1).await;
    shop.loses("lost", 2).await;
    let confirmed = async || the_unsure(&shop, "lost").await.later_confirmed;
    assert!(!confirmed().await, "nothing left later");
    shop.learns("earlier", Delivery::Delivered, 3).await;
    assert!(
        !confirmed().await,
        "it left earlier, though its status came later"
    );
    shop.on(2).departs("elsewhere", 4).await;
    shop.on(2).learns("elsewhere", Delivery::Delivered, 5).await;
    assert!(!confirmed().await, "it left from another number");
    shop.elsewhere().departs("stranger", 5).await;
    shop.elsewhere()
        .learns("stranger", Delivery::Delivered, 5)
        .await;
    assert!(!confirmed().await, "it is another tenant's");
    shop.departs("later", 6).await;
    shop.arrives("later", Arrived::Sent(Some(wamid("wamid.sent.later"))), 7)
        .await;
    assert!(!confirmed().await, "a carrier's reply is no status");
    shop.learns("later", Delivery::Sent, 8).await;
    assert!(confirmed().await);
}

/// Never a third time by itself.
pub async fn i11_an_unsure_send_is_sent_again_once_and_then_held(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    shop.loses("t1", 1).await;
    let unsure = the_unsure(&shop, "t1").await;
    assert_eq!((unsure.since, unsure.resent), (at(1), false));
    assert!(resolve(&shop, "t1", Resolution::Resend, 2).await);
    assert_eq!(
        (shop.due(3).await, shop.unsure().await),
        (vec!["t1".to_owned()], vec![])
    );
    let (_, attempt) = shop.departs("t1", 3).await;
    assert_eq!(attempt, 2);
    shop.arrives(
        "t1",
        Arrived::Unknown {
            cause: "no reply, again".into(),
        },
        4,
    )
    .await;
    let unsure = the_unsure(&shop, "t1").await;
    assert_eq!((unsure.since, unsure.resent), (at(4), true));
    resolve(&shop, "t1", Resolution::Resend, 5).await;
    assert!(shop.due(6).await.is_empty(), "once");
    resolve(&shop, "t1", Resolution::Hold, 6).await;
    assert_eq!(shop.state("t1").await, SendState::Held);
    assert_eq!(
        shop.ledger.counts().await.unwrap().unknown,
        1,
        "held ones are counted"
    );
    assert_eq!(
        shop.ledger
            .outbox(&shop.tenant, Some(SendState::Held), 10)
            .await
            .unwrap()
            .len(),
        1
    );
}

/// Nothing is unsure any more.
pub async fn i11_a_resolution_that_comes_after_a_status_does_nothing(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["t1", "t2"], 0).await;
    shop.loses("t1", 1).await;
    assert!(
        !resolve(&shop.elsewhere(), "t1", Resolution::Resend, 2).await,
        "it is not theirs"
    );
    shop.learns("t1", Delivery::Sent, 2).await;
    for resolution in [Resolution::Resend, Resolution::Hold] {
        assert!(!resolve(&shop, "t1", resolution, 3).await);
        assert!(
            !resolve(&shop, "t2", resolution, 3).await,
            "it has not left yet"
        );
        assert!(!resolve(&shop, "never", resolution, 3).await);
    }
    assert_eq!(
        (shop.state("t1").await, shop.state("t2").await),
        (SendState::Sent, SendState::Ready)
    );
}

/// Whoever waited longest is looked at first.
pub async fn unsure_sends_are_listed_oldest_first(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    for (digits, of, second) in [(CLARA, "c", 1), (ANA, "a", 2), (BRUNO, "b", 3)] {
        shop.serves(digits, &format!("wamid.{of}"), &[of], 0).await;
        shop.loses(of, second).await;
    }
    assert_eq!(shop.unsure().await, ["c", "a", "b"]);
    let first = shop.ledger.unsure(None, 1).await.unwrap();
    assert_eq!((first.len(), &first[0].record), (1, &shop.send("c").await));
}

async fn evidence(shop: &Shop, of: &str) -> Option<Unsure> {
    let found = shop.ledger.unsure_of(&shop.tenant, &token(of)).await;
    found.unwrap()
}

/// For whoever decides on it: held ones too, and nothing that is not unsure.
pub async fn i11_one_unsure_send_is_shown_with_its_evidence(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["a1"], 0).await;
    shop.serves(BRUNO, "wamid.2", &["b1"], 0).await;
    assert_eq!(evidence(&shop, "a1").await, None, "it has not left");
    shop.loses("a1", 1).await;
    assert_eq!(
        evidence(&shop, "a1").await,
        Some(the_unsure(&shop, "a1").await)
    );
    assert!(!evidence(&shop, "a1").await.unwrap().later_confirmed);
    shop.departs("b1", 2).await;
    shop.learns("b1", Delivery::Sent, 3).await;
    assert!(resolve(&shop, "a1", Resolution::Hold, 4).await);
    let held = evidence(&shop, "a1").await.expect("it is held");
    assert_eq!(
        (
            held.record.state,
            held.since,
            held.resent,
            held.later_confirmed
        ),
        (SendState::Held, at(1), false, true)
    );
    assert_eq!(evidence(&shop, "b1").await, None, "its outcome is known");
    assert_eq!(evidence(&shop, "z1").await, None);
    assert_eq!(evidence(&shop.elsewhere(), "a1").await, None);
}

/// A person decides, not a rule: it was sent twice already, and goes a third time. Of itself it still never goes again.
pub async fn i11_a_person_has_it_sent_again_however_often_it_was(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["a1"], 0).await;
    assert!(
        !resolve(&shop, "a1", Resolution::SendAnyway, 0).await,
        "it waits"
    );
    shop.loses("a1", 1).await;
    assert!(resolve(&shop, "a1", Resolution::Resend, 2).await);
    shop.loses("a1", 3).await;
    assert!(resolve(&shop, "a1", Resolution::Resend, 4).await);
    assert_eq!(shop.state("a1").await, SendState::Held);
    assert!(resolve(&shop, "a1", Resolution::SendAnyway, 5).await);
    assert!(
        !resolve(&shop, "a1", Resolution::SendAnyway, 5).await,
        "once"
    );
    assert_eq!(shop.due(5).await, ["a1"]);
    let (_, attempt) = shop.departs("a1", 5).await;
    assert_eq!(attempt, 3, "attempts are counted on");
    let lost = Arrived::Unknown {
        cause: "again no reply".into(),
    };
    shop.arrives("a1", lost, 6).await;
    assert!(evidence(&shop, "a1").await.unwrap().resent);
    assert!(resolve(&shop, "a1", Resolution::Resend, 7).await);
    assert_eq!(shop.state("a1").await, SendState::Held);
    assert!(shop.due(99).await.is_empty());

    // Straight from unknown, without having been sent again by itself: that is not left to come.
    shop.serves(BRUNO, "wamid.2", &["b1"], 0).await;
    shop.loses("b1", 1).await;
    assert!(resolve(&shop, "b1", Resolution::SendAnyway, 2).await);
    shop.loses("b1", 3).await;
    assert!(resolve(&shop, "b1", Resolution::Resend, 4).await);
    assert_eq!(shop.state("b1").await, SendState::Held);
}

/// Held or unknown; and what comes behind it waits no more.
pub async fn i11_what_a_person_gave_up_is_not_sent_again(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["a1", "a2"], 0).await;
    shop.serves(BRUNO, "wamid.2", &["b1"], 0).await;
    assert!(!resolve(&shop, "a1", Resolution::Drop, 0).await, "it waits");
    shop.loses("a1", 1).await;
    shop.loses("b1", 1).await;
    assert!(resolve(&shop, "b1", Resolution::Hold, 2).await);
    for of in ["a1", "b1"] {
        assert!(!resolve(&shop.elsewhere(), of, Resolution::Drop, 3).await);
        assert!(resolve(&shop, of, Resolution::Drop, 3).await);
        let send = shop.send(of).await;
        assert_eq!((send.state, send.changed_at), (SendState::Cancelled, at(3)));
        assert!(send.cause.is_some_and(|cause| cause.contains("person")));
        for resolution in [
            Resolution::Resend,
            Resolution::SendAnyway,
            Resolution::Hold,
            Resolution::Drop,
        ] {
            assert!(!resolve(&shop, of, resolution, 4).await, "{resolution:?}");
        }
        assert_eq!(evidence(&shop, of).await, None);
    }
    assert_eq!(shop.due(3).await, ["a2"]);
    assert_eq!(shop.ledger.recover(at(5)).await.unwrap(), 0);
    assert!(shop.unsure().await.is_empty());
}

/// It did arrive, whatever a person or the gate took back since. What never left has no status of its own.
pub async fn i11_a_status_proves_what_was_given_up_after_it_had_left(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["a1"], 0).await;
    shop.loses("a1", 1).await;
    assert!(resolve(&shop, "a1", Resolution::Drop, 2).await);
    shop.serves(BRUNO, "wamid.2", &["b1", "b2"], 0).await;
    shop.loses("b1", 1).await;
    assert!(resolve(&shop, "b1", Resolution::Resend, 2).await);
    shop.hears_stop(BRUNO, "wamid.stop", 3).await;
    for of in ["b1", "b2"] {
        shop.tries(of, 4, the_gate(policy(), at(4))).await;
        assert_eq!(shop.state(of).await, SendState::Cancelled);
    }
    for of in ["a1", "b1", "b2"] {
        shop.learns(of, Delivery::Delivered, 5).await;
    }
    let proven = shop.send("a1").await;
    assert_eq!((proven.state, proven.cause), (SendState::Delivered, None));
    assert_eq!(shop.state("b1").await, SendState::Delivered);
    assert_eq!(shop.state("b2").await, SendState::Cancelled);
    shop.learns("a1", Delivery::Sent, 6).await;
    assert_eq!(shop.state("a1").await, SendState::Delivered);
}
