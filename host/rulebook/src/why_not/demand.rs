//! What has to hold, in plain words.

use model::{Language, Message, Moment};

use crate::bound::Bound;
use crate::condition::{Ad, Condition, First, Seen};
use crate::fold::{Folded, fold};
use crate::why_not::bounds::Part;
use crate::why_not::{Change, Near, Remedy, bounds, lands, near, remedy, time};
use crate::{Draft, Facts, Rule, language};

/// So many words or names are told; a rule may list a thousand.
const SHOWN: usize = 8;
/// So many of a list's words are told where each rule has one line.
const SHOWN_IN_A_LINE: usize = 3;

/// Tells what one rule demands of one message.
pub(super) struct Teller<'a> {
    pub(super) draft: &'a Draft,
    pub(super) rule: &'a Rule,
    pub(super) message: &'a Message,
    pub(super) language: &'a Language,
}

impl Teller<'_> {
    /// What does not hold, with the change after which it would; `at` is when all that waits for a time holds.
    pub(super) fn change(
        &self,
        part: &Part<'_>,
        seen: String,
        facts: &Facts<'_>,
        at: Option<Moment>,
    ) -> Change {
        let (change, remedy) = match part {
            Part::Condition(condition) => self.mend(condition, facts, at),
            Part::Bound(Bound::OncePer { until, .. }) => (
                format!("once_per: {}", self.from(*until, facts)),
                at.map(|at| Remedy::At { at }),
            ),
            Part::Bound(Bound::Limit(limit, _)) => {
                let over = time::end(*limit, facts.now, &self.rule.timezone);
                let when = over.map_or_else(|| "later".to_owned(), |over| self.from(over, facts));
                (
                    format!("limit, {} per {}: {when}", limit.times, limit.per),
                    at.map(|at| Remedy::At { at }),
                )
            }
            Part::Bound(Bound::Share(share)) => {
                let share = f64::from(*share) / 100.0;
                (
                    format!(
                        "stage: this contact is not among the {share} %; take out stage = \"canary {share}%\", or make the share larger"
                    ),
                    None,
                )
            }
            Part::OnlyCalled => (self.only_called(), None),
            Part::Off => (
                format!(
                    "off: take off = true away ({}:{})",
                    self.rule.file, self.rule.line
                ),
                None,
            ),
        };
        let near = match part {
            Part::Condition(condition) => self.near(condition),
            _ => None,
        };
        Change {
            key: part.key().to_owned(),
            seen,
            change,
            near,
            later: false,
            remedy,
        }
    }

    /// What holds already, in words.
    pub(super) fn holding(&self, seen: &Seen<'_>) -> Vec<String> {
        bounds::in_order(self.rule)
            .into_iter()
            .filter(|condition| !matches!(condition, Condition::Loud))
            .filter(|condition| condition.holds(seen, &self.rule.timezone))
            .map(|condition| self.held(condition))
            .collect()
    }

    /// All that a rule demands which is known to have held, in words: some of it, as whether a shop was open, nobody can look up later.
    pub(super) fn held_then(&self) -> Vec<String> {
        bounds::in_order(self.rule)
            .into_iter()
            .filter(|condition| !matches!(condition, Condition::Loud))
            .map(|condition| self.held(condition))
            .collect()
    }

    /// A condition that holds: of a list of words, the one that does.
    fn held(&self, condition: &Condition) -> String {
        let text = fold(self.message.content.words().unwrap_or_default());
        let heard = |phrase: &&Folded| match condition {
            Condition::Words(_) => text.has(phrase),
            Condition::Says(_) => text == **phrase,
            _ => text.starts_with(phrase),
        };
        let one = condition
            .phrases()
            .iter()
            .find(heard)
            .map(|phrase| self.phrase(condition.key(), phrase));
        match (condition, one) {
            (Condition::Kind(_), _) => {
                format!("it is {}", kind_in_words(self.message.content.kind()))
            }
            (Condition::Words(_), Some(one)) => format!("the message has \"{one}\""),
            (Condition::Says(_), Some(one)) => format!("the whole message is \"{one}\""),
            (Condition::Starts(_), Some(one)) => format!("the message begins with \"{one}\""),
            _ => self.demand(condition),
        }
    }

    /// A condition in words, and the change after which it holds.
    fn mend(
        &self,
        condition: &Condition,
        facts: &Facts<'_>,
        at: Option<Moment>,
    ) -> (String, Option<Remedy>) {
        let demand = self.demand(condition);
        let timezone = &self.rule.timezone;
        match condition {
            Condition::Hours(_)
            | Condition::Outside(_)
            | Condition::From(_)
            | Condition::First(First::Today | First::Since(_)) => {
                let own = time::next(condition, facts.now, facts, timezone);
                let when =
                    own.map_or_else(|| "never again".to_owned(), |own| self.from(own, facts));
                (format!("{demand}: {when}"), at.map(|at| Remedy::At { at }))
            }
            Condition::Until(_) => (
                format!("{demand}: that is over, unless the rule names a later day"),
                None,
            ),
            other => (demand, remedy::of(other, self)),
        }
    }

    /// What a condition demands, in words.
    pub(super) fn demand(&self, condition: &Condition) -> String {
        let written = self.draft.written().list(self.rule, condition.key());
        match condition {
            Condition::Words(phrases) => self.phrases("the message has", condition, phrases),
            Condition::Says(phrases) => self.phrases("the whole message is", condition, phrases),
            Condition::Starts(phrases) => {
                self.phrases("the message begins with", condition, phrases)
            }
            Condition::Pattern(patterns) => {
                let patterns: Vec<_> = patterns.iter().map(|pattern| pattern.as_str()).collect();
                format!("the pattern finds something: {}", or(&patterns))
            }
            Condition::Kind(kinds) => format!(
                "it is {}",
                or(&kinds
                    .iter()
                    .map(|kind| kind_in_words(kind))
                    .collect::<Vec<_>>())
            ),
            Condition::Loud => {
                let kind = self.message.content.kind();
                format!(
                    "it is a message to answer: {} is answered by rules with when.kind = \"{kind}\" alone",
                    kind_in_words(kind)
                )
            }
            Condition::Option(options) => {
                let titles: Vec<_> = options
                    .iter()
                    .map(|id| {
                        let title = self.draft.written().title(id, self.language);
                        format!("\"{title}\"")
                    })
                    .collect();
                format!("they tap {}", or(&titles))
            }
            Condition::Language(languages) => {
                format!(
                    "it is in {}",
                    or(&languages.iter().map(tongue).collect::<Vec<_>>())
                )
            }
            Condition::Tags(tags) => match tags.as_slice() {
                [one] => format!("the contact bears the tag {one}"),
                many => format!("the contact bears one of the tags {}", listed(many)),
            },
            Condition::NotTags(tags) => format!("the contact bears no tag {}", or(tags)),
            Condition::Number(_) => format!("it comes in on the number {}", or(&written)),
            Condition::First(First::Ever) => "it is the first that they ever wrote".to_owned(),
            Condition::First(First::Today) => "it is their first of the day".to_owned(),
            Condition::First(First::Since(span)) => format!("they wrote nothing for {span}"),
            Condition::Hours(hours) => format!(
                "it is written while {} is open",
                or(&hours.iter().map(|hours| &hours.name).collect::<Vec<_>>())
            ),
            Condition::Outside(hours) => format!(
                "it is written while {} is closed",
                or(&hours.iter().map(|hours| &hours.name).collect::<Vec<_>>())
            ),
            Condition::Country(countries) => {
                let names: Vec<_> = countries.iter().map(|code| lands::name(code)).collect();
                format!("it comes from a phone of {}", or(&names))
            }
            Condition::Ad(Ad::Any(true)) => "it comes from an advertisement".to_owned(),
            Condition::Ad(Ad::Any(false)) => "it comes from no advertisement".to_owned(),
            Condition::Ad(Ad::Ids(ids)) => format!("it comes from the advertisement {}", or(ids)),
            Condition::After(rules, within) => {
                let rules: Vec<_> = rules.iter().map(|rule| rule.as_str()).collect();
                format!("{} answered within {within} before", or(&rules))
            }
            Condition::Quoting(true) => "it replies to a message".to_owned(),
            Condition::Quoting(false) => "it replies to no message".to_owned(),
            Condition::MinWords(least) => format!("it has at least {least} words"),
            Condition::MaxWords(most) => format!("it has at most {most} words"),
            Condition::From(day) => format!("it is written on {day} or later"),
            Condition::Until(day) => format!("it is written on {day} or before"),
            Condition::Channel(channels) => {
                format!(
                    "it comes over {}",
                    or(&channels.iter().map(ToString::to_string).collect::<Vec<_>>())
                )
            }
        }
    }

    /// The same in a line of a list.
    pub(super) fn demand_in_a_line(&self, condition: &Condition) -> String {
        match condition {
            Condition::Words(phrases) => {
                self.some_phrases("the message has", condition, phrases, SHOWN_IN_A_LINE)
            }
            Condition::Says(phrases) => {
                self.some_phrases("the whole message is", condition, phrases, SHOWN_IN_A_LINE)
            }
            Condition::Starts(phrases) => self.some_phrases(
                "the message begins with",
                condition,
                phrases,
                SHOWN_IN_A_LINE,
            ),
            other => self.demand(other),
        }
    }

    fn phrases(&self, before: &str, condition: &Condition, phrases: &[Folded]) -> String {
        self.some_phrases(before, condition, phrases, SHOWN)
    }

    fn some_phrases(
        &self,
        before: &str,
        condition: &Condition,
        phrases: &[Folded],
        most: usize,
    ) -> String {
        let told: Vec<_> = phrases
            .iter()
            .take(most)
            .map(|phrase| format!("\"{}\"", self.phrase(condition.key(), phrase)))
            .collect();
        match told.as_slice() {
            [one] => format!("{before} {one}"),
            _ => {
                let rest = phrases.len().saturating_sub(told.len());
                format!("{before} one of: {}", cut(&told, rest))
            }
        }
    }

    fn near(&self, condition: &Condition) -> Option<Near> {
        let text = fold(self.message.content.words().unwrap_or_default());
        let (said, phrase) = near::near(&text, condition.phrases())?;
        Some(Near {
            said,
            listens_for: self.phrase(condition.key(), phrase),
        })
    }

    /// Which rules call it.
    fn only_called(&self) -> String {
        let callers: Vec<String> = self
            .draft
            .rules
            .iter()
            .flat_map(|rule| {
                [
                    ("call", &rule.call),
                    ("if_no_answer", &rule.if_no_answer),
                    ("if_blocked", &rule.if_blocked),
                    ("if_slow", &rule.if_slow),
                    ("if_fails", &rule.if_fails),
                    ("if_refused", &rule.if_refused),
                ]
                .into_iter()
                .filter(|(_, to)| to.as_ref() == Some(&self.rule.name))
                .map(|(key, _)| format!("{} ({key})", rule.name))
            })
            .collect();
        if callers.is_empty() {
            "only = \"called\": another rule calls it, and none does; write call = \"…\" there, or take only = \"called\" away".to_owned()
        } else {
            format!(
                "only = \"called\": another rule calls it, and these do: {}",
                listed(&callers)
            )
        }
    }

    fn from(&self, at: Moment, facts: &Facts<'_>) -> String {
        time::from(at, facts.now, &self.rule.timezone)
    }

    /// A phrase as it is written in the rule.
    pub(super) fn phrase(&self, key: &str, phrase: &Folded) -> String {
        self.draft.written().phrase(self.rule, key, phrase)
    }
}

