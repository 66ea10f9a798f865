//! A whole house for tests: real SQLite, real components, the real webhook and the real carrier over loopback, and the
//! simulator as the network. Only the binary's configuration is missing.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "support of several test files: each uses a part of it, and what fails here fails its test"
)]

pub mod doors;
pub mod meta;
mod operations;
pub mod outside;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use carrier::graph::{GraphCarrier, GraphOptions};
use engine::{
    Clock, Component, Engine, IfUnsure, Line, Parts, Plan, PluginSource, Route, RuleSource,
    SystemClock, Tenant, edition,
};
use gate::{OptIn, Policy};
use intake::signature::App;
use intake::webhook::{self, Webhook};
use intake::{Accept, Entrance, Numbers, Owner, Voucher};
use knowledge::Knowledge;
use ledger::Ledger;
use ledger::sqlite::SqliteLedger;
use lookup::Lookup;
use model::{
    Contact, ContactId, Decision, DeskName, Grants, Interface, Mode, Moment, NumberId, PluginName,
    RuleName, Span, StepResult, TenantId,
};
use sandbox::{Limits, Sandbox};
use serde_json::{Value, json};

use doors::Doors;

pub const ANA: &str = "5511900000001";
pub const BO: &str = "5511900000002";

/// A rule that says back what was said to it.
pub const ECHO: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "echo"
when.starts = ["say"]
reply.en = "{message.text|?}"
"#;

pub const NUMBER: &str = "100000000000001";
const SECRET: &[u8] = b"an app secret for tests alone";

/// How long anything is waited for: it is there at once on a quiet machine, and this is for the busiest.
pub const PATIENCE: Duration = Duration::from_secs(90);

pub struct House {
    pub engine: Engine,
    pub folder: tempfile::TempDir,
    simulator: simulator::Running,
    client: reqwest::Client,
    server: tokio::task::JoinHandle<()>,
    _watching: Option<Box<dyn std::any::Any>>,
}

/// How a house differs from the usual one.
pub struct Wishes {
    pub mode: Mode,
    pub simulated: bool,
    pub answer_within: Span,
    pub if_unsure: IfUnsure,
    pub knowledge: BTreeMap<String, Arc<dyn Knowledge>>,
    pub endpoints: BTreeMap<String, Arc<dyn Lookup>>,
    /// The knowledge bases that the asking guest may ask.
    pub may_ask: Option<BTreeSet<String>>,
    /// Whose time it is.
    pub clock: Arc<dyn Clock>,
    /// Where sends go, if not to the simulator.
    pub network: Option<String>,
    /// How much the tenant's automation may do.
    pub bounds: gate::Bounds,
    /// What auto-reply may send in an hour.
    pub hourly_sends: Option<u32>,
    /// How fast numbers may send; those beside the usual one are the tenant's as well.
    pub paces: BTreeMap<NumberId, gate::Pace>,
}

/// The machine's time, and what a test adds to it.
#[derive(Default)]
pub struct Later(AtomicI64);

impl Later {
    /// So much later it is from now on.
    pub fn pass(&self, span: Span) {
        self.0.fetch_add(span.milliseconds(), Ordering::Relaxed);
    }
}

impl Clock for Later {
    fn now(&self) -> Moment {
        Moment(SystemClock.now().0 + self.0.load(Ordering::Relaxed))
    }
}

/// The time at which it was made, for ever: nothing is a matter of how quick the machine is, and no hour or week ends.
pub struct Stopped(Moment);

impl Default for Stopped {
    fn default() -> Self {
        Self(SystemClock.now())
    }
}

impl Clock for Stopped {
    fn now(&self) -> Moment {
        self.0
    }
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            mode: Mode::DryRun,
            simulated: true,
            answer_within: Span::from_hours(6),
            if_unsure: IfUnsure::Resend,
            knowledge: BTreeMap::new(),
            endpoints: BTreeMap::new(),
            may_ask: None,
            clock: Arc::new(SystemClock),
            network: None,
            bounds: gate::Bounds::default(),
            hourly_sends: None,
            paces: BTreeMap::new(),
        }
    }
}

