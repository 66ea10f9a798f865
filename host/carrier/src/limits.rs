//! What one delivery may take, each with its reason.

use std::time::Duration;

use model::Span;

/// A reply that was not there by then is taken as lost. Meta answers in under a second; a tail of several is seen.
pub const REPLY_WAIT: Duration = Duration::from_secs(15);
/// A connection that takes longer than this is not coming; nothing was sent, so giving up early costs nothing.
pub const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// Marks are best effort: they are not worth waiting for.
pub const MARK_WAIT: Duration = Duration::from_secs(5);
/// Idle connections are let go before WhatsApp's side closes them: a send that meets a closing one is of unknown outcome.
pub const IDLE_CONNECTION: Duration = Duration::from_secs(20);
/// Idle connections kept for the next burst: as many as one carrier has deliveries under way at most. With fewer, a busy carrier would
/// close and open connections all the time.
pub const IDLE_CONNECTIONS: usize = 512;
/// A reply is a few hundred bytes; a longer one is not WhatsApp's.
pub const REPLY_BYTES: usize = 64 * 1024;
/// A cause is stored with the send and shown in a line.
pub const CAUSE_CHARS: usize = 300;
/// Digits in a row that may stand in a cause; a longer run could be a phone number and is masked (I12).
pub const CAUSE_DIGITS: usize = 6;

/// Each wait is twice the one before: soon again after a moment's trouble, seldom in a long one.
pub const USUAL_GROWTH: u32 = 2;
/// Meta asks for waits of 4^n seconds after a pair rate.
pub const PAIR_GROWTH: u32 = 4;

/// First wait after a rate was hit: throughput is counted by the second.
pub const RATE_WAIT: Span = Span::from_seconds(1);
/// 1, 2, 4 … 256 s: past some minutes it is no longer a burst.
pub const RATE_ATTEMPTS: u32 = 10;
/// First wait after a pair rate.
pub const PAIR_WAIT: Span = Span::from_seconds(4);
/// 4, 16, 64, 256 s: a pair's quota is back long before.
pub const PAIR_ATTEMPTS: u32 = 5;
/// First wait after a fault on their side.
pub const FAULT_WAIT: Span = Span::from_seconds(2);
/// 2, 4, 8, 16, 32 s: a fault that lasts longer is an outage, which a person should see.
pub const FAULT_ATTEMPTS: u32 = 6;
/// Maintenance lasts minutes.
pub const MAINTENANCE_WAIT: Span = Span::from_minutes(2);
/// 2, 4, 8, 16 minutes.
pub const MAINTENANCE_ATTEMPTS: u32 = 5;
/// The cap on marketing to one person is counted by the day.
pub const ECOSYSTEM_WAIT: Span = Span::from_hours(24);
/// Once more, a day later.
pub const ECOSYSTEM_ATTEMPTS: u32 = 2;
/// A payment problem is mended by people, in minutes at best.
pub const PAYMENT_WAIT: Span = Span::from_minutes(1);
/// A few, then it fails for all to see.
pub const PAYMENT_ATTEMPTS: u32 = 3;
/// First wait when nobody listens at the other end: a restart takes a second.
pub const UNREACHABLE_WAIT: Span = Span::from_seconds(1);
/// 1, 2, 4 s … 17 min: nothing was sent, so patience is safe; the gate drops what has gone stale meanwhile.
pub const UNREACHABLE_ATTEMPTS: u32 = 12;
