//! How much `tollgate event` reads, each with its reason.

/// A file, in bytes: Meta's largest body is 3 MB and an SQS message 1 MiB; room for what was put together by hand.
pub(super) const FILE_BYTES: u64 = 16 * 1024 * 1024;
/// What a host says of a delivery, in bytes: a sentence; anything longer is not our host.
pub(super) const ANSWER_BYTES: usize = 16 * 1024;
/// Characters of raw JSON in a paragraph for people; `--format json` has it whole.
pub(super) const RAW_CHARS: usize = 300;
