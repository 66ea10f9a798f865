//! A plugin that misbehaves on request: its settings say how. The sandbox is tested with it; the product does not carry it.

use std::cell::Cell;
use std::hint::black_box;

// The contract as it is, not as the sdk makes it comfortable: this guest tries what the sdk would not.
use sdk::bindings::tollgate::plugin::{consent, desk, gate, log};
use sdk::{
    Description, Failure, Known, Outcome, Outgoing, Plugin, Problems, Recipient, Turn, Unanswered,
};
use serde::Deserialize;

/// The plugin.
pub struct TestGuest;

/// Its settings.
#[derive(Debug, Deserialize)]
pub struct Settings {
    act: Act,
    /// How much of it.
    #[serde(default)]
    count: usize,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Act {
    /// Sends its whole turn back, as text.
    Echo,
    /// Returns at once, passing.
    Pass,
    /// Never ends.
    Loop,
    /// Sorts numbers without end: what ordinary work does to memory.
    Sort,
    /// Allocates without end.
    Grow,
    /// Calls itself without end.
    Recurse,
    /// Panics with words.
    Panic,
    /// Executes an instruction that traps, without a word.
    Trap,
    /// Traps in a function that a function calls, both with names to show.
    TrapDeep,
    /// Panics there.
    PanicDeep,
    /// Changes everything it can, sends a text, and then traps.
    SendThenTrap,
    /// Returns a failure of `count` bytes.
    Fail,
    /// Logs `count` empty lines.
    LogLines,
    /// Logs one line of `count` bytes.
    LogBytes,
    /// Sets `count` tags, whatever the answer.
    Tag,
    /// Sends `count` short texts, whatever the answer.
    Send,
    /// Sends one text of `count` bytes.
    SendBytes,
    /// Counts its runs in a static and in memory it leaked, and sends both counts.
    Remember,
    /// Writes to another phone than the contact's, from another number.
    Forge,
    /// Hands over to something that is no desk.
    ForgeDesk,
    /// Changes consent, and uses every function of the desk.
    Everything,
    /// Proposes a send while its settings are checked.
    SendInCheck,
    /// Never ends while its settings are checked.
    LoopInCheck,
    /// Waits in the host, then returns unanswered if it was refused.
    SendOnce,
}

thread_local! {
    static RUNS: Cell<u32> = const { Cell::new(0) };
    static LEAKED: Cell<Option<&'static Cell<u32>>> = const { Cell::new(None) };
}

impl Plugin for TestGuest {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new("test-guest", "1.0.0", "{}")
            .wants("gate", "it floods")
            .wants("consent", "it forges")
            .wants("desk", "it bothers people")
    }

    fn check(settings: &Settings, _: &Known, problems: &mut Problems) {
        match settings.act {
            Act::SendInCheck => drop(send("too early")),
            Act::LoopInCheck => run_for_ever(),
            Act::Remember => problems.add("act", format!("run {}", count_runs())),
            _ => {}
        }
    }

    fn handle(turn: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
        match settings.act {
            Act::Pass | Act::SendInCheck | Act::LoopInCheck => return Ok(Outcome::Passed),
            Act::Echo => drop(send(&format!("{turn:?}"))),
            Act::Loop => run_for_ever(),
            Act::Sort => sort_for_ever(),
            Act::Grow => grow_for_ever(),
            Act::Recurse => drop(black_box(recurse(1))),
            #[allow(clippy::panic, reason = "it is asked to")]
            Act::Panic => panic!("asked to panic by rule {}", turn.rule),
            Act::Trap => trap(),
            Act::TrapDeep => shop::total(settings.count),
            Act::PanicDeep => shop::total(usize::MAX),
            Act::SendThenTrap => {
                everything();
                drop(send("it must never leave"));
                trap();
            }
            Act::Fail => return Err(Failure::new("f".repeat(settings.count))),
            Act::LogLines => (0..settings.count).for_each(|_| log::line(log::Level::Info, "")),
            Act::LogBytes => log::line(log::Level::Warn, &"l".repeat(settings.count)),
            Act::Send => (0..settings.count).for_each(|index| drop(send(&format!("text {index}")))),
            Act::Tag => (0..settings.count).for_each(|_| drop(desk::tag("again"))),
            Act::SendBytes => drop(send(&"s".repeat(settings.count))),
            Act::Remember => drop(send(&format!("run {}", count_runs()))),
            Act::Forge => forge(),
            Act::ForgeDesk => drop(desk::hand_over("No Desk!", "note")),
            Act::Everything => everything(),
            Act::SendOnce => {
                return Ok(match send("once") {
                    Ok(()) => Outcome::Handled,
                    Err(_) => Outcome::Unanswered(Unanswered::Refused),
                });
            }
        }
        Ok(Outcome::Handled)
    }
}

