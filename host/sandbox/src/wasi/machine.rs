//! The machine that a plugin thinks it runs on: clocks that stand, chance that repeats, and nothing else.

use wasmtime::Result;
use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::cli::{
    environment, exit, stderr, stdin, stdout, terminal_input, terminal_output, terminal_stderr,
    terminal_stdin, terminal_stdout,
};
use wasmtime_wasi::p2::bindings::clocks::{monotonic_clock, wall_clock};
use wasmtime_wasi::p2::bindings::filesystem::preopens;
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable};

use super::console::Output;
use super::streams;
use crate::calls::Calls;
use crate::meter::Stop;

const MILLISECOND_NS: u64 = 1_000_000;

impl Calls {
    /// Milliseconds since 1970 began; a time before that is none.
    fn now_ms(&self) -> u64 {
        u64::try_from(self.wasi.now.0).unwrap_or(0)
    }

    /// Whether so many bytes of chance may cross: they are made on this side first.
    fn admit_chance(&mut self, length: u64) -> Result<usize> {
        self.meter.count_wasi_call()?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        self.meter.cross_string(length)?;
        Ok(length)
    }
}

impl wall_clock::Host for Calls {
    fn now(&mut self) -> Result<wall_clock::Datetime> {
        self.meter.count_wasi_call()?;
        let now_ms = self.now_ms();
        Ok(wall_clock::Datetime {
            seconds: now_ms / 1_000,
            nanoseconds: u32::try_from(now_ms % 1_000 * MILLISECOND_NS).unwrap_or(0),
        })
    }

    fn resolution(&mut self) -> Result<wall_clock::Datetime> {
        self.meter.count_wasi_call()?;
        Ok(wall_clock::Datetime {
            seconds: 0,
            nanoseconds: u32::try_from(MILLISECOND_NS).unwrap_or(u32::MAX),
        })
    }
}

impl monotonic_clock::Host for Calls {
    fn now(&mut self) -> Result<u64> {
        self.meter.count_wasi_call()?;
        Ok(self.now_ms().saturating_mul(MILLISECOND_NS))
    }

    fn resolution(&mut self) -> Result<u64> {
        self.meter.count_wasi_call()?;
        Ok(MILLISECOND_NS)
    }

    fn subscribe_instant(&mut self, _: u64) -> Result<Resource<DynPollable>> {
        self.meter.count_wasi_call()?;
        Ok(streams::ready())
    }

    fn subscribe_duration(&mut self, _: u64) -> Result<Resource<DynPollable>> {
        self.meter.count_wasi_call()?;
        Ok(streams::ready())
    }
}

impl random::Host for Calls {
    fn get_random_bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        let length = self.admit_chance(length)?;
        Ok(self.wasi.secure.bytes(length))
    }

    fn get_random_u64(&mut self) -> Result<u64> {
        self.meter.count_wasi_call()?;
        Ok(self.wasi.secure.number())
    }
}

impl insecure::Host for Calls {
    fn get_insecure_random_bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        let length = self.admit_chance(length)?;
        Ok(self.wasi.insecure.bytes(length))
    }

    fn get_insecure_random_u64(&mut self) -> Result<u64> {
        self.meter.count_wasi_call()?;
        Ok(self.wasi.insecure.number())
    }
}

impl insecure_seed::Host for Calls {
    fn insecure_seed(&mut self) -> Result<(u64, u64)> {
        self.meter.count_wasi_call()?;
        Ok((self.wasi.seed.number(), self.wasi.seed.number()))
    }
}

impl environment::Host for Calls {
    fn get_environment(&mut self) -> Result<Vec<(String, String)>> {
        self.meter.count_wasi_call()?;
        Ok(Vec::new())
    }

    fn get_arguments(&mut self) -> Result<Vec<String>> {
        self.meter.count_wasi_call()?;
        Ok(Vec::new())
    }

    fn initial_cwd(&mut self) -> Result<Option<String>> {
        self.meter.count_wasi_call()?;
        Ok(None)
    }
}

impl exit::Host for Calls {
    fn exit(&mut self, status: std::result::Result<(), ()>) -> Result<()> {
        self.exit_with_code(u8::from(status.is_err()))
    }

    fn exit_with_code(&mut self, code: u8) -> Result<()> {
        Err(Stop::Exit { code }.into())
    }
}

impl stdin::Host for Calls {
    fn get_stdin(&mut self) -> Result<Resource<DynInputStream>> {
        self.meter.count_wasi_call()?;
        Ok(streams::at_its_end())
    }
}

impl stdout::Host for Calls {
    fn get_stdout(&mut self) -> Result<Resource<DynOutputStream>> {
        self.meter.count_wasi_call()?;
        Ok(streams::writing_to(Output::Stdout))
    }
}

impl stderr::Host for Calls {
    fn get_stderr(&mut self) -> Result<Resource<DynOutputStream>> {
        self.meter.count_wasi_call()?;
        Ok(streams::writing_to(Output::Stderr))
    }
}

impl terminal_input::Host for Calls {}
impl terminal_input::HostTerminalInput for Calls {
    fn drop(&mut self, _: Resource<terminal_input::TerminalInput>) -> Result<()> {
        Ok(())
    }
}

impl terminal_output::Host for Calls {}
impl terminal_output::HostTerminalOutput for Calls {
    fn drop(&mut self, _: Resource<terminal_output::TerminalOutput>) -> Result<()> {
        Ok(())
    }
}

impl terminal_stdin::Host for Calls {
    fn get_terminal_stdin(&mut self) -> Result<Option<Resource<terminal_stdin::TerminalInput>>> {
        self.meter.count_wasi_call()?;
        Ok(None)
    }
}

impl terminal_stdout::Host for Calls {
    fn get_terminal_stdout(&mut self) -> Result<Option<Resource<terminal_stdout::TerminalOutput>>> {
        self.meter.count_wasi_call()?;
        Ok(None)
    }
}

impl terminal_stderr::Host for Calls {
    fn get_terminal_stderr(&mut self) -> Result<Option<Resource<terminal_stderr::TerminalOutput>>> {
        self.meter.count_wasi_call()?;
        Ok(None)
    }
}

impl preopens::Host for Calls {
    fn get_directories(&mut self) -> Result<Vec<(Resource<Descriptor>, String)>> {
        self.meter.count_wasi_call()?;
        Ok(Vec::new())
    }
}
