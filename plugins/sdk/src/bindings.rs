//! The contract's types and functions, generated from `wit/v1`. Re-exported by the crate root; use them from there.
#![allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    clippy::all,
    clippy::allow_attributes,
    clippy::needless_pass_by_value,
    clippy::semicolon_if_nothing_returned,
    clippy::uninlined_format_args,
    reason = "generated code; its documentation is that of wit/v1"
)]

wit_bindgen::generate!({
    path: "../../wit/v1",
    world: "plugin",
    pub_export_macro: true,
    export_macro_name: "export_bindings",
    default_bindings_module: "sdk::bindings",
    additional_derives: [Clone, PartialEq],
    generate_unused_types: true,
});
