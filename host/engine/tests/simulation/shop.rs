//! Who lives in a world: two businesses with their numbers, their rules in three editions, their policy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use carrier::Carrier;
use engine::{
    Component, Edition, IfUnsure, Line, Plan, PluginSource, Route, RuleSource, Tenant, edition,
};
use gate::{OptIn, Pace, Policy};
use model::{
    ContactKey, DeskName, Grants, Interface, Mode, NumberId, Phone, PluginName, Span, TenantId,
    UserId,
};
use sandbox::{Compiler, Limits, Sandbox, Settings};

/// The editions are told apart by a word that every reply of theirs bears.
pub const EDITIONS: [&str; 3] = ["amber", "birch", "cedar"];

/// Two businesses; the first has two numbers.
pub const TENANTS: [&str; 2] = ["shop", "bank"];
pub const NUMBERS: [&[&str]; 2] = [
    &["100000000000001", "100000000000002"],
    &["100000000000003"],
];

/// How long a person of theirs who writes from elsewhere silences the bot.
pub const AGENT_PAUSE: Span = Span::from_seconds(6);
/// How often the rule `limited` answers a tenant's contacts together, in a day.
pub const LIMITED: usize = 3;
/// Kept free before a window ends.
pub const MARGIN: Span = Span::from_minutes(2);

/// What is the same in all worlds: made once in a process.
pub struct Works {
    pub sandbox: Arc<Sandbox>,
    pub editions: Vec<Arc<Edition>>,
}

pub fn works() -> &'static Works {
    static WORKS: OnceLock<Works> = OnceLock::new();
    WORKS.get_or_init(|| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("simulation");
        let settings = Settings {
            compiler: Compiler::Within,
            cache: Some(cache),
        };
        let sandbox = Arc::new(Sandbox::new(settings).unwrap());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let mut editions: Vec<Arc<Edition>> = Vec::new();
        for word in EDITIONS {
            let plan = Arc::new(plan(word, &|_, _| None, &Ways::default()));
            let made = edition::make(&plan, &sandbox, editions.last().cloned());
            let made = runtime.block_on(made);
            editions.push(Arc::new(made.unwrap_or_else(|refused| panic!("{refused}"))));
        }
        Works { sandbox, editions }
    })
}

/// How the tenants of one world differ from those of another.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ways {
    /// Numbers send so many a second; WhatsApp's usual rate if nothing is said.
    pub per_second: Option<u32>,
    /// The loop breaker and the hourly budget refuse; else they are shadows, so that much is sent.
    pub bounded: bool,
    /// What is done with a send whose outcome stays unknown.
    pub holds: bool,
}

/// How soon a number looks into an unknown outcome.
pub const UNSURE_AFTER: Span = Span::from_seconds(2);

pub fn tenant(place: usize) -> TenantId {
    TenantId::new(TENANTS[place]).unwrap()
}

pub fn number(tenant: usize, place: usize) -> NumberId {
    NumberId::new(NUMBERS[tenant][place]).unwrap()
}

/// Gives each number its carrier.
type Carriers<'a> = dyn Fn(&TenantId, &NumberId) -> Option<Arc<dyn Carrier>> + 'a;

/// The configuration of a world; `carriers` gives each number its own.
pub fn plan(word: &str, carriers: &Carriers<'_>, ways: &Ways) -> Plan {
    let tenants = TENANTS
        .iter()
        .enumerate()
        .map(|(place, name)| {
            let id = tenant(place);
            let settings = business(name, place, word, carriers, ways);
            (id, Arc::new(settings))
        })
        .collect();
    let plugins = [
        plugin("auto-reply", shipped::AUTO_REPLY, &[Interface::Gate]),
        plugin(
            "router",
            shipped::ROUTER,
            &[Interface::Gate, Interface::Desk],
        ),
        plugin("opt-out", shipped::OPT_OUT, &[Interface::Gate]),
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
        tenants,
        plugins: plugins.into(),
    }
}

