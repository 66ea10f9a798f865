//! What one delivery may be, each with its reason.

use std::time::Duration;

/// Meta's largest webhook body is 3 MB.
pub const BODY_BYTES: usize = 3 * 1024 * 1024;
/// A sender that needs longer for its body is broken or hostile, and holds a connection.
pub const BODY_WAIT: Duration = Duration::from_secs(10);
/// Meta puts up to 1000 updates into one body; some room for what it never promised.
pub const NOTICES_PER_BODY: usize = 4000;
/// A name is the contact's own text; what is longer is cut.
pub const DISPLAY_NAME_CHARS: usize = model::limits::DISPLAY_NAME_CHARS;
/// A kind's name stands in records and metrics; what is longer is cut.
pub const KIND_CHARS: usize = 64;
