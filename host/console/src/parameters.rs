//! The query of a call, parsed where it comes in. Whatever is wrong with it names the parameter.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::extract::Query;
use axum::http::request::Parts;
use engine::Engine;
use model::{NumberId, TenantId};
use rulebook::nearest;

use crate::limits;
use crate::problem::Problem;

/// What came in on numbers that nobody owns is kept under this name. Nothing else is.
const UNCLAIMED: &str = "_unclaimed";

/// The parameters of one call.
pub(crate) struct Parameters(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<Vec<(String, String)>>::from_request_parts(parts, state).await {
            Ok(Query(pairs)) if pairs.len() > limits::PARAMETERS => Err(Problem::query(format!(
                "{} parameters are more than any call takes",
                pairs.len()
            ))),
            Ok(Query(pairs)) => Ok(Self(pairs)),
            Err(_) => Err(Problem::query(
                "the query is not of the form `name=value&name=value`",
            )),
        }
    }
}

impl Parameters {
    /// Refuses names that this call does not know, and names given twice.
    pub(crate) fn only(self, known: &[&str]) -> Result<Self, Problem> {
        for (index, (name, _)) in self.0.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let meant = nearest(name, known.iter().copied());
                return Err(match meant {
                    Some(meant) => {
                        Problem::parameter(name, format_args!("did you mean `{meant}`?"))
                    }
                    None => {
                        Problem::parameter(name, format_args!("this call takes {}", listed(known)))
                    }
                });
            }
            if self
                .0
                .iter()
                .skip(index + 1)
                .any(|(other, _)| other == name)
            {
                return Err(Problem::parameter(name, "it is given twice"));
            }
        }
        Ok(self)
    }

    /// The tenant; may be left out when there is one alone.
    pub(crate) fn tenant(&self, engine: &Engine) -> Result<TenantId, Problem> {
        let tenants = &engine.plan().tenants;
        match self.parsed::<TenantId>("tenant", "a tenant's name")? {
            Some(tenant) if tenants.contains_key(&tenant) => Ok(tenant),
            Some(_) => Err(Problem::not_found(
                "there is no such tenant: /v1/status lists them",
            )),
            None => {
                let mut ids = tenants.keys();
                match (ids.next(), ids.next()) {
                    (Some(only), None) => Ok(only.clone()),
                    (None, _) => Err(Problem::not_found("this host has no tenant")),
                    _ => Err(Problem::parameter(
                        "tenant",
                        "it is missing, and this host has several: /v1/status lists them",
                    )),
                }
            }
        }
    }

    /// The tenant whose notices are asked for: what came in on numbers that nobody owns has a name of its own.
    pub(crate) fn tenant_or_unclaimed(&self, engine: &Engine) -> Result<TenantId, Problem> {
        match self.text("tenant") {
            Some(UNCLAIMED) => self.required("tenant", "a tenant's name"),
            _ => self.tenant(engine),
        }
    }

    /// How many records: past the most, the most.
    pub(crate) fn limit(&self) -> Result<usize, Problem> {
        match self.parsed::<usize>("limit", "a whole number")? {
            Some(0) => Err(Problem::parameter("limit", "at least 1")),
            Some(limit) => Ok(limit.min(limits::RECORDS_MOST)),
            None => Ok(limits::RECORDS),
        }
    }

    /// After which record.
    pub(crate) fn after(&self) -> Result<Option<u64>, Problem> {
        let after = self.parsed::<Place>(
            "after",
            "a whole number, as an earlier answer's `next` said",
        )?;
        Ok(after.map(|Place(after)| after))
    }

    /// How long to wait for news: past the longest, the longest.
    pub(crate) fn wait(&self) -> Result<Duration, Problem> {
        let wait_ms = self
            .parsed::<u64>("wait_ms", "a whole number of milliseconds")?
            .unwrap_or(0);
        Ok(Duration::from_millis(wait_ms).min(limits::WAIT_MOST))
    }

    /// Yes or no; no if it is left out.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Problem> {
        Ok(self
            .parsed::<bool>(name, "`true` or `false`")?
            .unwrap_or(false))
    }

    /// Something of its own kind that must be there.
    pub(crate) fn required<T: std::str::FromStr>(
        &self,
        name: &str,
        expected: &str,
    ) -> Result<T, Problem> {
        self.parsed(name, expected)?.ok_or_else(|| {
            Problem::parameter(name, format_args!("it is missing; it is {expected}"))
        })
    }

    /// Something of its own kind, if it is there.
    pub(crate) fn parsed<T: std::str::FromStr>(
        &self,
        name: &str,
        expected: &str,
    ) -> Result<Option<T>, Problem> {
        self.text(name)
            .map(|text| parse(name, text, expected))
            .transpose()
    }

    /// As it stands in the query.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A place in an order, or an id, as the ledger can hold it: databases count to 2^63.
pub(crate) struct Place(pub(crate) u64);

impl std::str::FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        text.parse()
            .ok()
            .filter(|place| i64::try_from(*place).is_ok())
            .map(Self)
            .ok_or(NoPlace)
    }
}

/// Not a place; what it should have been, the parameter says.
pub(crate) struct NoPlace;

/// Parses one value, wherever it stood. The value is not repeated: people put phone numbers where ids belong (I12).
pub(crate) fn parse<T: std::str::FromStr>(
    name: &str,
    text: &str,
    expected: &str,
) -> Result<T, Problem> {
    text.parse().map_err(|_| {
        Problem::parameter(
            name,
            format_args!("it is {expected}, and something else stands there"),
        )
    })
}

/// The tenant's number, if it has just one.
pub(crate) fn only_number(engine: &Engine, tenant: &TenantId) -> Result<NumberId, Problem> {
    let tenant = engine.plan().tenants.get(tenant);
    let mut numbers = tenant.iter().flat_map(|tenant| tenant.lines.keys());
    match (numbers.next(), numbers.next()) {
        (Some(only), None) => Ok(only.clone()),
        _ => Err(several_numbers()),
    }
}

pub(crate) fn several_numbers() -> Problem {
    Problem::parameter(
        "number",
        "it is missing or not the tenant's: /v1/status lists its numbers",
    )
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() {
        "no parameters".into()
    } else {
        names.join(", ")
    }
}
