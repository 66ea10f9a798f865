//! Requests to endpoints that the operator named: the order system, the calendar. Grant: `lookup`, and each endpoint by name.
//!
//! The host knows the address, holds the secret, and says on whose behalf it asks: an endpoint need not believe a plugin.
//!
//! ```no_run
//! #[derive(serde::Deserialize)]
//! struct Order {
//!     status: String,
//! }
//!
//! # fn example() -> Result<(), sdk::lookup::LookupError> {
//! let order: Order = sdk::lookup::get_json(&sdk::lookup::get("orders", "orders").query("number", "4711"))?;
//! # Ok(())
//! # }
//! ```

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Refusal, host};

pub use crate::bindings::tollgate::plugin::lookup::{Answer, Method, Parameter, Request, Response};

/// Asks, and waits: at most as long as the operator allows the endpoint.
pub fn ask(request: &Request) -> Result<Answer, Refusal> {
    host::lookup::ask(request)
}

/// A request that reads. Put what contacts typed into the query: the host escapes it there, and a path takes letters, digits
/// and `-._~/` alone.
#[must_use]
pub fn get(endpoint: &str, path: &str) -> Request {
    Request {
        endpoint: endpoint.to_owned(),
        method: Method::Get,
        path: path.to_owned(),
        query: Vec::new(),
        body: None,
    }
}

/// A request that hands something over, as JSON. It may arrive more than once: `tollgate-request` is the same each time.
pub fn post<T: Serialize>(endpoint: &str, path: &str, body: &T) -> Result<Request, LookupError> {
    let body = serde_json::to_string(body).map_err(|error| LookupError::Json(error.to_string()))?;
    Ok(Request {
        method: Method::Post,
        body: Some(body),
        ..get(endpoint, path)
    })
}

impl Request {
    /// Adds a part of the query; the host escapes it.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push(Parameter {
            name: name.into(),
            value: value.into(),
        });
        self
    }
}

/// Asks, and reads what comes back: JSON, with a status from 200 to 299.
pub fn get_json<T: DeserializeOwned>(request: &Request) -> Result<T, LookupError> {
    let response = match ask(request).map_err(LookupError::Refused)? {
        Answer::Answered(response) => response,
        Answer::Slow => return Err(LookupError::Slow),
        Answer::Unreachable(why) => return Err(LookupError::Unreachable(why)),
    };
    if !(200..300).contains(&response.status) {
        return Err(LookupError::Status(response.status));
    }
    serde_json::from_str(&response.body).map_err(|error| LookupError::Json(error.to_string()))
}

/// Why [`get_json`] has nothing to give.
#[derive(Debug, Clone, PartialEq)]
pub enum LookupError {
    /// The host does not let the plugin ask this.
    Refused(Refusal),
    /// The endpoint said no: 404.
    Status(u16),
    /// It took too long, or too many asked at once.
    Slow,
    /// It could not be reached, or what came back was too long or no text; why.
    Unreachable(String),
    /// What came back does not fit; why.
    Json(String),
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "the lookup was refused: {}", refusal.why()),
            Self::Status(status) => write!(f, "the endpoint answered {status}"),
            Self::Slow => f.write_str("the endpoint is slow"),
            Self::Unreachable(why) => write!(f, "the endpoint cannot be reached: {why}"),
            Self::Json(why) => write!(f, "the endpoint's answer does not fit: {why}"),
        }
    }
}

impl std::error::Error for LookupError {}
