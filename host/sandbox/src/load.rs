//! From bytes to a plugin that may run.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use model::{Failure, Grants, Interface, PluginName, Span};
use sha2::{Digest, Sha256};
use wasmtime::component::{Component, HasSelf, Linker};

use crate::calls::Calls;
use crate::code::Entry;
use crate::compile::{self, Failed};
use crate::contract::{
    PluginPre, consent, desk, gate, knowledge, log, lookup, memory, shared_memory, types,
};
use crate::error::Bytes;
use crate::inspect::Contract;
use crate::limits::{self, Limits, LoadLimits, MOST_MEMORY_BYTES, RunLimits};
use crate::plugin::{Loaded, Patience, failure};
use crate::symbols::matching;
use crate::{Description, HowLoaded, LoadError, Plugin, Shared, Source, Want, inspect, wasi};

pub(crate) fn load(shared: &Arc<Shared>, source: &Source<'_>) -> Result<Plugin, LoadError> {
    let Source {
        name,
        component: bytes,
        grants,
        limits,
        symbols,
    } = *source;
    within_bounds(name, limits)?;
    let outline = inspect::inspect(source)?;
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let (component, how_loaded) = match symbols.map(|symbols| (symbols, matching(bytes, symbols))) {
        // The very same code, with names.
        Some((symbols, Ok(()))) => compiled(shared, source, symbols)?,
        Some((_, Err(mismatch))) => {
            tracing::warn!(plugin = %name, "{mismatch}");
            compiled(shared, source, bytes)?
        }
        None => compiled(shared, source, bytes)?,
    };

    let linker = |granted: &BTreeSet<Interface>| match outline.contract {
        Contract::V1 => linker(shared, granted),
    };
    let unfit = |error| unfit(name, &error);
    // While it says what it is, nobody is behind the interfaces: whoever calls one but WASI, which some could not even
    // begin without and which holds nothing, is ended. `inspect` has let through no other import.
    let mute = linker(&Interface::ALL.into()).map_err(unfit)?;
    let description = describe(shared, name, &component, &mute, limits.run)?;
    demand_grants(name, grants, &outline.interfaces, &description)?;

    let instances = linker(&grants.interfaces)
        .and_then(|linker| linker.instantiate_pre(&component))
        .and_then(PluginPre::new)
        .map_err(unfit)?;
    Ok(Plugin(Arc::new(Loaded {
        name: name.clone(),
        digest: hex::encode(digest),
        description,
        grants: grants.clone(),
        limits: *limits,
        how_loaded,
        instances,
        shared: Arc::clone(shared),
    })))
}

/// What an operator may ask for is bounded, too: the pool's slots are of one size.
fn within_bounds(name: &PluginName, limits: &Limits) -> Result<(), LoadError> {
    if limits.run.memory_bytes <= MOST_MEMORY_BYTES {
        return Ok(());
    }
    Err(LoadError::Component {
        plugin: name.clone(),
        message: format!(
            "`memory` under `[plugin.{name}.limits]` in tollgate.toml is {}, and no plugin may have more than {}",
            Bytes(limits.run.memory_bytes),
            Bytes(MOST_MEMORY_BYTES)
        ),
    })
}

/// Its code, from the cache if it is there.
fn compiled(
    shared: &Shared,
    source: &Source<'_>,
    code: &[u8],
) -> Result<(Component, HowLoaded), LoadError> {
    let entry = Entry::new(&Sha256::digest(code).into(), &shared.build);
    if let Some(component) = cached(shared, &entry) {
        return Ok((component, HowLoaded::Cached));
    }
    let _one_at_a_time = shared
        .compiling
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let (name, bytes) = (source.name, code.len());
    let is_told = bytes >= limits::TOLD_FROM_BYTES;
    if is_told {
        tracing::info!(plugin = %name, bytes, "compiling a plugin");
    }
    let began = Instant::now();
    let code = compile::compile(shared, code, &source.limits.load)
        .map_err(|failed| uncompiled(name, &source.limits.load, failed))?;
    let took = began.elapsed();
    if is_told {
        let took_ms = took.as_millis();
        tracing::info!(plugin = %name, bytes, took_ms, "compiled a plugin");
    }
    let component = code
        .load(&shared.engine)
        .map_err(|error| unfit(name, &error))?;
    if let Some(cache) = &shared.cache {
        cache.keep(&entry, &code);
    }
    Ok((component, HowLoaded::Compiled(took)))
}

fn cached(shared: &Shared, entry: &Entry) -> Option<Component> {
    let cache = shared.cache.as_ref()?;
    let code = cache.code(entry)?;
    match code.load(&shared.engine) {
        Ok(component) => {
            cache.served();
            Some(component)
        }
        Err(error) => {
            cache.failed(entry, &error);
            None
        }
    }
}

