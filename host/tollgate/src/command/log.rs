//! The log: JSON lines on standard error; for a person at a terminal, short lines.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum LogFormat {
    /// Short lines on a terminal, JSON elsewhere
    Auto,
    /// One JSON object each
    Json,
    /// Short lines for people
    Text,
}

/// Begins to log. `filter` is what the configuration says; `RUST_LOG` overrides it.
pub(super) fn begin(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(filter));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let is_text = match format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Json => false,
        LogFormat::Text => true,
    };
    let begun = if is_text {
        let colour = super::is_colourful(&std::io::stderr());
        builder
            .compact()
            .without_time()
            .with_target(false)
            .with_ansi(colour)
            .try_init()
    } else {
        builder
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .try_init()
    };
    // Begun already, by a test in the same process: that one goes on.
    drop(begun);
}
