//! Guests written by hand, for what no compiler would make: a core module of our own in a component of the contract's.

use std::fmt::Write as _;

use wasmparser::{Parser, Payload};

/// What every guest exports; one that does not say how gets the harmless way.
const EXPORTS: [(&str, &str); 8] = [
    ("memory", r#"(memory (export "memory") 2)"#),
    (
        "cabi_realloc",
        r#"(global $free (mut i32) (i32.const 16384))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
          (global.set $free (i32.and (i32.add (global.get $free) (i32.const 15)) (i32.const -16)))
          (global.get $free)
          (global.set $free (i32.add (global.get $free) (local.get 3))))"#,
    ),
    // All zeroes: no name, no version, no wants, no schema; no problems; handled.
    (
        "describe",
        r#"(func (export "describe") (result i32) (i32.const 512))"#,
    ),
    (
        "check",
        r#"(func (export "check") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
          (i32.const 512))"#,
    ),
    (
        "handle",
        r#"(func (export "handle") (param i32) (result i32) (i32.const 512))"#,
    ),
    (
        "cabi_post_describe",
        r#"(func (export "cabi_post_describe") (param i32))"#,
    ),
    (
        "cabi_post_check",
        r#"(func (export "cabi_post_check") (param i32))"#,
    ),
    (
        "cabi_post_handle",
        r#"(func (export "cabi_post_handle") (param i32))"#,
    ),
];

macro_rules! guests {
    ($($name:literal),* $(,)?) => {
        /// The text of a guest in `tests/guests`.
        fn text(name: &str) -> &'static str {
            match name {
                $($name => include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests/", $name, ".wat")),)*
                _ => panic!("there is no guest {name}"),
            }
        }
    };
}

guests![
    "aliased-strings",
    "bad-allocator",
    "bad-answer",
    "deep-recursion",
    "giant-description",
    "grow-in-start",
    "loop-in-describe",
    "loop-in-start",
    "lying-list",
    "lying-string",
    "overlapping-strings",
    "slow-allocator",
    "table-bomb",
    "torn-string",
    "trap-in-start",
];

/// The component of a guest in `tests/guests`: the test guest's, which was built from the contract, with another program.
pub(crate) fn handmade(name: &str) -> Vec<u8> {
    let own = text(name);
    let mut module = format!("(module {own}");
    for (export, default) in EXPORTS {
        if !own.contains(&format!(r#"(export "{export}")"#)) {
            write!(module, "\n{default}").unwrap();
        }
    }
    module.push(')');
    let module = wat::parse_str(&module).unwrap_or_else(|error| panic!("{name}: {error}"));
    with_program(crate::stage::stripped_test_guest(), &module)
}

/// The component with another module in place of its first, which is its program; the rest is glue.
fn with_program(component: &[u8], module: &[u8]) -> Vec<u8> {
    const MODULE_SECTION: u8 = 1;
    for payload in Parser::new(0).parse_all(component) {
        let Payload::ModuleSection {
            unchecked_range, ..
        } = payload.unwrap()
        else {
            continue;
        };
        // Before its contents stand the kind of the section and its size, which no component writes in more bytes than needed.
        let head = unchecked_range.start - leb128(unchecked_range.len()).len() - 1;
        assert_eq!(component[head], MODULE_SECTION);
        let size = leb128(module.len());
        return [
            &component[..=head],
            &size,
            module,
            &component[unchecked_range.end..],
        ]
        .concat();
    }
    panic!("the component has no module")
}

fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
