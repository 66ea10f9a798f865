//! What a component is made of, and what it imports and exports, before anything is done with it (I7, I8).
//!
//! Pure over bytes: one pass, bounded by their number, which is looked at first. Nothing is compiled, copied or run.

mod imports;

use std::collections::BTreeSet;

use model::{Interface, PluginName};
use wasmparser::{
    BinaryReaderError, ComponentTypeRef, Instance, MemoryType, Parser, Payload, TypeBounds,
};

use crate::error::Bytes;
use crate::{LoadError, Source, limits};

pub(crate) use imports::Contract;

/// What is known of a component that is fit to be compiled.
#[derive(Debug)]
pub(crate) struct Outline {
    /// The version of the contract that it was built for.
    pub(crate) contract: Contract,
    /// What must be granted for its imports.
    pub(crate) interfaces: BTreeSet<Interface>,
}

/// The magic number and version that every component begins with, and those of a plain module.
const COMPONENT_HEADER: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
const MODULE_HEADER: [u8; 8] = [0, b'a', b's', b'm', 1, 0, 0, 0];

/// What a plugin exports.
const EXPORTS: [&str; 3] = ["describe", "check", "handle"];

/// Looks a component over; refuses what need not be compiled to be refused.
pub(crate) fn inspect(source: &Source<'_>) -> Result<Outline, LoadError> {
    whole(source)?;
    let mut found = Found::new(source);
    for payload in Parser::new(0).parse_all(source.component) {
        let payload = payload.map_err(|error| damaged(source.name, &error))?;
        found.take(&payload)?;
    }
    let (contract, interfaces) = imports::judge(source, &found.imports)?;
    for export in EXPORTS {
        if !found.exports.contains(export) {
            return Err(refused(
                source.name,
                format!("it exports no `{export}`: a plugin exports describe, check and handle"),
            ));
        }
    }
    Ok(Outline {
        contract: contract.ok_or_else(|| refused(source.name, imports::unversioned()))?,
        interfaces,
    })
}

/// Its size, and how it begins.
fn whole(source: &Source<'_>) -> Result<(), LoadError> {
    let (bytes, allowed) = (source.component.len(), source.limits.load.component_bytes);
    if bytes > limits::MOST_COMPONENT_BYTES {
        return Err(refused(
            source.name,
            format!(
                "the component has {}, and no plugin may have more than {}",
                Bytes(bytes),
                Bytes(limits::MOST_COMPONENT_BYTES)
            ),
        ));
    }
    if bytes > allowed {
        return Err(LoadError::PastLimit {
            plugin: source.name.clone(),
            problem: format!(
                "the component has {}, and {} are allowed",
                Bytes(bytes),
                Bytes(allowed)
            ),
            key: "component_bytes",
            enough: Bytes::of_mebibytes(bytes).to_string(),
        });
    }
    if source.component.starts_with(&COMPONENT_HEADER) {
        return Ok(());
    }
    let message = if source.component.starts_with(&MODULE_HEADER) {
        "it is a plain module, not a component: link it with wasm-component-ld"
    } else {
        "it is no WebAssembly component"
    };
    Err(refused(source.name, message.to_owned()))
}

/// What has been seen so far.
struct Found<'a> {
    source: &'a Source<'a>,
    depth: u32,
    modules: u32,
    components: u32,
    instances: u32,
    memories: u32,
    tables: u32,
    functions: u32,
    imported: u32,
    imports: Vec<&'a str>,
    exports: BTreeSet<&'a str>,
}

impl<'a> Found<'a> {
    fn new(source: &'a Source<'a>) -> Self {
        Self {
            source,
            depth: 0,
            modules: 0,
            components: 0,
            instances: 0,
            memories: 0,
            tables: 0,
            functions: 0,
            imported: 0,
            imports: Vec::new(),
            exports: BTreeSet::new(),
        }
    }

