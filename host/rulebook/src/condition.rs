//! What must hold for a rule to apply, and when one condition follows from another.

use std::cell::OnceCell;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{Channel, Content, Language, Moment, NumberId, RuleName, Span, TapOrigin};

use crate::Facts;
use crate::fold::{Folded, fold};
use crate::opening::Hours;
use crate::pattern::Pattern;
use crate::{countries, language};

/// One condition. A list means any of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    /// One of these stands in the text as whole words.
    Words(Vec<Folded>),
    /// The whole text is one of these.
    Says(Vec<Folded>),
    /// The text begins with one of these.
    Starts(Vec<Folded>),
    /// One of these finds something in the text.
    Pattern(Vec<Pattern>),
    /// The message is of one of these kinds.
    Kind(Vec<String>),
    /// It is of no kind that is answered only where a rule names it: stands in each rule without `when.kind`.
    Loud,
    /// One of these options was tapped.
    Option(Vec<String>),
    /// The contact's language is one of these.
    Language(Vec<Language>),
    /// The contact bears one of these.
    Tags(Vec<String>),
    /// The contact bears none of these.
    NotTags(Vec<String>),
    /// It was received on one of these.
    Number(Vec<NumberId>),
    /// It is the contact's first.
    First(First),
    /// One of these is open.
    Hours(Vec<Arc<Hours>>),
    /// One of these is closed.
    Outside(Vec<Arc<Hours>>),
    /// The phone is of one of these countries.
    Country(Vec<String>),
    /// It came from an advertisement.
    Ad(Ad),
    /// One of these rules answered this contact last, and no longer ago than this.
    After(Vec<RuleName>, Span),
    /// It replies to a message, or does not.
    Quoting(bool),
    /// It has at least so many words.
    MinWords(usize),
    /// It has at most so many words.
    MaxWords(usize),
    /// The campaign has begun: this day, or a later one.
    From(Date),
    /// The campaign is not over: this day, or an earlier one.
    Until(Date),
    /// It came over one of these networks.
    Channel(Vec<Channel>),
}

/// Kinds that only a rule which names them answers: nobody expects a word about a heart, or about a message that was changed or
/// taken back.
pub(crate) const QUIET: [&str; 3] = ["reaction", "edit", "revoke"];

/// The first message since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum First {
    /// Of all.
    Ever,
    /// Of the day, in the file's timezone.
    Today,
    /// After this long.
    Since(Span),
}

/// From which advertisement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ad {
    /// From any, or from none.
    Any(bool),
    /// From one of these.
    Ids(Vec<String>),
}

/// A message as conditions see it: what they need is worked out once for all rules.
pub(crate) struct Seen<'a> {
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) text: Folded,
    country: OnceCell<Option<&'static str>>,
}

impl<'a> Seen<'a> {
    pub(crate) fn new(facts: &'a Facts<'a>) -> Self {
        let text = fold(facts.message.content.words().unwrap_or_default());
        Self {
            facts,
            text,
            country: OnceCell::new(),
        }
    }

    pub(crate) fn country(&self) -> Option<&'static str> {
        *self.country.get_or_init(|| {
            let phone = self.facts.contact.key.phone();
            phone
                .or_else(|| self.facts.message.from.phone())
                .and_then(|phone| countries::country_of(phone.as_str()))
        })
    }

    /// Words and no more than their count: the text itself stands in the decision already.
    fn shown(&self) -> String {
        match (self.text.words(), self.facts.message.content.kind()) {
            (0, kind) => format!("no words, {kind}"),
            (1, _) => "another word".to_owned(),
            (words, _) => format!("{words} other words"),
        }
    }
}

