//! The components that ship, built from source and embedded.
//!
//! Owns: the bytes of each plugin under `plugins/` that is part of the product. `build.rs` makes them with a cargo of
//! its own, for `wasm32-unknown-unknown`, so that an ordinary build of whatever depends on this crate needs nothing else.
//! Promises: what is embedded was built from the sources beside it. Nothing here knows a runtime: it is data.
//! Bounds: none of its own; the sandbox caps a component's size.

/// `auto-reply`: answers with a text.
pub const AUTO_REPLY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/auto_reply.wasm"));
/// `kb-answer`: answers from a knowledge base.
pub const KB_ANSWER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/kb_answer.wasm"));
/// `router`: hands a conversation to people.
pub const ROUTER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/router.wasm"));
/// `opt-out`: words the confirmation of an opt-out.
pub const OPT_OUT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/opt_out.wasm"));
/// `test-guest`: misbehaves on request. For tests alone. It carries its names and lines.
#[cfg(feature = "test-guest")]
pub const TEST_GUEST: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/test_guest.wasm"));
/// `wasi-guest`: tries everything that the virtual WASI holds. For tests alone.
#[cfg(feature = "test-guest")]
pub const WASI_GUEST: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/wasi_guest.wasm"));
/// `fixture-v1`: a plugin built for version 1.0.0 of the contract. For tests alone.
#[cfg(feature = "test-guest")]
pub const FIXTURE_V1: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/fixture_v1.wasm"));
/// `auto-reply` with the target's standard allocator. For the benchmark alone.
#[cfg(feature = "bench")]
pub const AUTO_REPLY_WITH_STANDARD_ALLOCATOR: &[u8] = include_bytes!(concat!(
    env!("OUT_DIR"),
    "/auto_reply_with_standard_allocator.wasm"
));
/// `asking-guest`: remembers, asks and notes on request. For tests alone.
#[cfg(feature = "test-guest")]
pub const ASKING_GUEST: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/asking_guest.wasm"));

/// The examples in Rust, by the names of their folders under `examples`. For tests alone.
#[cfg(feature = "test-guest")]
#[must_use]
pub const fn examples() -> [(&'static str, &'static [u8]); 3] {
    [
        (
            "plugin-greeter",
            include_bytes!(concat!(env!("OUT_DIR"), "/plugin_greeter.wasm")),
        ),
        (
            "plugin-order-status",
            include_bytes!(concat!(env!("OUT_DIR"), "/plugin_order_status.wasm")),
        ),
        (
            "plugin-verify",
            include_bytes!(concat!(env!("OUT_DIR"), "/plugin_verify.wasm")),
        ),
    ]
}

/// The product's plugins by name.
#[must_use]
pub const fn all() -> [(&'static str, &'static [u8]); 4] {
    [
        ("auto-reply", AUTO_REPLY),
        ("kb-answer", KB_ANSWER),
        ("router", ROUTER),
        ("opt-out", OPT_OUT),
    ]
}