impl Wishes {
    /// However long a test takes, in the house no time passes.
    pub fn at_once() -> Self {
        Self {
            clock: Arc::new(Stopped::default()),
            ..Self::default()
        }
    }

    /// Whoever writes faster than people do is answered all the same: for tests that are about something else.
    pub fn tireless() -> Self {
        let mut wishes = Self::default();
        wishes.bounds.loops.shadow = true;
        wishes.bounds.contact_hourly.shadow = true;
        wishes
    }
}

/// The top of a file of rules, in English alone.
pub const HEAD: &str = "rules_version = 1\nlanguages = [\"en\"]\n";

/// A file of these rules.
pub fn rules(rules: &str) -> String {
    format!("{HEAD}{rules}")
}

pub fn name(rule: &str) -> RuleName {
    RuleName::new(rule).unwrap()
}

/// The rules that ran, in order, and whether they count.
pub fn steps(decision: &Decision) -> Vec<(&str, StepResult)> {
    let steps = decision.steps.iter();
    steps
        .map(|step| (step.rule.as_str(), step.result))
        .collect()
}

pub fn tenant() -> TenantId {
    TenantId::new("shop").unwrap()
}

pub fn number() -> NumberId {
    NumberId::new(NUMBER).unwrap()
}

impl House {
    pub async fn with_rules(rules: &str) -> Self {
        Self::build(rules, Wishes::default()).await
    }

    pub async fn build(rules: &str, wishes: Wishes) -> Self {
        let folder = ground(rules);
        let ledger = Arc::new(SqliteLedger::open(&folder.path().join("ledger.db")).unwrap());
        Self::move_in(folder, ledger, wishes).await
    }

    /// A house whose ledger has doors at which a test can hinder what passes.
    pub async fn with_doors(rules: &str, wishes: Wishes) -> (Self, Arc<Doors>) {
        let folder = ground(rules);
        let ledger = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
        let doors = Doors::before(Arc::new(ledger));
        let behind = Arc::clone(&doors);
        (Self::move_in(folder, behind, wishes).await, doors)
    }

