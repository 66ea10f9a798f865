//! The host's side: starts the compiler, feeds it, hears it out, and ends it.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::sync_channel;
use std::thread::{self, ScopedJoinHandle};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::Failed;
use super::wire::{Order, Reply};
use crate::code::Code;
use crate::engine::Build;
use crate::limits::{self, LoadLimits};
use crate::meter::wide;

pub(super) fn compile(
    program: &Path,
    arguments: &[OsString],
    build: Build,
    component: &[u8],
    limits: &LoadLimits,
) -> Result<Code, Failed> {
    let unusable = |error: io::Error| {
        Failed::Unusable(format!("{} cannot be started: {error}", program.display()))
    };
    let child = Command::new(program)
        .args(arguments)
        // It needs nothing of ours, and what it compiles is not ours: it gets to see none of it.
        .env_clear()
        // The binary's allocator would otherwise take a gibibyte of address space at once, which is what is limited.
        .env("MIMALLOC_ARENA_RESERVE", "16MiB")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A group of its own, so that whatever it starts ends with it.
        .process_group(0)
        .spawn()
        .map_err(unusable)?;
    let heard = hear_out(child, component, limits).map_err(unusable)?;
    heard.judge(build)
}

/// What is known of a child that is gone.
struct Heard {
    /// Whether it had to be ended because its time was up.
    ended: bool,
    said: Vec<u8>,
    /// What it said on its standard error.
    complained: Vec<u8>,
    status: ExitStatus,
}

/// Gives the child its order and waits for what it says, until its time is up. It is gone afterwards, in any case.
fn hear_out(child: Child, component: &[u8], limits: &LoadLimits) -> io::Result<Heard> {
    let mut child = Mortal(child);
    let (Some(stdin), Some(stdout), Some(stderr)) = (
        child.0.stdin.take(),
        child.0.stdout.take(),
        child.0.stderr.take(),
    ) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let order = order(component, limits);
    // Each pipe has a thread, so that none waits for another. They end when the child does, which holds the other ends.
    thread::scope(|scope| {
        // Within the scope, so that a way out of it ends the child before it waits for the threads.
        let mut child = child;
        let named = |name: &str| thread::Builder::new().name(format!("compiler-{name}"));
        named("in").spawn_scoped(scope, move || {
            let mut stdin = stdin;
            // A child that does not listen is about to be found dead.
            drop(
                order
                    .write(&mut stdin)
                    .and_then(|()| stdin.write_all(component)),
            );
        })?;
        let complained = named("err").spawn_scoped(scope, move || {
            read_some(stderr, limits::COMPILER_WORDS_BYTES)
        })?;
        let (done, is_done) = sync_channel(1);
        let said = named("out").spawn_scoped(scope, move || {
            let said = read_some(stdout, limits::MOST_CODE_BYTES);
            // Nobody waits for it any more if the time is up.
            let _ = done.send(());
            said
        })?;
        let ended = is_done
            .recv_timeout(limits.compile_time.duration())
            .is_err();
        // It has said all it had to say, or it is too late for it.
        let status = child.end()?;
        Ok(Heard {
            ended,
            said: joined(said),
            complained: joined(complained),
            status,
        })
    })
}

fn order(component: &[u8], limits: &LoadLimits) -> Order {
    let seconds = limits.compile_time.duration().as_secs();
    Order {
        memory_bytes: wide(limits.compile_memory_bytes),
        // The host's deadline is the one that counts. This one is for a child whose host is gone.
        processor_seconds: seconds.saturating_add(1),
        component_bytes: wide(component.len()),
    }
}

impl Heard {
    fn judge(self, build: Build) -> Result<Code, Failed> {
        if self.ended {
            return Err(Failed::TooLong);
        }
        if let Some((answered, reply)) = Reply::parse(self.said) {
            if answered != build.0 {
                return Err(Failed::Unusable(
                    "it is not of the same build as this host: start the host again if it was just replaced"
                        .to_owned(),
                ));
            }
            return match reply {
                Reply::Code(code) => Ok(Code::of_our_compiler(code)),
                Reply::Refused(message) => Err(Failed::Refused(message)),
                Reply::TooMuchMemory => Err(Failed::TooMuchMemory),
                Reply::Unable(message) => Err(Failed::Unusable(message)),
            };
        }
        let words = String::from_utf8_lossy(&self.complained);
        // What the standard library says when an allocation fails, before it aborts.
        if words.contains("memory allocation of") {
            return Err(Failed::TooMuchMemory);
        }
        if self.status.signal() == Some(Signal::SIGXCPU as i32) {
            return Err(Failed::TooLong);
        }
        let words = words.lines().find(|line| !line.trim().is_empty());
        Err(Failed::Crashed(match words {
            Some(words) => format!("{}: {}", self.status, words.trim()),
            None => self.status.to_string(),
        }))
    }
}

/// A child that does not outlive this value.
struct Mortal(Child);

impl Mortal {
    /// Ends it and all it started, and says how it ended if it had ended by itself.
    fn end(&mut self) -> io::Result<ExitStatus> {
        // Not reaped yet, so that the number is still its own. An error means that there is nothing left to end.
        if let Ok(id) = i32::try_from(self.0.id()) {
            let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        }
        self.0.wait()
    }
}

impl Drop for Mortal {
    fn drop(&mut self) {
        // `wait` remembers: ending it twice is ending it once.
        if !matches!(self.0.try_wait(), Ok(Some(_))) {
            drop(self.end());
        }
    }
}

/// Reads to the end, but no more than so much: who says more is not heard out.
fn read_some(from: impl Read, most: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What was read before an error is what was said.
    drop(from.take(wide(most)).read_to_end(&mut bytes));
    bytes
}

/// What a thread read; nothing if it could not.
fn joined(thread: ScopedJoinHandle<'_, Vec<u8>>) -> Vec<u8> {
    thread.join().unwrap_or_default()
}
