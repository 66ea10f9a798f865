//! What one simulator holds and waits for, each with its reason and what happens there.

use std::time::Duration;

/// Largest body taken: AWS allows 2,048,000 bytes of message, a third more in base64. More is answered 413.
pub const BODY_BYTES: usize = 3 * 1024 * 1024;
/// Open connections. Further ones wait in the kernel's queue.
pub const CONNECTIONS: usize = 4096;

/// Sends kept in the record: an hour at fourteen a second. The oldest give way, and `dropped` counts them.
pub const RECORD_ENTRIES: usize = 50_000;
/// Bytes of messages kept in the record. The oldest give way, and `dropped` counts them.
pub const RECORD_BYTES: usize = 64 * 1024 * 1024;
/// What phones saw, for the page: a long afternoon of chatting. The oldest give way.
pub const TALK_ENTRIES: usize = 20_000;
/// Bytes of messages kept for the page. The oldest give way.
pub const TALK_BYTES: usize = 16 * 1024 * 1024;
/// Read and typing marks kept. The oldest give way.
pub const MARK_ENTRIES: usize = 20_000;
/// Bytes of marks kept. The oldest give way.
pub const MARK_BYTES: usize = 8 * 1024 * 1024;

/// Longest wait of one long poll; then an empty page is answered and the caller asks again.
pub const POLL_WAIT: Duration = Duration::from_secs(30);
/// Webhooks not yet answered 200. Past it, `say` and sends are answered 503 and nothing is taken.
pub const PENDING_DELIVERIES: usize = 20_000;
/// Copies of one webhook at once: more proves nothing, and each is a connection. More is answered 400.
pub const COPIES: u64 = 200;
/// Statuses on their way at the same time: what Meta's concurrency looks like to a small host. Others wait.
pub const STATUSES_AT_ONCE: usize = 64;
/// A host that has not answered a webhook by then is tried again.
pub const WEBHOOK_WAIT: Duration = Duration::from_secs(10);
/// First pause before a webhook is tried again. Meta waits longer; this is a simulator, and tests wait for it.
pub const RETRY_FIRST: Duration = Duration::from_millis(100);
/// The pause doubles up to this, so that a host that came back hears of everything within half a second.
pub const RETRY_MOST: Duration = Duration::from_millis(500);
/// A webhook is tried for this long, then it is given up and counted in `given_up`.
pub const RETRY_FOR: Duration = Duration::from_mins(10);

/// Error codes lie below: Meta's have up to seven digits. More is answered 400.
pub const ERROR_CODE: u64 = 10_000_000;
/// Longest `late_ms` and `late_status_ms`: a minute is past everybody's patience. More is answered 400.
pub const LATE_MS: u64 = 60_000;
/// Between a send and its `sent`, and then between one status and the next, when nothing is reordered.
pub const STATUS_GAP: Duration = Duration::from_millis(10);
/// With `reorder`, each status comes at a time of its own within this span, so that all are out within a second.
pub const REORDER_SPAN_MS: u64 = 800;
/// What stopping waits for requests that are still being answered; then they are cut off.
pub const STOP_WAIT: Duration = Duration::from_secs(2);

/// Characters of a text message.
pub const TEXT_CHARS: usize = 4096;
/// Characters of an interactive message's body, and of a call to action's.
pub const INTERACTIVE_BODY_CHARS: usize = 1024;
/// Characters of a list's body.
pub const LIST_BODY_CHARS: usize = 4096;
/// Characters of a header or footer.
pub const FRAME_CHARS: usize = 60;
/// Reply buttons of one message.
pub const BUTTONS: usize = 3;
/// Characters of a button's title, and of a list's and a link's label.
pub const BUTTON_TITLE_CHARS: usize = 20;
/// Characters of a button's id.
pub const BUTTON_ID_CHARS: usize = 256;
/// Sections of a list.
pub const LIST_SECTIONS: usize = 10;
/// Rows of a list, in all its sections together.
pub const LIST_ROWS: usize = 10;
/// Characters of a list section's title.
pub const SECTION_TITLE_CHARS: usize = 24;
/// Characters of a list row's title.
pub const ROW_TITLE_CHARS: usize = 24;
/// Characters of a list row's description.
pub const ROW_DESCRIPTION_CHARS: usize = 72;
/// Characters of a list row's id.
pub const ROW_ID_CHARS: usize = 200;
/// Characters of a file's caption.
pub const CAPTION_CHARS: usize = 1024;
/// Characters of a template's name.
pub const TEMPLATE_NAME_CHARS: usize = 512;
/// Characters of a template's body, which its parameters count towards.
pub const TEMPLATE_BODY_CHARS: usize = 1024;
/// Buttons of a template.
pub const TEMPLATE_BUTTONS: u64 = 10;
/// Characters of a template's language code.
pub const LANGUAGE_CHARS: usize = 15;
/// Cards in one message.
pub const CARDS: usize = 257;
/// Characters of one emoji: families and flags of regions take a dozen; some room for what comes.
pub const EMOJI_CHARS: usize = 32;
/// Characters of `biz_opaque_callback_data`.
pub const CALLBACK_CHARS: usize = 512;
/// Digits of a phone number; E.164 allows 15, test numbers have been longer.
pub const PHONE_DIGITS: usize = 20;
/// Characters of an id in a path or a body: numbers, user ids, message ids, ARNs.
pub const ID_CHARS: usize = 512;
/// Characters of a person's name.
pub const NAME_CHARS: usize = 256;
