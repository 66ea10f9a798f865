//! The host's side of the contract, generated from `wit/v1`.
#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    clippy::all,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::redundant_clone,
    clippy::semicolon_if_nothing_returned,
    clippy::uninlined_format_args,
    clippy::map_unwrap_or,
    clippy::manual_let_else,
    reason = "generated code; its documentation is that of wit/v1"
)]

wasmtime::component::bindgen!({
    path: "../../wit/v1",
    world: "plugin",
    imports: {
        "tollgate:plugin/log.line": trappable,
        "tollgate:plugin/log.last-words": trappable,
        default: async | trappable,
    },
    exports: { default: async },
});

pub(crate) use self::tollgate::plugin::{
    consent, desk, gate, knowledge, log, lookup, memory, shared_memory, types,
};
