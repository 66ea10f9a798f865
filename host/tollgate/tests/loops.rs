//! Two machines that answer each other: the real host, and a business somewhere else whose own bot answers every message at once.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: what fails here fails its test"
)]

mod binary;

use binary::{ANA, ECHO, Running, Town, text};
use serde_json::Value;

/// Automatic turns before a conversation of two machines is a person's.
const TURNS: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn two_machines_that_answer_each_other_end_at_the_desk_within_ten_turns() {
    let town = Town::new(ECHO);
    let host = Running::start(&mut town.run());
    let mut said = 1;
    town.say(text(ANA, "say hello")).await;
    // The other machine: an answer to every answer, in other words each time, without a pause.
    let hand_offs = town
        .until("the desk", async || {
            let heard = town.received(ANA).await.len();
            assert!(heard <= TURNS, "it goes on and on: {heard} answers");
            while said <= heard {
                said += 1;
                town.say(text(ANA, &format!("say we are closed, number {said}")))
                    .await;
            }
            let page: Value = reqwest::get(format!("{}/v1/hand-offs", host.url))
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            let hand_offs = page["hand_offs"].as_array().unwrap().clone();
            (!hand_offs.is_empty()).then_some(hand_offs)
        })
        .await;
    assert_eq!(hand_offs.len(), 1, "a person is called once: {hand_offs:?}");
    let heard = town.received(ANA).await;
    assert!((2..=TURNS).contains(&heard.len()), "{heard:?}");

    // It does not stop by itself, and the host does not begin again.
    for more in 0..5 {
        town.say(text(
            ANA,
            &format!("say are you still there, number {more}"),
        ))
        .await;
    }
    town.until("the last of it, decided", async || {
        let status: Value = reqwest::get(format!("{}/v1/status", host.url))
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let counts = &status["counts"];
        (counts["undone"] == 0 && counts["ready"] == 0).then_some(())
    })
    .await;
    assert_eq!(town.received(ANA).await, heard, "a person has it now");

    // Somebody else is answered as ever.
    let other = "5511900000002";
    town.say(text(other, "say good morning")).await;
    town.until("an answer for somebody else", async || {
        (town.received(other).await == ["say good morning"]).then_some(())
    })
    .await;
}
