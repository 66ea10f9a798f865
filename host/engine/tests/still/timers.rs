//! Deadlines follow from what is stored: a restart or a reload neither loses one, nor begins it anew, nor brings it sooner.

use std::time::Duration;

use engine::IfUnsure;
use ledger::Ledger;
use model::{Decision, Moment, Refusal, SendState, Span};

use crate::house::{ANA, BO, ECHO, House, SHOP, Wishes, number, person, tenant};

const RULES: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "echo"
when.starts = ["say"]
reply.en = "{message.text|?}"

[[rule]]
name = "person"
when.words = ["person"]
hand_to = "support"
pause_bot = "2h"
"#;

/// A tick, and a little.
const SOON: Duration = Duration::from_millis(1100);

async fn pause_of(house: &House, decision: &Decision) -> Option<Moment> {
    let contact = house.contact(SHOP, decision.contact).await;
    contact.pause.map(|pause| pause.until)
}

#[tokio::test(start_paused = true)]
async fn a_pause_ends_when_it_is_over_through_restarts_and_reloads_without_a_word_from_anybody() {
    let mut house = House::with_rules(RULES).await;
    let begun = house.now();
    let until = begun.plus(Span::from_hours(2));
    let ana = house.asks(SHOP, ANA, "a person, please").await;
    assert_eq!(pause_of(&house, &ana).await, Some(until));
    // Another's, which a person of ours begins later and which is over sooner.
    let bo = house.asks(SHOP, BO, "say hello").await;
    let (shop, a_moment) = (tenant(SHOP), Span::from_seconds(30));
    let pause = house.engine.pause(&shop, bo.contact, a_moment, None);
    pause.await.unwrap();
    house.passes(Duration::from_secs(29)).await;
    assert!(pause_of(&house, &bo).await.is_some());
    house.passes(SOON).await;
    assert_eq!(pause_of(&house, &bo).await, None);

    house.jumps(Span::from_hours(1)).await;
    house.restarts().await;
    house.reloads();
    let silenced = house.asks(SHOP, ANA, "say something").await;
    let refusals: Vec<_> = silenced.refusals().collect();
    assert!(
        matches!(refusals[..], [Refusal::Paused { .. }]),
        "{refusals:?}"
    );
    house
        .jumps(until.minus(Span::from_seconds(10)).since(house.now()))
        .await;
    house.restarts().await;
    house.passes(Duration::from_millis(7500)).await;
    assert_eq!(
        pause_of(&house, &ana).await,
        Some(until),
        "not a second sooner"
    );
    house.passes(SOON).await;
    assert_eq!(pause_of(&house, &ana).await, None);
    assert!(house.now() < until.plus(Span::from_seconds(2)));
    house.asks(SHOP, ANA, "say welcome back").await;
    house.quiet().await;
    let texts = house.network.texts(&number(SHOP));
    assert_eq!(texts.last().unwrap(), "say welcome back");
    house.engine.stop().await;
}

/// While nobody was there it came due: whoever begins next sees to it at once.
#[tokio::test(start_paused = true)]
async fn a_pause_that_came_due_while_no_host_ran_ends_as_the_next_begins() {
    let mut house = House::with_rules(RULES).await;
    let ana = house.asks(SHOP, ANA, "a person, please").await;
    house.engine.stop().await;
    house.jumps(Span::from_hours(3)).await;
    assert!(pause_of(&house, &ana).await.is_some(), "nobody was there");
    house.restarts().await;
    house.passes(Duration::from_millis(1)).await;
    assert_eq!(pause_of(&house, &ana).await, None);
    house.engine.stop().await;
}

/// A send whose outcome is unknown is looked into at its deadline. A reload leaves that as it is. With a restart it counts anew: while no
/// host ran, no status could be told, and what nobody could hear is no evidence.
#[tokio::test(start_paused = true)]
async fn i11_an_unknown_outcome_is_looked_into_at_its_deadline_counted_from_the_last_start() {
    for (if_unsure, is_restarted) in [
        (IfUnsure::Hold, false),
        (IfUnsure::Hold, true),
        (IfUnsure::Resend, false),
        (IfUnsure::Resend, true),
    ] {
        let mut house = House::build(Wishes {
            rules: [ECHO, ECHO],
            if_unsure,
            ..Wishes::default()
        })
        .await;
        house.network.loses_the_reply();
        house.asks(SHOP, ANA, "say it").await;
        house.quiet().await;
        let lost = house.outbox(SHOP).await[0].clone();
        assert_eq!(lost.state, SendState::Unknown);
        let token = &lost.outbound.token;
        let mut counts_from = house.now();
        // A later send on the number is delivered: what evidence there will be is there long before the deadline.
        house.passes(Duration::from_secs(60)).await;
        house.asks(SHOP, BO, "say other").await;
        house.quiet().await;
        house
            .is_delivered(&house.outbox(SHOP).await[1].outbound)
            .await;
        house.passes(Duration::from_secs(240)).await;
        house.reloads();
        if is_restarted {
            house.restarts().await;
            counts_from = house.now();
        }
        let deadline = counts_from.plus(Span::from_minutes(10));
        while house.now() < deadline {
            let states = house.outbox(SHOP).await[0].state;
            assert_eq!(states, SendState::Unknown, "not sooner");
            assert_eq!(house.network.times(token).len(), 1, "not sooner");
            house.passes(Duration::from_secs(1)).await;
        }
        house.passes(SOON).await;
        let stands = house.outbox(SHOP).await[0].state;
        let times = house.network.times(token).len();
        let expected = match if_unsure {
            IfUnsure::Hold => (SendState::Held, 1),
            IfUnsure::Resend => (SendState::Sent, 2),
        };
        assert_eq!((stands, times), expected);
        // And that is all that ever becomes of it.
        house.restarts().await;
        house.jumps(Span::from_hours(30)).await;
        house.passes(Duration::from_secs(60)).await;
        assert_eq!(house.network.times(token).len(), times, "{if_unsure:?}");
        house.engine.stop().await;
    }
}

/// Nothing says what became of it, for nearly as long as a window is open: then it is held.
#[tokio::test(start_paused = true)]
async fn i11_without_evidence_an_unknown_outcome_is_held_before_its_window_closes() {
    let mut house = House::with_rules(ECHO).await;
    house.network.loses_the_reply();
    house.asks(SHOP, &person(30), "say it").await;
    house.quiet().await;
    house.restarts().await;
    for _ in 0..22 {
        house.jumps(Span::from_hours(1)).await;
    }
    house.jumps(Span::from_minutes(50)).await;
    assert_eq!(house.outbox(SHOP).await[0].state, SendState::Unknown);
    house.reloads();
    house.jumps(Span::from_minutes(10)).await;
    assert_eq!(house.outbox(SHOP).await[0].state, SendState::Held);
    let counts = house.ledger.counts().await.unwrap();
    assert_eq!((counts.unknown, house.network.sends().len()), (1, 1));
    house.engine.stop().await;
}
