//! The compiler's side: what the child process does.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::wire::{Order, Reply};
use crate::engine::{self, Build};
use crate::{limits, meter};

/// Compiles the one component that comes in on standard input, and says on standard output what became of it. It limits
/// itself before it looks at it.
///
/// A program that is named as [`crate::Compiler::Child`] calls this first thing and ends with what it returns.
#[must_use]
pub fn compile_child() -> ExitCode {
    // Nobody is told: if the host is gone, nobody is there, and if it is not, it sees that there was no reply.
    match serve(&mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let order = Order::read(from)?;
    let contained = contain(&order);
    let engine = engine::compiler().map_err(io::Error::other)?;
    let Build(build) = Build::of(&engine);
    if let Err(error) = contained {
        return Reply::Unable(format!("it cannot limit itself: {error}")).write(&build, to);
    }
    let most = meter::wide(limits::MOST_COMPONENT_BYTES);
    let mut component = Vec::new();
    from.take(order.component_bytes.min(most))
        .read_to_end(&mut component)?;
    if meter::wide(component.len()) != order.component_bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let reply = match engine.precompile_component(&component) {
        Ok(code) => Reply::Code(code),
        Err(error) if is_out_of_memory(&error) => Reply::TooMuchMemory,
        Err(error) => Reply::Refused(format!("{error:#}")),
    };
    reply.write(&build, to)
}

/// I8: what this process may use from here on. None of it can be taken back.
fn contain(order: &Order) -> io::Result<()> {
    // Should the host die, so does this process; if it died before, the processor time ends it.
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
    let bounds = [
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_FSIZE, 0),
        (Resource::RLIMIT_CPU, order.processor_seconds),
    ];
    for (resource, most) in bounds {
        lower(resource, most)?;
    }
    // The system of a developer's may have no such figure; it has no such limit either.
    if let Some(present) = address_space() {
        lower(
            Resource::RLIMIT_AS,
            present.saturating_add(order.memory_bytes),
        )?;
    }
    Ok(())
}

/// Lowers a limit, for good.
fn lower(resource: Resource, most: u64) -> io::Result<()> {
    let (_, hard) = getrlimit(resource)?;
    let most = most.min(hard);
    setrlimit(resource, most, most)?;
    Ok(())
}

/// The address space that this process has now, in bytes.
fn address_space() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmSize:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

fn is_out_of_memory(error: &wasmtime::Error) -> bool {
    let of_the_system = error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::OutOfMemory);
    of_the_system || error.is::<wasmtime::OutOfMemory>()
}
