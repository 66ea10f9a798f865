//! What a run is told and what is recorded of it, where no real plugin can be brought to ask so.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use gate::{OptIn, Policy, Rates};
use ledger::sqlite::SqliteLedger;
use model::{
    Contact, ContactId, ContactKey, Grants, Language, Mode, Moment, NumberId, Phone, PluginName,
    Proposal, Purpose, Span, Verdict, Wamid,
};
use sandbox::{Host as _, Sandbox};

use super::*;
use crate::memory::Found;
use crate::stage::{Effects, Stage};
use crate::{Core, Parts, Plan, RuleSource, SystemClock, Tenant, edition};

const NOW: Moment = Moment(1_800_000_000_000);

/// Answers at once, or never.
struct Base {
    answers: bool,
}

#[async_trait]
impl Knowledge for Base {
    async fn ask(&self, _: &TenantId, _: &Question) -> Answer {
        if !self.answers {
            std::future::pending::<()>().await;
        }
        Answer::NoAnswer
    }
}

fn shop() -> TenantId {
    TenantId::new("shop").unwrap()
}

fn question() -> Question {
    Question {
        base: "faq".to_owned(),
        text: "why?".to_owned(),
        language: Language::new("en").unwrap(),
        filters: Vec::new(),
        session: None,
        passages: 1,
    }
}

#[tokio::test]
async fn i14_a_knowledge_base_that_does_not_answer_in_time_is_slow() {
    let ask = async |answers| {
        let base = Base { answers };
        answer_within(Duration::ZERO, &base, &shop(), &question()).await
    };
    assert_eq!(ask(false).await, Answer::Slow);
    assert_eq!(ask(true).await, Answer::NoAnswer);
}

/// A run that is over before its question is answered could not even say that it was slow.
#[test]
fn i14_a_run_outlasts_the_slowest_answer() {
    let run = sandbox::Limits::default().run.wall;
    for wait in [limits::KNOWLEDGE_WAIT, lookup::limits::LONGEST_TIMEOUT] {
        assert!(Span::from_millis(milliseconds(wait)) < run, "{wait:?}");
    }
}

/// The host of one run of a plugin that may keep things of a contact.
async fn host() -> RunHost {
    let number = NumberId::new("100000000000001").unwrap();
    let policy = Policy {
        desks: ["support", "sales", "night"]
            .map(|desk| model::DeskName::new(desk).unwrap())
            .into(),
        numbers: [number.clone()].into(),
        simulated: [].into(),
        mode: Mode::DryRun,
        opt_in: OptIn::Inbound,
        window_margin: Span::from_minutes(2),
        bearable_wait: Span::from_minutes(1),
        pace: std::collections::BTreeMap::new(),
        bounds: gate::Bounds::default(),
        answer_within: Span::from_hours(6),
    };
    let tenant = Tenant {
        title: "A shop".to_owned(),
        policy,
        lines: BTreeMap::new(),
        knowledge: BTreeMap::new(),
        endpoints: BTreeMap::new(),
        stale_desk: None,
        agent_pause: Span::from_minutes(30),
        rules: RuleSource::Embedded(&[]),
    };
    let contact = Contact {
        last_inbound: [(number.clone(), NOW)].into(),
        version: 1,
        ..Contact::new(
            shop(),
            ContactId(7),
            ContactKey::Phone(Phone::new("15550100007").unwrap()),
            NOW,
        )
    };
    let core = core().await;
    let found = Found::new(Arc::clone(&core.ledger), shop(), contact.id, NOW);
    let grants = Grants {
        interfaces: [Interface::Memory].into(),
        recipients: BTreeSet::new(),
        endpoints: BTreeSet::new(),
        knowledge: None,
        hourly_sends: None,
    };
    RunHost {
        core,
        tenant: Arc::new(tenant),
        tenant_id: shop(),
        plugin: PluginName::new("guest").unwrap(),
        grants,
        number,
        message: Wamid::new("wamid.A").unwrap(),
        now: NOW,
        purpose: Purpose::Reply,
        drafting: None,
        stage: Stage {
            contact,
            effects: Effects::default(),
        },
        sends_in_run: 0,
        stops: Arc::default(),
        reach: None,
        plugin_sends: None,
        proposed: Vec::new(),
        asked: Vec::new(),
        step: 0,
        run: 0,
        is_shadow: false,
        questions: 0,
        found: Arc::new(found),
        room: Arc::default(),
        answers: Arc::default(),
        left_out: 0,
        fault: None,
    }
}

/// An engine with nothing in it, that is not started.
async fn core() -> Arc<Core> {
    let plan = Arc::new(Plan {
        tenants: BTreeMap::new(),
        plugins: BTreeMap::new(),
    });
    let sandbox = Arc::new(Sandbox::new(sandbox::Settings::default()).unwrap());
    let edition = edition::make(&plan, &sandbox, None).await.ok().unwrap();
    let parts = Parts {
        plan,
        ledger: Arc::new(SqliteLedger::in_memory().unwrap()),
        sandbox,
        edition: Arc::new(edition),
        clock: Arc::new(SystemClock),
        secret: [7; 32],
    };
    Arc::new(Core::new(parts, Rates::default()))
}

fn recalled(scope: MemoryScope, key: &str, answer: &Result<Option<Entry>, Refusal>) -> Asked {
    Asked::Memory {
        scope,
        key: key.to_owned(),
        answer: answer.clone(),
    }
}

#[tokio::test]
async fn i09_a_recollection_is_recorded_as_it_was_told_and_so_is_a_refusal() {
    let mut host = host().await;
    let until = NOW.plus(Span::from_hours(1));
    let kept = Proposal::Remember {
        scope: MemoryScope::Contact,
        key: "n".to_owned(),
        value: "1".to_owned(),
        until,
    };
    let long = "k".repeat(200);
    let before = host.recall(MemoryScope::Contact, "n").await;
    assert_eq!(host.propose(kept).await, Verdict::Admitted);
    let after = host.recall(MemoryScope::Contact, "n").await;
    let too_long = host.recall(MemoryScope::Contact, &long).await;
    let shared = host.recall(MemoryScope::Shared, "n").await;

    assert_eq!(before, Ok(None));
    let value = "1".to_owned();
    assert_eq!(after, Ok(Some(Entry { value, until })));
    assert!(matches!(too_long, Err(Refusal::Invalid { .. })));
    assert!(matches!(shared, Err(Refusal::NotGranted { .. })));
    let expected = [
        recalled(MemoryScope::Contact, "n", &before),
        recalled(MemoryScope::Contact, "n", &after),
        recalled(MemoryScope::Contact, &long, &too_long),
        recalled(MemoryScope::Shared, "n", &shared),
    ];
    assert_eq!(host.asked, expected);
}

#[tokio::test]
async fn i14_what_the_record_has_no_room_for_is_not_told_either() {
    let mut host = host().await;
    let nothing = recalled(MemoryScope::Contact, "n", &Ok(None));
    let bytes = record::bytes(&nothing);
    assert!(host.room.take(limits::RECORDED_BYTES - bytes));
    assert_eq!(host.recall(MemoryScope::Contact, "n").await, Ok(None));
    assert_eq!(
        host.recall(MemoryScope::Contact, "n").await,
        Err(record_is_full())
    );
    assert_eq!(host.asked, [nothing]);
    assert_eq!(host.left_out, 1);
    let told = host.left_out().unwrap();
    assert!(told.contains("1 more"), "{told}");
}
