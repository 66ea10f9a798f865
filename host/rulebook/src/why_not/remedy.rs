//! Changes as a machine can make them.

use model::{Channel, Language, Moment, NumberId, RuleName};
use serde::{Deserialize, Serialize};

use crate::condition::{Ad, Condition, First};
use crate::fold::fold;
use crate::why_not::demand::Teller;
use crate::why_not::{Change, Circumstances};

/// One change of a message, its contact or the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Remedy {
    /// It comes at this time.
    At {
        /// When.
        at: Moment,
    },
    /// It is of this kind.
    Send {
        /// As `when.kind` calls it.
        kind: String,
    },
    /// They tap this.
    Tap {
        /// The option's id.
        id: String,
        /// What stands on it.
        title: String,
        /// It is a row of a menu, not a button.
        menu: bool,
    },
    /// It reads so.
    Say {
        /// The whole text.
        text: String,
    },
    /// It is in this language.
    Speak {
        /// Its code.
        language: Language,
    },
    /// The contact bears this tag.
    Tag {
        /// Which.
        tag: String,
    },
    /// The contact bears none of these tags.
    Untag {
        /// Which.
        tags: Vec<String>,
    },
    /// It comes in on this number.
    Number {
        /// Which.
        number: NumberId,
    },
    /// It comes from a phone of this country.
    Country {
        /// Its ISO code.
        country: String,
    },
    /// It comes from this advertisement; from none, if there is no id.
    Ad {
        /// Its id.
        ad: Option<String>,
    },
    /// This rule answered last, just before.
    AnsweredBy {
        /// Which.
        rule: RuleName,
    },
    /// It replies to a message, or does not.
    Quote {
        /// Which of the two.
        quoting: bool,
    },
    /// The contact never wrote before.
    NeverWrote,
    /// It comes over this network.
    Over {
        /// Which.
        channel: Channel,
    },
}

impl Remedy {
    /// In which order they are made: a tap has words of its own, and what answered before answered before that time.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::At { .. } => 0,
            Self::Send { .. } => 1,
            Self::Tap { .. } => 2,
            Self::Say { .. } => 3,
            _ => 4,
        }
    }
}

/// The remedy for a condition that fails, where it is none of time or text: those are found for all of a rule together.
pub(super) fn of(condition: &Condition, teller: &Teller<'_>) -> Option<Remedy> {
    match condition {
        Condition::Loud => Some(Remedy::Send {
            kind: "text".to_owned(),
        }),
        Condition::Kind(kinds) => Some(Remedy::Send {
            kind: kinds.first()?.clone(),
        }),
        Condition::Option(options) => {
            let id = options.first()?.clone();
            let title = teller
                .draft
                .written()
                .title(&id, teller.language)
                .to_owned();
            let menu = teller.rule.conditions.iter().any(|other| {
                matches!(other, Condition::Kind(kinds)
                    if kinds.iter().any(|kind| kind == "menu") && !kinds.iter().any(|kind| kind == "button"))
            });
            Some(Remedy::Tap { id, title, menu })
        }
        Condition::Language(languages) => Some(Remedy::Speak {
            language: languages.first()?.clone(),
        }),
        Condition::Tags(tags) => {
            let barred = |tag: &&String| {
                teller.rule.conditions.iter().any(
                    |other| matches!(other, Condition::NotTags(barred) if barred.contains(*tag)),
                )
            };
            let tag = tags.iter().find(|tag| !barred(tag)).or(tags.first())?;
            Some(Remedy::Tag { tag: tag.clone() })
        }
        Condition::NotTags(tags) => Some(Remedy::Untag { tags: tags.clone() }),
        Condition::Number(numbers) => Some(Remedy::Number {
            number: numbers.first()?.clone(),
        }),
        Condition::First(First::Ever) => Some(Remedy::NeverWrote),
        Condition::Country(countries) => Some(Remedy::Country {
            country: countries.first()?.clone(),
        }),
        Condition::Ad(Ad::Any(true)) => Some(Remedy::Ad {
            ad: Some("an advertisement".to_owned()),
        }),
        Condition::Ad(Ad::Any(false)) => Some(Remedy::Ad { ad: None }),
        Condition::Ad(Ad::Ids(ids)) => Some(Remedy::Ad {
            ad: Some(ids.first()?.clone()),
        }),
        Condition::After(rules, _) => Some(Remedy::AnsweredBy {
            rule: rules.first()?.clone(),
        }),
        Condition::Quoting(quoting) => Some(Remedy::Quote { quoting: *quoting }),
        Condition::Channel(channels) => Some(Remedy::Over {
            channel: channels.first()?.clone(),
        }),
        _ => None,
    }
}