fn tongue(language: &Language) -> String {
    language::name(language).map_or_else(|| language.to_string(), str::to_owned)
}

fn kind_in_words(kind: &str) -> String {
    match kind {
        "text" => "a text",
        "image" => "an image",
        "video" => "a video",
        "audio" => "an audio file",
        "voice" => "a voice note",
        "document" => "a document",
        "sticker" => "a sticker",
        "location" => "a location",
        "contacts" => "a contact card",
        "button" => "a tap on a button",
        "menu" => "a tap on a row of a menu",
        "form" => "a form",
        "reaction" => "a reaction",
        "order" => "an order",
        "edit" => "a change of an earlier message",
        "revoke" => "a message taken back",
        other => return format!("of the kind {other}"),
    }
    .to_owned()
}

/// `a, b or c`.
fn or(names: &[impl AsRef<str>]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [one] => one.as_ref().to_owned(),
        many if many.len() > SHOWN => listed(many),
        [first @ .., last] => format!("{} or {}", joined(first), last.as_ref()),
    }
}

/// `a, b, c`, and how many more.
fn listed(names: &[impl AsRef<str>]) -> String {
    cut(names, 0)
}

/// The first of some names; how many more, with so many beyond those that are given.
fn cut(names: &[impl AsRef<str>], beyond: usize) -> String {
    let (shown, rest) = names.split_at(names.len().min(SHOWN));
    match rest.len() + beyond {
        0 => joined(shown),
        more => format!("{} and {more} more", joined(shown)),
    }
}

fn joined(names: &[impl AsRef<str>]) -> String {
    names
        .iter()
        .map(AsRef::as_ref)
        .collect::<Vec<_>>()
        .join(", ")
}
