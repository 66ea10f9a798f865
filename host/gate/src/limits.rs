//! What the gate holds sends to, each with its reason.

use model::Span;

/// WhatsApp's service window after a contact's last message.
pub const WINDOW: Span = Span::from_hours(24);

/// A text's characters; WhatsApp refuses more.
pub const TEXT_CHARS: usize = 4096;
/// The characters above reply buttons.
pub const BUTTONS_BODY_CHARS: usize = 1024;
/// Reply buttons beneath one message.
pub const BUTTONS: usize = 3;
/// The characters on a button.
pub const BUTTON_TITLE_CHARS: usize = 20;
/// The characters that come back when a button is tapped.
pub const BUTTON_ID_CHARS: usize = 256;

/// Sends of one run: an answer is a few messages, a flood is a fault.
pub const SENDS_PER_RUN: usize = 8;

/// One message to the same contact each 6 s; more earns error 131056.
pub const PAIR_INTERVAL_MS: i64 = 6_000;
/// So many at once, borrowed from the quota that follows.
pub const PAIR_BURST: i64 = 45;
/// A number's messages within any one second.
pub const NUMBER_BURST: i64 = 80;
/// Contacts whose rates are remembered; one is forgotten as soon as it has recovered.
pub const PAIRS_REMEMBERED: usize = 200_000;
/// Numbers whose rates are remembered; a host serves far fewer.
pub const NUMBERS_REMEMBERED: usize = 10_000;
