//! Tests that stand beside the rules, as plain data: what a contact writes, what is given, what is to come of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{
    Card, Content, DeskName, Form, Language, Location, Media, MediaKind, Moment, NumberId, Order,
    OrderItem, Phone, RuleName, Span, TapOrigin, Wamid,
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
    /// The clocks of its file.
    pub(crate) timezone: TimeZone,
    /// Where each key stands.
    pub(crate) sites: BTreeMap<String, Site>,
}

/// What a contact does next.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// Sends something.
    Message {
        /// What.
        what: What,
        /// The advertisement that it comes from.
        ad: Option<String>,
        /// It replies to a message of ours.
        quoting: bool,
    },
    /// Lets time pass.
    Wait(Span),
}

/// What a contact sends.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Words.
    Text(String),
    /// A tap on an option.
    Tap {
        /// Which.
        id: String,
        /// Its titles.
        titles: BTreeMap<Language, String>,
        /// It is a row of a menu; else a button.
        in_menu: bool,
    },
    /// A tap on a template's quick reply.
    QuickReply {
        /// What stands on it.
        title: String,
        /// What it stands for.
        payload: String,
    },
    /// A file.
    File {
        /// What sort of file.
        kind: MediaKind,
        /// The words beneath it.
        caption: Option<String>,
    },
    /// A place.
    Location,
    /// Somebody's card.
    Contacts,
    /// A form that was filled in.
    Form {
        /// The answers, as JSON.
        answers: String,
    },
    /// An emoji on a message of ours.
    Reaction {
        /// Which; a thumb if the test does not say, and taken away if it is empty.
        emoji: Option<String>,
    },
    /// A basket from a catalogue.
    Order {
        /// The words beside it.
        words: Option<String>,
    },
    /// The contact's last message, changed.
    Edit {
        /// Its words now.
        words: Option<String>,
    },
    /// The contact's last message, taken back.
    Revoke,
    /// The chat was opened, and nothing written yet.
    Welcome,
    /// What WhatsApp does not hand over.
    Unsupported,
}

/// Messages that a turn can be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// The last of ours.
    pub ours: Wamid,
    /// The last of the contact's.
    pub theirs: Wamid,
}

/// What holds before a test begins.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Given {
    /// What the contact calls themselves.
    pub name: Option<String>,
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
    /// Where the last draft waits for a person.
    pub drafted_to: Option<HandedTo>,
    /// Each of these stands in some draft.
    pub draft_has: Vec<String>,
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
    /// Words, and nothing beside them.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Message {
            what: What::Text(text.into()),
            ad: None,
            quoting: false,
        }
    }
}

impl What {
    /// Whether words may stand beside its kind.
    pub(crate) fn has_words(&self) -> bool {
        matches!(
            self,
            Self::File { .. } | Self::Reaction { .. } | Self::Order { .. } | Self::Edit { .. }
        )
    }

    /// What arrives of it, with an option's title in this language, else in the fallback.
    #[must_use]
    pub fn content(&self, language: &Language, fallback: &Language, earlier: &Earlier) -> Content {
        match self {
            Self::Text(text) => Content::Text { body: text.clone() },
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
            Self::QuickReply { title, payload } => Content::Tap {
                id: payload.clone(),
                title: title.clone(),
                origin: TapOrigin::Template,
            },
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
            Self::Contacts => Content::Contacts {
                cards: vec![Card {
                    name: "Somebody".to_owned(),
                    ..Card::default()
                }],
            },
            Self::Form { answers } => Content::Form(Form {
                name: "flow".to_owned(),
                body: None,
                answers: answers.clone(),
            }),
            Self::Reaction { emoji } => Content::Reaction {
                message: earlier.ours.clone(),
                emoji: match emoji.as_deref() {
                    Some("") => None,
                    emoji => Some(emoji.unwrap_or("👍").to_owned()),
                },
            },
            Self::Order { words } => Content::Order(Order {
                catalog: "test".to_owned(),
                text: words.clone(),
                items: vec![OrderItem {
                    product: "test".to_owned(),
                    quantity: 1,
                    price: None,
                    currency: None,
                }],
            }),
            Self::Edit { words } => Content::Edit {
                original: earlier.theirs.clone(),
                text: words.clone(),
            },
            Self::Revoke => Content::Revoke {
                original: earlier.theirs.clone(),
            },
            Self::Welcome => Content::Welcome,
            Self::Unsupported => Content::Unsupported {
                what: None,
                error: None,
            },
        }
    }
}

impl RuleTest {
    /// Whether it plays and expects the same, wherever it stands in its file.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        let strip = |test: &Self| Self {
            file: String::new(),
            line: 0,
            sites: BTreeMap::new(),
            ..test.clone()
        };
        strip(self) == strip(other)
    }

    /// A moment by the clocks of its file: `Sun 2026-11-22 15:00`.
    #[must_use]
    pub fn local(&self, moment: Moment) -> String {
        Timestamp::from_millisecond(moment.0).map_or_else(
            |_| String::new(),
            |time| {
                let local = time.to_zoned(self.timezone.clone());
                local.strftime("%a %Y-%m-%d %H:%M").to_string()
            },
        )
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
