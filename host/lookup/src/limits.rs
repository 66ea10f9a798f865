//! What one lookup may take, each with its reason. How many are made at once, the engine bounds.

use std::time::Duration;

/// How long an endpoint may take, unless the operator says otherwise: an order system answers within a second.
pub const USUAL_TIMEOUT: Duration = Duration::from_secs(5);
/// The most an operator may allow: a run has 20 s in all, and a contact is waiting.
pub const LONGEST_TIMEOUT: Duration = Duration::from_secs(15);
/// A connection that takes longer than this is not coming.
pub const CONNECT_WAIT: Duration = Duration::from_secs(3);
/// Idle connections are let go before most servers close them.
pub const IDLE_CONNECTION: Duration = Duration::from_secs(20);
/// Idle connections kept for the next request.
pub const IDLE_CONNECTIONS: usize = 8;
/// An answer, as the contract says: a plugin takes it apart within its memory.
pub const ANSWER_BYTES: usize = 64 * 1024;
/// What a `post` hands over: as much as comes back.
pub const BODY_BYTES: usize = 64 * 1024;
/// A path below an endpoint: an id or two.
pub const PATH_BYTES: usize = 1024;
/// Parts of a query.
pub const QUERY_PARTS: usize = 32;
/// Names and values of a query together; servers take lines of 8 KiB.
pub const QUERY_BYTES: usize = 4 * 1024;