sdk::export_plugin!(TestGuest);

fn send(text: &str) -> Result<(), sdk::Refusal> {
    let options = gate::SendOptions {
        from: None,
        quoting: false,
    };
    gate::send(
        &Recipient::Contact,
        &Outgoing::Text(text.to_owned()),
        &options,
    )
}

fn run_for_ever() {
    let mut turns = 0_u64;
    while black_box(turns) != u64::MAX {
        turns = black_box(turns.wrapping_add(2) & !1);
    }
}

fn sort_for_ever() {
    let mut numbers = vec![0_u64; 4096];
    let mut state = 1_u64;
    while black_box(state) != 0 {
        for number in &mut numbers {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *number = state >> 33;
        }
        numbers.sort_unstable();
        black_box(&numbers);
    }
}

fn grow_for_ever() {
    loop {
        let block: &'static mut [u8] = vec![1_u8; 256 * 1024].leak();
        black_box(block);
    }
}

#[allow(unconditional_recursion, reason = "it is asked to")]
fn recurse(depth: u64) -> u64 {
    let frame = black_box([depth; 16]);
    recurse(depth + 1) + black_box(frame.iter().sum::<u64>())
}

fn trap() {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
}

/// Functions whose names a trap must show.
mod shop {
    use std::hint::black_box;

    #[inline(never)]
    pub(super) fn total(count: usize) {
        match count {
            usize::MAX => no_price(),
            _ => black_box(price(black_box(count))),
        };
    }

    // Nothing else in it may trap, or the compiler makes one instruction of both, which is on no line.
    #[inline(never)]
    fn price(count: usize) -> usize {
        super::trap();
        count
    }

    #[inline(never)]
    #[allow(clippy::panic, reason = "it is asked to")]
    fn no_price() -> usize {
        panic!("no such price");
    }
}

fn count_runs() -> u32 {
    let leaked = LEAKED
        .get()
        .unwrap_or_else(|| Box::leak(Box::new(Cell::new(0))));
    LEAKED.set(Some(leaked));
    leaked.set(leaked.get() + 1);
    RUNS.set(RUNS.get() + 1);
    RUNS.get().max(leaked.get())
}

fn forge() {
    let options = gate::SendOptions {
        from: Some("100000000000099".to_owned()),
        quoting: true,
    };
    let to = Recipient::Phone("15550100001".to_owned());
    drop(gate::send(
        &to,
        &Outgoing::Text("psst".to_owned()),
        &options,
    ));
    drop(gate::send(
        &Recipient::Phone("+1 555 0100".to_owned()),
        &Outgoing::Text("psst".to_owned()),
        &options,
    ));
}

fn everything() {
    drop(consent::change(
        consent::Scope::Marketing,
        consent::Direction::OptOut,
    ));
    drop(desk::tag("vip"));
    drop(desk::untag("new"));
    drop(desk::hand_over("support", "please"));
    drop(desk::pause(7_200_000));
    drop(desk::resume());
    log::line(log::Level::Debug, "everything");
}
