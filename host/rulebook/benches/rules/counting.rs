//! How many bytes are allocated: an allocator that counts, around the product's.
#![expect(
    unsafe_code,
    reason = "an allocator cannot be wrapped without; it hands everything through"
)]

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use mimalloc::MiMalloc;

#[global_allocator]
static COUNTING: Counting = Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicUsize = AtomicUsize::new(0);

struct Counting;

/// Bytes that are allocated now.
pub(crate) fn live_bytes() -> usize {
    LIVE.load(Relaxed)
}

/// How often memory was asked for up to now.
pub(crate) fn allocations() -> usize {
    CALLS.load(Relaxed)
}

/// There is one thread: no other adds between the load and the store, and a lock would cost as much as what is measured.
fn add(to: &AtomicUsize, count: usize) {
    to.store(to.load(Relaxed).wrapping_add(count), Relaxed);
}

// SAFETY: every call goes to mimalloc unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(&LIVE, layout.size());
        add(&CALLS, 1);
        // SAFETY: the caller's promises are mimalloc's demands.
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        add(&LIVE, layout.size().wrapping_neg());
        // SAFETY: the caller's promises are mimalloc's demands.
        unsafe { MiMalloc.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(&LIVE, size.wrapping_sub(layout.size()));
        add(&CALLS, 1);
        // SAFETY: the caller's promises are mimalloc's demands.
        unsafe { MiMalloc.realloc(pointer, layout, size) }
    }
}
