//! How long is waited and how much is kept, each with its reason.

use std::time::Duration;

/// Events of children (lines, ends) that wait to be printed; a child that writes more waits for the terminal.
pub(crate) const EVENTS_WAITING: usize = 1024;
/// A line of a child's output; what is longer is cut, so that one child cannot fill the memory.
pub(crate) const LINE_BYTES: u64 = 16 * 1024;
/// The build's output, kept in case it fails; the errors stand at its end.
pub(crate) const BUILD_LINES: usize = 4000;
/// How often the elapsed time is written on a terminal.
pub(crate) const PROGRESS: Duration = Duration::from_secs(1);
/// How often it is written where nobody looks on: a log of a build should stay readable.
pub(crate) const PROGRESS_IN_LOGS: Duration = Duration::from_secs(15);
/// From start to ready. An unoptimised host compiles its plugins in this time; a cold start is far below.
pub(crate) const READY: Duration = Duration::from_secs(90);
/// From SIGTERM to the end: the host settles what it began. After it, SIGKILL.
pub(crate) const GOODBYE: Duration = Duration::from_secs(10);
/// Fetching tools from their registry: about 100 MB for a plugin language, on a slow line. After it they are done without.
pub(crate) const INSTALL: Duration = Duration::from_secs(300);
/// Building a plugin of another language: ten seconds on two idle cores, and tests may be running beside it.
pub(crate) const BUILD_PLUGIN: Duration = Duration::from_secs(300);
/// Lines of a failed tool's output that are shown; what went wrong stands at its end.
pub(crate) const TOOL_LINES: usize = 20;
/// From start to ready of a stand-in for AWS: a Java takes three seconds on an idle machine.
pub(crate) const EMULATOR_READY: Duration = Duration::from_secs(60);
/// Between two looks whether a stand-in listens.
pub(crate) const EMULATOR_LOOKS: Duration = Duration::from_millis(20);
/// Ports that a stand-in is tried on: each is free when it is asked for.
pub(crate) const PORTS_TRIED: usize = 5;
