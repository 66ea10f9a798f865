//! WhatsApp's messaging limit: so many contacts outside of windows in any 24 hours, whoever asks, whatever restarts.

use std::sync::Arc;
use std::time::Duration;

use engine::operating::{Allowance, NotSent, Sent};
use gate::Bound;
use ledger::Ledger;
use model::{ConsentScope, Outgoing, Quota, Refusal, SendState, Span, Template, TemplateCategory};
use tokio::sync::Semaphore;

use crate::doors::Hindrance;
use crate::house::{ANA, BANK, ECHO, House, SHOP, Wishes, number, person, phone, tenant};

fn reminder() -> Outgoing {
    Outgoing::Template(Template {
        name: "reminder".into(),
        language: "en_US".into(),
        category: TemplateCategory::Utility,
        header: None,
        parameters: Vec::new(),
        buttons: Vec::new(),
    })
}

async fn limited_to(most: u32) -> House {
    let policy = match most {
        1 => |policy: &mut gate::Policy| policy.bounds.tier = Some(at_most(1)),
        _ => |policy: &mut gate::Policy| policy.bounds.tier = Some(at_most(2)),
    };
    let rules = [ECHO, ECHO];
    House::build(Wishes {
        rules,
        policy,
        ..Wishes::default()
    })
    .await
}

fn at_most(most: u32) -> Bound {
    Bound {
        most,
        shadow: false,
    }
}

/// Somebody who never wrote, and said elsewhere that they want to be written to.
async fn wants(house: &House, from: &str, who: &str) {
    let engine = &house.engine;
    let from = tenant(from);
    let contact = engine.meet(&from, &phone(who)).await.unwrap();
    let allowance = Allowance {
        scope: ConsentScope::Everything,
        opted_in: true,
        evidence: Some("signed at the counter".into()),
        by: None,
    };
    let recorded = engine.record_consent(&from, contact.id, allowance);
    recorded.await.unwrap();
}

async fn reminds(house: &House, from: &str, who: &str, key: &str) -> Result<Sent, NotSent> {
    house.sends(from, who, reminder(), key).await
}

fn is_past_the_limit(sent: &Result<Sent, NotSent>) -> bool {
    let Err(NotSent::Refused(not)) = sent else {
        return false;
    };
    let which = Quota::Tier;
    not.refusal == Refusal::QuotaExceeded { which }
}

/// To whom it left, in order.
fn reached(house: &House, from: &str) -> Vec<String> {
    let sends = house.network.sends();
    let theirs = sends.iter().filter(|(_, send)| send.number == number(from));
    theirs
        .map(|(_, send)| send.to.phone().unwrap().as_str().to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_further_contact_past_the_messaging_limit_is_refused_until_one_falls_out_of_the_24_hours()
{
    let mut house = limited_to(2).await;
    let people: Vec<String> = (10..14).map(person).collect();
    for who in &people {
        wants(&house, SHOP, who).await;
        wants(&house, BANK, who).await;
    }
    let began = house.now();
    let day = Span::from_hours(24);
    reminds(&house, SHOP, &people[0], "a").await.unwrap();
    house.quiet().await;
    house.jumps(Span::from_hours(1)).await;
    reminds(&house, SHOP, &people[1], "b").await.unwrap();
    house.quiet().await;
    assert!(is_past_the_limit(
        &reminds(&house, SHOP, &people[2], "c").await
    ));
    // Who is among them already costs nothing, nor does who wrote; and the other tenant has a limit of its own.
    reminds(&house, SHOP, &people[1], "b again").await.unwrap();
    house.asks(SHOP, ANA, "say hello").await;
    reminds(&house, SHOP, ANA, "in her window").await.unwrap();
    reminds(&house, BANK, &people[2], "c").await.unwrap();
    house.quiet().await;
    let so_far = [&people[0], &people[1], &people[1], ANA, ANA];
    assert_eq!(reached(&house, SHOP), so_far);
    assert_eq!(reached(&house, BANK), [people[2].clone()]);

    // Neither a restart nor a reload makes room.
    house.restarts().await;
    house.reloads();
    assert!(is_past_the_limit(
        &reminds(&house, SHOP, &people[2], "c").await
    ));

    // The window rolls: nearly a day after the first there is none, and shortly before the day is over it is worth the wait.
    house
        .jumps(
            began
                .plus(day)
                .minus(Span::from_seconds(92))
                .since(house.now()),
        )
        .await;
    assert!(is_past_the_limit(
        &reminds(&house, SHOP, &people[2], "c").await
    ));
    house.passes(Duration::from_secs(60)).await;
    let waits = reminds(&house, SHOP, &people[2], "c").await.unwrap();
    assert!(house.now() < began.plus(day));
    while house.now() < began.plus(day) {
        assert_eq!(reached(&house, SHOP).len(), so_far.len());
        house.passes(Duration::from_millis(500)).await;
    }
    house
        .until("it to leave", async || {
            (!house.network.times(&waits.record.outbound.token).is_empty()).then_some(())
        })
        .await;
    assert!(house.now() < began.plus(day).plus(Span::from_seconds(5)));
    // And then it is full again: of the second, who is in it still, and the third.
    assert!(is_past_the_limit(
        &reminds(&house, SHOP, &people[3], "d").await
    ));
    assert_eq!(reached(&house, SHOP).last(), Some(&people[2]));
    house.engine.stop().await;
}

/// Both found room for one when they were admitted: it is judged again as each leaves.
#[tokio::test(start_paused = true)]
async fn of_two_that_were_admitted_for_one_place_one_is_taken_back_on_leaving() {
    let house = limited_to(1).await;
    let people = [person(20), person(21)];
    let held = Arc::new(Semaphore::new(0));
    for who in &people {
        wants(&house, SHOP, who).await;
        house
            .doors
            .hinder("depart", Hindrance::Waits(Arc::clone(&held)));
    }
    for who in &people {
        reminds(&house, SHOP, who, who).await.unwrap();
    }
    house
        .until("both to leave", async || {
            (house.doors.calls("depart").len() == 2).then_some(())
        })
        .await;
    held.add_permits(2);
    house.quiet().await;
    house.passes(Duration::from_secs(5)).await;
    let mut states: Vec<_> = house.outbox(SHOP).await;
    states.sort_by_key(|send| send.state == SendState::Cancelled);
    assert_eq!(states[0].state, SendState::Sent, "{states:?}");
    assert_eq!(states[1].state, SendState::Cancelled, "{states:?}");
    assert_eq!(reached(&house, SHOP).len(), 1);
    let (shop, contact) = (tenant(SHOP), states[0].outbound.contact);
    let reach = house.ledger.reach(&shop, contact, house.now()).await;
    assert_eq!(reach.unwrap().contacts, 1);
    house.engine.stop().await;
}
