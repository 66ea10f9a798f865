//! A plugin that tries everything the virtual WASI holds, as its settings say. The sandbox is tested with it.
//!
//! It stands for components of other languages: their standard libraries call the same functions.
#![cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "its exports exist in the component alone")
)]

mod bindings {
    #![allow(
        missing_docs,
        unreachable_pub,
        unsafe_code,
        clippy::all,
        clippy::allow_attributes,
        clippy::needless_pass_by_value,
        clippy::semicolon_if_nothing_returned,
        clippy::uninlined_format_args,
        reason = "generated code"
    )]
    wit_bindgen::generate!({ path: "wit", world: "test:wasi-guest/probe", generate_all });
}

use bindings::wasi::cli::{environment, exit, stderr, stdin, stdout};
use bindings::wasi::clocks::{monotonic_clock, wall_clock};
use bindings::wasi::filesystem::preopens;
use bindings::wasi::io::poll::poll;
use bindings::wasi::io::streams::StreamError;
use bindings::wasi::random::{insecure, insecure_seed, random};
use sdk::bindings::tollgate::plugin::gate;
use sdk::{Description, Failure, Known, Outcome, Outgoing, Plugin, Problems, Recipient, Turn};
use serde::Deserialize;

/// The plugin.
pub struct WasiGuest;

/// Its settings.
#[derive(Debug, Deserialize)]
pub struct Settings {
    act: Act,
    /// How much of it.
    #[serde(default)]
    count: u64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Act {
    /// Sends what it learns of time and chance.
    Probe,
    /// Sends what it learns of the machine.
    Machine,
    /// Sleeps for `count` nanoseconds in every way there is.
    Sleep,
    /// Asks for the time until it has changed.
    AwaitTime,
    /// Asks for `count` random bytes.
    Random,
    /// Writes `count` lines and one without an end to standard output, and a line to standard error.
    Print,
    /// Writes `count` pieces of 64 bytes, without an end of line.
    PrintBytes,
    /// Writes `count` zeroes at once.
    PrintZeroes,
    /// Calls `count` times.
    Flood,
    /// Opens `count` streams and keeps them.
    Hoard,
    /// Ends itself: well if `count` is 0.
    Exit,
}

impl Plugin for WasiGuest {
    type Settings = Settings;

    fn describe() -> Description {
        let now = wall_clock::now();
        let version = format!(
            "{}.{}.{:x}",
            now.seconds,
            now.nanoseconds,
            random::get_random_u64()
        );
        Description::new("wasi-guest", &version, "{}")
            .wants("gate", "it sends what it learns")
            .wants("wasi", "it tries everything")
    }

    fn check(_: &Settings, _: &Known, problems: &mut Problems) {
        problems.add("", chance_and_time());
    }

    fn handle(_: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
        match settings.act {
            Act::Probe => send(chance_and_time()),
            Act::Machine => send(machine()),
            Act::Sleep => sleep(settings.count),
            Act::AwaitTime => {
                let before = monotonic_clock::now();
                while monotonic_clock::now() == before {}
            }
            Act::Random => send(random::get_random_bytes(settings.count).len().to_string()),
            Act::Print => print(settings.count),
            Act::PrintBytes => {
                let output = stdout::get_stdout();
                (0..settings.count).for_each(|_| drop(output.write(&[b'x'; 64])));
            }
            Act::PrintZeroes => drop(stdout::get_stdout().write_zeroes(settings.count)),
            Act::Flood => (0..settings.count).for_each(|_| _ = wall_clock::now()),
            Act::Hoard => (0..settings.count).for_each(|_| std::mem::forget(stdout::get_stdout())),
            Act::Exit => exit::exit(if settings.count == 0 { Ok(()) } else { Err(()) }),
        }
        Ok(Outcome::Handled)
    }
}

sdk::export_plugin!(WasiGuest);

fn send(text: String) {
    let options = gate::SendOptions {
        from: None,
        quoting: false,
    };
    drop(gate::send(
        &Recipient::Contact,
        &Outgoing::Text(text),
        &options,
    ));
}

fn chance_and_time() -> String {
    let wall = wall_clock::now();
    format!(
        "{}.{:09} {} {} | {:x} {:x?} | {:x} {:x?} | {:x?}",
        wall.seconds,
        wall.nanoseconds,
        monotonic_clock::now(),
        monotonic_clock::resolution(),
        random::get_random_u64(),
        random::get_random_bytes(5),
        insecure::get_insecure_random_u64(),
        insecure::get_insecure_random_bytes(5),
        insecure_seed::insecure_seed(),
    )
}

fn machine() -> String {
    let input = stdin::get_stdin();
    let read = |read: Result<Vec<u8>, StreamError>| match read {
        Ok(bytes) => format!("{} bytes", bytes.len()),
        Err(StreamError::Closed) => "closed".to_owned(),
        Err(StreamError::LastOperationFailed(_)) => "failed".to_owned(),
    };
    format!(
        "environment {:?}, arguments {:?}, cwd {:?}, {} directories, stdin {} and {}",
        environment::get_environment(),
        environment::get_arguments(),
        environment::initial_cwd(),
        preopens::get_directories().len(),
        read(input.read(10)),
        read(input.blocking_read(10)),
    )
}

fn sleep(nanoseconds: u64) {
    monotonic_clock::subscribe_duration(nanoseconds).block();
    monotonic_clock::subscribe_instant(monotonic_clock::now() + nanoseconds).block();
    let (one, other) = (
        monotonic_clock::subscribe_duration(nanoseconds),
        monotonic_clock::subscribe_duration(0),
    );
    send(format!("{:?} {}", poll(&[&one, &other]), one.ready()));
}

fn print(lines: u64) {
    let (out, err) = (stdout::get_stdout(), stderr::get_stderr());
    for line in 0..lines {
        drop(out.blocking_write_and_flush(format!("line {line}\n").as_bytes()));
    }
    drop(err.blocking_write_and_flush(b"oh\n"));
    drop(out.blocking_write_and_flush(b"the "));
    drop(out.blocking_write_and_flush(b"rest"));
}
