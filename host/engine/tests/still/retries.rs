//! The host's own faults: tried again three times within 30 s, then given up, and nothing is answered twice (I3).

use std::time::Duration;

use engine::limits::{FAULT_WAITS, LEDGER_WAIT};
use model::{Ending, StepResult};
use tokio::time::Instant;

use crate::house::{ANA, ECHO, House, SHOP, number, tenant};
use ledger::Ledger;

const RULES: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "slow"
when.words = ["slow"]
use = "test-guest"
with.act = "loop"
if_fails = "sorry"

[[rule]]
name = "sorry"
when.words = ["sorry"]
reply.en = "That took too long."
"#;

/// How long each call of these waited for the one before.
fn waits(calls: &[Instant]) -> Vec<Duration> {
    calls.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[tokio::test(start_paused = true)]
async fn i03_the_host_s_own_fault_is_tried_again_three_times_within_30_s_and_answered_once() {
    for faults in 0..=FAULT_WAITS.len() {
        let house = House::with_rules(RULES).await;
        house.doors.fail("settle", faults);
        let begun = Instant::now();
        let decision = house.asks(SHOP, ANA, "slow").await;
        // The guest's fault is the guest's each time, and leads where its rule says.
        let steps: Vec<_> = decision.steps.iter().map(|step| step.result).collect();
        assert_eq!(steps, [StepResult::Failed, StepResult::Stands]);
        assert!(matches!(&decision.ending, Ending::Answered { rule } if rule.as_str() == "sorry"));
        assert_eq!(usize::try_from(decision.attempt).unwrap(), faults + 1);
        let settles = house.doors.calls("settle");
        assert_eq!(waits(&settles), FAULT_WAITS[..faults], "{faults} faults");
        assert!(begun.elapsed() < Duration::from_secs(30));
        house.quiet().await;
        house.passes(Duration::from_secs(60)).await;
        let texts = house.network.texts(&number(SHOP));
        assert_eq!(texts, ["That took too long."], "{faults} faults");
        assert_eq!(house.doors.calls("settle").len(), faults + 1);
        house.engine.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn i03_what_fails_a_fourth_time_is_a_dead_letter_with_its_cause_and_the_next_message_goes_on()
{
    let house = House::with_rules(ECHO).await;
    house.doors.fail("settle", FAULT_WAITS.len() + 1);
    let lost = house.says(SHOP, ANA, "say the lost").await;
    let next = house.says(SHOP, ANA, "say the next").await;
    let decision = house.decided(SHOP, &lost).await;
    let Ending::DeadLetter { cause } = &decision.ending else {
        panic!("{:?}", decision.ending);
    };
    assert!(cause.contains("there is no room left"), "{cause}");
    let letters = house.ledger.dead_letters(&tenant(SHOP), 9).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!((&letters[0].id.message, &letters[0].cause), (&lost, cause));
    // Given up at once after the last try, not after a further wait.
    let settles = house.doors.calls("settle");
    let [tries @ .., given_up] = &waits(&settles)[..FAULT_WAITS.len() + 1] else {
        panic!("{settles:?}");
    };
    assert_eq!((tries, *given_up), (&FAULT_WAITS[..], Duration::ZERO));
    let answered = house.decided(SHOP, &next).await;
    assert!(matches!(answered.ending, Ending::Answered { .. }));
    house.quiet().await;
    assert_eq!(house.network.texts(&number(SHOP)), ["say the next"]);
    house.engine.stop().await;
}

/// Not even that can be written: nothing is lost, and it is tried until it can.
#[tokio::test(start_paused = true)]
async fn i03_what_cannot_even_be_given_up_stays_undone_until_it_can() {
    let house = House::with_rules(ECHO).await;
    let hopeless = FAULT_WAITS.len() + 1 + 100;
    house.doors.fail("settle", hopeless);
    let lost = house.says(SHOP, ANA, "say the lost").await;
    house
        .until("a hundred tries", async || {
            (house.doors.calls("settle").len() == hopeless).then_some(())
        })
        .await;
    assert_eq!(house.ledger.counts().await.unwrap().undone, 1);
    let decision = house.decided(SHOP, &lost).await;
    assert!(matches!(decision.ending, Ending::DeadLetter { .. }));
    let settles = house.doors.calls("settle");
    let until_then = waits(&settles)[FAULT_WAITS.len() + 1..].to_vec();
    assert_eq!(until_then, vec![LEDGER_WAIT; 100]);
    house.engine.stop().await;
}
