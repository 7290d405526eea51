//! What the spans hold after a day is what they held before it, to the last octet: a counting allocator watches.

// An allocator cannot be written in safe Rust; this one only counts and passes on.
#![allow(unsafe_code)]

use day::{Day, Settings};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Octets held by this thread.
    static HELD: Cell<i64> = const { Cell::new(0) };
}

fn count(octets: i64) {
    // A thread at its very end has no counter any more.
    let _ended = HELD.try_with(|held| held.set(held.get() + octets));
}

struct Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: the caller keeps the system allocator's own contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as i64));
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn held() -> i64 {
    HELD.with(Cell::get)
}

#[test]
fn a_day_leaves_nothing_behind_in_memory() {
    let settings = Settings { calls: 4000, ..Settings::new(9) };
    // The same day, thrown away before it began.
    let before = held();
    let mut day = Day::without_samples(&settings);
    day.forget();
    let at_start = held() - before;
    drop(day);
    assert_eq!(held(), before);
    let mut day = Day::without_samples(&settings);
    day.live();
    day.assert_at_rest();
    day.forget();
    assert!(at_start > 100_000, "the spans themselves: {at_start} octets");
    assert_eq!(held() - before, at_start, "octets after the day, and at its start");
}
