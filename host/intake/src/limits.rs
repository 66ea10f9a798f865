//! What one delivery may be, and what is kept of senders, each with its reason.

use std::time::Duration;

use model::Span;

/// Meta's largest webhook body is 3 MB.
pub const BODY_BYTES: usize = 3 * 1024 * 1024;
/// A sender that needs longer for its body is broken or hostile, and holds a connection.
pub const BODY_WAIT: Duration = Duration::from_secs(10);
/// So much of each body has a place of its own: a usual delivery is 1 to 4 KiB, and finds room however many large ones hang, whoever's
/// they are.
pub const USUAL_BODY_BYTES: usize = 8 * 1024;
/// Bodies that have one: as many as there may be connections.
pub const USUAL_BODIES: usize = 4096;
/// What is more of bodies being read or taken in, all doors together: twenty of the largest.
pub const BYTES_IN_FLIGHT: usize = 64 * 1024 * 1024;
/// What one source may hold of them: five of the largest. Four sources that let their bodies hang fill it all, one does not.
pub const SOURCE_BYTES_IN_FLIGHT: usize = BYTES_IN_FLIGHT / 4;
/// Bodies of sources that have spent their bucket, all of them together, beside [`BYTES_IN_FLIGHT`]: two of the largest, some thousand
/// usual ones. Enough for Meta behind the proxy that a flood comes through, and nothing that a flood could take from others.
pub const SPENT_BYTES_IN_FLIGHT: usize = 8 * 1024 * 1024;
/// A body waits this long for its share of these. Meta wants its answer within a second, and comes again.
pub const BYTES_IN_FLIGHT_WAIT: Duration = Duration::from_millis(500);
/// When to try again where memory for bodies or fetches of certificates have run out: both are free again within seconds.
pub const RETRY_WHEN_BUSY: Span = Span::from_seconds(5);
/// When to try again where the ledger could not write: a locked or slow disk is itself again by then, a full one is somebody's to clear.
pub const RETRY_WHEN_NOT_STORED: Span = Span::from_seconds(30);
/// What is read on and thrown away after a refusal, so that its sender, still writing, gets to see the answer.
pub const LINGER_BYTES: usize = 16 * 1024 * 1024;
/// How long that may take.
pub const LINGER_WAIT: Duration = Duration::from_secs(5);
/// Refused senders that are listened to at a time; others find the connection closed.
pub const LINGERING: usize = 64;
/// Deliveries that nothing vouches for, from one source at once: a secret that was set wrong fails a few dozen times before somebody
/// looks, a flood thousands.
pub const UNVERIFIED_BURST: u32 = 60;
/// After that many of them one more is heard in this time.
pub const UNVERIFIED_EVERY: Duration = Duration::from_secs(1);
/// Sources of such deliveries that are remembered; the one unheard of for longest gives way.
pub const SOURCES: usize = 4096;

/// A line of the log about the same trouble comes again after this: under a thousand deliveries a second nobody reads more.
pub const LOG_AGAIN: Duration = Duration::from_secs(30);
/// Troubles, one for each number and cause, whose last line is remembered; the oldest gives way.
pub const LOG_SUBJECTS: usize = 1024;

/// Meta puts up to 1000 updates into one body; some room for what it never promised.
pub const NOTICES_PER_BODY: usize = 4000;
/// A name is the contact's own text; what is longer is cut.
pub const DISPLAY_NAME_CHARS: usize = model::limits::DISPLAY_NAME_CHARS;
/// A kind's name stands in records and metrics; what is longer is cut.
pub const KIND_CHARS: usize = 64;
/// Kinds of notice that are counted one by one: WhatsApp has some forty, and what comes later is counted under `other`. Whoever may
/// sign chooses the words, and every one is a row that monitoring pays for.
pub const KINDS: usize = 256;
/// Channels that are counted one by one, for the same reason.
pub const CHANNELS: usize = 16;