impl Condition {
    /// Its key in a rule.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            Self::Words(_) => "when.words",
            Self::Says(_) => "when.says",
            Self::Starts(_) => "when.starts",
            Self::Pattern(_) => "when.pattern",
            Self::Kind(_) | Self::Loud => "when.kind",
            Self::Option(_) => "when.option",
            Self::Language(_) => "when.language",
            Self::Tags(_) => "when.tags",
            Self::NotTags(_) => "when.not_tags",
            Self::Number(_) => "when.number",
            Self::First(_) => "when.first",
            Self::Hours(_) => "when.hours",
            Self::Outside(_) => "when.outside",
            Self::Country(_) => "when.country",
            Self::Ad(_) => "when.ad",
            Self::After(..) => "when.after",
            Self::Quoting(_) => "when.quoting",
            Self::MinWords(_) => "when.min_words",
            Self::MaxWords(_) => "when.max_words",
            Self::From(_) => "when.from",
            Self::Until(_) => "when.until",
            Self::Channel(_) => "when.channel",
        }
    }

    /// What it costs to find out whether it holds, for an order: what is at hand before what has to be compared, that before what
    /// takes a walk through the text or the calendar.
    pub(crate) fn cost(&self) -> u8 {
        match self {
            Self::Kind(_)
            | Self::Loud
            | Self::Channel(_)
            | Self::Quoting(_)
            | Self::Number(_)
            | Self::Option(_)
            | Self::Ad(_)
            | Self::After(..) => 0,
            Self::Language(_) | Self::Tags(_) | Self::NotTags(_) => 1,
            Self::Says(_) | Self::Starts(_) => 2,
            Self::MinWords(_) | Self::MaxWords(_) | Self::Country(_) => 3,
            Self::First(_) | Self::From(_) | Self::Until(_) => 4,
            Self::Words(_) => 5,
            Self::Hours(_) | Self::Outside(_) => 6,
            Self::Pattern(_) => 7,
        }
    }

    /// Whether it holds.
    pub(crate) fn holds(&self, seen: &Seen<'_>, timezone: &TimeZone) -> bool {
        let Facts {
            message,
            contact,
            number,
            language,
            channel,
            now,
            ..
        } = *seen.facts;
        match self {
            Self::Words(_) | Self::Says(_) | Self::Starts(_) => self.hears(&seen.text),
            Self::Pattern(patterns) => {
                let text = message.content.words().unwrap_or_default();
                patterns.iter().any(|pattern| pattern.finds(text))
            }
            Self::Loud => !QUIET.contains(&message.content.kind()),
            Self::Kind(kinds) => kinds.iter().any(|kind| kind == message.content.kind()),
            Self::Option(options) => Self::taps(options, &message.content),
            Self::Language(languages) => languages
                .iter()
                .any(|wanted| language::means(wanted, language)),
            Self::Tags(tags) => tags.iter().any(|tag| contact.tags.contains(tag)),
            Self::NotTags(tags) => !tags.iter().any(|tag| contact.tags.contains(tag)),
            Self::Number(numbers) => numbers.contains(number),
            Self::First(first) => first.holds(contact.previous_inbound, now, timezone),
            Self::Hours(hours) => hours.iter().any(|hours| hours.is_open(now)),
            Self::Outside(hours) => hours.iter().any(|hours| !hours.is_open(now)),
            Self::Country(countries) => seen
                .country()
                .is_some_and(|country| countries.iter().any(|wanted| wanted == country)),
            Self::Ad(ad) => ad.holds(message.ad.as_ref()),
            Self::After(rules, within) => contact
                .last_rule
                .as_ref()
                .is_some_and(|(rule, at)| rules.contains(rule) && now.since(*at) <= *within),
            Self::Quoting(wanted) => message.quoting.is_some() == *wanted,
            Self::MinWords(least) => seen.text.words() >= *least,
            Self::MaxWords(most) => seen.text.words() <= *most,
            Self::From(first) => day(now, timezone).is_some_and(|today| today >= *first),
            Self::Until(last) => day(now, timezone).is_some_and(|today| today <= *last),
            Self::Channel(channels) => channels.contains(channel),
        }
    }

    /// Whether one of these options was tapped: known by its id, and a template's quick reply by its words as well.
    pub(crate) fn taps(options: &[String], content: &Content) -> bool {
        let Content::Tap { id, title, origin } = content else {
            return false;
        };
        let by_title = |option: &str| *origin == TapOrigin::Template && fold(option) == fold(title);
        options
            .iter()
            .any(|option| option == id || by_title(option))
    }

    /// What is seen instead of what it asks for.
    pub(crate) fn saw(&self, seen: &Seen<'_>, timezone: &TimeZone) -> String {
        let Facts {
            message,
            contact,
            number_name,
            language,
            channel,
            now,
            ..
        } = *seen.facts;
        match self {
            Self::Words(_) | Self::Says(_) | Self::Starts(_) | Self::Pattern(_) => seen.shown(),
            Self::Loud | Self::Kind(_) => message.content.kind().to_owned(),
            Self::Option(_) => match &message.content {
                Content::Tap { id, .. } => id.clone(),
                other => other.kind().to_owned(),
            },
            Self::Language(_) => language.to_string(),
            Self::Tags(_) | Self::NotTags(_) => tags_of(contact),
            Self::Number(_) => number_name.to_owned(),
            Self::First(_) => contact.previous_inbound.map_or_else(
                || "never wrote before".to_owned(),
                |previous| format!("wrote {} ago", rounded(now.since(previous))),
            ),
            Self::Hours(hours) => format!("{} closed", be(hours)),
            Self::Outside(hours) => format!("{} open", be(hours)),
            Self::Country(_) => seen.country().unwrap_or("no phone known").to_owned(),
            Self::Ad(_) => {
                let ad = message.ad.as_ref();
                ad.map_or_else(|| "no ad".to_owned(), |ad| format!("ad {}", ad.id))
            }
            Self::After(..) => contact.last_rule.as_ref().map_or_else(
                || "no rule before".to_owned(),
                |(rule, at)| format!("{rule}, {} ago", rounded(now.since(*at))),
            ),
            Self::Quoting(_) => message.quoting.is_some().to_string(),
            Self::MinWords(_) | Self::MaxWords(_) => seen.text.words().to_string(),
            Self::From(_) | Self::Until(_) => {
                let today = day(now, timezone);
                today.map_or_else(|| "no day".to_owned(), |today| today.to_string())
            }
            Self::Channel(_) => channel.to_string(),
        }
    }

    /// Whether this holds whenever `other` does.
    pub(crate) fn follows_from(&self, other: &Self) -> bool {
        let all = |phrases: &[Folded], hold: &dyn Fn(&Folded) -> bool| phrases.iter().all(hold);
        match (self, other) {
            (
                Self::Words(mine),
                Self::Words(theirs) | Self::Says(theirs) | Self::Starts(theirs),
            ) => all(theirs, &|text| mine.iter().any(|phrase| text.has(phrase))),
            (Self::Says(mine), Self::Says(theirs)) => all(theirs, &|text| mine.contains(text)),
            (Self::Starts(mine), Self::Says(theirs) | Self::Starts(theirs)) => {
                all(theirs, &|text| {
                    mine.iter().any(|phrase| text.starts_with(phrase))
                })
            }
            (Self::Pattern(mine), Self::Pattern(theirs)) => {
                theirs.iter().all(|pattern| mine.contains(pattern))
            }
            (Self::Loud, Self::Loud | Self::Option(_)) => true,
            (Self::Loud, Self::Kind(theirs)) => {
                theirs.iter().all(|kind| !QUIET.contains(&kind.as_str()))
            }
            (Self::From(mine), Self::From(theirs)) => mine <= theirs,
            (Self::Until(mine), Self::Until(theirs)) => mine >= theirs,
            (Self::Channel(mine), Self::Channel(theirs)) => {
                theirs.iter().all(|channel| mine.contains(channel))
            }
            (Self::Kind(mine), Self::Kind(theirs)) => theirs.iter().all(|kind| mine.contains(kind)),
            (Self::Kind(mine), Self::Option(_)) => ["button", "menu"]
                .iter()
                .all(|kind| mine.iter().any(|have| have == kind)),
            (Self::Option(mine), Self::Option(theirs))
            | (Self::Country(mine), Self::Country(theirs))
            | (Self::Tags(mine), Self::Tags(theirs))
            | (Self::NotTags(theirs), Self::NotTags(mine)) => {
                theirs.iter().all(|name| mine.contains(name))
            }
            (Self::Language(mine), Self::Language(theirs)) => theirs
                .iter()
                .all(|language| mine.iter().any(|wanted| language::means(wanted, language))),
            (Self::Number(mine), Self::Number(theirs)) => {
                theirs.iter().all(|number| mine.contains(number))
            }
            (Self::First(mine), Self::First(theirs)) => {
                mine == theirs
                    || *theirs == First::Ever
                    || matches!((mine, theirs), (First::Since(mine), First::Since(theirs)) if mine <= theirs)
            }
            (Self::Hours(mine), Self::Hours(theirs))
            | (Self::Outside(mine), Self::Outside(theirs)) => theirs
                .iter()
                .all(|hours| mine.iter().any(|have| have.name == hours.name)),
            (Self::Ad(mine), Self::Ad(theirs)) => mine.follows_from(theirs),
            (Self::After(mine, within), Self::After(theirs, shorter)) => {
                within >= shorter && theirs.iter().all(|rule| mine.contains(rule))
            }
            (Self::Quoting(mine), Self::Quoting(theirs)) => mine == theirs,
            (Self::MinWords(mine), Self::MinWords(theirs)) => mine <= theirs,
            (Self::MinWords(mine), Self::Words(_) | Self::Starts(_)) => *mine <= 1,
            (Self::MinWords(mine), Self::Says(theirs)) => {
                all(theirs, &|text| text.words() >= *mine)
            }
            (Self::MaxWords(mine), Self::MaxWords(theirs)) => mine >= theirs,
            (Self::MaxWords(mine), Self::Says(theirs)) => {
                all(theirs, &|text| text.words() <= *mine)
            }
            _ => false,
        }
    }

    /// Each entry of its list as a condition of its own: it holds if one of them does.
    pub(crate) fn parts(&self) -> Vec<Self> {
        fn each<T: Clone>(list: &[T], part: impl Fn(Vec<T>) -> Condition) -> Vec<Condition> {
            list.iter().map(|entry| part(vec![entry.clone()])).collect()
        }
        match self {
            Self::Words(phrases) => each(phrases, Self::Words),
            Self::Says(phrases) => each(phrases, Self::Says),
            Self::Starts(phrases) => each(phrases, Self::Starts),
            Self::Pattern(patterns) => each(patterns, Self::Pattern),
            Self::Kind(kinds) => each(kinds, Self::Kind),
            Self::Option(options) => each(options, Self::Option),
            Self::Language(languages) => each(languages, Self::Language),
            Self::Tags(tags) => each(tags, Self::Tags),
            Self::Number(numbers) => each(numbers, Self::Number),
            Self::Country(countries) => each(countries, Self::Country),
            Self::After(rules, within) => each(rules, |rule| Self::After(rule, *within)),
            _ => Vec::new(),
        }
    }

    /// Bounds next to nothing: nearly every message is of this kind.
    pub(crate) fn is_wide(&self) -> bool {
        match self {
            Self::Kind(kinds) => kinds.iter().any(|kind| kind == "text"),
            Self::Language(_)
            | Self::Number(_)
            | Self::NotTags(_)
            | Self::Country(_)
            | Self::Hours(_)
            | Self::Outside(_)
            | Self::From(_)
            | Self::Until(_)
            | Self::Channel(_)
            | Self::Loud => true,
            Self::MinWords(least) => *least <= 1,
            _ => false,
        }
    }

    /// Whether it is about the words of the message, and holds for these.
    pub(crate) fn hears(&self, text: &Folded) -> bool {
        match self {
            Self::Words(phrases) => phrases.iter().any(|phrase| text.has(phrase)),
            Self::Says(phrases) => phrases.contains(text),
            Self::Starts(phrases) => phrases.iter().any(|phrase| text.starts_with(phrase)),
            _ => false,
        }
    }

    /// The words and phrases it listens for.
    pub(crate) fn phrases(&self) -> &[Folded] {
        match self {
            Self::Words(phrases) | Self::Says(phrases) | Self::Starts(phrases) => phrases,
            _ => &[],
        }
    }
}

