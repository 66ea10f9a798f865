//! What one call of AWS may take, each with its reason.

use std::time::Duration;

use model::Span;

/// A reply that was not there by then is taken as lost. AWS waits for Meta itself, so this is longer than Meta alone needs.
pub const REPLY_WAIT: Duration = Duration::from_secs(20);
/// Characters of a number's id or ARN, as AWS's model has it; the SDK does not check.
pub const ORIGINATION_CHARS: usize = 115;

/// An answer of SQS that was not there by then is lost; usual are some 10 ms. A receive may take its long poll on top.
pub const SQS_WAIT: Duration = Duration::from_secs(5);
/// Requests for one call of SQS, the SDK's own retries among them: they bridge a closed connection or a throttle. What lasts
/// longer is the pump's to wait for, and to show.
pub const SQS_ATTEMPTS: u32 = 3;
/// What SQS takes in one batch.
pub const SQS_BATCH: usize = 10;
/// SQS's longest poll.
pub const SQS_POLL: Span = Span::from_seconds(20);
/// How long what was received stays hidden, unless the configuration says otherwise. It is extended while it is worked on: this
/// is how soon another host goes on when one has died.
pub const SQS_VISIBILITY: Span = Span::from_seconds(30);
/// It is extended at half its time, and a try of that may take [`SQS_WAIT`].
pub const SQS_VISIBILITY_LEAST: Span = Span::from_seconds(2);
/// SQS's longest.
pub const SQS_VISIBILITY_MOST: Span = Span::from_hours(12);
