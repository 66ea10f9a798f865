//! What keys mean together: each table as a whole, and what it says of others.

use std::ops::Range;

use gate::AccountPace;
use model::{DeskName, Grants, Interface, PluginName, Span};
use sandbox::Limits;
use toml::Spanned;
use toml::de::DeValue;

use super::doors;
use super::grants::{self, Within};
use super::keys::{CarrierKeys, Config, Host, Number, PluginKeys, Tenant};
use super::limits;
use super::problem::Problem;
use super::reach::Pin;
use super::secret::Secret;
use super::section::{Place, Reader, Shape};
use super::setting::{ApiVersion, CarrierKind, Component, IfUnsure, Url};
use super::value::{Value, nearest};

/// The plugins that ship with the host, and what they reach unless a `[plugin.NAME]` says otherwise.
pub const SHIPPED: &[(&str, &[Interface])] = &[
    ("auto-reply", &[Interface::Gate]),
    (
        "kb-answer",
        &[Interface::Gate, Interface::Memory, Interface::Knowledge],
    ),
    ("opt-out", &[Interface::Gate]),
    ("router", &[Interface::Gate, Interface::Desk]),
];

/// What AWS End User Messaging Social takes from an account in a second.
const AWS_PER_SECOND: u32 = 1000;

/// A way out to WhatsApp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    /// Which API, and what it alone needs.
    pub way: Way,
    /// The version of Meta's API that messages are written for.
    pub api_version: ApiVersion,
    /// It is the simulator, on loopback: it delivers in every mode.
    pub simulator: bool,
    /// How long one delivery may take.
    pub timeout: Span,
    /// How long the outcome of a lost reply is waited for.
    pub unsure_after: Span,
    /// What happens then.
    pub if_unsure: IfUnsure,
    /// The rate that all its numbers share with those of other carriers of the same account, if there is one.
    pub account: Option<AccountPace>,
}

/// The API behind a carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Meta's Graph API.
    Graph {
        /// Where it is reached.
        url: Url,
        /// The access token; a simulator may do without.
        token: Option<Secret>,
    },
    /// AWS End User Messaging Social.
    Aws {
        /// Where it is reached; what the SDK finds if none.
        url: Option<Url>,
        /// The region; what the SDK finds if none.
        region: Option<String>,
    },
}

/// A plugin and what it may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin {
    /// Where its component comes from.
    pub component: Component,
    /// The only component that is accepted in its place, if anybody said which.
    pub pin: Option<Pin>,
    /// What it may reach (I7).
    pub grants: Grants,
    /// How much it may use (I8).
    pub limits: Limits,
}

impl Number {
    /// What the carrier knows it by.
    #[must_use]
    pub fn carrier_id(&self) -> &str {
        self.carrier_id.as_deref().unwrap_or(self.id.as_str())
    }
}

/// Where a key of this table has its value; the table's header if it has none.
pub(super) fn spot(table: &Spanned<DeValue<'_>>, key: &str) -> Range<usize> {
    table
        .get_ref()
        .get(key)
        .map_or_else(|| table.span(), Spanned::span)
}

