//! Two businesses in one engine: one person writes to both, in the same words, and neither ever learns of the other (I13).

use carrier::{Rejection, Report, errors};
use engine::Standing;
use engine::operating::Stopping;
use ledger::{ContactFilter, Ledger};
use model::{Decision, Ending, Refusal, StepResult};
use std::collections::BTreeSet;
use std::time::Duration;

use crate::house::{ANA, BANK, BO, House, SHOP, Wishes, number, tenant};

const SHOPS: &str = r#"
rules_version = 1
languages = ["en"]

[opt_out]
reply.en = "The shop keeps silent."

[[rule]]
name = "hours"
when.words = ["hours"]
reply.en = "The shop is open."

[[rule]]
name = "own"
when.words = ["own"]
use = "asking-guest"
with.act = "count-own"

[[rule]]
name = "shared"
when.words = ["shared"]
use = "asking-guest"
with.act = "count-shared"

[[rule]]
name = "person"
when.words = ["person"]
hand_to = "support"
pause_bot = "2h"
note = "the shop's"

[[rule]]
name = "guest"
when.words = ["guest"]
use = "test-guest"
with.act = "trap"
"#;

const BANKS: &str = r#"
rules_version = 1
languages = ["en"]

[opt_out]
reply.en = "The bank keeps silent."

[[rule]]
name = "hours"
when.words = ["hours"]
reply.en = "The bank is closed."

[[rule]]
name = "own"
when.words = ["own"]
use = "asking-guest"
with.act = "count-own"

[[rule]]
name = "shared"
when.words = ["shared"]
use = "asking-guest"
with.act = "count-shared"

[[rule]]
name = "guest"
when.words = ["guest"]
use = "test-guest"
with = { act = "send", count = 1 }
"#;

async fn both() -> House {
    House::build(Wishes {
        rules: [SHOPS, BANKS],
        ..Wishes::default()
    })
    .await
}

async fn texts(house: &House, of: &str) -> Vec<String> {
    house.quiet().await;
    house.network.texts(&number(of))
}

fn refusals(decision: &Decision) -> Vec<&'static str> {
    decision.refusals().map(Refusal::word).collect()
}

#[tokio::test(start_paused = true)]
async fn i13_one_phone_and_one_keyword_at_two_tenants_and_nothing_of_one_in_the_other() {
    let house = both().await;
    for to in [SHOP, BANK] {
        house.asks(to, ANA, "your hours?").await;
    }
    for words in ["own", "own", "shared"] {
        house.asks(SHOP, ANA, words).await;
    }
    for words in ["own", "shared"] {
        house.asks(BANK, ANA, words).await;
    }
    assert_eq!(
        texts(&house, SHOP).await,
        ["The shop is open.", "own 1", "own 2", "shared 1"]
    );
    assert_eq!(
        texts(&house, BANK).await,
        ["The bank is closed.", "own 1", "shared 1"],
        "neither counts what it kept for the other"
    );

    // A pause and a hand-over are the shop's alone, and so is a stop.
    let asked = house.asks(SHOP, ANA, "a person").await;
    let paused = house.asks(SHOP, ANA, "your hours?").await;
    assert_eq!(refusals(&paused), ["paused"]);
    assert!(refusals(&house.asks(BANK, ANA, "your hours?").await).is_empty());
    let released = house.engine.release(&tenant(SHOP), asked.contact).await;
    assert!(released.unwrap());
    house.asks(SHOP, ANA, "stop").await;
    assert_eq!(
        refusals(&house.asks(SHOP, ANA, "your hours?").await),
        ["opted-out"]
    );
    let answered = house.asks(BANK, ANA, "your hours?").await;
    assert!(refusals(&answered).is_empty());
    let contact = house.contact(BANK, answered.contact).await;
    assert_eq!(contact.consent, model::Consent::default());
    assert_eq!(
        texts(&house, SHOP).await.last().unwrap(),
        "The shop keeps silent."
    );
    assert_eq!(
        texts(&house, BANK).await.last().unwrap(),
        "The bank is closed."
    );

    // Whatever is read of one is of that one.
    let ledger = &house.ledger;
    for (of, hand_offs) in [(SHOP, 1), (BANK, 0)] {
        let id = tenant(of);
        let decisions = ledger.decisions(&id, None, 99).await.unwrap();
        let whose = decisions
            .iter()
            .map(|record| record.decision.id.tenant.clone());
        assert_eq!(whose.collect::<BTreeSet<_>>(), [id.clone()].into());
        let sends = ledger.outbox(&id, None, 99).await.unwrap();
        let whose = sends.iter().map(|send| send.outbound.tenant.clone());
        assert_eq!(whose.collect::<BTreeSet<_>>(), [id.clone()].into());
        let filter = ContactFilter::default();
        let contacts = ledger.contacts(&id, filter, None, 9).await.unwrap();
        assert_eq!(contacts.len(), 1);
        assert_eq!(contacts[0].tenant, id);
        let theirs = ledger.hand_offs(&id, None, 9).await.unwrap();
        assert_eq!(theirs.len(), hand_offs, "{of}");
        let log = ledger.consent_log(&id, contacts[0].id).await.unwrap();
        assert_eq!(log.len(), hand_offs, "{of}: the stop");
    }
    house.engine.stop().await;
}

