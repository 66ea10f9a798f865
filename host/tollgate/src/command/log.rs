//! The log: JSON lines on standard error; for a person at a terminal, short lines.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Begins to log. `filter` is what the configuration says; `RUST_LOG` overrides it.
pub(super) fn begin(filter: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(filter));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let begun = if std::io::stderr().is_terminal() {
        let colour = super::is_colourful(&std::io::stderr());
        builder.compact().with_target(false).with_ansi(colour).try_init()
    } else {
        builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    };
    // Begun already, by a test in the same process: that one goes on.
    drop(begun);
}
