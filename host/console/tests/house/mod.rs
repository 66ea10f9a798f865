//! A host for tests: real SQLite, real components, the real router on a listener of its own. A carrier that takes everything
//! stands in for the network: what leaves is not what is tested here. Of a text that begins with `vanish` it gives no word: the first
//! time, its outcome is unknown, and held at once. For one that begins with `locked` it says that the number is locked.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use carrier::{Carrier, Rejection, Report, errors};
use console::Options;
use engine::{
    Component, Engine, IfUnsure, Line, Parts, Plan, PluginSource, Route, RuleSource, SystemClock,
    Tenant, edition,
};
use gate::{OptIn, Pass, Policy};
use intake::Accept;
use ledger::sqlite::SqliteLedger;
use model::{
    Channel, ContactKey, Content, DeskName, Grants, GroupId, Interface, Message, Mode, Notice,
    NoticeBody, NoticeKey, NumberId, Phone, PluginName, SendToken, Span, TenantId, Wamid,
};
use reqwest::{Client, RequestBuilder, Response};
use sandbox::Sandbox;
use serde_json::Value;

pub(crate) const NUMBER: &str = "100000000000001";
pub(crate) const ANA: &str = "5511900000001";
const RULES: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "person"
when.words = ["person"]
hand_to = "support"
pause_bot = "12h"
note = "asks for a person"

[[rule]]
name = "echo"
when.starts = ["say"]
reply.en = "{message.text|nothing}"
"#;

/// How long anything is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) client: Client,
    pub(crate) url: String,
    folder: tempfile::TempDir,
    server: tokio::task::JoinHandle<()>,
    messages: AtomicU64,
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::build(&["shop"], Options::default()).await
    }

    pub(crate) async fn with_key(key: &str) -> Self {
        Self::build(
            &["shop"],
            Options {
                api_key: Some(key.into()),
                ..Options::default()
            },
        )
        .await
    }

    pub(crate) async fn build(tenants: &[&str], options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("rules")).unwrap();
        std::fs::write(folder.path().join("rules/10-test.toml"), RULES).unwrap();
        let plan = Arc::new(plan(folder.path(), tenants));
        let ledger = Arc::new(SqliteLedger::open(&folder.path().join("ledger.db")).unwrap());
        let sandbox = Arc::new(Sandbox::new(sandbox::Settings::default()).unwrap());
        let edition = edition::make(&plan, &sandbox, None)
            .await
            .unwrap_or_else(|refused| panic!("{refused}"));
        let parts = Parts {
            plan,
            ledger,
            sandbox,
            edition: Arc::new(edition),
            clock: Arc::new(SystemClock),
            secret: [7; 32],
        };
        let engine = Engine::start(parts).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = console::router(engine.clone(), options);
        let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Self {
            engine,
            client: Client::new(),
            url,
            folder,
            server,
            messages: AtomicU64::new(0),
        }
    }

    /// A customer of the shop writes; returns the message's id. It is accepted, not yet decided.
    pub(crate) async fn say(&self, text: &str) -> String {
        self.message(Content::Text { body: text.into() }, None)
            .await
    }

    /// The same, of any kind, in a group perhaps.
    pub(crate) async fn message(&self, content: Content, group: Option<&str>) -> String {
        let id = self.fresh_id();
        let from = ContactKey::Phone(Phone::new(ANA).unwrap());
        let message = Message {
            name: Some("Ana".into()),
            group: group.map(|group| GroupId::new(group).unwrap()),
            ..Message::new(id.clone(), from, self.engine.now(), content)
        };
        self.arrives(
            "shop",
            NoticeKey::message(&id),
            NoticeBody::Message(message),
        )
        .await;
        id.to_string()
    }

    /// Something arrives for a tenant, on its number.
    pub(crate) async fn arrives(&self, tenant: &str, key: NoticeKey, body: NoticeBody) {
        let notice = Notice {
            tenant: TenantId::new(tenant).unwrap(),
            number: NumberId::new(NUMBER).unwrap(),
            channel: Channel::WhatsApp,
            key,
            body,
        };
        self.accept(notice).await;
    }

    pub(crate) async fn accept(&self, notice: Notice) {
        self.engine.accept(vec![notice]).await.unwrap();
    }

    /// A message's id, unlike any before.
    pub(crate) fn fresh_id(&self) -> Wamid {
        let count = self.messages.fetch_add(1, Ordering::Relaxed);
        Wamid::new(format!("wamid.TEST{count}==")).unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.url))
    }

    /// What a call that goes well brings.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let response = self.get(path).send().await.unwrap();
        assert_eq!(
            response.status(),
            200,
            "{path}: {}",
            response.text().await.unwrap()
        );
        response.json().await.unwrap()
    }

    pub(crate) async fn metrics(&self) -> String {
        self.get("/metrics")
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    }

    /// The decision on a message, once it is there and nothing of it is on its way.
    pub(crate) async fn decided(&self, message: &str) -> Value {
        self.read(&format!("/v1/decision?tenant=shop&number={NUMBER}&message={message}&settled_sends=true&wait_ms=20000")).await
    }

    pub(crate) fn write_rules(&self, text: &str) {
        std::fs::write(self.folder.path().join("rules/10-test.toml"), text).unwrap();
    }

    pub(crate) fn rules(&self) -> &'static str {
        RULES
    }

    /// Rules in place of those from before.
    pub(crate) async fn with_rules(&self, text: &str) {
        self.write_rules(text);
        let reloaded = self.engine.reload().await;
        reloaded.unwrap_or_else(|refused| panic!("{refused}"));
    }

    /// A change that goes well, and what it brings.
    pub(crate) async fn act(&self, path: &str, body: &Value) -> Value {
        let response = self.post(path).json(body).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Looks again until something is so.
    pub(crate) async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let mut news = self.engine.news();
        let found = async {
            loop {
                if let Some(found) = look().await {
                    return found;
                }
                // Whatever changes in a host is news.
                drop(tokio::time::timeout(PATIENCE / 100, news.changed()).await);
            }
        };
        let found = tokio::time::timeout(PATIENCE, found).await;
        found.unwrap_or_else(|_| panic!("waited in vain for {what}"))
    }

    pub(crate) async fn end(self) {
        self.engine.stop().await;
        self.server.abort();
    }
}

