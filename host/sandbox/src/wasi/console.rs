//! Standard output and standard error as lines of the log.

use crate::meter::{Meter, Stop};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    Stdout,
    Stderr,
}

impl Output {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// What was written and is no whole line yet.
#[derive(Debug, Default)]
pub(super) struct Console {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Console {
    /// Logs the lines that are whole now, and keeps the rest. A line without an end is bounded as one with an end is.
    pub(super) fn write(
        &mut self,
        output: Output,
        bytes: &[u8],
        meter: &mut Meter,
    ) -> Result<(), Stop> {
        meter.fits_the_log(self.stdout.len() + self.stderr.len() + bytes.len())?;
        let pending = self.pending(output);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            pending.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                log(output, std::mem::take(pending), meter)?;
            }
        }
        Ok(())
    }

    /// Logs what is left when a run is over.
    pub(super) fn finish(&mut self, meter: &mut Meter) -> Result<(), Stop> {
        for output in [Output::Stdout, Output::Stderr] {
            let rest = std::mem::take(self.pending(output));
            if !rest.is_empty() {
                log(output, rest, meter)?;
            }
        }
        Ok(())
    }

    fn pending(&mut self, output: Output) -> &mut Vec<u8> {
        match output {
            Output::Stdout => &mut self.stdout,
            Output::Stderr => &mut self.stderr,
        }
    }
}

fn log(output: Output, mut line: Vec<u8>, meter: &mut Meter) -> Result<(), Stop> {
    while line.last().is_some_and(|end| matches!(end, b'\n' | b'\r')) {
        line.pop();
    }
    meter.log(output.name(), &String::from_utf8_lossy(&line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RunLimits;

    fn meter() -> Meter {
        Meter::new(RunLimits {
            log_bytes: 10,
            log_lines: 3,
            ..RunLimits::default()
        })
    }

    #[test]
    fn lines_are_logged_when_they_are_whole_and_the_last_one_at_the_end() {
        let (mut console, mut meter) = (Console::default(), meter());
        console.write(Output::Stdout, b"on", &mut meter).unwrap();
        console.write(Output::Stderr, b"x\r\n", &mut meter).unwrap();
        console
            .write(Output::Stdout, b"e\n\xff", &mut meter)
            .unwrap();
        assert_eq!(meter.log, ["stderr: x", "stdout: one"]);
        console.finish(&mut meter).unwrap();
        console.finish(&mut meter).unwrap();
        assert_eq!(meter.log[2..], ["stdout: \u{fffd}"]);
    }

    #[test]
    fn i08_a_line_without_an_end_is_bounded() {
        let (mut console, mut meter) = (Console::default(), meter());
        console.write(Output::Stdout, b"12345", &mut meter).unwrap();
        console.write(Output::Stderr, b"12345", &mut meter).unwrap();
        let stop = console.write(Output::Stdout, b"6", &mut meter).unwrap_err();
        assert!(matches!(
            stop,
            Stop::Limit {
                which: "log bytes",
                used: 11,
                allowed: 10
            }
        ));
    }

    #[test]
    fn i08_empty_lines_are_counted() {
        let (mut console, mut meter) = (Console::default(), meter());
        let stop = console
            .write(Output::Stdout, b"\n\n\n\n", &mut meter)
            .unwrap_err();
        assert!(matches!(
            stop,
            Stop::Limit {
                which: "log lines",
                used: 4,
                allowed: 3
            }
        ));
    }
}
