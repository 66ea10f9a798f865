//! What a plugin is granted by name, and how much it may use.

use std::collections::BTreeSet;
use std::fmt::Display;

use model::{Interface, Span};
use sandbox::{Limits, LoadLimits, RunLimits};
use toml::Spanned;
use toml::de::DeValue;

use super::check::spot;
use super::keys::{LimitKeys, PluginKeys};
use super::limits as bounds;
use super::measure::Bytes;
use super::problem::Problem;
use super::section::{Place, Reader, Shape};
use super::value::{Value, nearest, quoted};

/// Every name under `knowledge` and `endpoints` must be some tenant's, and its interface granted.
pub(super) fn names(
    keys: &PluginKeys,
    interfaces: &BTreeSet<Interface>,
    table: &Spanned<DeValue<'_>>,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) {
    for (key, what, header, interface, some) in [
        (
            "knowledge",
            "knowledge base",
            "knowledge",
            Interface::Knowledge,
            keys.knowledge.is_some(),
        ),
        (
            "endpoints",
            "endpoint",
            "endpoint",
            Interface::Lookup,
            keys.endpoints.is_some(),
        ),
    ] {
        if !some {
            continue;
        }
        let known = declared(header, reader);
        let items = table
            .get_ref()
            .get(key)
            .and_then(|value| value.get_ref().as_array());
        for item in items.into_iter().flat_map(|list| list.iter()) {
            let Some(name) = item
                .get_ref()
                .as_str()
                .filter(|name| !known.contains(*name))
            else {
                continue;
            };
            let said = format!(
                "`{key}` in [{}]: no tenant has a {what} {name:?}",
                place.path()
            );
            let mut problem = Problem::new(item.span(), said.replace("a endpoint", "an endpoint"));
            if !known.is_empty() {
                problem = problem.expected(
                    known
                        .iter()
                        .map(String::as_str)
                        .collect::<Vec<_>>()
                        .join(", "),
                );
            }
            reader.report(match nearest(name, known.iter().map(String::as_str)) {
                Some(meant) => problem.fix(format!("write {}", quoted(meant))),
                None => problem.fix(format!("declare it: [tenant.NAME.{header}.{name}]")),
            });
        }
        if !interfaces.contains(&interface) {
            let said = format!(
                "`{key}` in [{}] is no use while `{interface}` is not granted",
                place.path()
            );
            let granted = interfaces.iter().chain([&interface]);
            let granted: Vec<String> = granted.map(|interface| quoted(interface.name())).collect();
            let problem = Problem::new(spot(table, key), said);
            reader.report(problem.fix(format!("grants = [{}]", granted.join(", "))));
        }
    }
}

/// The names that any tenant gives to what stands under this key.
fn declared(header: &str, reader: &Reader<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for tenant in reader.names("tenant") {
        let table = reader
            .value(&["tenant", &tenant, header])
            .and_then(|value| value.get_ref().as_table());
        names.extend(
            table
                .into_iter()
                .flat_map(|table| table.keys())
                .map(|name| name.get_ref().to_string()),
        );
    }
    names
}

/// Each limit within what the host can bear, and none at odds with another.
pub(super) fn limits(
    limits: LimitKeys,
    table: &Spanned<DeValue<'_>>,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> LimitKeys {
    let mut within = Within {
        table,
        place,
        reader,
    };
    within.check("memory", limits.memory, Bytes::kib(64), bounds::MEMORY);
    within.check(
        "guest_time",
        limits.guest_time,
        Span::from_millis(1),
        bounds::GUEST_TIME,
    );
    within.check("wall", limits.wall, limits.guest_time, bounds::WALL);
    within.check("host_calls", limits.host_calls, 1, bounds::HOST_CALLS);
    within.check("sends", limits.sends, 1, bounds::SENDS);
    within.check(
        "log_bytes",
        limits.log_bytes,
        Bytes::kib(1),
        bounds::LOG_BYTES,
    );
    within.check("log_lines", limits.log_lines, 1, bounds::LOG_LINES);
    within.check(
        "string_bytes",
        limits.string_bytes,
        bounds::LEAST_STRING,
        bounds::STRING,
    );
    within.check(
        "boundary_bytes",
        limits.boundary_bytes,
        limits.string_bytes,
        bounds::BOUNDARY,
    );
    within.check(
        "component_bytes",
        limits.component_bytes,
        Bytes::kib(64),
        bounds::COMPONENT,
    );
    within.check(
        "function_bytes",
        limits.function_bytes,
        Bytes::kib(4),
        bounds::COMPONENT,
    );
    within.check(
        "compile_time",
        limits.compile_time,
        Span::from_seconds(1),
        bounds::COMPILE_TIME,
    );
    within.check(
        "compile_memory",
        limits.compile_memory,
        bounds::LEAST_COMPILE_MEMORY,
        bounds::COMPILE_MEMORY,
    );
    limits
}

/// Checks values of a table against what they may be.
pub(super) struct Within<'w, 'p, 'r, 't> {
    pub(super) table: &'w Spanned<DeValue<'w>>,
    pub(super) place: &'w Place<'p>,
    pub(super) reader: &'r mut Reader<'t>,
}

impl Within<'_, '_, '_, '_> {
    pub(super) fn check<T: PartialOrd + Display + Copy>(
        &mut self,
        key: &str,
        value: T,
        least: T,
        most: T,
    ) {
        let bound = if value < least {
            least
        } else if value > most {
            most
        } else {
            return;
        };
        let what = format!(
            "`{key}` in [{}] is {value}: it is at least {least} and at most {most}",
            self.place.path()
        );
        let fix = bound.to_string();
        let fix = if fix.bytes().all(|byte| byte.is_ascii_digit()) {
            fix
        } else {
            quoted(&fix)
        };
        self.reader
            .report(Problem::new(spot(self.table, key), what).fix(format!("{key} = {fix}")));
    }
}

/// Guest time in fuel.
const FUEL_PER_MILLISECOND: u64 = 8_000_000;

impl Value for Limits {
    const SHAPE: Shape = LimitKeys::SHAPE;

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        LimitKeys::read(value, place, reader).map(Self::from)
    }

    fn absent(place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        LimitKeys::absent(place, reader).map(Self::from)
    }
}

impl From<LimitKeys> for Limits {
    fn from(keys: LimitKeys) -> Self {
        let milliseconds = u64::try_from(keys.guest_time.milliseconds()).unwrap_or_default();
        Self {
            run: RunLimits {
                memory_bytes: keys.memory.in_memory(),
                fuel: milliseconds.saturating_mul(FUEL_PER_MILLISECOND),
                wall: keys.wall,
                host_calls: keys.host_calls,
                sends: keys.sends,
                log_bytes: keys.log_bytes.in_memory(),
                log_lines: usize::try_from(keys.log_lines).unwrap_or(usize::MAX),
                string_bytes: keys.string_bytes.in_memory(),
                boundary_bytes: keys.boundary_bytes.in_memory(),
            },
            load: LoadLimits {
                component_bytes: keys.component_bytes.in_memory(),
                function_bytes: keys.function_bytes.in_memory(),
                compile_time: keys.compile_time,
                compile_memory_bytes: keys.compile_memory.in_memory(),
            },
        }
    }
}
