//! How many may speak to the host at once, and how long they may take to begin, each with its reason.

use std::time::Duration;

/// Connections at once; each takes a file and some memory. Who comes when all are taken waits for the next that ends.
pub(super) const CONNECTIONS: usize = 4096;
/// Of one source: a quarter, so that none can take them all. A proxy keeps a few dozen.
pub(super) const CONNECTIONS_PER_SOURCE: usize = 1024;
/// Until a request's head is complete, and between two requests on one connection.
pub(super) const HEAD_WAIT: Duration = Duration::from_secs(15);
/// A request's head, and what is read ahead of its body: ours are a few hundred bytes.
pub(super) const HEAD_BYTES: usize = 64 * 1024;
/// After a connection that could not be accepted: trying at once would be a loop that does nothing.
pub(super) const ACCEPT_WAIT: Duration = Duration::from_millis(200);
/// Files this program would have open at most: connections, and some hundred of its own.
pub(super) const OPEN_FILES: u64 = 8192;
