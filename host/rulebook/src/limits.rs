//! How much is read, and how much is said about it: each limit with its reason.

/// A file of rules in bytes: people read these; a larger one is something else that ended up in the folder.
pub const FILE_BYTES: usize = 1024 * 1024;
/// Files of one tenant: a folder of rules, not a tree of generated ones.
pub const FILES: usize = 1_000;
/// Rules of one tenant: the largest rulebook measured against, with room.
pub const RULES: usize = 20_000;
/// Diagnostics of one reading: past this many nobody reads on; the rest is counted in a last one.
pub const DIAGNOSTICS: usize = 500;
/// Errors up to which an unknown rule is compared with all that there are: after so many, it is no slip of the keyboard.
pub const SUGGESTIONS: usize = 100;
/// Keys and tables of one file that stand there twice and are told one after the other: each is found by reading the file again.
pub const REPAIRS: usize = 50;
/// Entries of one list (`when.words` and its like): a longer one wants to be several rules.
pub const LIST_ENTRIES: usize = 1_000;
/// Characters of one word or phrase to listen for: nobody types a longer one the same way twice.
pub const PHRASE_CHARS: usize = 200;
/// Words that `when.min_words` can ask for: a text of all the characters that WhatsApp takes has fewer. Whoever asks why a rule is
/// silent is shown a text that has them.
pub const WORDS_ASKED: usize = TEXT_CHARS;
/// Characters of one pattern: a longer one is several.
pub const PATTERN_CHARS: usize = 1_000;
/// Bytes of one pattern as it is looked for: what a number of twenty digits between word boundaries takes, with room.
pub const PATTERN_BYTES: usize = 256 * 1024;
/// Bytes of all patterns of a tenant as they are looked for together: a thousand of an ordinary size, with room.
pub const PATTERNS_BYTES: usize = 32 * 1024 * 1024;
/// Reply buttons of one message: WhatsApp's limit.
pub const BUTTONS: usize = 3;
/// Characters of a button's title: WhatsApp's limit.
pub const BUTTON_TITLE_CHARS: usize = 20;
/// Rows of a menu: WhatsApp's limit.
pub const MENU_ROWS: usize = 10;
/// Characters of the button that opens a menu: WhatsApp's limit.
pub const MENU_LABEL_CHARS: usize = 20;
/// Characters of a menu row's title: WhatsApp's limit.
pub const ROW_TITLE_CHARS: usize = 24;
/// Characters beneath a menu row's title: WhatsApp's limit.
pub const ROW_DESCRIPTION_CHARS: usize = 72;
/// Characters of a button's id: WhatsApp's limit is 256 for a button and 200 for a menu row; an option may be either.
pub const OPTION_ID_CHARS: usize = 200;
/// Characters of a text: WhatsApp's limit.
pub const TEXT_CHARS: usize = 4096;
/// Characters of a text with buttons beneath it: WhatsApp's limit.
pub const BUTTONS_BODY_CHARS: usize = 1024;
/// Characters of the words beneath a file: WhatsApp's limit.
pub const CAPTION_CHARS: usize = 1024;
/// Characters of the address or id of a file: longer ones do not pass through the programs in between.
pub const FILE_ADDRESS_CHARS: usize = 2_048;
/// Characters of a document's name: as file systems have it.
pub const FILENAME_CHARS: usize = 240;
/// Characters of one emoji: a family with skin tones is made of eleven, a flag of a region of seven.
pub const EMOJI_CHARS: usize = 12;
/// Characters of a template's name: WhatsApp's limit.
pub const TEMPLATE_NAME_CHARS: usize = 512;
/// Characters of what fills one place of a template: the whole body holds no more.
pub const PARAMETER_CHARS: usize = 1024;
/// Characters of a template's header: WhatsApp's limit.
pub const TEMPLATE_HEADER_CHARS: usize = 60;
/// Places of a template's words: it holds no more of them than a person could keep apart.
pub const PARAMETERS: usize = 50;
/// Buttons of a template: WhatsApp's limit.
pub const TEMPLATE_BUTTONS: usize = 10;
/// Hours by name of one tenant: what each of them says stands in every turn.
pub const HOURS: usize = 50;
/// Intervals that touch are followed so far to find the closing time: seven weeks of days that are open around the clock.
pub const HOURS_TOUCHING: usize = 50;
/// Characters of the name of hours: it stands in placeholders.
pub const HOURS_NAME_CHARS: usize = 64;
/// How long `when.after` looks back unless `when.within` says so: a conversation, not a memory.
pub const WITHIN: model::Span = model::Span::from_minutes(30);
/// Free words reach a contact so long after their last message: WhatsApp's rule.
pub const WINDOW: model::Span = model::Span::from_hours(24);
/// A message is answered this long after it was written at most, for all that the rules know: `answer_within` bounds it in earnest.
pub const LONGEST_ANSWER: model::Span = model::Span::from_hours(48);
/// Tests of one tenant: each is played in full whenever the rules change.
pub const TESTS: usize = 5_000;
/// What a contact does in one test: a conversation, not a load.
pub const TURNS: usize = 100;
/// Characters of a note to a desk: a line or two for a person in a hurry.
pub const NOTE_CHARS: usize = 1024;
/// Characters of a tag: it stands in lists and on pages.
pub const TAG_CHARS: usize = 64;
/// Characters of a source line shown in a diagnostic: the part around the caret has to fit a terminal.
pub const SHOWN_LINE_CHARS: usize = 160;
/// Words of a message that are compared with a rule's for a slip of the finger: past these it is a letter, not a question.
pub const NEAR_WORDS: usize = 60;
/// Rules that were ruled out unlooked and are told one by one: past these nobody reads on; the rest is counted.
pub const RULED_OUT_TOLD: usize = 200;
