//! Tests that stand beside the rules, as plain data: what a contact writes, what is given, what is to come of it.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Content, DeskName, Language, Location, Media, MediaKind, Moment, NumberId, Phone, RuleName,
    Span, TapOrigin,
};

use crate::findings::Site;
use crate::settings::around;
use crate::{Diagnostic, Draft, codes};

/// One `[[test]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleTest {
    /// Its name, unique within the tenant.
    pub name: String,
    /// The file it stands in.
    pub file: String,
    /// The line it begins in, from 1.
    pub line: usize,
    /// When the first message arrives. Without `at` it is a Wednesday at noon.
    pub at: Moment,
    /// The language the contact last used.
    pub language: Option<Language>,
    /// The contact's phone.
    pub from: Option<Phone>,
    /// The number that is written to.
    pub number: Option<NumberId>,
    /// What the contact does, in order. There is at least one message.
    pub says: Vec<Said>,
    /// What holds before.
    pub given: Given,
    /// What is to come of it. At least one of its parts is there.
    pub expect: Expect,
    /// Where each key stands.
    pub(crate) sites: BTreeMap<String, Site>,
}

/// What a contact does next.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// Writes.
    Text {
        /// The words.
        text: String,
        /// The advertisement that the message comes from.
        ad: Option<String>,
    },
    /// Taps an option.
    Tap {
        /// Which.
        id: String,
        /// Its titles.
        titles: BTreeMap<Language, String>,
        /// It is a row of a menu; else a button.
        in_menu: bool,
    },
    /// Sends a file.
    File {
        /// What sort of file.
        kind: MediaKind,
        /// The words beneath it.
        caption: Option<String>,
    },
    /// Sends a place.
    Location,
    /// Opens the chat and writes nothing.
    Welcome,
    /// Sends what WhatsApp does not hand over.
    Unsupported,
    /// Lets time pass.
    Wait(Span),
}

/// What holds before a test begins.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Given {
    /// The contact's tags.
    pub tags: BTreeSet<String>,
    /// What the contact allowed; nothing said if absent.
    pub opted: Option<Opted>,
    /// A person has the conversation, for so long from the first message on.
    pub paused: Option<Span>,
    /// What every knowledge base answers.
    pub knowledge: Option<GivenKnowledge>,
    /// How long ago the contact wrote before; if absent, never.
    pub last_seen: Option<Span>,
    /// What endpoints answer, by their name.
    pub lookup: BTreeMap<String, GivenLookup>,
    /// What the plugins remember of the contact, by its key.
    pub memory: BTreeMap<String, String>,
}

/// What a contact allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opted {
    /// Everything.
    In,
    /// Nothing.
    Out,
    /// Everything but what advertises.
    OutOfMarketing,
}

/// What a knowledge base answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenKnowledge {
    /// It knows nothing.
    NoAnswer,
    /// A guardrail steps in.
    Blocked,
    /// It takes too long.
    Slow,
    /// This.
    Text(String),
}

/// What an endpoint answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenLookup {
    /// This.
    Answered {
        /// HTTP's word for how it went.
        status: u16,
        /// What it says.
        body: String,
    },
    /// It takes too long.
    Slow,
    /// It cannot be reached.
    Unreachable,
}

/// What is to come of a test; what is absent is not looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expect {
    /// For each message the rules that answered, in order; none if empty. `opt_out` and `opt_in` stand for those sections.
    pub rules: Option<Vec<Vec<RuleName>>>,
    /// The words of all sends, in order.
    pub reply: Option<Vec<String>>,
    /// Each of these stands in some send.
    pub reply_has: Vec<String>,
    /// Each of these stands in no send.
    pub reply_lacks: Vec<String>,
    /// How many sends were admitted.
    pub sends: Option<usize>,
    /// The words of the refusals ([`model::Refusal::word`]), in order; an empty list means that nothing was refused.
    pub refused: Option<Vec<String>>,
    /// What the contact allows in the end.
    pub opted: Option<Opted>,
    /// Who has the conversation in the end.
    pub handed_to: Option<HandedTo>,
    /// Whether the bot is silent in the end.
    pub bot: Option<Bot>,
    /// All tags that the contact bears in the end.
    pub tags: Option<BTreeSet<String>>,
}

/// Who has a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandedTo {
    /// No desk.
    Nobody,
    /// This desk.
    Desk(DeskName),
}

/// Whether the bot may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bot {
    /// It may.
    Speaks,
    /// A person has the conversation.
    Paused,
}

impl Said {
    /// What arrives of it, with an option's title in this language, else in the fallback; nothing if it only waits.
    #[must_use]
    pub fn content(&self, language: &Language, fallback: &Language) -> Option<Content> {
        Some(match self {
            Self::Text { text, .. } => Content::Text { body: text.clone() },
            Self::Tap {
                id,
                titles,
                in_menu,
            } => {
                let title = titles.get(language).or_else(|| titles.get(fallback));
                Content::Tap {
                    id: id.clone(),
                    title: title.or(titles.values().next()).unwrap_or(id).clone(),
                    origin: if *in_menu {
                        TapOrigin::Menu
                    } else {
                        TapOrigin::Button
                    },
                }
            }
            Self::File { kind, caption } => Content::Media(Media {
                id: Some("test".to_owned()),
                caption: caption.clone(),
                ..Media::new(*kind)
            }),
            Self::Location => Content::Location(Location {
                latitude: 0.0,
                longitude: 0.0,
                name: None,
                address: None,
            }),
            Self::Welcome => Content::Welcome,
            Self::Unsupported => Content::Unsupported {
                what: None,
                error: None,
            },
            Self::Wait(_) => return None,
        })
    }
}

impl Draft {
    /// What a test expected and did not see, at the line that expects it. The key is as in the file: `expect.rules`, and with
    /// `.1` behind it the second of a list. The test is one of [`Draft::tests`] by its index.
    #[must_use]
    pub fn red(&self, test: usize, key: &str, message: String, help: Option<String>) -> Diagnostic {
        let test = self.tests().get(test);
        let site = test.and_then(|test| around(key).find_map(|key| test.sites.get(key)));
        let page = site
            .and_then(|site| self.pages.get(site.file))
            .or_else(|| self.pages.first());
        match page {
            Some(page) => page.complaint(
                codes::RED_TEST,
                site.map_or(0..0, |site| site.span.clone()),
                message,
                help,
            ),
            // A draft is made of at least one page.
            None => Diagnostic::nowhere(codes::RED_TEST, message, help),
        }
    }
}
