//! Lookup: a plugin asks an endpoint that the operator named, and the host says on whose behalf.
//!
//! Owns: the [`Lookup`] trait; [`Endpoint`], which is asked over HTTP; [`check`], which tells whether a request may be made at all.
//! Which endpoint a request names, whether the plugin may ask it, and how many ask at once, is the engine's.
//! Promises: a plugin chooses what lies below the endpoint's address, and nothing above or beside it. It sees neither address nor
//! secret, not in an error either. No redirect is followed, no proxy of the environment is used, nothing is asked twice. Secret and
//! phone stand in no error and no log line (I12).
//! Bounds: [`limits`].
//!
//! ```no_run
//! # async fn shown(tenant: model::TenantId, caller: lookup::Caller, request: model::Lookup) -> Result<(), Box<dyn std::error::Error>> {
//! use lookup::{Endpoint, EndpointOptions, Lookup as _};
//! let orders = Endpoint::new(EndpointOptions::at("https://orders.example/v1"))?;
//! let answer = orders.ask(&tenant, &caller, &request).await;
//! # Ok(()) }
//! ```
#![forbid(unsafe_code)]

mod endpoint;
pub mod limits;
mod request;

use std::fmt;

use async_trait::async_trait;
use model::{ContactId, ContactKey, LookupAnswer, TenantId};

pub use endpoint::{Endpoint, EndpointError, EndpointOptions, EndpointSecret, is_reserved};
pub use request::{Unfit, check};

/// Asks one endpoint.
#[async_trait]
pub trait Lookup: Send + Sync + 'static {
    /// Whether this endpoint may be asked this; nothing is asked. Whoever makes a request learns of a mistake before it is made.
    fn check(&self, request: &model::Lookup) -> Result<(), Unfit> {
        check(request)
    }

    /// Asks it, once; what it may not be asked is not asked here either. It keeps to the endpoint's own deadline, and says [`LookupAnswer::Slow`] when that has passed.
    async fn ask(
        &self,
        tenant: &TenantId,
        caller: &Caller,
        request: &model::Lookup,
    ) -> LookupAnswer;
}

/// On whose behalf an endpoint is asked. The host knows it, whatever a plugin says.
#[derive(Clone, PartialEq, Eq)]
pub struct Caller {
    /// The turn's contact.
    pub contact: ContactId,
    /// By what they are known.
    pub key: ContactKey,
    /// Names the request: the same for every attempt of a message at the same place, so that an endpoint can tell a repetition.
    pub request: String,
}

/// I12: without the full phone.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("contact", &self.contact)
            .field("key", &self.key.masked())
            .field("request", &self.request)
            .finish()
    }
}
