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
/// The characters of the line above and of the line beneath a message's words.
pub const FRAME_CHARS: usize = 60;
/// The characters above a menu.
pub const MENU_BODY_CHARS: usize = 4096;
/// The characters on what opens a menu.
pub const MENU_LABEL_CHARS: usize = 20;
/// A menu's sections.
pub const MENU_SECTIONS: usize = 10;
/// A menu's rows, in all its sections together.
pub const MENU_ROWS: usize = 10;
/// The characters of a menu section's title.
pub const SECTION_TITLE_CHARS: usize = 24;
/// The characters of a menu row's title.
pub const ROW_TITLE_CHARS: usize = 24;
/// The characters beneath a menu row's title.
pub const ROW_DESCRIPTION_CHARS: usize = 72;
/// The characters that come back when a menu row is tapped.
pub const ROW_ID_CHARS: usize = 200;
/// The characters above a link.
pub const LINK_BODY_CHARS: usize = 1024;
/// The characters on a link's button.
pub const LINK_LABEL_CHARS: usize = 20;
/// An address's characters: WhatsApp names no limit, and browsers differ above this one.
pub const URL_CHARS: usize = 2048;
/// The characters beneath a picture, a film or a document.
pub const CAPTION_CHARS: usize = 1024;
/// A document's name: what file systems hold.
pub const FILENAME_CHARS: usize = 255;
/// A file's id: digits today, opaque for ever, so there is room.
pub const MEDIA_ID_CHARS: usize = 512;
/// The characters of a template's name.
pub const TEMPLATE_NAME_CHARS: usize = 512;
/// The characters of a template's words, which all that fills them counts towards.
pub const TEMPLATE_BODY_CHARS: usize = 1024;
/// The characters of the name of a place in a template's words: WhatsApp names no limit; it is one word.
pub const PARAMETER_NAME_CHARS: usize = 100;
/// A template's buttons.
pub const TEMPLATE_BUTTONS: usize = 10;
/// The characters of a place's name and of its address: WhatsApp names no limit; more fits on no screen.
pub const PLACE_CHARS: usize = 1024;
/// Cards in one message.
pub const CARDS: usize = 257;
/// Phones, and e-mail addresses, on one card: a person's, not a directory.
pub const CARD_ENTRIES: usize = 20;
/// The characters of each line on a card: WhatsApp names no limit; a display name has no more either.
pub const CARD_CHARS: usize = model::limits::DISPLAY_NAME_CHARS;
/// The characters of all cards of one message: it is stored with its decision, which has 300 KiB in all, and AWS takes 2 MB.
pub const CARDS_CHARS: usize = 32_768;

/// The characters of a note for a desk: it is read between two messages.
pub const NOTE_CHARS: usize = 2000;
/// The characters of a tag: it stands in lists, like a name.
pub const TAG_CHARS: usize = model::limits::NAME_CHARS;
/// Keys that a plugin keeps of one contact: a conversation's state, not a database.
pub const MEMORY_KEYS: usize = 64;
/// Keys that a plugin keeps for all contacts of a tenant: counters and lists of today, not a database.
pub const MEMORY_SHARED_KEYS: usize = 1024;
/// The bytes of a key in memory: part of a stored key, where bytes count.
pub const MEMORY_KEY_BYTES: usize = 128;
/// The bytes of a value in memory: a few facts of a conversation; more belongs into a system of the operator's.
pub const MEMORY_VALUE_BYTES: usize = 4096;
/// The longest that memory keeps anything: a year, and a month to notice that it is over.
pub const MEMORY_SPAN: Span = Span::from_hours(400 * 24);

/// Sends of one run: an answer is a few messages, a flood is a fault.
pub const SENDS_PER_RUN: usize = 8;

/// One message to the same contact each 6 s; more earns error 131056.
pub const PAIR_INTERVAL_MS: i64 = 6_000;
/// So many at once, borrowed from the quota that follows.
pub const PAIR_BURST: i64 = 45;
/// A number's messages within any one second.
pub const NUMBER_BURST: u32 = 80;
/// How far apart two who ask for the time may find the clock, because one asked long after looking. A clock that is further back
/// was set back.
pub const CLOCK_STRAYS: Span = Span::from_seconds(10);
/// Contacts whose rates are remembered; one is forgotten as soon as it has recovered.
pub const PAIRS_REMEMBERED: usize = 200_000;
/// Numbers whose rates are remembered; a host serves far fewer.
pub const NUMBERS_REMEMBERED: usize = 10_000;
/// Accounts whose rates are remembered; they are the carriers of `tollgate.toml`.
pub const ACCOUNTS_REMEMBERED: usize = 1_000;
/// Departures of one second that are remembered, of a number or of an account: no rate is higher.
pub const SECOND_REMEMBERED: usize = 10_000;

/// A send that waits for a number which WhatsApp stopped is looked at again after this: lifting the switch makes it due at once, so
/// this is for what nobody told us of.
pub const STOP_LOOKED_AT: Span = Span::from_minutes(1);

/// The longest that a plugin may keep the bot silent for a contact. A person takes longer only by forgetting about it.
pub const LONGEST_PAUSE: Span = Span::from_hours(366 * 24);

/// The turn of a conversation that goes to the desk, if the contact has answered each before it at once.
pub const LOOP_TURNS: u32 = 10;
/// Nobody reads and types faster, ten times in a row.
pub const LOOP_WITHIN: Span = Span::from_seconds(5);
/// Automatic turns with one contact in an hour: a person has been helped by then, or needs a person.
pub const LOOP_HOURLY: u32 = 30;
/// Sends to one contact in an hour: two for each automatic turn.
pub const CONTACT_HOURLY: u32 = 60;
/// The slices that an hour is counted in, each of five minutes: what is older than an hour is forgotten to that precision.
pub const TEMPO_SLICE: Span = Span::from_minutes(5);
/// The hour that budgets are counted over.
pub const TEMPO_HOUR: Span = Span::from_hours(1);
/// The messaging limit is counted over so long.
pub const TIER_SPAN: Span = Span::from_hours(24);
