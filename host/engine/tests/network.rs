//! A network that misbehaves: what was lost is never blindly sent again, and what was refused is tried again.

mod house;

use house::{ANA, BO, ECHO, House, Wishes, tenant};
use model::SendState;
use serde_json::json;

#[tokio::test]
async fn i11_a_lost_reply_is_settled_by_the_status_that_bears_its_token() {
    let house = House::with_rules(ECHO).await;
    house.faults(json!({"drop_reply": 1.0, "seed": 1})).await;
    house.say(ANA, "say hello").await;
    house
        .until("a settled outcome", async || {
            let outbox = house
                .engine
                .ledger()
                .outbox(&tenant(), None, 10)
                .await
                .unwrap();
            outbox
                .iter()
                .any(|send| {
                    matches!(
                        send.state,
                        SendState::Sent | SendState::Delivered | SendState::Read
                    )
                })
                .then_some(())
        })
        .await;
    assert_eq!(
        house.record().await.len(),
        1,
        "sent once, whatever became of the reply"
    );
    house.end().await;
}

#[tokio::test]
async fn i11_without_any_evidence_nothing_is_sent_again() {
    let house = House::with_rules(ECHO).await;
    house
        .faults(json!({"drop_reply": 1.0, "no_status": 1.0, "seed": 1}))
        .await;
    house.say(ANA, "say hello").await;
    house
        .until("an unknown outcome", async || {
            (house.engine.ledger().counts().await.unwrap().unknown == 1).then_some(())
        })
        .await;
    // A later send without a status is no evidence either.
    house.say(BO, "say hello").await;
    house
        .until("a second one", async || {
            (house.engine.ledger().counts().await.unwrap().unknown == 2).then_some(())
        })
        .await;
    let begun = std::time::Instant::now();
    house
        .until("four times the wait", async || {
            (begun.elapsed().as_millis() > 2800).then_some(())
        })
        .await;
    assert_eq!(house.record().await.len(), 2);
    house.end().await;
}

#[tokio::test]
async fn i11_a_send_that_never_arrived_is_sent_once_more_when_later_ones_prove_it() {
    let house = House::with_rules(ECHO).await;
    // The network forgets this send altogether: no record of its own, no status.
    house
        .faults(json!({"drop_reply": 1.0, "no_status": 1.0, "seed": 1}))
        .await;
    house.say(ANA, "say hello").await;
    house
        .until("an unknown outcome", async || {
            (house.engine.ledger().counts().await.unwrap().unknown == 1).then_some(())
        })
        .await;
    house.faults(json!({})).await;
    house.say(BO, "say later").await;
    house.receives(BO, 1).await;
    house
        .until("the second try", async || {
            (house.received(ANA).await.len() == 2).then_some(())
        })
        .await;
    house
        .until("its outcome", async || {
            (house.engine.ledger().counts().await.unwrap().unknown == 0).then_some(())
        })
        .await;
    let tokens: Vec<_> = house
        .record()
        .await
        .iter()
        .filter(|send| send["to"].as_str().unwrap().ends_with(ANA))
        .map(|send| send["token"].clone())
        .collect();
    assert_eq!(tokens.len(), 2);
    assert_eq!(
        tokens[0], tokens[1],
        "one token for both, so that a status of either settles it"
    );
    house.end().await;
}

#[tokio::test]
async fn i11_with_hold_a_person_decides() {
    let house = House::build(
        ECHO,
        Wishes {
            if_unsure: engine::IfUnsure::Hold,
            ..Wishes::default()
        },
    )
    .await;
    house
        .faults(json!({"drop_reply": 1.0, "no_status": 1.0, "seed": 1}))
        .await;
    house.say(ANA, "say hello").await;
    house
        .until("a held send", async || {
            let held = house
                .engine
                .ledger()
                .outbox(&tenant(), Some(SendState::Held), 10)
                .await
                .unwrap();
            (held.len() == 1).then_some(())
        })
        .await;
    assert_eq!(house.record().await.len(), 1);
    house.end().await;
}

#[tokio::test]
async fn what_the_network_refuses_for_now_is_tried_again() {
    let house = House::with_rules(ECHO).await;
    house.faults(json!({"throttle": 1.0, "seed": 3})).await;
    house.say(ANA, "say hello").await;
    house
        .until("a refusal", async || {
            house
                .record()
                .await
                .iter()
                .any(|send| send["outcome"] == "throttled")
                .then_some(())
        })
        .await;
    house.faults(json!({})).await;
    assert_eq!(house.receives(ANA, 1).await, ["say hello"]);
    house.end().await;
}

#[tokio::test]
async fn late_doubled_and_reordered_statuses_change_nothing_for_the_contact() {
    let house = House::with_rules(ECHO).await;
    house
        .faults(json!({"duplicate_status": 1.0, "reorder": true, "late_ms": [0, 50], "seed": 5}))
        .await;
    for count in 0..8 {
        house.say(ANA, &format!("say {count}")).await;
    }
    house.receives(ANA, 8).await;
    house
        .until("every send read", async || {
            let outbox = house
                .engine
                .ledger()
                .outbox(&tenant(), None, 20)
                .await
                .unwrap();
            (outbox.len() == 8 && outbox.iter().all(|send| send.state == SendState::Read))
                .then_some(())
        })
        .await;
    assert_eq!(
        house.received(ANA).await,
        (0..8)
            .map(|count| format!("say {count}"))
            .collect::<Vec<_>>()
    );
    house.end().await;
}

#[tokio::test]
async fn a_network_that_is_gone_is_a_trouble() {
    let house = House::with_rules(ECHO).await;
    house.faults(json!({"throttle": 1.0, "seed": 3})).await;
    house.say(ANA, "say hello").await;
    house
        .until("a try", async || {
            (!house.record().await.is_empty()).then_some(())
        })
        .await;
    assert_eq!(
        house.engine.troubles().await,
        engine::Troubles::default(),
        "a send that is refused is no trouble"
    );
    let (engine, _folder) = house.lose_the_network().await;
    let begun = std::time::Instant::now();
    let mut news = engine.news();
    while engine.troubles().await.carriers.is_empty() {
        assert!(
            begun.elapsed() < house::PATIENCE,
            "waited in vain for the trouble"
        );
        let _ = tokio::time::timeout(std::time::Duration::from_millis(20), news.changed()).await;
    }
    engine.stop().await;
}
