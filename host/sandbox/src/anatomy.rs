//! What a component is made of, for people: size, imports, exports. Nothing is compiled or judged.

use wasmparser::{BinaryReaderError, Parser, Payload};

/// What a component is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anatomy {
    /// Its size.
    pub bytes: usize,
    /// The size of its largest function.
    pub largest_function_bytes: usize,
    /// What its memories have at the start, together.
    pub memory_bytes: usize,
    /// The names of what it imports.
    pub imports: Vec<String>,
    /// The names of what it exports.
    pub exports: Vec<String>,
}

/// Bytes of a page of linear memory.
const PAGE: u64 = 65_536;

/// Takes a component apart. The error is the reader's, with the place.
pub fn anatomy(component: &[u8]) -> Result<Anatomy, String> {
    read(component).map_err(|error| error.to_string())
}

fn read(component: &[u8]) -> Result<Anatomy, BinaryReaderError> {
    let mut anatomy = Anatomy {
        bytes: component.len(),
        ..Anatomy::default()
    };
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CodeSectionEntry(body) => {
                let bytes = body.range().len();
                anatomy.largest_function_bytes = anatomy.largest_function_bytes.max(bytes);
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    let bytes = usize::try_from(memory?.initial.saturating_mul(PAGE));
                    let sum = anatomy
                        .memory_bytes
                        .saturating_add(bytes.unwrap_or(usize::MAX));
                    anatomy.memory_bytes = sum;
                }
            }
            // Of the outermost component alone: what is within is its own affair.
            Payload::ComponentImportSection(imports) if depth == 0 => {
                for import in imports {
                    let name = import?.name.name;
                    // A name without a package is a type of the world's own, and nothing that could be reached.
                    if name.contains(':') {
                        anatomy.imports.push(name.to_owned());
                    }
                }
            }
            Payload::ComponentExportSection(exports) if depth == 0 => {
                for export in exports {
                    anatomy.exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(anatomy)
}
