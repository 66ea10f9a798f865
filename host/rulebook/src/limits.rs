//! How much is read, and how much is said about it: each limit with its reason.

/// A file of rules in bytes: people read these; a larger one is something else that ended up in the folder.
pub const FILE_BYTES: usize = 1024 * 1024;
/// Files of one tenant: a folder of rules, not a tree of generated ones.
pub const FILES: usize = 1_000;
/// Rules of one tenant: the largest rulebook measured against, with room.
pub const RULES: usize = 20_000;
/// Diagnostics of one reading: past this many nobody reads on; the rest is counted in a last one.
pub const DIAGNOSTICS: usize = 500;
/// Entries of one list (`when.words` and its like): a longer one wants to be several rules.
pub const LIST_ENTRIES: usize = 1_000;
/// Characters of one word or phrase to listen for: nobody types a longer one the same way twice.
pub const PHRASE_CHARS: usize = 200;
/// Reply buttons of one message: WhatsApp's limit.
pub const BUTTONS: usize = 3;
/// Characters of a button's title: WhatsApp's limit.
pub const BUTTON_TITLE_CHARS: usize = 20;
/// Characters of a button's id: WhatsApp's limit is 256 for a button and 200 for a menu row; an option may be either.
pub const OPTION_ID_CHARS: usize = 200;
/// Characters of a text: WhatsApp's limit.
pub const TEXT_CHARS: usize = 4096;
/// Characters of a text with buttons beneath it: WhatsApp's limit.
pub const BUTTONS_BODY_CHARS: usize = 1024;
/// Characters of a note to a desk: a line or two for a person in a hurry.
pub const NOTE_CHARS: usize = 1024;
/// Characters of a tag: it stands in lists and on pages.
pub const TAG_CHARS: usize = 64;
/// Characters of a source line shown in a diagnostic: the part around the caret has to fit a terminal.
pub const SHOWN_LINE_CHARS: usize = 160;