    /// A house on a ledger that holds something already.
    pub async fn move_in(
        folder: tempfile::TempDir,
        ledger: Arc<dyn Ledger>,
        wishes: Wishes,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let simulator = simulator::start(simulator::Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            host_url: format!("http://{address}"),
            app_secret: SECRET.to_vec(),
            number: NUMBER.into(),
            numbers: BTreeMap::new(),
        })
        .await
        .unwrap();
        let simulated = format!("http://{}", simulator.addr());
        let network = wishes.network.as_ref().unwrap_or(&simulated);
        let plan = Arc::new(plan(folder.path(), network, &wishes));
        // Each test is a process of its own: what one of them compiled, the others find.
        let sandbox = Sandbox::new(sandbox::Settings {
            cache: Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("house")),
            ..sandbox::Settings::default()
        });
        let sandbox = Arc::new(sandbox.unwrap());
        let edition = edition::make(&plan, &sandbox, None)
            .await
            .unwrap_or_else(|refused| panic!("{refused}"));
        let parts = Parts {
            plan,
            ledger,
            sandbox,
            edition: Arc::new(edition),
            clock: Arc::clone(&wishes.clock),
            secret: [7; 32],
        };
        let engine = Engine::start(parts).await.unwrap();
        let owner = Owner {
            tenant: tenant(),
            vouchers: [Voucher::App("main".into())].into(),
        };
        let owned = plan_numbers(&wishes.paces).map(|number| (number, owner.clone()));
        let numbers = Numbers::new(
            owned.collect(),
            TenantId::new("_unclaimed").unwrap(),
            NumberId::new("none").unwrap(),
        );
        let accept: Arc<dyn Accept> = Arc::new(engine.clone());
        let webhook = Webhook {
            apps: vec![App::new("main", &[SECRET.to_vec()])],
            verify_tokens: vec![],
            entrance: Arc::new(Entrance::new(Arc::new(numbers), accept)),
        };
        let server =
            tokio::spawn(
                async move { drop(axum::serve(listener, webhook::router(webhook)).await) },
            );
        Self {
            engine,
            folder,
            simulator,
            client: reqwest::Client::new(),
            server,
            _watching: None,
        }
    }

    pub fn watch_files(&mut self) {
        self._watching = Some(Box::new(self.engine.watch_files().unwrap()));
    }

    /// A customer writes; returns the message's id.
    pub async fn say(&self, from: &str, text: &str) -> String {
        self.deliver(json!({"from": from, "name": "Ana", "text": text}))
            .await
    }

    pub async fn deliver(&self, said: Value) -> String {
        let answer = self.try_to_deliver(said).await;
        assert_eq!(answer["status"], 200, "{answer}");
        answer["id"].as_str().unwrap().to_owned()
    }

    /// What the network was told at its first try; it goes on trying by itself.
    pub async fn try_to_deliver(&self, said: Value) -> Value {
        let url = format!("http://{}/_sim/say", self.simulator.addr());
        self.client
            .post(url)
            .json(&said)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    pub async fn faults(&self, faults: Value) {
        let url = format!("http://{}/_sim/faults", self.simulator.addr());
        let response = self.client.put(url).json(&faults).send().await.unwrap();
        assert!(
            response.status().is_success(),
            "{}",
            response.text().await.unwrap()
        );
    }

    /// Every send call that the network saw.
    pub async fn record(&self) -> Vec<Value> {
        let url = format!("http://{}/_sim/record?after=0", self.simulator.addr());
        let record: Value = self
            .client
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        record["sends"].as_array().unwrap().clone()
    }

    /// Every read and typing mark that the network saw.
    pub async fn marks(&self) -> Vec<Value> {
        let url = format!("http://{}/_sim/marks?after=0", self.simulator.addr());
        let marks = self.client.get(url).send().await.unwrap();
        let marks: Value = marks.json().await.unwrap();
        marks["marks"].as_array().unwrap().clone()
    }

    /// The texts that reached a contact, in order.
    pub async fn received(&self, by: &str) -> Vec<String> {
        let was_taken =
            |send: &Value| matches!(send["outcome"].as_str(), Some("accepted" | "dropped_reply"));
        let sends = self.record().await;
        let theirs = sends.iter().filter(|send| {
            was_taken(send)
                && send["to"]
                    .as_str()
                    .unwrap_or_default()
                    .trim_start_matches('+')
                    == by
        });
        theirs
            .map(|send| {
                let message = &send["message"];
                let body = message["text"]["body"]
                    .as_str()
                    .or_else(|| message["interactive"]["body"]["text"].as_str());
                body.unwrap_or_default().to_owned()
            })
            .collect()
    }

    /// Waits until so many texts have reached a contact, and returns them.
    pub async fn receives(&self, by: &str, count: usize) -> Vec<String> {
        self.until(&format!("{count} texts for {by}"), async || {
            let texts = self.received(by).await;
            (texts.len() >= count).then_some(texts)
        })
        .await
    }

    /// Waits for something that will be so.
    pub async fn until<T>(&self, what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        let mut news = self.engine.news();
        loop {
            if let Some(found) = check().await {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
            let _ = tokio::time::timeout(Duration::from_millis(20), news.changed()).await;
        }
    }

    /// Waits until the message is decided.
    pub async fn decided(&self, message: &str) -> model::Decision {
        let id = model::DecisionId {
            tenant: tenant(),
            number: number(),
            message: model::Wamid::new(message).unwrap(),
        };
        let found = self
            .until("a decision", async || {
                self.engine.ledger().decision(&id).await.unwrap()
            })
            .await;
        found.decision
    }

    /// Where a send stands, counted from the newest.
    /// A contact as it stands.
    pub async fn contact(&self, id: ContactId) -> Contact {
        let found = self.engine.ledger().contact(&tenant(), id).await;
        found.unwrap().unwrap()
    }

    pub async fn outbox_state(&self, place: usize) -> model::SendState {
        self.engine
            .ledger()
            .outbox(&tenant(), None, 100)
            .await
            .unwrap()[place]
            .state
    }

    /// Waits until nothing is undone and nothing is on its way.
    pub async fn quiet(&self) {
        self.until("quiet", async || {
            let counts = self.engine.ledger().counts().await.unwrap();
            let flying = self
                .engine
                .ledger()
                .outbox(&tenant(), Some(model::SendState::InFlight), 10)
                .await
                .unwrap();
            (counts.undone == 0 && counts.ready == 0 && flying.is_empty()).then_some(())
        })
        .await;
    }

    /// The network ends, and the engine goes on without it.
    pub async fn lose_the_network(self) -> (Engine, tempfile::TempDir) {
        self.simulator.stop().await;
        (self.engine, self.folder)
    }

    pub async fn end(self) -> tempfile::TempDir {
        self.engine.stop().await;
        self.server.abort();
        self.simulator.stop().await;
        self.folder
    }
}

/// The ledger that the last host left, once that one's tasks have let go of it.
pub async fn left_behind(folder: &tempfile::TempDir) -> Arc<SqliteLedger> {
    let path = folder.path().join("ledger.db");
    let begun = Instant::now();
    loop {
        match SqliteLedger::open(&path) {
            Ok(ledger) => return Arc::new(ledger),
            Err(error) => assert!(begun.elapsed() < PATIENCE, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A folder with rules.
fn ground(rules: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("rules")).unwrap();
    std::fs::write(folder.path().join("rules/10-test.toml"), rules).unwrap();
    folder
}

/// The usual number, and those that have a pace of their own.
fn plan_numbers(paces: &BTreeMap<NumberId, gate::Pace>) -> impl Iterator<Item = NumberId> + '_ {
    let others = paces.keys().filter(|other| **other != number()).cloned();
    std::iter::once(number()).chain(others)
}

fn plan(folder: &Path, simulator: &str, wishes: &Wishes) -> Plan {
    let carrier = GraphCarrier::new(GraphOptions {
        base_url: simulator.to_owned(),
        api_version: "v23.0".into(),
        token: "test-token".into(),
        timeout: PATIENCE,
    })
    .unwrap();
    let route = Route {
        carrier: Arc::new(carrier),
        unsure_after: Span::from_millis(700),
        if_unsure: wishes.if_unsure,
    };
    let line = |number: NumberId| {
        let alias = if number == self::number() {
            "store".to_owned()
        } else {
            format!("line-{number}")
        };
        let line = Line {
            alias,
            title: "The store".into(),
            route: Some(route.clone()),
        };
        (number, line)
    };
    let numbers: BTreeSet<NumberId> = plan_numbers(&wishes.paces).collect();
    let policy = Policy {
        desks: ["support", "sales", "night"]
            .map(|desk| model::DeskName::new(desk).unwrap())
            .into(),
        numbers: numbers.clone(),
        simulated: if wishes.simulated {
            numbers.clone()
        } else {
            BTreeSet::new()
        },
        mode: wishes.mode,
        opt_in: OptIn::Inbound,
        window_margin: Span::from_minutes(2),
        bearable_wait: Span::from_minutes(1),
        pace: wishes.paces.clone(),
        bounds: wishes.bounds.clone(),
        answer_within: wishes.answer_within,
    };
    let support = DeskName::new("support").unwrap();
    let tenant_settings = Tenant {
        title: "A shop".into(),
        policy,
        lines: numbers.into_iter().map(line).collect(),
        knowledge: wishes.knowledge.clone(),
        endpoints: wishes.endpoints.clone(),
        stale_desk: Some(support),
        agent_pause: Span::from_minutes(30),
        rules: RuleSource::Folder(folder.join("rules")),
    };
    let plugin = |name: &str, component: &'static [u8], interfaces: &[Interface]| {
        let grants = Grants {
            interfaces: interfaces.iter().copied().collect(),
            recipients: BTreeSet::new(),
            endpoints: BTreeSet::from(["orders".to_owned()]),
            knowledge: wishes.may_ask.clone(),
            hourly_sends: wishes.hourly_sends.filter(|_| name == "auto-reply"),
        };
        (
            PluginName::new(name).unwrap(),
            PluginSource {
                component: Component::Embedded(component),
                grants,
                limits: Limits::default(),
                pin: None,
            },
        )
    };
    let plugins = BTreeMap::from([
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
    ]);
    Plan {
        tenants: BTreeMap::from([(tenant(), Arc::new(tenant_settings))]),
        plugins,
    }
}
