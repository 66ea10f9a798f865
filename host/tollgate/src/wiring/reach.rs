//! What plugins may reach through the host: knowledge bases and endpoints.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use knowledge::{Folder, FolderOptions, Knowledge};
use lookup::{Caller, EndpointOptions, EndpointSecret, Lookup};
use model::{Answer, LookupAnswer, Question, TenantId};

use super::{WiringError, reveal};
use crate::config;

type Bases = BTreeMap<String, Arc<dyn Knowledge>>;
type Endpoints = BTreeMap<String, Arc<dyn Lookup>>;

/// A tenant's knowledge bases, opened. With the embedded defaults a folder may be missing: then nothing is known.
pub(super) fn knowledge(
    id: &TenantId,
    tenant: &config::Tenant,
    embedded: bool,
) -> Result<Bases, WiringError> {
    let mut bases = Bases::new();
    for (name, base) in &tenant.knowledge {
        if embedded && !base.folder.exists() {
            bases.insert(name.clone(), Arc::new(Nothing));
            continue;
        }
        let options = FolderOptions {
            least_score: base.least_score.number(),
            ..FolderOptions::default()
        };
        let folder =
            Folder::open(&base.folder, options).map_err(|error| WiringError::Knowledge {
                tenant: id.to_string(),
                name: name.clone(),
                cause: error.to_string(),
            })?;
        for problem in folder.standing().problems {
            tracing::warn!(tenant = %id, base = name, path = %problem.path, why = %problem.why, "a document is left out");
        }
        bases.insert(name.clone(), Arc::new(folder));
    }
    Ok(bases)
}

/// The folders of a tenant's knowledge bases are there, as far as a look without reading them can tell.
pub(super) fn demand_folders(
    id: &TenantId,
    tenant: &config::Tenant,
    embedded: bool,
) -> Result<(), WiringError> {
    for (name, base) in &tenant.knowledge {
        if !embedded && !base.folder.is_dir() {
            return Err(WiringError::Knowledge {
                tenant: id.to_string(),
                name: name.clone(),
                cause: format!(
                    "there is no folder {}: create it and put documents (.md, .txt) into it, or mend `folder`",
                    base.folder.display()
                ),
            });
        }
    }
    Ok(())
}

/// A tenant's endpoints, with their secrets.
pub(super) fn endpoints(id: &TenantId, tenant: &config::Tenant) -> Result<Endpoints, WiringError> {
    let mut endpoints = Endpoints::new();
    for (name, endpoint) in &tenant.endpoints {
        let place = format!("[tenant.{id}.endpoint.{name}] secret");
        let secret = match &endpoint.secret {
            Some(secret) => Some(EndpointSecret {
                header: endpoint.header.clone(),
                value: reveal(&place, secret)?,
            }),
            None => None,
        };
        let options = EndpointOptions {
            secret,
            timeout: endpoint.timeout.duration(),
            methods: endpoint.methods.as_slice().to_vec(),
            ..EndpointOptions::at(endpoint.url.as_str())
        };
        let made = lookup::Endpoint::new(options).map_err(|error| WiringError::Endpoint {
            tenant: id.to_string(),
            name: name.clone(),
            cause: error.to_string(),
        })?;
        endpoints.insert(name.clone(), Arc::new(made));
    }
    Ok(endpoints)
}

/// Names alone, where nothing is asked: rules are checked against them.
pub fn no_knowledge<N: ToString>(names: impl Iterator<Item = N>) -> Bases {
    let base = |name: N| (name.to_string(), Arc::new(Nothing) as Arc<dyn Knowledge>);
    names.map(base).collect()
}

/// The same for endpoints.
pub fn no_endpoints<N: ToString>(names: impl Iterator<Item = N>) -> Endpoints {
    let endpoint = |name: N| (name.to_string(), Arc::new(Nothing) as Arc<dyn Lookup>);
    names.map(endpoint).collect()
}

/// Knows nothing and reaches nothing.
struct Nothing;

#[async_trait]
impl Knowledge for Nothing {
    async fn ask(&self, _: &TenantId, _: &Question) -> Answer {
        Answer::NoAnswer
    }
}

#[async_trait]
impl Lookup for Nothing {
    async fn ask(&self, _: &TenantId, _: &Caller, _: &model::Lookup) -> LookupAnswer {
        LookupAnswer::Unreachable {
            cause: "nothing is asked here".to_owned(),
        }
    }
}
