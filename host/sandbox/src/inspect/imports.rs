//! What a component may import: the contract in a version that is spoken, and a virtual WASI if it was granted (I7).

use std::collections::BTreeSet;

use model::{Interface, PluginName};

use crate::{LoadError, Source, limits};

/// A version of the contract that this host speaks. `load` has an adapter for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contract {
    /// `wit/v1`.
    V1,
}

impl Contract {
    /// Each with the part of its number that counts: what comes after it adds nothing a plugin could notice.
    const SPOKEN: [(Self, &str); 1] = [(Self::V1, "1.0")];

    fn parse(version: &str) -> Option<Self> {
        Self::SPOKEN
            .into_iter()
            .find(|(_, number)| is_patch_of(version, number))
            .map(|(contract, _)| contract)
    }

    /// The versions that are spoken, in words.
    fn spoken() -> String {
        let versions = Self::SPOKEN.map(|(_, number)| format!("{number}.x"));
        versions.join(" and ")
    }
}

/// The part of WASI's number that the virtual one goes by.
const WASI: &str = "0.2";

/// The packages that the virtual WASI has.
const WASI_PACKAGES: [&str; 5] = ["cli", "clocks", "filesystem", "io", "random"];

/// What an import needs.
enum Needs {
    /// Nothing: `types` and `log`.
    Nothing(Contract),
    /// A grant.
    Grant(Contract, Interface),
    /// The grant of the virtual WASI.
    Wasi,
}

/// Which contract these imports are of, if of any, and what must be granted for them.
pub(super) fn judge(
    source: &Source<'_>,
    imports: &[&str],
) -> Result<(Option<Contract>, BTreeSet<Interface>), LoadError> {
    let mut contract = None;
    let mut interfaces = BTreeSet::new();
    let mut of_wasi = None;
    for import in imports {
        let of = match needs(source.name, import)? {
            Needs::Nothing(of) => of,
            Needs::Grant(of, interface) => {
                interfaces.insert(interface);
                of
            }
            Needs::Wasi => {
                of_wasi = of_wasi.or(Some(*import));
                interfaces.insert(Interface::Wasi);
                continue;
            }
        };
        if contract.replace(of).is_some_and(|other| other != of) {
            return Err(version(source.name, import));
        }
    }
    match of_wasi {
        Some(import) if !source.grants.interfaces.contains(&Interface::Wasi) => Err(
            LoadError::wasi_not_granted(source.name, source.grants, shown(import), &interfaces),
        ),
        _ => Ok((contract, interfaces)),
    }
}

/// What is said of a component that does not import the contract.
pub(super) fn unversioned() -> String {
    "it imports no `tollgate:plugin/types`, so that nothing says which version of the plugin contract it was built \
     for: build it against that of this host"
        .to_owned()
}

fn needs(plugin: &PluginName, import: &str) -> Result<Needs, LoadError> {
    let foreign = |reason: String| LoadError::Foreign {
        plugin: plugin.clone(),
        import: shown(import),
        reason,
    };
    if let Some(of_wasi) = import.strip_prefix("wasi:") {
        return wasi(of_wasi).map_err(foreign);
    }
    let (name, number) = import
        .strip_prefix("tollgate:plugin/")
        .and_then(|rest| rest.split_once('@'))
        .ok_or_else(|| {
            foreign(format!(
                "a plugin may import {}; build it for wasm32-unknown-unknown, where nothing else is imported",
                importable()
            ))
        })?;
    let contract = Contract::parse(number).ok_or_else(|| version(plugin, import))?;
    match name {
        "types" | "log" => Ok(Needs::Nothing(contract)),
        _ => Interface::parse(name)
            // Granted by that name, but no part of the contract.
            .filter(|interface| *interface != Interface::Wasi)
            .map(|interface| Needs::Grant(contract, interface))
            .ok_or_else(|| foreign(format!("a plugin may import {}", importable()))),
    }
}

/// What of WASI there is, by what follows `wasi:`; otherwise why not.
fn wasi(import: &str) -> Result<Needs, String> {
    let (package, rest) = import.split_once('/').unwrap_or((import, ""));
    if matches!(package, "sockets" | "http") {
        return Err(
            "a plugin has no network: it asks an endpoint that the operator named, with `lookup`"
                .to_owned(),
        );
    }
    let number = rest.split_once('@').map_or("", |(_, number)| number);
    if !WASI_PACKAGES.contains(&package) {
        return Err(format!(
            "the virtual WASI has {} and nothing else",
            WASI_PACKAGES.join(", ")
        ));
    }
    if !is_patch_of(number, WASI) {
        return Err(format!("the virtual WASI is of version {WASI}.x"));
    }
    Ok(Needs::Wasi)
}

/// Whether a version is this number with a patch after it, and no more.
fn is_patch_of(version: &str, number: &str) -> bool {
    version
        .strip_prefix(number)
        .and_then(|rest| rest.strip_prefix('.'))
        .is_some_and(|patch| !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit()))
}

fn version(plugin: &PluginName, import: &str) -> LoadError {
    LoadError::Version {
        plugin: plugin.clone(),
        import: shown(import),
        spoken: Contract::spoken(),
    }
}

/// What the contract has.
fn importable() -> String {
    let granted = Interface::ALL
        .into_iter()
        .filter(|interface| *interface != Interface::Wasi)
        .map(Interface::name);
    ["types", "log"]
        .into_iter()
        .chain(granted)
        .collect::<Vec<_>>()
        .join(", ")
}

/// A name of the component's, so that it can be shown: it may be as long as the component.
fn shown(name: &str) -> String {
    let mut shown: String = name.chars().take(limits::NAME_SHOWN).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    shown
}
