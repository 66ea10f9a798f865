//! The virtual WASI of components whose languages cannot do without (grant `wasi`). It holds nothing of the machine's.
//!
//! Both clocks stand at the turn's `now`. Randomness comes from the turn's seed, so that a run repeats (I9). There are no
//! arguments, no environment and no directories, so that no file can be named; standard input is at its end. What is
//! written to standard output and standard error becomes lines of the plugin's log, within its limits. Nothing waits:
//! on a clock that never moves a sleep would never end, so that every one is over at once, and so is every poll. Whoever
//! waits for time to pass by asking for it burns its fuel. `wasi:cli/exit` ends the run as a failure.
//!
//! `wasi:sockets` and `wasi:http` are not here: no grant covers them.
//! Bounds: `limits::WASI_CALLS`; what crosses counts against the run's own limits. Streams and pollables are mere
//! numbers, so that opening a million of them holds nothing on this side.

mod chance;
mod console;
mod machine;
mod streams;

use model::Moment;
use wasmtime::component::{HasSelf, Linker, ResourceTable};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemCtx, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, random};
use wasmtime_wasi_io::bindings::wasi::io;

use self::chance::Chance;
use self::console::Console;
use crate::calls::Calls;

/// What one run's virtual WASI holds.
pub(crate) struct Wasi {
    now: Moment,
    secure: Chance,
    insecure: Chance,
    seed: Chance,
    console: Console,
    /// No directory is open and none can be opened. The types of files are wasmtime's, which wants these.
    files: Option<Box<(WasiFilesystemCtx, ResourceTable)>>,
}

impl Wasi {
    /// Clocks that stand at `now`, and randomness from `seed`.
    pub(crate) fn new(now: Moment, seed: [u8; 32]) -> Self {
        Self {
            now,
            secure: Chance::new(seed, "random"),
            insecure: Chance::new(seed, "insecure"),
            seed: Chance::new(seed, "insecure-seed"),
            console: Console::default(),
            files: None,
        }
    }
}

impl Calls {
    fn files(&mut self) -> WasiFilesystemCtxView<'_> {
        let (ctx, table) = &mut **self.wasi.files.get_or_insert_default();
        WasiFilesystemCtxView { ctx, table }
    }
}

/// Links every interface there is.
pub(crate) fn add_to_linker(linker: &mut Linker<Calls>) -> wasmtime::Result<()> {
    type Own = HasSelf<Calls>;
    fn own(calls: &mut Calls) -> &mut Calls {
        calls
    }

    io::error::add_to_linker::<_, Own>(linker, own)?;
    io::poll::add_to_linker::<_, Own>(linker, own)?;
    io::streams::add_to_linker::<_, Own>(linker, own)?;

    clocks::wall_clock::add_to_linker::<_, Own>(linker, own)?;
    clocks::monotonic_clock::add_to_linker::<_, Own>(linker, own)?;

    random::random::add_to_linker::<_, Own>(linker, own)?;
    random::insecure::add_to_linker::<_, Own>(linker, own)?;
    random::insecure_seed::add_to_linker::<_, Own>(linker, own)?;

    cli::environment::add_to_linker::<_, Own>(linker, own)?;
    cli::exit::add_to_linker::<_, Own>(linker, own)?;
    cli::stdin::add_to_linker::<_, Own>(linker, own)?;
    cli::stdout::add_to_linker::<_, Own>(linker, own)?;
    cli::stderr::add_to_linker::<_, Own>(linker, own)?;
    cli::terminal_input::add_to_linker::<_, Own>(linker, own)?;
    cli::terminal_output::add_to_linker::<_, Own>(linker, own)?;
    cli::terminal_stdin::add_to_linker::<_, Own>(linker, own)?;
    cli::terminal_stdout::add_to_linker::<_, Own>(linker, own)?;
    cli::terminal_stderr::add_to_linker::<_, Own>(linker, own)?;

    filesystem::preopens::add_to_linker::<_, Own>(linker, own)?;
    filesystem::types::add_to_linker::<_, WasiFilesystem>(linker, Calls::files)?;
    Ok(())
}
