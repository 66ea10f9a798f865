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

/// An answer of DynamoDB that was not there by then is lost; usual are some 5 ms, and 25 ms for a transaction.
pub const DYNAMO_WAIT: Duration = Duration::from_secs(3);
/// Requests for one call of DynamoDB, the SDK's own retries among them: they bridge a closed connection or a short throttle. A
/// transaction keeps its token from one to the next, so that it is done once.
pub const DYNAMO_ATTEMPTS: u32 = 4;
/// A read whose parts do not belong together is read again so often: somebody wrote it in between.
pub const DYNAMO_TRIES: u32 = 8;
/// A write that others were faster than begins anew so often; then it is the host's fault. A contact's writes come from its lane, its
/// sends and its people: more than a few at once are a storm.
pub const DYNAMO_CONFLICTS: u32 = 40;
/// The first wait between two tries, on the average half of it; it doubles up to the most.
pub const DYNAMO_BACKOFF: Duration = Duration::from_millis(8);
/// The longest wait between two tries.
pub const DYNAMO_BACKOFF_MOST: Duration = Duration::from_millis(400);
/// Items in one transaction, as DynamoDB has it.
pub const DYNAMO_TRANSACTION: usize = 100;
/// Keys in one batch of reads, as DynamoDB has it.
pub const DYNAMO_BATCH: usize = 100;
/// Bytes of a record in one item: DynamoDB's bound is 400 KB, keys and attributes' names among them. A longer record is several items.
pub const DYNAMO_PART_BYTES: usize = 350 * 1024;
/// Tenants and numbers that a host remembers to be registered: more than one fleet serves. Past that it asks the table again.
pub const DYNAMO_REGISTERED: usize = 10_000;
/// Arrivals that are accepted in one transaction: each takes a few items of its hundred.
pub const DYNAMO_ARRIVALS: usize = 10;
/// Records that a join moves in one transaction: each takes up to four items of its hundred.
pub const DYNAMO_MOVED: usize = 16;
/// Of a contact's newest sends so many are looked through for the words of an echo that overtook the carrier's reply.
pub const DYNAMO_ECHO_LOOK: usize = 20;
/// Sends of one contact that have not come to their end: all stand in its record. Past that a settle fails, and its message becomes a
/// dead letter.
pub const DYNAMO_OPEN_SENDS: usize = 2000;
/// How long a host alone asks what became of a send that it has in flight. Longer than a carrier takes; when it has passed, the send
/// is of unknown outcome for whichever host looks.
pub const DYNAMO_LEASE: Span = Span::from_seconds(60);
/// Sends of one contact that are let go at once when a number's switch is lifted: what one transaction holds. What is behind them
/// leaves at its own time.
pub const DYNAMO_LET_GO: usize = 80;
/// Entries of a number's list that are looked at at once, at the least: a few contacts whose order holds them back hide nobody.
pub const DYNAMO_DUE_LOOK: usize = 50;
/// Pages of later departures that are looked through for one with a status; the first nearly always has it.
pub const DYNAMO_EVIDENCE_PAGES: usize = 10;
/// A figure of the backlog is good for so long: a bound of a million need not be exact.
pub const DYNAMO_BACKLOG_LIFE: Duration = Duration::from_secs(10);
/// A place in an order that is passed over: whoever had it has given up by then, or will not be done. It is longer than a transaction
/// can take with all its tries.
pub const DYNAMO_GAP: Duration = Duration::from_secs(30);
/// Messages of a contact that are read at once to find its newest decision on a number.
pub const DYNAMO_DECISION_LOOK: usize = 20;
/// Records of an order that are too young to go, and are passed over by retention: an order of places is nearly one of time.
pub const DYNAMO_YOUNG_PASSED_OVER: u64 = 100;
/// Contacts of each part of a tenant's list that are looked at at once: some hundred in all.
pub const DYNAMO_CONTACT_LOOK: usize = 25;
