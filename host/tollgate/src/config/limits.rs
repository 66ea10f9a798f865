//! How large a configuration may be, and how far its limits may be moved, each with its reason.

use model::Span;

use super::measure::Bytes;

/// The file, in bytes: a thousand tenants take about half of it, and spans are kept for every key.
pub const FILE_BYTES: u64 = 1024 * 1024;
/// Problems shown at once: past this the first ones have to be mended anyway. The rest is counted.
pub const PROBLEMS_SHOWN: usize = 100;
/// A secret read from a file, in bytes: tokens are a few hundred, a key file a few thousand.
pub const SECRET_BYTES: u64 = 64 * 1024;
/// A topic's certificate, in bytes: one is 2 KB, a file of several some more.
pub const CERTIFICATE_BYTES: u64 = 64 * 1024;

/// How long an endpoint may take: what whoever asks it allows.
pub const ENDPOINT_TIMEOUT: Span = Span::from_seconds(lookup::limits::LONGEST_TIMEOUT.as_secs());

/// Characters of a topic's name, as SNS has it.
pub(super) const TOPIC_NAME_CHARS: usize = 256;
/// Characters of a queue's name, as SQS has it.
pub(super) const QUEUE_NAME_CHARS: usize = 80;
/// `pollers` of a queue: each holds a connection and ten messages; who needs more has several hosts.
pub(super) const POLLERS: u32 = 16;
/// `visibility` at the least: what can be extended in time.
pub(super) const LEAST_VISIBILITY: Span = aws::limits::SQS_VISIBILITY_LEAST;
/// `visibility` at the most: SQS allows no more.
pub(super) const VISIBILITY: Span = aws::limits::SQS_VISIBILITY_MOST;

/// What has ended is kept so long at the least: WhatsApp tells of a send for days, and people ask on the next.
pub(super) const LEAST_KEPT: Span = Span::from_hours(24);
/// And so long at the most: ten years, as bookkeepers keep letters.
pub(super) const MOST_KEPT: Span = Span::from_hours(10 * 366 * 24);

/// Turns, sends and contacts that a limit counts to: past this it is none. WhatsApp's highest messaging limit with a number is lower.
pub(super) const COUNTED: u32 = 1_000_000;
/// `loop_within`: whoever takes longer is no quicker than a person.
pub(super) const LOOP_WITHIN: Span = Span::from_minutes(1);
/// `per_second` of a number: WhatsApp's highest rate.
pub(super) const NUMBER_PER_SECOND: u32 = 1_000;
/// `per_second` of an account: what the gate remembers of a second.
pub(super) const ACCOUNT_PER_SECOND: u32 = gate::limits::SECOND_REMEMBERED as u32;

/// What a plugin's `memory` may be raised to: what the sandbox reserves for each run.
pub(super) const MEMORY: Bytes = Bytes(sandbox::limits::MOST_MEMORY_BYTES as u64);
/// `guest_time`: a run that computes for longer is stopped by the clock, whatever it was allowed.
pub(super) const GUEST_TIME: Span = Span::from_seconds(1);
/// `wall`: nobody waits longer for an answer, and each run holds a place.
pub(super) const WALL: Span = Span::from_minutes(1);
/// `host_calls`: what a run does is stored with its decision.
pub(super) const HOST_CALLS: u32 = 10_000;
/// `sends`: a decision holds as many effects.
pub(super) const SENDS: u32 = 80;
/// `log_bytes`: the log is stored with the decision, which holds at most 300 KiB.
pub(super) const LOG_BYTES: Bytes = Bytes::kib(256);
/// `log_lines`, likewise.
pub(super) const LOG_LINES: u32 = 10_000;
/// `string_bytes` at the least: a knowledge base's or an endpoint's answer has as much.
pub(super) const LEAST_STRING: Bytes = Bytes::kib(64);
/// `string_bytes` at the most: it is copied whole.
pub(super) const STRING: Bytes = Bytes::mib(8);
/// `boundary_bytes`: what is copied is work that guest time does not see.
pub(super) const BOUNDARY: Bytes = Bytes::mib(64);
/// `component_bytes`: what the sandbox compiles at the most.
pub(super) const COMPONENT: Bytes = Bytes(sandbox::limits::MOST_COMPONENT_BYTES as u64);
/// `compile_time`: an interpreter with its library takes a minute on a small machine.
pub(super) const COMPILE_TIME: Span = Span::from_minutes(10);
/// `compile_memory` at the least: what the compiler needs for the smallest plugin.
pub(super) const LEAST_COMPILE_MEMORY: Bytes = Bytes::mib(64);
/// `compile_memory` at the most: more than any component that is allowed needs.
pub(super) const COMPILE_MEMORY: Bytes = Bytes::mib(8 * 1024);