    fn take(&mut self, payload: &Payload<'a>) -> Result<(), LoadError> {
        let name = self.source.name;
        let damaged = |error: BinaryReaderError| damaged(name, &error);
        match payload {
            Payload::ModuleSection { .. } => {
                self.deeper()?;
                count(
                    name,
                    &mut self.modules,
                    limits::MODULES_PER_COMPONENT,
                    "core modules",
                )
            }
            Payload::ComponentSection { .. } => {
                self.deeper()?;
                let most = limits::COMPONENTS_PER_COMPONENT;
                count(
                    name,
                    &mut self.components,
                    most,
                    "components within the component",
                )
            }
            Payload::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                Ok(())
            }
            Payload::InstanceSection(instances) => {
                for instance in instances.clone() {
                    // The other kind is a bundle of names, which costs nothing.
                    if let Instance::Instantiate { .. } = instance.map_err(damaged)? {
                        let most = limits::MODULES_PER_COMPONENT;
                        count(name, &mut self.instances, most, "core instances")?;
                    }
                }
                Ok(())
            }
            Payload::MemorySection(memories) => {
                for memory in memories.clone() {
                    self.memory(&memory.map_err(damaged)?)?;
                }
                Ok(())
            }
            Payload::TableSection(tables) => {
                for table in tables.clone() {
                    self.table(table.map_err(damaged)?.ty.initial)?;
                }
                Ok(())
            }
            Payload::CodeSectionEntry(body) => self.function(body.range().len()),
            Payload::ComponentImportSection(imports) if self.depth == 0 => {
                for import in imports.clone() {
                    let import = import.map_err(damaged)?;
                    let most = limits::IMPORTS_PER_COMPONENT;
                    count(name, &mut self.imported, most, "imports")?;
                    // A name for a type of another import is nothing that could be reached.
                    if !matches!(import.ty, ComponentTypeRef::Type(TypeBounds::Eq(_))) {
                        self.imports.push(import.name.name);
                    }
                }
                Ok(())
            }
            Payload::ComponentExportSection(exports) if self.depth == 0 => {
                for export in exports.clone() {
                    let export = export.map_err(damaged)?.name.name;
                    if EXPORTS.contains(&export) {
                        self.exports.insert(export);
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn deeper(&mut self) -> Result<(), LoadError> {
        count(
            self.source.name,
            &mut self.depth,
            limits::NESTING,
            "levels of components within components",
        )
    }

    fn memory(&mut self, memory: &MemoryType) -> Result<(), LoadError> {
        let name = self.source.name;
        let most = limits::MEMORIES_PER_COMPONENT;
        count(name, &mut self.memories, most, "memories")?;
        // A page may be smaller than usual, never larger.
        let page_bytes = 1_u64 << memory.page_size_log2.unwrap_or(16).min(16);
        let bytes = memory.initial.saturating_mul(page_bytes);
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let allowed = self.source.limits.run.memory_bytes;
        if bytes > limits::MOST_MEMORY_BYTES {
            return Err(refused(
                name,
                format!(
                    "its memory begins with {}, and no plugin may have more than {}",
                    Bytes(bytes),
                    Bytes(limits::MOST_MEMORY_BYTES)
                ),
            ));
        }
        if bytes > allowed {
            return Err(LoadError::PastLimit {
                plugin: name.clone(),
                problem: format!(
                    "its memory begins with {}, and it may have {}",
                    Bytes(bytes),
                    Bytes(allowed)
                ),
                key: "memory",
                enough: Bytes::of_mebibytes(bytes).to_string(),
            });
        }
        Ok(())
    }

    fn table(&mut self, entries: u64) -> Result<(), LoadError> {
        let name = self.source.name;
        count(
            name,
            &mut self.tables,
            limits::TABLES_PER_COMPONENT,
            "tables",
        )?;
        if usize::try_from(entries).is_ok_and(|entries| entries <= limits::TABLE_ENTRIES) {
            return Ok(());
        }
        let allowed = limits::TABLE_ENTRIES;
        Err(refused(
            name,
            format!("one of its tables begins with {entries} entries, and {allowed} are allowed"),
        ))
    }

    fn function(&mut self, bytes: usize) -> Result<(), LoadError> {
        let name = self.source.name;
        let index = self.functions;
        let most = limits::FUNCTIONS_PER_COMPONENT;
        count(name, &mut self.functions, most, "functions")?;
        let allowed = self.source.limits.load.function_bytes;
        if bytes <= allowed {
            return Ok(());
        }
        Err(LoadError::PastLimit {
            plugin: name.clone(),
            problem: format!(
                "its function {index} has {} of code, and {} are allowed",
                Bytes(bytes),
                Bytes(allowed)
            ),
            key: "function_bytes",
            enough: Bytes::of_kibibytes(bytes).to_string(),
        })
    }
}

/// One more of something there may be only so much of.
fn count(
    plugin: &PluginName,
    seen: &mut u32,
    allowed: u32,
    what: &'static str,
) -> Result<(), LoadError> {
    *seen = seen.saturating_add(1);
    if *seen <= allowed {
        return Ok(());
    }
    Err(refused(
        plugin,
        format!("it has more than {allowed} {what}, which is the most that are allowed"),
    ))
}

fn damaged(plugin: &PluginName, error: &BinaryReaderError) -> LoadError {
    refused(
        plugin,
        format!(
            "the component is damaged at byte {}: {}",
            error.offset(),
            error.message()
        ),
    )
}

fn refused(plugin: &PluginName, message: String) -> LoadError {
    LoadError::Component {
        plugin: plugin.clone(),
        message,
    }
}
