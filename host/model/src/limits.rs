//! How long an identifier or a list may be, each with its reason.

/// A tenant's name is part of every stored key and of metric labels: short, and safe in a path.
pub const TENANT_CHARS: usize = 64;
/// Meta's and AWS's number ids are under 120 characters; an ARN is the longest.
pub const NUMBER_ID_CHARS: usize = 120;
/// Wamids seen are 60 to 130 characters; they are opaque, so leave room.
pub const WAMID_CHARS: usize = 512;
/// E.164 allows 15 digits; provider test numbers have been longer.
pub const PHONE_DIGITS: usize = 20;
/// `CC.ENT.` and 128 characters.
pub const USER_ID_CHARS: usize = 160;
/// Names of rules, desks and plugins stand in logs and pages.
pub const NAME_CHARS: usize = 100;
/// Groups' ids are opaque; leave room.
pub const GROUP_ID_CHARS: usize = 256;
/// `biz_opaque_callback_data` carries the token and holds at most 512.
pub const TOKEN_CHARS: usize = 512;
/// A display name is the contact's own text; WhatsApp's limit is 25, others send more.
pub const DISPLAY_NAME_CHARS: usize = 256;
/// Effects of one decision: they commit in one transaction, and DynamoDB's holds 100 items.
pub const EFFECTS_PER_DECISION: usize = 80;
/// A decision as stored, in bytes: DynamoDB's item limit is 400 KB.
pub const DECISION_BYTES: usize = 300 * 1024;
/// Rules remembered in one decision's trace; the rest is counted.
pub const LOOKS_PER_DECISION: usize = 200;
