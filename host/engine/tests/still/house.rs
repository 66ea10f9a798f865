//! Two businesses in one engine, and what a test does with them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use carrier::Carrier;
use engine::operating::{Addressee, NotSent, Sending, Sent};
use engine::{
    Clock, Component, Edition, Engine, IfUnsure, Line, Parts, Plan, PluginSource, Route,
    RuleSource, Tenant, edition,
};
use gate::{Bounds, OptIn, Policy};
use intake::Accept;
use knowledge::Knowledge;
use ledger::sqlite::SqliteLedger;
use ledger::{Ledger, SendRecord};
use model::{
    Channel, Contact, ContactId, ContactKey, Content, Decision, DecisionId, Delivery, DeskName,
    Grants, Interface, Message, Mode, Moment, Notice, NoticeBody, NoticeKey, NumberId, Outbound,
    Outgoing, Phone, PluginName, Span, Status, TenantId, Wamid,
};
use sandbox::{Compiler, Limits, Sandbox, Settings};
use tokio::time::Instant;

use crate::doors::Doors;
use crate::network::Network;

pub const SHOP: &str = "shop";
pub const BANK: &str = "bank";
pub const ANA: &str = "15550100001";
pub const BO: &str = "15550100002";

/// Noon, so that no day ends by itself.
const BEGINNING: Moment = Moment(1_800_014_400_000);

pub const ECHO: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "echo"
when.starts = ["say"]
reply.en = "{message.text|?}"
"#;

/// How a house differs from the usual one.
pub struct Wishes {
    /// The shop's rules and the bank's.
    pub rules: [&'static str; 2],
    /// What the policy of each is to be beside the usual.
    pub policy: fn(&mut Policy),
    pub knowledge: Option<Arc<dyn Knowledge>>,
    pub unsure_after: Span,
    pub if_unsure: IfUnsure,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            rules: [ECHO, ECHO],
            policy: |_| {},
            knowledge: None,
            unsure_after: Span::from_minutes(10),
            if_unsure: IfUnsure::Resend,
        }
    }
}

pub struct House {
    pub engine: Engine,
    pub ledger: Arc<SqliteLedger>,
    pub doors: Arc<Doors>,
    pub network: Arc<Network>,
    pub clock: Arc<Virtual>,
    plan: Arc<Plan>,
    sandbox: Arc<Sandbox>,
    edition: Arc<Edition>,
    messages: AtomicU64,
}

/// The time that passes when all wait, and what a test adds to it.
pub struct Virtual {
    began: Instant,
    ahead_ms: AtomicI64,
}

impl Clock for Virtual {
    fn now(&self) -> Moment {
        let passed = i64::try_from(self.began.elapsed().as_millis()).unwrap();
        Moment(BEGINNING.0 + passed + self.ahead_ms.load(Ordering::Relaxed))
    }
}

pub fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

/// Each has one.
pub fn number(of: &str) -> NumberId {
    let place = [SHOP, BANK].iter().position(|name| *name == of).unwrap();
    NumberId::new(format!("10000000000000{}", place + 1)).unwrap()
}

pub fn phone(digits: &str) -> ContactKey {
    ContactKey::Phone(Phone::new(digits).unwrap())
}

/// Somebody with a phone of their own.
pub fn person(place: usize) -> String {
    format!("1555010{place:04}")
}

impl House {
    pub async fn with_rules(rules: &'static str) -> Self {
        Self::build(Wishes {
            rules: [rules, rules],
            ..Wishes::default()
        })
        .await
    }

    pub async fn build(wishes: Wishes) -> Self {
        let network = Arc::new(Network::default());
        let plan = Arc::new(plan(&network, &wishes));
        // Each test is a process of its own: what one of them compiled, the others find.
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("still");
        let sandbox = Sandbox::new(Settings {
            compiler: Compiler::Within,
            cache: Some(cache),
        });
        let sandbox = Arc::new(sandbox.unwrap());
        let edition = edition::make(&plan, &sandbox, None)
            .await
            .unwrap_or_else(|refused| panic!("{refused}"));
        let ledger = Arc::new(SqliteLedger::in_one_thread().unwrap());
        let doors = Doors::before(Arc::clone(&ledger) as Arc<dyn Ledger>);
        let clock = Arc::new(Virtual {
            began: Instant::now(),
            ahead_ms: AtomicI64::new(0),
        });
        let edition = Arc::new(edition);
        let engine = begin(&plan, &doors, &sandbox, &edition, &clock).await;
        Self {
            engine,
            ledger,
            doors,
            network,
            clock,
            plan,
            sandbox,
            edition,
            messages: AtomicU64::new(0),
        }
    }