/// The network numbers messages for each number: one id on two numbers is two messages (I2).
#[tokio::test(start_paused = true)]
async fn i02_i13_one_message_id_on_two_tenants_numbers_is_two_messages() {
    use intake::Accept;
    let house = both().await;
    let (id, notice) = house.notice(SHOP, ANA, "your hours?");
    let mut other = notice.clone();
    (other.tenant, other.number) = (tenant(BANK), number(BANK));
    house.engine.accept(vec![notice, other]).await.unwrap();
    for of in [SHOP, BANK] {
        house.decided(of, &id).await;
    }
    assert_eq!(texts(&house, SHOP).await, ["The shop is open."]);
    assert_eq!(texts(&house, BANK).await, ["The bank is closed."]);
    house.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn i13_what_stops_one_tenant_stops_no_other() {
    let house = both().await;
    let (shop, engine) = (tenant(SHOP), &house.engine);
    let thrown = engine.throw_switch(&shop, &Stopping::Tenant, "a bad day", None);
    thrown.await.unwrap();
    assert_eq!(
        refusals(&house.asks(SHOP, ANA, "your hours?").await),
        ["stopped"]
    );
    assert!(refusals(&house.asks(BANK, ANA, "your hours?").await).is_empty());
    let told = async || {
        let stopped = house.engine.troubles().await.stopped;
        stopped
            .into_iter()
            .map(|stopped| stopped.tenant)
            .collect::<Vec<_>>()
    };
    let the_shop = [tenant(SHOP)];
    assert_eq!(told().await, the_shop);
    engine
        .lift_switch(&shop, &Stopping::Tenant, None)
        .await
        .unwrap();

    // And what WhatsApp stops.
    house.network.answers(Report::Refused(Rejection {
        code: "131031".into(),
        cause: "locked".into(),
        action: errors::action(131_031, 400),
    }));
    house.asks(SHOP, BO, "your hours?").await;
    house
        .until("the switch", async || {
            (!engine.stops(&shop).is_empty()).then_some(())
        })
        .await;
    assert!(engine.stops(&tenant(BANK)).is_empty());
    assert!(refusals(&house.asks(BANK, BO, "your hours?").await).is_empty());
    let of_whom: BTreeSet<_> = engine
        .alerts()
        .into_iter()
        .map(|alert| alert.tenant)
        .collect();
    assert_eq!(of_whom, [shop.clone()].into());
    house.passes(Duration::from_secs(5)).await;
    assert_eq!(
        house.network.texts(&number(SHOP)),
        ["The shop is open."],
        "tried once"
    );
    assert_eq!(
        house.network.texts(&number(BANK)),
        ["The bank is closed.", "The bank is closed."]
    );
    assert_eq!(told().await, the_shop);
    house.engine.stop().await;
}

/// One component serves both: that it fails again and again at one of them is nothing to the other.
#[tokio::test(start_paused = true)]
async fn i13_a_plugin_that_is_in_quarantine_at_one_tenant_runs_at_the_other() {
    let house = both().await;
    for _ in 0..engine::limits::FAILURES_IN_A_ROW {
        let failed = house.asks(SHOP, ANA, "a guest").await;
        assert_eq!(failed.steps[0].result, StepResult::Failed);
    }
    let standings = house.engine.standings();
    let [(_, whose, Standing::Quarantined { .. })] = &standings[..] else {
        panic!("{standings:?}");
    };
    assert_eq!(*whose, tenant(SHOP));
    let decision = house.asks(BANK, ANA, "a guest").await;
    assert!(matches!(decision.ending, Ending::Answered { .. }));
    assert_eq!(texts(&house, BANK).await, ["text 0"]);
    assert!(texts(&house, SHOP).await.is_empty());
    house.engine.stop().await;
}
