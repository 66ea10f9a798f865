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
/// The body of a call: the cards of one message, 32,768 characters of them, each escaped as JSON may.
pub const BODY_BYTES: usize = 512 * 1024;
/// The name of who does something.
pub const BY_CHARS: usize = 60;
/// Why something is done, or what proves it: read by those who come later, in a line.
pub const WHY_CHARS: usize = 500;
/// What names a send: a UUID has 36, and more than that is no name.
pub const KEY_CHARS: usize = 200;
/// What contacts are searched for: a name or a phone.
pub const SEARCH_CHARS: usize = 100;
/// What a stop switch stops: a template's name is the longest.
pub const TARGET_CHARS: usize = 512;
/// Entries of consent that one call takes over: each is a write, and a call should end within a second.
pub const CONSENT_ENTRIES: usize = 200;
/// The body that they come in: two hundred with a paragraph of evidence each.
pub const CONSENT_BODY_BYTES: usize = 1024 * 1024;