    /// The host ends, and the next begins on what it left. No time passes but what ending takes.
    pub async fn restarts(&mut self) {
        self.engine.stop().await;
        let parts = (&self.plan, &self.doors, &self.sandbox);
        self.engine = begin(parts.0, parts.1, parts.2, &self.edition, &self.clock).await;
    }

    /// The same edition comes into force once more.
    pub fn reloads(&self) {
        self.engine.adopt(Arc::clone(&self.edition));
    }

    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// So much time passes.
    pub async fn passes(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// The clock goes ahead, and everybody has the time to see it.
    pub async fn jumps(&self, by: Span) {
        self.clock
            .ahead_ms
            .fetch_add(by.milliseconds(), Ordering::Relaxed);
        self.passes(2 * engine::limits::OUTBOX_TICK).await;
    }

    pub fn notice(&self, to: &str, from: &str, text: &str) -> (Wamid, Notice) {
        let count = self.messages.fetch_add(1, Ordering::Relaxed);
        let id = Wamid::new(format!("wamid.IN{count}")).unwrap();
        let content = Content::Text { body: text.into() };
        let message = Message::new(id.clone(), phone(from), self.now(), content);
        let notice = Notice {
            tenant: tenant(to),
            number: number(to),
            channel: Channel::WhatsApp,
            key: NoticeKey::of(&message),
            body: NoticeBody::Message(message),
        };
        (id, notice)
    }

    /// Somebody writes to one of the two, and it is accepted.
    pub async fn says(&self, to: &str, from: &str, text: &str) -> Wamid {
        let (id, notice) = self.notice(to, from, text);
        self.engine.accept(vec![notice]).await.unwrap();
        id
    }

    /// The same, and what is decided.
    pub async fn asks(&self, to: &str, from: &str, text: &str) -> Decision {
        let id = self.says(to, from, text).await;
        self.decided(to, &id).await
    }

    pub async fn decision(&self, of: &str, message: &Wamid) -> Option<Decision> {
        let id = DecisionId {
            tenant: tenant(of),
            number: number(of),
            message: message.clone(),
        };
        let found = self.ledger.decision(&id).await.unwrap();
        found.map(|record| record.decision)
    }

    pub async fn decided(&self, of: &str, message: &Wamid) -> Decision {
        self.until("a decision", async || self.decision(of, message).await)
            .await
    }

    /// Waits for something that will be so within an hour.
    pub async fn until<T>(&self, what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        let mut news = self.engine.news();
        loop {
            if let Some(found) = check().await {
                return found;
            }
            let waited = begun.elapsed();
            assert!(
                waited < Duration::from_hours(1),
                "waited in vain for {what}"
            );
            drop(tokio::time::timeout(Duration::from_millis(20), news.changed()).await);
        }
    }

    /// Waits until nothing is undone and nothing waits to leave.
    pub async fn quiet(&self) {
        self.until("quiet", async || {
            let counts = self.ledger.counts().await.unwrap();
            (counts.undone == 0 && counts.ready == 0).then_some(())
        })
        .await;
    }

    /// All sends of one of the two, oldest first.
    pub async fn outbox(&self, of: &str) -> Vec<SendRecord> {
        let mut sends = self.ledger.outbox(&tenant(of), None, 1000).await.unwrap();
        sends.reverse();
        sends
    }

    pub async fn contact(&self, of: &str, id: ContactId) -> Contact {
        let found = self.ledger.contact(&tenant(of), id).await;
        found.unwrap().unwrap()
    }

    /// A person of theirs sends.
    pub async fn sends(
        &self,
        from: &str,
        to: &str,
        message: Outgoing,
        key: &str,
    ) -> Result<Sent, NotSent> {
        let sending = Sending {
            to: Addressee::Known(phone(to)),
            from: None,
            message,
            key: key.to_owned(),
            by: None,
        };
        self.engine.send(&tenant(from), sending).await
    }

    /// WhatsApp says that it delivered this.
    pub async fn is_delivered(&self, send: &Outbound) {
        let wamid = Wamid::new(format!("wamid.OF{}", send.token)).unwrap();
        let mut status = Status::new(wamid, Delivery::Delivered, self.now());
        status.token = Some(send.token.clone());
        let notice = Notice {
            tenant: send.tenant.clone(),
            number: send.number.clone(),
            channel: Channel::WhatsApp,
            key: NoticeKey::status(&status, status.at.0 / 1000),
            body: NoticeBody::Status(status),
        };
        self.engine.accept(vec![notice]).await.unwrap();
    }
}

async fn begin(
    plan: &Arc<Plan>,
    doors: &Arc<Doors>,
    sandbox: &Arc<Sandbox>,
    edition: &Arc<Edition>,
    clock: &Arc<Virtual>,
) -> Engine {
    let parts = Parts {
        plan: Arc::clone(plan),
        ledger: Arc::clone(doors) as Arc<dyn Ledger>,
        sandbox: Arc::clone(sandbox),
        edition: Arc::clone(edition),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        secret: [7; 32],
    };
    Engine::start(parts).await.unwrap()
}

fn plan(network: &Arc<Network>, wishes: &Wishes) -> Plan {
    let tenants = [SHOP, BANK].into_iter().zip(wishes.rules);
    let plugins = [
        plugin("auto-reply", shipped::AUTO_REPLY, &[Interface::Gate]),
        plugin(
            "router",
            shipped::ROUTER,
            &[Interface::Gate, Interface::Desk],
        ),
        plugin("opt-out", shipped::OPT_OUT, &[Interface::Gate]),
        plugin(
            "test-guest",
            shipped::TEST_GUEST,
            &[Interface::Gate, Interface::Consent, Interface::Desk],
        ),
        plugin(
            "asking-guest",
            shipped::ASKING_GUEST,
            &[
                Interface::Gate,
                Interface::Memory,
                Interface::SharedMemory,
                Interface::Knowledge,
                Interface::Lookup,
                Interface::Desk,
            ],
        ),
    ];
    Plan {
        tenants: tenants
            .map(|(name, rules)| {
                (
                    tenant(name),
                    Arc::new(business(name, rules, network, wishes)),
                )
            })
            .collect(),
        plugins: plugins.into(),
    }
}

fn business(name: &str, rules: &'static str, network: &Arc<Network>, wishes: &Wishes) -> Tenant {
    let number = number(name);
    let line = Line {
        alias: "store".into(),
        title: "The store".into(),
        route: Some(Route {
            carrier: Arc::clone(network) as Arc<dyn Carrier>,
            unsure_after: wishes.unsure_after,
            if_unsure: wishes.if_unsure,
        }),
    };
    let mut bounds = Bounds::default();
    // Whoever writes faster than people do is answered all the same.
    bounds.loops.shadow = true;
    let mut policy = Policy {
        desks: BTreeSet::from([DeskName::new("support").unwrap()]),
        numbers: BTreeSet::from([number.clone()]),
        simulated: BTreeSet::new(),
        mode: Mode::Live,
        opt_in: OptIn::Inbound,
        window_margin: Span::from_minutes(2),
        bearable_wait: Span::from_minutes(1),
        pace: BTreeMap::new(),
        bounds,
        answer_within: Span::from_hours(6),
    };
    (wishes.policy)(&mut policy);
    let knowledge = wishes.knowledge.iter().cloned();
    // An embedded rulebook lives as long as the binary.
    let texts = Box::leak(Box::new([("rules.toml", rules)]));
    Tenant {
        title: name.to_owned(),
        policy,
        lines: BTreeMap::from([(number, line)]),
        knowledge: knowledge.map(|base| ("faq".to_owned(), base)).collect(),
        endpoints: BTreeMap::new(),
        stale_desk: Some(DeskName::new("support").unwrap()),
        agent_pause: Span::from_minutes(30),
        rules: RuleSource::Embedded(texts),
    }
}

fn plugin(
    name: &str,
    component: &'static [u8],
    interfaces: &[Interface],
) -> (PluginName, PluginSource) {
    let grants = Grants {
        interfaces: interfaces.iter().copied().collect(),
        ..Grants::default()
    };
    let source = PluginSource {
        component: Component::Embedded(component),
        grants,
        limits: Limits::default(),
        pin: None,
    };
    (PluginName::new(name).unwrap(), source)
}