fn business(name: &str, place: usize, word: &str, carriers: &Carriers<'_>, ways: &Ways) -> Tenant {
    let id = tenant(place);
    let numbers: Vec<NumberId> = NUMBERS[place]
        .iter()
        .map(|text| NumberId::new(*text).unwrap())
        .collect();
    let line = |(count, number): (usize, &NumberId)| {
        let route = carriers(&id, number).map(|carrier| Route {
            carrier,
            unsure_after: UNSURE_AFTER,
            if_unsure: if ways.holds {
                IfUnsure::Hold
            } else {
                IfUnsure::Resend
            },
        });
        let line = Line {
            alias: format!("line-{count}"),
            title: format!("Line {count}"),
            route,
        };
        (number.clone(), line)
    };
    let mut bounds = gate::Bounds::default();
    bounds.loops.shadow = !ways.bounded;
    bounds.contact_hourly.shadow = !ways.bounded;
    let pace = |per_second| {
        let pace = Pace {
            per_second,
            account: None,
        };
        move |number: &NumberId| (number.clone(), pace.clone())
    };
    let policy = Policy {
        desks: BTreeSet::from([DeskName::new("support").unwrap()]),
        numbers: numbers.iter().cloned().collect(),
        simulated: BTreeSet::new(),
        mode: Mode::Live,
        opt_in: OptIn::Inbound,
        window_margin: MARGIN,
        bearable_wait: Span::from_minutes(10),
        pace: ways
            .per_second
            .map(|rate| numbers.iter().map(pace(rate)).collect())
            .unwrap_or_default(),
        bounds,
        // One tenant's answers are wanted for longer than a window is open.
        answer_within: [Span::from_hours(6), Span::from_hours(72)][place],
    };
    Tenant {
        title: name.to_owned(),
        policy,
        lines: numbers.iter().enumerate().map(line).collect(),
        knowledge: BTreeMap::new(),
        endpoints: BTreeMap::new(),
        stale_desk: Some(DeskName::new("support").unwrap()),
        agent_pause: AGENT_PAUSE,
        rules: RuleSource::Embedded(rules(name, word)),
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

/// A tenant's rules: every reply begins with the tenant's name and the edition's word, and ends with what it answers.
fn rules(tenant: &str, word: &str) -> &'static [(&'static str, &'static str)] {
    type Texts = &'static [(&'static str, &'static str)];
    static KEPT: std::sync::Mutex<BTreeMap<String, Texts>> = std::sync::Mutex::new(BTreeMap::new());
    // An embedded rulebook lives as long as the binary. There are six of them, each made once.
    let mut kept = KEPT.lock().unwrap();
    let text = RULES.replace("TENANT", tenant).replace("WORD", word);
    kept.entry(text.clone())
        .or_insert_with(|| Box::leak(Box::new([("rules.toml", &*text.leak())])))
}

const RULES: &str = r#"
rules_version = 1
languages = ["en"]

[opt_out]
reply.en = "TENANT WORD stopped"

[opt_in]
reply.en = "TENANT WORD started"

[[rule]]
name = "twice"
when.starts = ["twice"]
also = true
reply.en = "TENANT WORD first {message.text|?}"

[[rule]]
name = "twice-more"
when.starts = ["twice"]
reply.en = "TENANT WORD second {message.text|?}"

[[rule]]
name = "say"
when.starts = ["say"]
reply.en = "TENANT WORD {message.text|?}"

[[rule]]
name = "own"
when.starts = ["own"]
use = "asking-guest"
with.act = "count-own"
if_fails = "sorry"

[[rule]]
name = "all"
when.starts = ["all"]
use = "asking-guest"
with.act = "count-shared"
if_fails = "sorry"

[[rule]]
name = "fails"
when.starts = ["fail"]
use = "asking-guest"
with.act = "keep-then-fail"
if_fails = "sorry"

[[rule]]
name = "breaks"
when.starts = ["break"]
use = "asking-guest"
with.act = "keep-then-fail"

[[rule]]
name = "person"
when.starts = ["person"]
reply.en = "TENANT WORD person {message.text|?}"
hand_to = "support"
pause_bot = "8s"

[[rule]]
name = "limited"
when.starts = ["limited"]
reply.en = "TENANT WORD limited {message.text|?}"
limit = "3 per day"

[[rule]]
name = "sorry"
only = "called"
reply.en = "TENANT WORD sorry {message.text|?}"
"#;

/// Who in a world is known by this.
pub fn person_of(key: &ContactKey) -> Option<usize> {
    let by_phone = key
        .phone()
        .and_then(|phone| phone.as_str().strip_prefix(PHONE)?.parse().ok());
    let by_user = key
        .user()
        .and_then(|user| user.as_str().strip_prefix(USER)?.parse().ok());
    match (by_phone, by_user) {
        (Some(phone), Some(user)) if phone != user => None,
        (phone, user) => phone.or(user),
    }
}

/// The person at this place: their phone.
pub fn phone(person: usize) -> Phone {
    Phone::new(format!("{PHONE}{person:04}")).unwrap()
}

/// And their user id.
pub fn user(person: usize) -> UserId {
    UserId::new(format!("{USER}{person}")).unwrap()
}

const PHONE: &str = "1555010";
const USER: &str = "US.person";
