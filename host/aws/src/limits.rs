//! What one call of AWS may take, each with its reason.

use std::time::Duration;

/// A reply that was not there by then is taken as lost. AWS waits for Meta itself, so this is longer than Meta alone needs.
pub const REPLY_WAIT: Duration = Duration::from_secs(20);
/// Characters of a number's id or ARN, as AWS's model has it; the SDK does not check.
pub const ORIGINATION_CHARS: usize = 115;
