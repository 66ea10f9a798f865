//! Building with something to look at: how many crates, which one, how long.

use std::collections::VecDeque;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::children::{Children, Event};
use crate::failure::Failure;
use crate::{limits, output, workspace};

/// How a build came out.
pub(crate) enum Built {
    /// It is there.
    Yes,
    /// Somebody pressed Ctrl-C.
    Stopped,
}

/// Runs cargo and shows its progress; its whole output only if it fails.
pub(crate) fn build(
    what: &str,
    command: Command,
    children: &mut Children,
) -> Result<Built, Failure> {
    let line = workspace::typed(&command);
    let began = Instant::now();
    let mut progress = Progress::new(what);
    let mut kept: VecDeque<String> = VecDeque::new();
    children.start("cargo", command)?;
    loop {
        match children.next(limits::PROGRESS) {
            Event::Line { text, .. } => {
                progress.heard(&text);
                if kept.len() == limits::BUILD_LINES {
                    kept.pop_front();
                }
                kept.push_back(text);
            }
            Event::Quiet => {}
            Event::Stop => {
                progress.clear();
                children.end_all(|_, _| {});
                return Ok(Built::Stopped);
            }
            Event::Ended { status, .. } if status.success() => {
                progress.clear();
                eprintln!("{what}: built in {}", output::elapsed(began.elapsed()));
                return Ok(Built::Yes);
            }
            Event::Ended { status, .. } => {
                progress.clear();
                for line in kept {
                    eprintln!("{line}");
                }
                return Err(Failure::Finding(format!("`{line}` failed ({status})")));
            }
        }
        progress.show(began.elapsed());
    }
}

struct Progress<'w> {
    what: &'w str,
    crates: usize,
    latest: String,
    shown: Duration,
    on_terminal: bool,
}

impl<'w> Progress<'w> {
    fn new(what: &'w str) -> Self {
        Self {
            what,
            crates: 0,
            latest: "starting cargo".to_owned(),
            shown: Duration::ZERO,
            on_terminal: output::on_terminal(),
        }
    }

    fn heard(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("Compiling"), Some(name)) => {
                self.crates += 1;
                name.clone_into(&mut self.latest);
            }
            (Some("Downloading" | "Downloaded" | "Updating" | "Blocking"), Some(_)) => {
                line.trim().clone_into(&mut self.latest);
            }
            _ => {}
        }
    }

    fn show(&mut self, elapsed: Duration) {
        let interval = if self.on_terminal {
            limits::PROGRESS
        } else {
            limits::PROGRESS_IN_LOGS
        };
        if elapsed < self.shown + interval {
            return;
        }
        self.shown = elapsed;
        let text = format!(
            "{}: {}, {} crates so far, now {}",
            self.what,
            output::elapsed(elapsed),
            self.crates,
            self.latest
        );
        if self.on_terminal {
            output::status_line(&text);
        } else {
            eprintln!("{text}");
        }
    }

    fn clear(&self) {
        if self.on_terminal {
            output::status_line("");
        }
    }
}
