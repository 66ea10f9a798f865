//! Hostile plugins in the whole house: lanes, ledger and outbox stand behind them, and everybody else is answered as ever (I8).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test: what fails ends it, with the place"
)]

mod house;

use house::{HEAD, House};
use model::{Ending, StepResult};

/// What the guest does, with how much of it.
const ACTS: [(&str, usize); 10] = [
    ("loop", 0),
    ("sort", 0),
    ("grow", 0),
    ("recurse", 0),
    ("panic", 0),
    ("trap", 0),
    ("send-then-trap", 0),
    ("fail", 100_000),
    ("log-lines", 100_000),
    ("send", 1000),
];

/// A rule for each act, one that says back, and one for when the guest has failed.
fn rules() -> String {
    let hostile = ACTS.iter().map(|(act, count)| {
        format!(
            "[[rule]]\nname = \"{act}\"\nwhen.says = [\"{act}\"]\nuse = \"test-guest\"\nwith = {{ act = \"{act}\", count = {count} }}\nif_fails = \"sorry\"\n\n"
        )
    });
    let plain = "[[rule]]\nname = \"echo\"\nwhen.starts = [\"say\"]\nreply.en = \"{message.text|?}\"\n\n\
                 [[rule]]\nname = \"sorry\"\nonly = \"called\"\nreply.en = \"Sorry, that did not work.\"\n";
    [HEAD, "\n", &hostile.collect::<String>(), plain].concat()
}

fn villain(place: usize) -> String {
    format!("55119000001{place:02}")
}

fn person(place: usize) -> String {
    format!("55119000002{place:02}")
}

#[tokio::test(flavor = "multi_thread")]
async fn i08_whatever_plugins_do_others_are_answered_in_order_and_nothing_is_lost() {
    const ROUNDS: usize = 3;
    let house = House::with_rules(&rules()).await;
    let mut hostile = Vec::new();
    for round in 0..ROUNDS {
        for (place, (act, _)) in ACTS.iter().enumerate() {
            // Each act has a contact of its own: none of them waits for another.
            let from = villain(place);
            hostile.push((*act, house.say(&from, act).await));
            // And between them people write, to whom nothing may happen.
            house.say(&person(place), &format!("say {round}")).await;
        }
    }
    let said: Vec<String> = (0..ROUNDS).map(|round| format!("say {round}")).collect();
    for place in 0..ACTS.len() {
        assert_eq!(house.receives(&person(place), ROUNDS).await, said);
    }
    let mut fallen = 0;
    for (act, message) in &hostile {
        let decision = house.decided(message).await;
        let first = &decision.steps[0];
        if *act == "send" {
            let sends = house.engine.ledger().sends(&decision.id).await.unwrap();
            assert!(
                sends.len() <= gate::limits::SENDS_PER_RUN,
                "{act}: {} sends",
                sends.len()
            );
            continue;
        }
        assert_eq!(first.result, StepResult::Failed, "{act}");
        assert!(
            matches!(&decision.ending, Ending::Answered { rule } if rule.as_str() == "sorry"),
            "{act}: {:?}",
            decision.ending
        );
        fallen += 1;
    }
    assert_eq!(fallen, (ACTS.len() - 1) * ROUNDS);
    house.quiet().await;
    // What a failed step sent before it failed never left.
    for (place, (act, _)) in ACTS.iter().enumerate() {
        if *act == "send" {
            continue;
        }
        let texts = house.received(&villain(place)).await;
        assert!(
            texts.iter().all(|text| text == "Sorry, that did not work."),
            "{act}: {texts:?}"
        );
    }
    let counts = house.engine.ledger().counts().await.unwrap();
    assert_eq!((counts.undone, counts.dead_letters), (0, 0));
    house.end().await;
}
