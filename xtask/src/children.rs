//! Programs that run beside each other until one ends or somebody stops them.

use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::failure::Failure;
use crate::{limits, workspace};

/// What happens while children run.
pub(crate) enum Event {
    /// A child wrote a line.
    Line { child: &'static str, text: String },
    /// A child ended.
    Ended {
        child: &'static str,
        status: ExitStatus,
    },
    /// Somebody pressed Ctrl-C, or asked this process to end.
    Stop,
    /// Nothing, for as long as was waited.
    Quiet,
}

struct Running {
    name: &'static str,
    group: Pid,
}

/// All that was started and has not ended yet. Each child leads a process group of its own: Ctrl-C reaches this process alone,
/// which then ends them in order.
pub(crate) struct Children {
    running: Vec<Running>,
    sender: SyncSender<Event>,
    events: Receiver<Event>,
    stops: Arc<AtomicUsize>,
    stops_seen: usize,
}

impl Children {
    /// None yet; from here on Ctrl-C, SIGTERM and SIGHUP are [`Event::Stop`].
    pub(crate) fn new() -> Result<Self, Failure> {
        let children = Self::without_signals();
        let (counted, waker) = (Arc::clone(&children.stops), children.sender.clone());
        ctrlc::set_handler(move || {
            counted.fetch_add(1, Ordering::SeqCst);
            // A full queue wakes the reader anyway, and the count is not lost.
            let _ = waker.try_send(Event::Quiet);
        })
        .map_err(|error| Failure::Finding(format!("cannot watch for Ctrl-C: {error}")))?;
        Ok(children)
    }

    /// None yet. A process has one handler for signals; its tests share the process.
    pub(crate) fn without_signals() -> Self {
        let (sender, events) = sync_channel(limits::EVENTS_WAITING);
        Self {
            running: Vec::new(),
            sender,
            events,
            stops: Arc::default(),
            stops_seen: 0,
        }
    }

    /// Whether nothing runs any more.
    #[cfg(test)]
    pub(crate) fn all_ended(&self) -> bool {
        self.running.is_empty()
    }

    /// Starts a program. Its output and its end come as events.
    pub(crate) fn start(
        &mut self,
        name: &'static str,
        mut command: Command,
    ) -> Result<(), Failure> {
        let line = workspace::typed(&command);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut child = command
            .spawn()
            .map_err(|error| Failure::start(&line, &error))?;
        let group = i32::try_from(child.id())
            .map_err(|_| Failure::Finding(format!("{name} has no usable process id")))?;
        self.running.push(Running {
            name,
            group: Pid::from_raw(group),
        });
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|pipe| Box::new(pipe) as _),
            child.stderr.take().map(|pipe| Box::new(pipe) as _),
        ];
        let readers: Vec<_> = outputs
            .into_iter()
            .flatten()
            .map(|pipe| {
                let sender = self.sender.clone();
                std::thread::spawn(move || forward(name, pipe, &sender))
            })
            .collect();
        let sender = self.sender.clone();
        std::thread::spawn(move || {
            // The end is told after the last line.
            for reader in readers {
                let _ = reader.join();
            }
            if let Ok(status) = child.wait() {
                let _ = sender.send(Event::Ended {
                    child: name,
                    status,
                });
            }
        });
        Ok(())
    }

    /// The next event, or [`Event::Quiet`] after `wait`.
    pub(crate) fn next(&mut self, wait: Duration) -> Event {
        if self.stopped() {
            return Event::Stop;
        }
        let event = match self.events.recv_timeout(wait) {
            Ok(event) => event,
            // This value holds a sender itself, so that the channel cannot close.
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Event::Quiet,
        };
        match event {
            Event::Quiet if self.stopped() => Event::Stop,
            Event::Ended { child, status } => {
                self.running.retain(|running| running.name != child);
                Event::Ended { child, status }
            }
            other => other,
        }
    }

    fn stopped(&mut self) -> bool {
        let stops = self.stops.load(Ordering::SeqCst);
        let new = stops > self.stops_seen;
        self.stops_seen = stops;
        new
    }

    /// Ends all, the last started first, each with time to say goodbye; a second Ctrl-C cuts that short.
    pub(crate) fn end_all(&mut self, mut show: impl FnMut(&'static str, &str)) {
        let mut patient = true;
        while let Some((name, group)) = self.running.last().map(|last| (last.name, last.group)) {
            let _ = killpg(
                group,
                if patient {
                    Signal::SIGTERM
                } else {
                    Signal::SIGKILL
                },
            );
            let deadline = Instant::now() + limits::GOODBYE;
            let mut killed = !patient;
            while self.running.iter().any(|running| running.name == name) {
                let left = deadline.saturating_duration_since(Instant::now());
                if !killed && (left.is_zero() || !patient) {
                    show(name, "does not end by itself: killed");
                    let _ = killpg(group, Signal::SIGKILL);
                    killed = true;
                }
                match self.next(left.max(Duration::from_millis(50))) {
                    Event::Line { child, text } => show(child, &text),
                    Event::Stop => patient = false,
                    Event::Ended { .. } | Event::Quiet => {}
                }
            }
        }
    }
}

/// On an early return too, nothing that was started is left behind.
impl Drop for Children {
    fn drop(&mut self) {
        for running in &self.running {
            let _ = killpg(running.group, Signal::SIGKILL);
        }
    }
}

/// Sends each line of a pipe on; what exceeds the limit is cut.
fn forward(child: &'static str, pipe: Box<dyn Read + Send>, sender: &SyncSender<Event>) {
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    loop {
        line.clear();
        match pipe
            .by_ref()
            .take(limits::LINE_BYTES)
            .read_until(b'\n', &mut line)
        {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if sender.send(Event::Line { child, text }).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_heard_and_the_deaf_ones_ended() {
        let mut children = Children::without_signals();
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo ready; exit 3"]);
        children.start("speaks", shell).unwrap();
        let mut heard = Vec::new();
        let status = loop {
            match children.next(Duration::from_secs(10)) {
                Event::Line { text, .. } => heard.push(text),
                Event::Ended { status, .. } => break status,
                Event::Quiet | Event::Stop => panic!("nothing came"),
            }
        };
        assert_eq!((heard, status.code()), (vec!["ready".to_owned()], Some(3)));

        let mut waits = Command::new("sh");
        waits.args(["-c", "echo up; exec sleep 600"]);
        children.start("waits", waits).unwrap();
        assert!(matches!(
            children.next(Duration::from_secs(10)),
            Event::Line { .. }
        ));
        children.end_all(|_, _| {});
        assert!(children.all_ended());
    }

    #[test]
    fn a_stop_is_seen_once_however_full_the_queue() {
        let mut children = Children::without_signals();
        while children.sender.try_send(Event::Quiet).is_ok() {}
        children.stops.fetch_add(1, Ordering::SeqCst);
        assert!(matches!(children.next(Duration::ZERO), Event::Stop));
        assert!(matches!(children.next(Duration::ZERO), Event::Quiet));
    }

    #[test]
    fn who_does_not_heed_a_second_ctrl_c_is_killed_at_once() {
        let mut children = Children::without_signals();
        let mut stubborn = Command::new("sh");
        stubborn.args(["-c", "trap '' TERM; echo up; while :; do sleep 600; done"]);
        children.start("stubborn", stubborn).unwrap();
        assert!(matches!(
            children.next(Duration::from_secs(10)),
            Event::Line { .. }
        ));
        children.stops.fetch_add(1, Ordering::SeqCst);
        let began = Instant::now();
        children.end_all(|_, _| {});
        assert!(children.all_ended() && began.elapsed() < limits::GOODBYE);
    }
}
