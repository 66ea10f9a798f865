//! I6: a stop counts from the moment it is accepted, and a send is judged as it leaves.

use std::sync::Arc;

use model::{Pause, Purpose, Refusal, SendState};

use super::shop::{ANA, BRUNO, Shop, admitted, at, opts_out, policy, the_gate};
use crate::{Departure, Lane, Ledger, Settled};

/// Settles a stop as the engine does: out, with its one confirmation if a token for it is given.
async fn settles_stop(shop: &Shop, lane: &Lane, confirmation: Option<&str>, second: u64) {
    let head = shop.head(lane).await;
    assert!(head.is_stop);
    let mut settlement = shop.settlement(lane, second).await;
    settlement.contact.consent.apply(&opts_out(second));
    settlement.consent = vec![opts_out(second)];
    settlement.sends = confirmation
        .iter()
        .map(|with| admitted(&head, with, Purpose::Confirmation, second))
        .collect();
    assert_eq!(shop.settle(settlement).await, Settled::Done);
}

/// Nobody waits for its turn.
pub async fn i06_a_stop_marks_the_contact_as_it_is_accepted(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let other = shop.hears(BRUNO, "wamid.2", 0).await;
    assert!(!shop.contact(&lane).await.stop_pending);
    shop.hears_stop(ANA, "wamid.3", 1).await;
    let head = shop.head(&lane).await;
    assert!(
        head.contact.stop_pending,
        "and whoever reads the contact sees it"
    );
    assert!(!head.is_stop, "the message before it is none");
    assert!(!shop.contact(&other).await.stop_pending);
}

/// From then on the consent on record says so.
pub async fn i06_the_stops_settle_clears_the_mark(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears_stop(ANA, "wamid.1", 0).await;
    settles_stop(&shop, &lane, None, 1).await;
    let contact = shop.contact(&lane).await;
    assert!(!contact.stop_pending && contact.consent.everything.is_out());
}

/// It waits for its own settle.
pub async fn i06_the_mark_stays_while_a_later_stop_waits(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears_stop(ANA, "wamid.1", 0).await;
    shop.hears(ANA, "wamid.2", 1).await;
    shop.hears_stop(ANA, "wamid.3", 2).await;
    settles_stop(&shop, &lane, None, 3).await;
    assert!(shop.contact(&lane).await.stop_pending);
    shop.passes_over(&lane, 4).await;
    assert!(shop.contact(&lane).await.stop_pending);
    settles_stop(&shop, &lane, None, 5).await;
    assert!(!shop.contact(&lane).await.stop_pending);
}

/// Not even one whose attempt began before the stop.
pub async fn i06_the_settle_of_another_message_keeps_the_mark(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears(ANA, "wamid.1", 0).await;
    let began_before = shop.settlement(&lane, 1).await;
    shop.hears_stop(ANA, "wamid.2", 2).await;
    assert!(!began_before.contact.stop_pending);
    if shop.settle(began_before).await == Settled::VersionLost {
        // A ledger may take a stop for a change that the attempt must see.
        shop.passes_over(&lane, 3).await;
    }
    assert!(shop.contact(&lane).await.stop_pending);
    assert!(shop.head(&lane).await.is_stop);
}

/// The send was admitted and stored when the contact had said nothing.
pub async fn i06_a_stop_between_settle_and_departure_cancels(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    shop.serves(BRUNO, "wamid.2", &["t2"], 0).await;
    shop.hears_stop(ANA, "wamid.3", 1).await;
    let departure = shop.tries("t1", 2, the_gate(policy(), at(2))).await;
    assert!(
        matches!(departure, Departure::Cancelled(Refusal::OptedOut)),
        "{departure:?}"
    );
    let send = shop.send("t1").await;
    assert_eq!(
        (send.state, send.attempts, send.changed_at),
        (SendState::Cancelled, 0, at(2))
    );
    assert!(
        send.cause.is_some_and(|cause| cause.contains("opted out")),
        "it says why"
    );
    assert!(!shop.due(9).await.contains(&"t1".to_owned()));
    shop.departs("t2", 3).await;
}

/// The same once the stop has settled; and what waits behind it is due.
pub async fn i06_an_opt_out_between_settle_and_departure_cancels(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    shop.hears_stop(ANA, "wamid.2", 1).await;
    settles_stop(&shop, &lane, Some("bye"), 2).await;
    assert_eq!(shop.due(3).await, ["t1"]);
    let departure = shop.tries("t1", 3, the_gate(policy(), at(3))).await;
    assert!(
        matches!(departure, Departure::Cancelled(Refusal::OptedOut)),
        "{departure:?}"
    );
    assert_eq!(shop.due(4).await, ["bye"]);
}

/// A later message handed the conversation to a person.
pub async fn i06_a_pause_between_settle_and_departure_cancels(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.serves(ANA, "wamid.1", &["t1"], 0).await;
    shop.hears(ANA, "wamid.2", 1).await;
    let head = shop.head(&lane).await;
    let mut hands_over = shop.settlement(&lane, 2).await;
    hands_over.contact.pause = Some(Pause {
        until: at(9999),
        by: Some(head.message.id.clone()),
    });
    hands_over.sends = vec![admitted(&head, "t2", Purpose::Reply, 2)];
    assert_eq!(shop.settle(hands_over).await, Settled::Done);
    let departure = shop.tries("t1", 3, the_gate(policy(), at(3))).await;
    assert!(
        matches!(departure, Departure::Cancelled(Refusal::Paused { until }) if until == at(9999)),
        "{departure:?}"
    );
    shop.departs("t2", 4).await;
}

/// The one send that an opt-out does not hold back.
pub async fn i06_the_confirmation_leaves_although_the_contact_is_out(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let lane = shop.hears_stop(ANA, "wamid.1", 0).await;
    settles_stop(&shop, &lane, Some("bye"), 1).await;
    let (pass, _) = shop.departs("bye", 2).await;
    assert_eq!(pass.outbound().purpose, Purpose::Confirmation);
}
