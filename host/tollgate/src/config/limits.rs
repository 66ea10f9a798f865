//! How large a configuration may be, each with its reason.

/// The file, in bytes: a thousand tenants take about half of it, and spans are kept for every key.
pub const FILE_BYTES: u64 = 1024 * 1024;
/// Problems shown at once: past this the first ones have to be mended anyway. The rest is counted.
pub const PROBLEMS_SHOWN: usize = 100;
/// A secret read from a file, in bytes: tokens are a few hundred, a key file a few thousand.
pub const SECRET_BYTES: u64 = 64 * 1024;
