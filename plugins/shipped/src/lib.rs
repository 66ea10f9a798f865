//! The components that ship, built from source and embedded.
//!
//! Owns: the bytes of each plugin under `plugins/` that is part of the product. `build.rs` makes them with a cargo of
//! its own, for `wasm32-unknown-unknown`, so that an ordinary build of whatever depends on this crate needs nothing else.
//! Promises: what is embedded was built from the sources beside it. Nothing here knows a runtime: it is data.
//! Bounds: none of its own; the sandbox caps a component's size.

/// `auto-reply`: answers with a text.
pub const AUTO_REPLY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/auto_reply.wasm"));
/// `router`: hands a conversation to people.
pub const ROUTER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/router.wasm"));
/// `opt-out`: words the confirmation of an opt-out.
pub const OPT_OUT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/opt_out.wasm"));
/// `test-guest`: misbehaves on request. For tests alone.
#[cfg(feature = "test-guest")]
pub const TEST_GUEST: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/test_guest.wasm"));

/// The product's plugins by name.
#[must_use]
pub const fn all() -> [(&'static str, &'static [u8]); 3] {
    [
        ("auto-reply", AUTO_REPLY),
        ("router", ROUTER),
        ("opt-out", OPT_OUT),
    ]
}
