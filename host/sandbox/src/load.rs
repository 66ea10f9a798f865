//! From bytes to a plugin that may run.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use model::{Failure, Grants, Interface, PluginName};
use sha2::{Digest, Sha256};
use wasmtime::component::{Component, HasSelf, Linker};

use crate::calls::Calls;
use crate::contract::{PluginPre, consent, desk, gate, log, types};
use crate::plugin::{Loaded, Patience, failure};
use crate::{Description, LoadError, Plugin, Shared, Want, inspect};

pub(crate) fn load(
    shared: &Arc<Shared>,
    name: &PluginName,
    bytes: &[u8],
    grants: &Grants,
) -> Result<Plugin, LoadError> {
    inspect::bytes(name, bytes)?;
    let unfit = |error: wasmtime::Error| LoadError::Component {
        plugin: name.clone(),
        message: format!("{error:#}"),
    };
    let component = Component::new(&shared.engine, bytes).map_err(unfit)?;
    let imports = inspect::imports(name, &shared.engine, &component)?;

    let description = describe(shared, name, &component)?;
    demand_grants(name, grants, &imports, &description)?;

    let linker = linker(shared, &grants.interfaces).map_err(unfit)?;
    let instances = linker
        .instantiate_pre(&component)
        .and_then(PluginPre::new)
        .map_err(unfit)?;
    Ok(Plugin(Arc::new(Loaded {
        name: name.clone(),
        digest: hex::encode(Sha256::digest(bytes)),
        description,
        grants: grants.clone(),
        instances,
        shared: Arc::clone(shared),
    })))
}

/// I7: what is not granted is not linked.
fn linker(shared: &Shared, granted: &BTreeSet<Interface>) -> wasmtime::Result<Linker<Calls>> {
    let mut linker = Linker::new(&shared.engine);
    types::add_to_linker::<_, HasSelf<Calls>>(&mut linker, |calls| calls)?;
    log::add_to_linker::<_, HasSelf<Calls>>(&mut linker, |calls| calls)?;
    for interface in granted {
        match interface {
            Interface::Gate => {
                gate::add_to_linker::<_, HasSelf<Calls>>(&mut linker, |calls| calls)?;
            }
            Interface::Consent => {
                consent::add_to_linker::<_, HasSelf<Calls>>(&mut linker, |calls| calls)?;
            }
            Interface::Desk => {
                desk::add_to_linker::<_, HasSelf<Calls>>(&mut linker, |calls| calls)?;
            }
        }
    }
    Ok(linker)
}

/// Asks the component what it is, in an instance whose every import but the log traps.
fn describe(
    shared: &Shared,
    name: &PluginName,
    component: &Component,
) -> Result<Description, LoadError> {
    let failed = |failure| LoadError::Describe {
        plugin: name.clone(),
        failure,
    };
    let unfit = |error: wasmtime::Error| LoadError::Component {
        plugin: name.clone(),
        message: format!("{error:#}"),
    };
    let mut linker = linker(shared, &BTreeSet::new()).map_err(unfit)?;
    linker
        .define_unknown_imports_as_traps(component)
        .map_err(unfit)?;
    let instances = linker
        .instantiate_pre(component)
        .and_then(PluginPre::new)
        .map_err(unfit)?;

    // The pool has one slot beyond the runs' for this.
    let _one_at_a_time = shared
        .describing
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let mut store = shared.store(Calls::mute(shared.limits), Patience::Keeps);
    let ended = {
        let run = async {
            let instance = instances.instantiate_async(&mut store).await?;
            instance.call_describe(&mut store).await
        };
        // Nothing in it waits, neither for a host call nor for its turn, so that one look is enough.
        match pin!(run).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(ended) => ended,
            Poll::Pending => {
                return Err(failed(Failure::Host {
                    message: "it waited".to_owned(),
                }));
            }
        }
    };
    let said = ended.map_err(|error| failed(failure(&error, &store)))?;
    let wants = said
        .wants
        .into_iter()
        .map(|want| match Interface::parse(&want.interface) {
            Some(interface) => Ok(Want {
                interface,
                reason: want.reason,
            }),
            None => Err(LoadError::UnknownWant {
                plugin: name.clone(),
                interface: want.interface,
            }),
        });
    Ok(Description {
        name: said.name,
        version: said.version,
        wants: wants.collect::<Result<_, _>>()?,
        settings_schema: said.settings_schema,
    })
}

/// What is imported and what is wanted must have been granted, all of it.
fn demand_grants(
    name: &PluginName,
    grants: &Grants,
    imports: &BTreeSet<Interface>,
    description: &Description,
) -> Result<(), LoadError> {
    let mut needed: BTreeMap<Interface, Option<String>> =
        imports.iter().map(|interface| (*interface, None)).collect();
    needed.extend(
        description
            .wants
            .iter()
            .map(|want| (want.interface, Some(want.reason.clone()))),
    );
    let missing: Vec<_> = needed
        .into_iter()
        .filter(|(interface, _)| !grants.interfaces.contains(interface))
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(LoadError::not_granted(name, grants, missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(
        imports: &[Interface],
        wants: &[Interface],
        granted: &[Interface],
    ) -> Option<String> {
        let want = |interface: &Interface| Want {
            interface: *interface,
            reason: "it needs it".to_owned(),
        };
        let description = Description {
            name: "greeter".to_owned(),
            version: "1.0.0".to_owned(),
            wants: wants.iter().map(want).collect(),
            settings_schema: "{}".to_owned(),
        };
        let grants = Grants {
            interfaces: granted.iter().copied().collect(),
            ..Grants::default()
        };
        let name = PluginName::new("greeter").unwrap();
        demand_grants(
            &name,
            &grants,
            &imports.iter().copied().collect(),
            &description,
        )
        .err()
        .map(|error| error.to_string())
    }

    #[test]
    fn i07_what_is_wanted_must_be_granted_though_it_is_not_imported() {
        let said = missing(
            &[Interface::Gate],
            &[Interface::Gate, Interface::Desk],
            &[Interface::Gate],
        )
        .unwrap();
        assert!(
            said.contains("is not granted `desk` (it says: it needs it)"),
            "{said}"
        );
        assert!(
            said.contains(r#"write `grants = ["gate", "desk"]`"#),
            "{said}"
        );
    }

    #[test]
    fn i07_what_is_imported_must_be_granted_though_it_is_not_wanted() {
        let said = missing(&[Interface::Consent], &[], &[]).unwrap();
        assert!(
            said.contains("is not granted `consent` (it imports it and gives no reason)"),
            "{said}"
        );
    }

    #[test]
    fn a_grant_that_nobody_uses_does_no_harm() {
        assert_eq!(missing(&[], &[], &Interface::ALL), None);
    }
}