/// SNS's largest message is 256 KiB. In the envelope it is a JSON string, in which a byte takes up to six (`\u001f`); the rest of the
/// envelope is a few KiB.
pub const SNS_BODY_BYTES: usize = 6 * 256 * 1024 + 64 * 1024;
/// SNS tries for at most an hour, and stamps a message when it is published: what is older was kept by somebody else.
pub const SNS_AGE: Span = Span::from_hours(1);
/// How far our clock may be behind AWS's: more is no drift.
pub const SNS_AHEAD: Span = Span::from_minutes(15);
/// Every member of an envelope but the message: a URL with a token is the longest, below 1 KiB.
pub const SNS_MEMBER_CHARS: usize = 4096;
/// Notifications remembered by their id, for a quick answer to a second copy. The ledger knows them for longer (I2).
pub const SNS_REPLAYS: usize = 10_000;
/// An id of SNS's is a UUID of 36.
pub const SNS_ID_CHARS: usize = 128;
/// Certificates kept: one for each region, and one more while it is changed.
pub const CERTIFICATES: usize = 64;
/// A certificate is fetched again after a day: AWS changes them every few months, at a new address.
pub const CERTIFICATE_AGE: Duration = Duration::from_secs(24 * 3600);
/// An address that gave no certificate is not asked again before: SNS's own retries begin after some seconds.
pub const CERTIFICATE_FAILURE_AGE: Duration = Duration::from_secs(15);
/// Addresses under way or failed that are remembered; the oldest gives way.
pub const CERTIFICATE_FLIGHTS: usize = 256;
/// Fetches at once, and as many more as time earns: an address in an unverified envelope makes us ask AWS, and must not make us hammer it.
pub const CERTIFICATE_FETCHES: u32 = 16;
/// After that many, one more in this time.
pub const CERTIFICATE_FETCH_EVERY: Duration = Duration::from_secs(5);
/// A certificate is 2 KiB, a confirmation's answer less.
pub const FETCH_BYTES: usize = 64 * 1024;
/// SNS gives up on an answer after 15 s, and the ledger wants its part of them.
pub const FETCH_WAIT: Duration = Duration::from_secs(5);

/// Deliveries that a pump has in hand. SQS's batches hold ten, for receiving, deleting and extending alike.
pub const QUEUE_BATCH: usize = 10;
/// How long a receive waits for something to come: SQS's longest, and with it the fewest empty receives.
pub const QUEUE_POLL: Span = Span::from_seconds(20);
/// After a stop, an unanswered receive gets this long: what the queue has handed out already arrives in it. What it hands to
/// nobody afterwards is hidden for one visibility, and not lost.
pub const QUEUE_POLL_GOODBYE: Duration = Duration::from_secs(1);
/// After a stop, an accept that has begun gets this long, then a delete, then the giving back of the rest: nine seconds at worst.
/// A supervisor kills after 10 to 30.
pub const QUEUE_GOODBYE: Duration = Duration::from_secs(3);
/// The first wait after a failure, of queue or ledger: a restart of either is over in seconds.
pub const QUEUE_RETRY_FIRST: Duration = Duration::from_millis(500);
/// The longest wait after failures: so late it is noticed that an outage is over.
pub const QUEUE_RETRY_MOST: Duration = Duration::from_secs(30);
/// What is accepted is tried so often to be deleted; then it comes again and is known (I2).
pub const QUEUE_DELETE_TRIES: u32 = 3;
/// A delivery that was refused so often while its neighbours were accepted is let go of: the fault is its own.
pub const QUEUE_REFUSALS: u32 = 3;
/// A delivery is held no longer: SQS hides one for 12 hours after its receive, whatever is extended.
pub const QUEUE_HOLD: Duration = Duration::from_hours(11);
/// Extensions are at least so far apart, however short a visibility somebody chose.
pub const QUEUE_PACE: Duration = Duration::from_millis(250);

/// Queues wrap: an SNS notification holds an event, which holds Meta's entry. A wrapping deeper than that is made up.
pub const WRAPPERS: usize = 4;
/// Errors of one notice: Meta sends one; what is more is cut.
pub const ERRORS_PER_NOTICE: usize = 10;
/// An error's title and details: sentences; what is longer is cut.
pub const ERROR_CHARS: usize = 500;