pub(super) fn host(
    host: Host,
    table: &Spanned<DeValue<'_>>,
    _place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Host {
    if !host.listen.ip().is_loopback() && host.api_key.is_none() {
        let what = format!(
            "[host] listens on {}, which can be reached from outside, and `/v1` would be open to all",
            host.listen
        );
        reader.report(
            Problem::new(spot(table, "listen"), what)
                .expected("`api_key` beside it")
                .fix(r#"api_key = "env:TOLLGATE_API_KEY""#),
        );
    }
    host
}

impl Value for Carrier {
    const SHAPE: Shape = CarrierKeys::SHAPE;

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        let keys = CarrierKeys::read(value, place, reader)?;
        let path = place.path();
        let mut refuse = |key: &str, what: String, fix: &str| {
            reader.report(Problem::new(spot(value, key), what).fix(fix));
        };
        if keys.simulator && !keys.url.as_ref().is_some_and(Url::is_loopback) {
            let what = format!("[{path}] is a simulator, and a simulator is on loopback alone");
            refuse("url", what, r#"url = "http://127.0.0.1:7071""#);
        }
        let foreign = match keys.kind {
            CarrierKind::Graph => keys.region.as_ref().map(|_| ("region", "aws")),
            CarrierKind::Aws => keys.token.as_ref().map(|_| ("token", "graph")),
        };
        if let Some((key, kind)) = foreign {
            refuse(
                key,
                format!("`{key}` in [{path}] belongs to a carrier of kind {kind:?}"),
                "leave the line out",
            );
        }
        if keys.kind == CarrierKind::Graph && keys.token.is_none() && !keys.simulator {
            refuse(
                "kind",
                format!("[{path}] has no `token`, and Meta's Graph API asks for one"),
                r#"token = "env:TOLLGATE_GRAPH_TOKEN""#,
            );
        }
        let way = match keys.kind {
            CarrierKind::Graph => {
                let url = keys
                    .url
                    .or_else(|| Url::parse("https://graph.facebook.com").ok())?;
                Way::Graph {
                    url,
                    token: keys.token,
                }
            }
            CarrierKind::Aws => Way::Aws {
                url: keys.url,
                region: keys.region,
            },
        };
        if let Some(per_second) = keys.per_second {
            let mut within = Within {
                table: value,
                place,
                reader,
            };
            within.check("per_second", per_second, 1, limits::ACCOUNT_PER_SECOND);
        }
        let usual_rate = (keys.kind == CarrierKind::Aws).then_some(AWS_PER_SECOND);
        let account = keys
            .per_second
            .or(usual_rate)
            .map(|per_second| AccountPace {
                // A carrier's name and an account's are two things: what one carrier calls its account may be another's name.
                account: keys.account.as_ref().map_or_else(
                    || format!("carrier {}", place.key),
                    |account| format!("account {account}"),
                ),
                per_second,
            });
        let usual_wait = if keys.simulator {
            Span::from_seconds(2)
        } else {
            Span::from_minutes(10)
        };
        Some(Self {
            way,
            api_version: keys.api_version,
            simulator: keys.simulator,
            timeout: keys.timeout,
            unsure_after: keys.unsure_after.unwrap_or(usual_wait),
            if_unsure: keys.if_unsure,
            account,
        })
    }
}

pub(super) fn tenant(
    mut tenant: Tenant,
    table: &Spanned<DeValue<'_>>,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Tenant {
    let path = place.path();
    if tenant.numbers.is_empty() {
        let what = format!("[{path}] has no number, and would receive nothing");
        reader.report(
            Problem::new(table.span(), what)
                .fix(format!("[{path}.number.NAME]"))
                .marked_absent(),
        );
    }
    match &tenant.stale_desk {
        Some(desk) if !tenant.desks.contains_key(desk) => {
            let known: Vec<&str> = tenant.desks.keys().map(DeskName::as_str).collect();
            let problem = unknown(
                "stale_desk",
                desk.as_str(),
                "desk",
                &format!("{path}.desk"),
                &known,
                spot(table, "stale_desk"),
            );
            reader.report(problem);
        }
        Some(_) => {}
        None => tenant.stale_desk = first_desk(table),
    }
    tenant
}

/// The desk that stands first in the file.
fn first_desk(tenant: &Spanned<DeValue<'_>>) -> Option<DeskName> {
    let desks = tenant.get_ref().get("desk")?.get_ref().as_table()?;
    let first = desks.keys().min_by_key(|name| name.span().start)?;
    DeskName::new(first.get_ref().to_string()).ok()
}

pub(super) fn number(
    number: Number,
    table: &Spanned<DeValue<'_>>,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Number {
    let path = place.path();
    for (key, name) in [
        ("meta_app", number.meta_app.as_ref()),
        ("topic", number.topic.as_ref()),
        ("queue", number.queue.as_ref()),
        ("carrier", Some(&number.carrier)),
    ] {
        let known = reader.names(key);
        if let Some(name) = name.filter(|name| !known.contains(name)) {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            reader.report(unknown(
                key,
                name,
                &key.replace('_', " "),
                key,
                &known,
                spot(table, key),
            ));
        }
    }
    doors::demand_one(&number, table, &path, reader);
    let mut within = Within {
        table,
        place,
        reader,
    };
    within.check(
        "per_second",
        number.per_second,
        1,
        limits::NUMBER_PER_SECOND,
    );
    if let Some(owner) = reader.numbers.get(&number.id) {
        let what = format!(
            "`id` in [{path}] is that of [{owner}] already: a notice for it would have two owners"
        );
        reader.report(Problem::new(spot(table, "id"), what).expected("a number of its own"));
    } else {
        reader.numbers.insert(number.id.clone(), path.clone());
    }
    let kind = reader
        .value(&["carrier", &number.carrier, "kind"])
        .and_then(|kind| kind.get_ref().as_str());
    if kind == Some("aws") && !is_aws_number(number.carrier_id()) {
        let what = format!(
            "[{path}] leaves through AWS, which knows no number {:?}",
            number.carrier_id()
        );
        let problem = Problem::new(spot(table, "carrier_id"), what)
            .expected("`phone-number-id-` and 32 hexadecimal digits, or its ARN");
        reader.report(
            problem.fix(r#"carrier_id = "phone-number-id-0123456789abcdef0123456789abcdef""#),
        );
    }
    number
}

fn is_aws_number(text: &str) -> bool {
    let id = match text.strip_prefix("arn:aws") {
        Some(rest) => rest
            .split_once(":social-messaging:")
            .and_then(|(_, resource)| resource.split_once("phone-number-id/"))
            .map(|(_, id)| id),
        None => text.strip_prefix("phone-number-id-"),
    };
    let id = id.map(|id| id.strip_prefix("phone-number-id-").unwrap_or(id));
    id.is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A name that is nowhere declared.
fn unknown(
    key: &str,
    name: &str,
    what: &str,
    table: &str,
    known: &[&str],
    at: Range<usize>,
) -> Problem {
    let problem = Problem::new(at, format!("there is no {what} {name:?}"));
    let problem = if known.is_empty() {
        problem
    } else {
        problem.expected(known.join(", "))
    };
    match nearest(name, known.iter().copied()) {
        Some(meant) => problem.fix(format!("{key} = {meant:?}")),
        None => problem.fix(format!("declare it: [{table}.{name}]")),
    }
}

impl Value for Plugin {
    const SHAPE: Shape = PluginKeys::SHAPE;

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        let keys = PluginKeys::read(value, place, reader)?;
        let shipped = SHIPPED.iter().find(|(name, _)| *name == place.key);
        let component = match (keys.component.clone(), shipped) {
            (Some(component), _) => component,
            (None, Some((name, _))) => Component::Shipped(PluginName::new(*name).ok()?),
            (None, None) => {
                let problem = Problem::new(
                    value.span(),
                    format!("[{}] has no `component`", place.path()),
                )
                .marked_absent();
                reader.report(problem.fix(format!("component = \"plugins/{}.wasm\"", place.key)));
                return None;
            }
        };
        let usual = shipped
            .map(|(_, interfaces)| interfaces.iter().copied().collect())
            .unwrap_or_default();
        let interfaces = keys.grants.clone().unwrap_or(usual);
        grants::names(&keys, &interfaces, value, place, reader);
        Some(Self {
            component,
            pin: keys.pin,
            grants: Grants {
                interfaces,
                recipients: keys.recipients.unwrap_or_default(),
                endpoints: keys.endpoints.unwrap_or_default(),
                knowledge: keys.knowledge,
                hourly_sends: keys.hourly_sends,
            },
            limits: keys.limits,
        })
    }
}

impl Config {
    /// Adds the plugins that ship and are not named.
    pub(super) fn with_shipped(mut self) -> Self {
        for (name, interfaces) in SHIPPED {
            let Ok(name) = PluginName::new(*name) else {
                continue;
            };
            let grants = Grants {
                interfaces: interfaces.iter().copied().collect(),
                ..Grants::default()
            };
            let component = Component::Shipped(name.clone());
            self.plugins.entry(name).or_insert(Plugin {
                component,
                pin: None,
                grants,
                // What no `[plugin.NAME.limits]` says is the sandbox's own: a test compares the two.
                limits: Limits::default(),
            });
        }
        self
    }
}

/// Nothing to run is a finding too.
pub(super) fn config(
    config: Config,
    _table: &Spanned<DeValue<'_>>,
    _place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Config {
    if config.tenants.is_empty() {
        let problem =
            Problem::new(0..0, "there is no tenant, and nothing to serve").marked_absent();
        reader.report(
            problem
                .expected("at least one, with a number and the number's meta app and carrier")
                .fix("[tenant.shop]"),
        );
    }
    config.with_shipped()
}
