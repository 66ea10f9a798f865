//! The guest's allocator: it hands out memory front to back and takes back only what it handed out last.
//!
//! An instance lives for one turn, so there is nothing to gain from freeing, and all to gain from touching few pages:
//! it starts in the memory that the module already has, `[__heap_base, memory.size)`, and asks the host for more
//! (`memory.grow`, which costs about as much as the rest of a turn) only when that is used up.
#![allow(unsafe_code, reason = "an allocator is unsafe by its interface")]

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32;
use core::cell::Cell;
use core::ptr;

const PAGE_BYTES: usize = 64 * 1024;

unsafe extern "C" {
    /// The linker's: where static data ends.
    static __heap_base: u8;
}

struct Bump {
    /// The first free address; 0 before the first allocation.
    next: Cell<usize>,
    /// Where the memory ends that is ours.
    end: Cell<usize>,
}

// SAFETY: a guest has one thread; the contract links no threads, and the host turns them off.
unsafe impl Sync for Bump {}

#[global_allocator]
static ALLOCATOR: Bump = Bump {
    next: Cell::new(0),
    end: Cell::new(0),
};

impl Bump {
    /// Reserves `[start, start + size)`, growing the memory if need be.
    fn reserve(&self, start: usize, size: usize) -> Option<usize> {
        let end = start.checked_add(size)?;
        if end > self.end.get() {
            let missing_pages = (end - self.end.get()).div_ceil(PAGE_BYTES);
            if wasm32::memory_grow::<0>(missing_pages) == usize::MAX {
                return None;
            }
            self.end.set(self.end.get() + missing_pages * PAGE_BYTES);
        }
        self.next.set(end);
        Some(start)
    }
}

// SAFETY: every block lies within [__heap_base, memory.size), is aligned by `alloc`, and overlaps no other: `next` moves
// back only over the block handed out last, in `dealloc` and `realloc`, whose callers own that block.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if self.next.get() == 0 {
            self.next.set(&raw const __heap_base as usize);
            self.end.set(wasm32::memory_size::<0>() * PAGE_BYTES);
        }
        // Alignments are powers of two; `next_multiple_of` would divide.
        let beyond = layout.align() - 1;
        let start = self.next.get().checked_add(beyond);
        let start = start.map(|start| start & !beyond);
        match start.and_then(|start| self.reserve(start, layout.size())) {
            Some(start) => start as *mut u8,
            None => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if block as usize + layout.size() == self.next.get() {
            self.next.set(block as usize);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let start = block as usize;
        if start + layout.size() == self.next.get() {
            return match self.reserve(start, new_size) {
                Some(_) => block,
                None => ptr::null_mut(),
            };
        }
        if new_size <= layout.size() {
            return block;
        }
        // SAFETY: `GlobalAlloc::realloc` has its caller vouch that `new_size`, rounded up to the alignment, fits.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: a new block overlaps no other, and the old one holds `layout.size()` bytes, fewer than `new_size`.
        unsafe {
            let new_block = self.alloc(new_layout);
            if !new_block.is_null() {
                ptr::copy_nonoverlapping(block, new_block, layout.size());
            }
            new_block
        }
    }
}