/// Why there is no code, as the operator is told.
fn uncompiled(name: &PluginName, limits: &LoadLimits, failed: Failed) -> LoadError {
    let plugin = name.clone();
    match failed {
        Failed::Refused(message) => LoadError::Component { plugin, message },
        Failed::TooLong => LoadError::PastLimit {
            plugin,
            problem: format!("compiling it took longer than {}", limits.compile_time),
            key: "compile_time",
            enough: twice(limits.compile_time).to_string(),
        },
        Failed::TooMuchMemory => LoadError::PastLimit {
            plugin,
            problem: format!(
                "compiling it needed more than {}",
                Bytes(limits.compile_memory_bytes)
            ),
            key: "compile_memory",
            enough: Bytes::of_mebibytes(limits.compile_memory_bytes.saturating_mul(2)).to_string(),
        },
        Failed::Crashed(message) => LoadError::Component {
            plugin,
            message: format!("compiling it crashed the compiler: {message}"),
        },
        Failed::Unusable(message) => LoadError::Compiler { plugin, message },
    }
}

/// Twice as long; a second at least.
fn twice(span: Span) -> Span {
    let milliseconds = u64::try_from(span.duration().as_millis()).unwrap_or(u64::MAX);
    Span::from_millis(milliseconds.saturating_mul(2).max(1000))
}

fn unfit(name: &PluginName, error: &wasmtime::Error) -> LoadError {
    LoadError::Component {
        plugin: name.clone(),
        message: format!("{error:#}"),
    }
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
            Interface::Memory => {
                memory::add_to_linker::<_, HasSelf<Calls>>(&mut linker, |calls| calls)?;
            }
            Interface::SharedMemory => {
                shared_memory::add_to_linker::<_, HasSelf<Calls>>(&mut linker, |calls| calls)?;
            }
            Interface::Knowledge => {
                knowledge::add_to_linker::<_, HasSelf<Calls>>(&mut linker, |calls| calls)?;
            }
            Interface::Lookup => {
                lookup::add_to_linker::<_, HasSelf<Calls>>(&mut linker, |calls| calls)?;
            }
            Interface::Wasi => wasi::add_to_linker(&mut linker)?,
        }
    }
    Ok(linker)
}

/// Asks the component what it is, in an instance that has nobody to talk to.
fn describe(
    shared: &Shared,
    name: &PluginName,
    component: &Component,
    linker: &Linker<Calls>,
    limits: RunLimits,
) -> Result<Description, LoadError> {
    let failed = |failure| LoadError::Describe {
        plugin: name.clone(),
        failure,
    };
    let unfit = |error| unfit(name, &error);
    let instances = linker
        .instantiate_pre(component)
        .and_then(PluginPre::new)
        .map_err(unfit)?;

    // The pool has one slot beyond the runs' for this.
    let _one_at_a_time = shared
        .describing
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let mut store = shared.store(Calls::mute(limits), Patience::Keeps);
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
    let description = Description {
        name: said.name,
        version: said.version,
        wants: wants.collect::<Result<_, _>>()?,
        settings_schema: said.settings_schema,
    };
    match description.fault() {
        None => Ok(description),
        Some(fault) => Err(failed(Failure::Said { message: fault })),
    }
}

impl Description {
    /// What is wrong with it: people read it in lists and terminals.
    fn fault(&self) -> Option<String> {
        let line = |what: &str, text: &str, most: usize| {
            let count = text.chars().count();
            if count > most {
                Some(format!(
                    "its {what} has {count} characters, and {most} are allowed"
                ))
            } else if text.chars().any(char::is_control) {
                Some(format!("its {what} holds a control character"))
            } else {
                None
            }
        };
        let repeated = |(index, want): (usize, &Want)| {
            let earlier = self.wants.iter().take(index);
            earlier
                .clone()
                .any(|earlier| earlier.interface == want.interface)
                .then(|| format!("it wants `{}` twice", want.interface))
        };
        let schema = serde_json::from_str::<serde_json::Value>(&self.settings_schema);
        line("name", &self.name, limits::NAME_CHARS)
            .or_else(|| line("version", &self.version, limits::VERSION_CHARS))
            .or_else(|| self.wants.iter().enumerate().find_map(repeated))
            .or_else(|| {
                let mut reasons = self.wants.iter();
                reasons.find_map(|want| line("reason", &want.reason, limits::REASON_CHARS))
            })
            .or_else(|| match schema {
                // One that says nothing of its settings says nothing wrong.
                _ if self.settings_schema.is_empty() => None,
                Ok(serde_json::Value::Object(_)) => None,
                Ok(_) => Some("its settings schema is no JSON object".to_owned()),
                Err(error) => Some(format!("its settings schema is no JSON: {error}")),
            })
    }
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
