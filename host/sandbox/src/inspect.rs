//! What a component imports and exports, before any of it runs (I7).

use std::collections::BTreeSet;

use model::{Interface, PluginName};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::{LoadError, limits};

/// The versions of the contract that this host speaks.
const SPOKEN: &str = "1.0";

/// The magic number and version that every component begins with, and those of a plain module.
const COMPONENT_HEADER: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
const MODULE_HEADER: [u8; 8] = [0, b'a', b's', b'm', 1, 0, 0, 0];

/// Refuses what need not be compiled to be refused.
pub(crate) fn bytes(plugin: &PluginName, component: &[u8]) -> Result<(), LoadError> {
    if component.len() > limits::COMPONENT_BYTES {
        let (bytes, allowed) = (component.len(), limits::COMPONENT_BYTES);
        return Err(LoadError::TooLarge {
            plugin: plugin.clone(),
            bytes,
            allowed,
        });
    }
    if component.starts_with(&COMPONENT_HEADER) {
        return Ok(());
    }
    let message = if component.starts_with(&MODULE_HEADER) {
        "it is a plain module, not a component: link it with wasm-component-ld"
    } else {
        "it is no WebAssembly component"
    };
    Err(LoadError::Component {
        plugin: plugin.clone(),
        message: message.to_owned(),
    })
}

/// The interfaces a component imports beyond `types` and `log`; an error if it imports or lacks what no grant mends.
pub(crate) fn imports(
    plugin: &PluginName,
    engine: &Engine,
    component: &Component,
) -> Result<BTreeSet<Interface>, LoadError> {
    let world = component.component_type();
    let mut interfaces = BTreeSet::new();
    for (import, _) in world.imports(engine) {
        interfaces.extend(interface(plugin, import)?);
    }
    for export in ["describe", "check", "handle"] {
        if world.get_export(engine, export).is_none() {
            let message =
                format!("it exports no `{export}`: a plugin exports describe, check and handle");
            return Err(LoadError::Component {
                plugin: plugin.clone(),
                message,
            });
        }
    }
    Ok(interfaces)
}

/// The grant that an import needs; nothing for `types` and `log`.
fn interface(plugin: &PluginName, import: &str) -> Result<Option<Interface>, LoadError> {
    let foreign = || LoadError::Foreign {
        plugin: plugin.clone(),
        import: import.to_owned(),
    };
    let (name, version) = import
        .strip_prefix("tollgate:plugin/")
        .and_then(|rest| rest.split_once('@'))
        .ok_or_else(foreign)?;
    let minor = version
        .strip_prefix(SPOKEN)
        .and_then(|rest| rest.strip_prefix('.'));
    if !minor
        .is_some_and(|patch| !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(LoadError::Version {
            plugin: plugin.clone(),
            import: import.to_owned(),
            spoken: "1.0.x",
        });
    }
    match name {
        "types" | "log" => Ok(None),
        _ => Interface::parse(name).map(Some).ok_or_else(foreign),
    }
}