/// A problem's body, after a look at what every problem has.
pub(crate) async fn problem(response: Response, status: u16) -> Value {
    assert_eq!(response.status(), status);
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status, "{problem}");
    for member in ["type", "title", "detail"] {
        assert!(
            problem[member]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{member} in {problem}"
        );
    }
    problem
}

/// Takes whatever comes.
#[derive(Default)]
struct Takes {
    count: AtomicU64,
    vanished: Mutex<BTreeSet<SendToken>>,
}

#[async_trait]
impl Carrier for Takes {
    async fn deliver(&self, pass: Pass) -> Report {
        let outbound = pass.outbound();
        if outbound.message.body().starts_with("vanish")
            && self.vanished.lock().unwrap().insert(outbound.token.clone())
        {
            return Report::Unknown {
                cause: "no reply came".into(),
            };
        }
        if outbound.message.body().starts_with("locked") {
            return Report::Refused(Rejection {
                code: "131031".into(),
                cause: "the account is locked".into(),
                action: errors::action(131_031, 403),
            });
        }
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        Report::Accepted(Some(Wamid::new(format!("wamid.OURS{count}")).unwrap()))
    }

    async fn mark_read(&self, _: &NumberId, _: &Wamid) {}
}

fn plan(folder: &Path, tenants: &[&str]) -> Plan {
    let tenants = tenants.iter().enumerate().map(|(index, id)| {
        let number = NumberId::new(format!("10000000000000{}", index + 1)).unwrap();
        let route = Route {
            carrier: Arc::new(Takes::default()),
            unsure_after: Span::from_millis(1),
            if_unsure: IfUnsure::Hold,
        };
        let policy = Policy {
            desks: [DeskName::new("support").unwrap()].into(),
            numbers: BTreeSet::from([number.clone()]),
            simulated: BTreeSet::from([number.clone()]),
            mode: Mode::DryRun,
            opt_in: OptIn::Inbound,
            window_margin: Span::from_minutes(2),
            bearable_wait: Span::from_minutes(1),
            pace: std::collections::BTreeMap::new(),
            bounds: gate::Bounds::default(),
            answer_within: Span::from_hours(6),
        };
        let tenant = Tenant {
            title: format!("The {id}"),
            policy,
            lines: BTreeMap::from([(
                number,
                Line {
                    alias: "store".into(),
                    title: "The store".into(),
                    route: Some(route),
                },
            )]),
            stale_desk: None,
            agent_pause: Span::from_hours(1),
            rules: RuleSource::Folder(folder.join("rules")),
            knowledge: BTreeMap::new(),
            endpoints: BTreeMap::new(),
        };
        (TenantId::new(*id).unwrap(), Arc::new(tenant))
    });
    let plugin = |name: &str, component: &'static [u8], interfaces: &[Interface]| {
        let grants = Grants {
            interfaces: interfaces.iter().copied().collect(),
            ..Grants::default()
        };
        (
            PluginName::new(name).unwrap(),
            PluginSource {
                component: Component::Embedded(component),
                grants,
                limits: sandbox::Limits::default(),
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
    ]);
    Plan {
        tenants: tenants.collect(),
        plugins,
    }
}
