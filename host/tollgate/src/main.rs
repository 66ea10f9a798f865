//! The `tollgate` binary.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use tollgate::command::{self, Cli};

/// Chosen for the hot path: many small short-lived allocations on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Not for people: the sandbox compiles plugins in a child that can be killed, and that child is this program.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == tollgate::wiring::COMPILE)
    {
        return sandbox::compile_child();
    }
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            command::complain(&format!("the runtime could not be started: {error}"));
            return ExitCode::from(1);
        }
    };
    let outcome = runtime.block_on(command::run(cli));
    // Reading a terminal blocks a thread that nothing can wake: do not wait for it.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            command::complain(&failure.message);
            ExitCode::from(failure.exit_code)
        }
    }
}