/// So many words of a list are tried together with those of another.
const TRIED: usize = 12;
/// Stands in for the words that a long message has and this one lacks.
const FILLER: &str = "…and so on";

/// Gives all changes of the text one text that makes them all, if one is found.
pub(super) fn with_text(changes: &mut [Change], teller: &Teller<'_>, changed: &Circumstances) {
    let is_text = |condition: &&Condition| {
        matches!(
            condition,
            Condition::Words(_)
                | Condition::Says(_)
                | Condition::Starts(_)
                | Condition::Pattern(_)
                | Condition::MinWords(_)
                | Condition::MaxWords(_)
        )
    };
    let demands: Vec<&Condition> = teller.rule.conditions.iter().filter(is_text).collect();
    let is_about = |change: &Change| demands.iter().any(|demand| demand.key() == change.key);
    if !changes.iter().any(is_about) {
        return;
    }
    let said = changed.message.content.words().unwrap_or_default();
    let Some(text) = texts(&demands, teller, said)
        .into_iter()
        .find(|text| fits(&demands, text))
    else {
        return;
    };
    for change in changes.iter_mut().filter(|change| is_about(change)) {
        change.remedy = Some(Remedy::Say { text: text.clone() });
    }
}

/// Texts that may do: with what was said, then without it.
fn texts(demands: &[&Condition], teller: &Teller<'_>, said: &str) -> Vec<String> {
    let spoken = |want: fn(&Condition) -> bool, most: usize| -> Vec<String> {
        demands
            .iter()
            .filter(|condition| want(condition))
            .flat_map(|condition| {
                let phrases = condition.phrases().iter().take(most);
                phrases.map(|phrase| teller.phrase(condition.key(), phrase))
            })
            .collect()
    };
    let wholes = spoken(|one| matches!(one, Condition::Says(_)), usize::MAX);
    let none = std::iter::once(String::new());
    let starts: Vec<String> = none
        .clone()
        .chain(spoken(|one| matches!(one, Condition::Starts(_)), TRIED))
        .collect();
    let words: Vec<String> = none
        .chain(spoken(|one| matches!(one, Condition::Words(_)), TRIED))
        .collect();
    let least = demands
        .iter()
        .find_map(|one| match one {
            Condition::MinWords(least) => Some(*least),
            _ => None,
        })
        .unwrap_or_default();
    let mut texts = wholes;
    for body in [said, ""] {
        for start in &starts {
            for word in &words {
                let parts = [start.as_str(), body, word.as_str()];
                let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                let text = parts.join(" ");
                let lacking = least.saturating_sub(fold(&text).words());
                if lacking > 0 {
                    let filler = [FILLER].repeat(lacking.div_ceil(fold(FILLER).words()));
                    let filled = format!("{text} {}", filler.join(" "));
                    texts.push(filled.trim_start().to_owned());
                }
                texts.push(text);
            }
        }
    }
    // A filler may be a word too many: then whatever stands there, counted out.
    texts.push(["ok"].repeat(least).join(" "));
    texts
}

fn fits(demands: &[&Condition], text: &str) -> bool {
    let folded = fold(text);
    demands.iter().all(|demand| match demand {
        Condition::Pattern(patterns) => patterns.iter().any(|pattern| pattern.finds(text)),
        Condition::MinWords(least) => folded.words() >= *least,
        Condition::MaxWords(most) => folded.words() <= *most,
        other => other.hears(&folded),
    })
}
