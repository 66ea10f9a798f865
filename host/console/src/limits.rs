//! What one call may ask for, and how many may wait, each with its reason.

use std::time::Duration;

/// Records of one answer unless the caller says otherwise: about what a screen holds.
pub const RECORDS: usize = 50;
/// Records of one answer at most: a decision may be 300 KiB, and an answer is built in memory. More is asked for with `after`.
pub const RECORDS_MOST: usize = 200;
/// The longest that a call waits for news: proxies commonly give up after 30 s.
pub const WAIT_MOST: Duration = Duration::from_secs(25);
/// Calls that wait for news at once: each holds a connection and reads the ledger at every piece of news. Past it: 503.
pub const WAITING_AT_ONCE: usize = 128;
/// What a caller is told who may not wait now.
pub const RETRY_AFTER: Duration = Duration::from_secs(2);
/// Between two looks at the ledger of one waiting call: news may come thousands of times a second.
pub const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// Parameters of one call: no operation knows more than seven.
pub const PARAMETERS: usize = 16;
/// How much an error repeats of a parameter's name that it does not know.
pub const ECHO_CHARS: usize = 60;
/// The body of a call: a text of 4096 characters, each escaped as JSON may.
pub const BODY_BYTES: usize = 64 * 1024;
/// The name of who sends or drops a draft.
pub const BY_CHARS: usize = 60;
