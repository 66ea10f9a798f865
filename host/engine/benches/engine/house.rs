//! An engine as the binary wires it, in dry run, for one tenant with one number.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use engine::{
    Component, Edition, Engine, Line, Parts, Plan, PluginSource, RuleSource, SystemClock, Tenant,
    edition,
};
use gate::{Bounds, OptIn, Pace, Policy};
use ledger::Ledger;
use ledger::sqlite::SqliteLedger;
use model::{
    ContactKey, Content, DeskName, Grants, Interface, Message, Mode, Moment, Notice, NoticeBody,
    NoticeKey, NumberId, Phone, PluginName, Span, TenantId, Wamid,
};
use sandbox::{Limits, Sandbox};

/// People who write, in turn.
pub(crate) const CONTACTS: u64 = 20_000;

const RULES: &str = r#"
rules_version = 1
languages = ["en"]

[[rule]]
name = "parcel"
when.words = ["parcel", "order"]
reply.en = "Hello {contact.name|there}! We look for your parcel and write to you today."

[[rule]]
name = "rest"
reply.en = "Hello {contact.name|there}! What can we do for you?"
"#;

/// What all engines of a benchmark share.
pub(crate) struct Shop {
    plan: Arc<Plan>,
    sandbox: Arc<Sandbox>,
    edition: Arc<Edition>,
}

impl Shop {
    pub(crate) async fn new() -> Self {
        let plan = Arc::new(plan());
        let sandbox = Arc::new(Sandbox::new(sandbox::Settings::default()).unwrap());
        let edition = edition::make(&plan, &sandbox, None)
            .await
            .unwrap_or_else(|refused| panic!("{refused}"));
        Self {
            plan,
            sandbox,
            edition: Arc::new(edition),
        }
    }

    /// An engine on a ledger in this folder.
    pub(crate) async fn open(&self, folder: &Path) -> Engine {
        let ledger: Arc<dyn Ledger> =
            Arc::new(SqliteLedger::open(&folder.join("ledger.db")).unwrap());
        Engine::start(Parts {
            plan: Arc::clone(&self.plan),
            ledger,
            sandbox: Arc::clone(&self.sandbox),
            edition: Arc::clone(&self.edition),
            clock: Arc::new(SystemClock),
            secret: [7; 32],
        })
        .await
        .unwrap()
    }
}

fn plan() -> Plan {
    let line = Line {
        alias: "store".into(),
        title: "The store".into(),
        route: None,
    };
    let policy = Policy {
        desks: [DeskName::new("support").unwrap()].into(),
        numbers: [number()].into(),
        simulated: BTreeSet::new(),
        mode: Mode::DryRun,
        opt_in: OptIn::Inbound,
        window_margin: Span::from_minutes(2),
        bearable_wait: Span::from_minutes(1),
        // What WhatsApp takes in a second is not what is measured.
        pace: [(
            number(),
            Pace {
                per_second: 1_000_000,
                account: None,
            },
        )]
        .into(),
        bounds: bounds(),
        answer_within: Span::from_hours(6),
    };
    let tenant_settings = Tenant {
        title: "A shop".into(),
        policy,
        lines: [(number(), line)].into(),
        knowledge: BTreeMap::new(),
        endpoints: BTreeMap::new(),
        stale_desk: None,
        agent_pause: Span::from_minutes(30),
        rules: RuleSource::Embedded(&[("10-shop.toml", RULES)]),
    };
    let plugin = |name: &str, component: &'static [u8]| {
        let grants = Grants {
            interfaces: [Interface::Gate].into(),
            ..Grants::default()
        };
        let source = PluginSource {
            component: Component::Embedded(component),
            grants,
            limits: Limits::default(),
            pin: None,
        };
        (PluginName::new(name).unwrap(), source)
    };
    Plan {
        tenants: [(tenant(), Arc::new(tenant_settings))].into(),
        plugins: [
            plugin("auto-reply", shipped::AUTO_REPLY),
            plugin("opt-out", shipped::OPT_OUT),
        ]
        .into(),
    }
}

/// The same few people write again and again, faster than people do: nothing of that is what is measured.
fn bounds() -> Bounds {
    let mut bounds = Bounds::default();
    bounds.loops.shadow = true;
    bounds.contact_hourly.shadow = true;
    bounds
}

fn tenant() -> TenantId {
    TenantId::new("shop").unwrap()
}

fn number() -> NumberId {
    NumberId::new("100000000000001").unwrap()
}

/// The message with this number, from a contact in turn. Contacts who write in this order for the first time get the ids 1, 2, …
pub(crate) fn message(which: u64, now: Moment) -> Notice {
    let phone = Phone::new(format!("1555010{:05}", which % CONTACTS)).unwrap();
    let id = Wamid::new(format!("wamid.HBgNBENCH{which:024}")).unwrap();
    let text = format!(
        "Could you tell me where my parcel is? I wrote before and nobody came back to me ({which})."
    );
    let mut message = Message::new(
        id,
        ContactKey::Phone(phone),
        now,
        Content::Text { body: text },
    );
    message.name = Some(format!("Customer {}", which % CONTACTS));
    Notice {
        tenant: tenant(),
        number: number(),
        channel: model::Channel::WhatsApp,
        key: NoticeKey::of(&message),
        body: NoticeBody::Message(message),
    }
}

/// The contact's id, if all of them wrote in order first.
pub(crate) fn contact(which: u64) -> u64 {
    which % CONTACTS + 1
}
