//! The typing mark while a slow answer is looked up: once, best effort, and nothing hangs on it (I3).

use std::sync::Arc;
use std::time::Duration;

use engine::limits;
use knowledge::Knowledge;
use model::{Decision, Ending, Wamid};
use tokio::time::Instant;

use crate::house::{ANA, BANK, House, SHOP, Wishes, number, person};
use crate::knowing::Slow;
use crate::network::Marking;

const ASKS: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "ask"
use = "asking-guest"
with.act = "ask"
with.of = "faq"
"#;

const TAKES: Duration = Duration::from_secs(3);

async fn house() -> (House, Arc<Slow>) {
    let slow = Arc::new(Slow::of(TAKES));
    let house = House::build(Wishes {
        rules: [ASKS, ASKS],
        knowledge: Some(Arc::clone(&slow) as Arc<dyn Knowledge>),
        ..Wishes::default()
    });
    (house.await, slow)
}

/// What of a decision does not hang on how long it took.
fn course(decision: Decision) -> (Ending, String) {
    let mut decision = decision;
    for run in decision.steps.iter_mut().flat_map(|step| &mut step.runs) {
        for asked in &mut run.asked {
            if let model::Asked::Knowledge { took_ms, .. } = asked {
                *took_ms = 0;
            }
        }
    }
    (decision.ending, format!("{:?}", decision.steps))
}

#[tokio::test(start_paused = true)]
async fn i03_a_typing_mark_shows_once_and_at_once_and_whatever_becomes_of_it_changes_nothing() {
    let mut courses = Vec::new();
    for marking in [Marking::Arrives, Marking::NeverEnds, Marking::Panics] {
        let (house, slow) = house().await;
        *house.network.marking.lock().unwrap() = marking;
        // The attempt is made twice, and asks and shows once.
        house.doors.fail("settle", 1);
        let begun = Instant::now();
        let id = house.says(SHOP, ANA, "what now?").await;
        let decision = house.decided(SHOP, &id).await;
        assert_eq!(decision.attempt, 2, "{marking:?}");
        assert_eq!(slow.asked.lock().unwrap().len(), 1, "{marking:?}");
        assert_eq!(
            begun.elapsed(),
            TAKES + limits::FAULT_WAITS[0],
            "{marking:?}"
        );
        house.quiet().await;
        assert_eq!(house.network.texts(&number(SHOP)), ["what shop knows"]);
        let marks = house.network.marks();
        let [(at, from, of)] = &marks[..] else {
            panic!("{marking:?}: {marks:?}");
        };
        assert_eq!((from, of), (&number(SHOP), &id), "{marking:?}");
        assert_eq!(*at, begun, "{marking:?}: as soon as it asks");
        assert_eq!(house.outbox(SHOP).await.len(), 1, "a mark is not stored");
        let begun = Instant::now();
        house.engine.stop().await;
        assert_eq!(begun.elapsed(), Duration::ZERO, "nobody waits for a mark");
        courses.push(course(decision));
    }
    assert_eq!(courses[0], courses[1]);
    assert_eq!(courses[0], courses[2]);
}

/// Marks that never end take no place from answers; a further one is left out.
#[tokio::test(start_paused = true)]
async fn i14_typing_marks_that_never_end_are_bounded_and_hold_up_no_answer() {
    let (house, _) = house().await;
    *house.network.marking.lock().unwrap() = Marking::NeverEnds;
    let people = limits::MARKS_AT_ONCE / 2;
    let ask = async |people: std::ops::Range<usize>| {
        let mut asked: Vec<(&str, Wamid)> = Vec::new();
        for place in people {
            for to in [SHOP, BANK] {
                asked.push((to, house.says(to, &person(place), "what now?").await));
            }
        }
        for (to, id) in asked {
            let decision = house.decided(to, &id).await;
            assert!(matches!(decision.ending, Ending::Answered { .. }));
        }
    };
    ask(0..people).await;
    assert_eq!(house.network.marks().len(), limits::MARKS_AT_ONCE);
    ask(people..people + 3).await;
    assert_eq!(house.network.marks().len(), limits::MARKS_AT_ONCE);
    house.quiet().await;
    let answers = house.network.sends().len();
    assert_eq!(answers, 2 * (people + 3));
    house.engine.stop().await;
}