impl First {
    fn holds(self, previous: Option<Moment>, now: Moment, timezone: &TimeZone) -> bool {
        previous.is_none_or(|previous| match self {
            Self::Ever => false,
            Self::Today => day(previous, timezone) < day(now, timezone),
            Self::Since(span) => now.since(previous) >= span,
        })
    }
}

impl Ad {
    fn holds(&self, ad: Option<&model::Ad>) -> bool {
        match self {
            Self::Any(wanted) => ad.is_some() == *wanted,
            Self::Ids(ids) => ad.is_some_and(|ad| ids.contains(&ad.id)),
        }
    }

    fn follows_from(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any(mine), Self::Any(theirs)) => mine == theirs,
            (Self::Any(mine), Self::Ids(_)) => *mine,
            (Self::Ids(mine), Self::Ids(theirs)) => theirs.iter().all(|id| mine.contains(id)),
            (Self::Ids(_), Self::Any(_)) => false,
        }
    }
}

/// `shop is`, `shop and phone are`.
fn be(hours: &[Arc<Hours>]) -> String {
    let names: Vec<_> = hours.iter().map(|hours| hours.name.as_str()).collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names.join(" and "))
}

/// The local day of a moment.
fn day(moment: Moment, timezone: &TimeZone) -> Option<Date> {
    Timestamp::from_millisecond(moment.0)
        .ok()
        .map(|time| time.to_zoned(timezone.clone()).date())
}

/// To whole minutes, or seconds below one: a trace is for people.
pub(crate) fn rounded(span: Span) -> Span {
    let milliseconds = span.milliseconds().unsigned_abs();
    let unit = if milliseconds < 60_000 { 1_000 } else { 60_000 };
    Span::from_millis(milliseconds / unit * unit)
}

fn tags_of(contact: &model::Contact) -> String {
    if contact.tags.is_empty() {
        "no tags".to_owned()
    } else {
        contact
            .tags
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    }
}
