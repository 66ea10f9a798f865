//! Symbols of a stripped component: an unstripped build of it, beside it.
//!
//! A component that ships without names is small; when it traps, nobody can say where. Its unstripped build has the very
//! same code and, in custom sections, names and lines. [`matching`] makes sure of the "very same": only then may the
//! one be compiled in the other's stead. [`stripped`] takes custom sections off, which is how a pair of both is made.

use wasmparser::{Parser, Payload};

/// The folder beside a component where its symbols are looked for, as `DIGEST.wasm`: the SHA-256 of the stripped
/// component, in hex.
pub const FOLDER: &str = "symbols";

/// Why an unstripped build is not that of a component.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Mismatch {
    /// One of the two cannot be read.
    #[error("the {which} cannot be read: {message}")]
    Unreadable {
        /// `component` or `symbols`.
        which: &'static str,
        /// What the reader says.
        message: String,
    },
    /// They differ in more than names and lines.
    #[error(
        "the symbols are not of this component: without names and lines they have {symbols_bytes} bytes, the component \
         has {component_bytes}, and the first difference is at byte {at}; build both from the same source at once"
    )]
    Differs {
        /// Where, in both as they are without custom sections.
        at: usize,
        /// The component's size without them.
        component_bytes: usize,
        /// The size of the other without them.
        symbols_bytes: usize,
    },
}

/// Whether `symbols` is the same component, apart from custom sections at whatever depth.
pub fn matching(component: &[u8], symbols: &[u8]) -> Result<(), Mismatch> {
    let component = read("component", component)?;
    let symbols = read("symbols", symbols)?;
    if component == symbols {
        return Ok(());
    }
    let same = component
        .iter()
        .zip(&symbols)
        .take_while(|(one, other)| one == other);
    Err(Mismatch::Differs {
        at: same.count(),
        component_bytes: component.len(),
        symbols_bytes: symbols.len(),
    })
}

/// The component without its custom sections, at whatever depth: the same code, without names and lines.
pub fn stripped(component: &[u8]) -> Result<Vec<u8>, Mismatch> {
    read("component", component)
}

fn read(which: &'static str, bytes: &[u8]) -> Result<Vec<u8>, Mismatch> {
    without_custom_sections(bytes).map_err(|error| Mismatch::Unreadable {
        which,
        message: error.message().to_owned(),
    })
}

const CUSTOM: u8 = 0;

/// The parser goes down into nested modules and components by itself: what is open is kept on a stack.
fn without_custom_sections(bytes: &[u8]) -> wasmparser::Result<Vec<u8>> {
    let mut done = Vec::new();
    let mut open: Vec<(u8, Vec<u8>)> = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        match &payload {
            Payload::Version { range, .. } => top(&mut open, &mut done)
                .extend_from_slice(bytes.get(range.clone()).unwrap_or_default()),
            // Its contents come as payloads of their own, up to an `End`.
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                let id = payload.as_section().map_or(CUSTOM, |(id, _)| id);
                open.push((id, Vec::new()));
            }
            Payload::End(_) => {
                if let Some((id, nested)) = open.pop() {
                    section(top(&mut open, &mut done), id, &nested);
                }
            }
            _ => {
                if let Some((id, range)) = payload.as_section().filter(|(id, _)| *id != CUSTOM) {
                    let contents = bytes.get(range).unwrap_or_default();
                    section(top(&mut open, &mut done), id, contents);
                }
            }
        }
    }
    Ok(done)
}

fn top<'a>(open: &'a mut [(u8, Vec<u8>)], outermost: &'a mut Vec<u8>) -> &'a mut Vec<u8> {
    open.last_mut().map_or(outermost, |(_, nested)| nested)
}

/// A section as the format has it: its kind, its size in LEB128, its contents.
fn section(into: &mut Vec<u8>, id: u8, contents: &[u8]) {
    into.push(id);
    let mut size = contents.len();
    loop {
        let low = u8::try_from(size & 0x7f).unwrap_or(0);
        size >>= 7;
        if size == 0 {
            into.push(low);
            break;
        }
        into.push(low | 0x80);
    }
    into.extend_from_slice(contents);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(text: &str) -> Vec<u8> {
        wat::parse_str(text).unwrap()
    }

    const NAMED: &str = r#"(component $outer (@custom "author" "somebody")
        (component $inner (core module $code (func $price (result i32) i32.const 7) (@custom "x" "y"))))"#;
    const BARE: &str = r"(component (component (core module (func (result i32) i32.const 7))))";

    #[test]
    fn names_at_any_depth_make_no_difference() {
        let (named, bare) = (component(NAMED), component(BARE));
        assert!(named.len() > bare.len());
        assert_eq!(stripped(&named).unwrap(), bare);
        assert_eq!(stripped(&bare).unwrap(), bare);
        assert_eq!(matching(&bare, &named), Ok(()));
        assert_eq!(matching(&named, &bare), Ok(()));
    }

    #[test]
    fn one_other_instruction_is_another_component() {
        let other = component(&NAMED.replace("i32.const 7", "i32.const 8"));
        let error = matching(&component(BARE), &other).unwrap_err();
        assert!(matches!(error, Mismatch::Differs { .. }), "{error}");
        assert!(
            error.to_string().contains("not of this component"),
            "{error}"
        );
    }

    #[test]
    fn what_cannot_be_read_is_said_by_its_name() {
        let error = matching(&component(BARE), b"\0asm\x0d\0\x01\0\xff\xff").unwrap_err();
        assert!(
            matches!(
                error,
                Mismatch::Unreadable {
                    which: "symbols",
                    ..
                }
            ),
            "{error}"
        );
    }

    #[test]
    fn a_component_within_must_end_where_it_ended() {
        let nested = component("(component (component (core module)) (core module))");
        let deeper = component("(component (component (core module) (core module)))");
        assert!(matching(&nested, &deeper).is_err());
    }
}
