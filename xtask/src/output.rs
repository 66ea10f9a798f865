//! What is written for people: colour on a terminal alone.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

/// Whether somebody looks on.
pub(crate) fn on_terminal() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

pub(crate) fn dim(text: &str) -> String {
    styled("2", text)
}

pub(crate) fn bold(text: &str) -> String {
    styled("1", text)
}

pub(crate) fn red(text: &str) -> String {
    styled("31", text)
}

pub(crate) fn green(text: &str) -> String {
    styled("32", text)
}

fn styled(code: &str, text: &str) -> String {
    if on_terminal() {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// Replaces the last line of the terminal.
pub(crate) fn status_line(text: &str) {
    eprint!("\r\x1b[2K{text}");
    let _ = std::io::stderr().flush();
}

/// `4.2 s`, `3 min 5 s`.
pub(crate) fn elapsed(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}
