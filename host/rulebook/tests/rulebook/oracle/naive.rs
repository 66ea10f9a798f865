//! A rule and a situation, and whether the one holds in the other: word for word as the rule language is described, one rule after
//! the other, slowly.

use std::cell::RefCell;
use std::collections::BTreeMap;

use model::{Channel, Moment, Period};
use regex::Regex;
use sha2::{Digest as _, Sha256};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const MINUTE_MS: i64 = 60_000;
/// São Paulo has no daylight saving in these years.
const OFFSET_MS: i64 = 3 * HOUR_MS;

/// Words as they are compared.
pub(super) type Symbols = Vec<&'static str>;

/// One rule, as its writer means it.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) words: Option<Vec<Symbols>>,
    pub(super) says: Option<Vec<Symbols>>,
    pub(super) starts: Option<Vec<Symbols>>,
    pub(super) patterns: Option<Vec<&'static str>>,
    pub(super) kinds: Option<Vec<&'static str>>,
    pub(super) options: Option<Vec<&'static str>>,
    pub(super) hours: Option<Vec<&'static str>>,
    pub(super) outside: Option<Vec<&'static str>>,
    pub(super) first: Option<&'static str>,
    pub(super) languages: Option<Vec<&'static str>>,
    pub(super) countries: Option<Vec<&'static str>>,
    pub(super) tags: Option<Vec<&'static str>>,
    pub(super) not_tags: Option<Vec<&'static str>>,
    pub(super) numbers: Option<Vec<&'static str>>,
    pub(super) any_ad: Option<bool>,
    pub(super) ads: Option<Vec<&'static str>>,
    pub(super) quoting: Option<bool>,
    pub(super) min_words: Option<usize>,
    pub(super) max_words: Option<usize>,
    pub(super) from: Option<&'static str>,
    pub(super) until: Option<&'static str>,
    pub(super) after: Option<Vec<String>>,
    pub(super) within_minutes: i64,
    pub(super) channel: bool,
    pub(super) only_called: bool,
    pub(super) off: bool,
    pub(super) once_per_hours: Option<i64>,
    /// So often, for each contact by itself, in such a period.
    pub(super) limits: Vec<(u32, bool, Period)>,
    /// The share of contacts, in hundredths.
    pub(super) canary: Option<u64>,
}

/// What arrives, and what is known when it does.
#[derive(Debug, Clone)]
pub(super) struct Situation {
    pub(super) text: String,
    pub(super) symbols: Symbols,
    pub(super) kind: &'static str,
    /// What was tapped: its id, the option that its title spells, and whether a template showed it.
    pub(super) tap: Option<(&'static str, Option<&'static str>, bool)>,
    pub(super) moment: &'static Clock,
    pub(super) language: &'static str,
    pub(super) country: Option<&'static str>,
    pub(super) tags: Vec<&'static str>,
    pub(super) number: &'static str,
    pub(super) ad: Option<&'static str>,
    pub(super) quotes: bool,
    /// How long ago the contact wrote before, in minutes.
    pub(super) wrote_minutes: Option<i64>,
    pub(super) last_rule: Option<(String, i64)>,
    /// How long ago rules answered, in minutes.
    pub(super) fired: BTreeMap<String, i64>,
    /// How often each rule answered in the period that the moment is in: the contact, and all.
    pub(super) answered: BTreeMap<(String, &'static str), (u32, u32)>,
    pub(super) contact: u64,
}

/// A moment, and by hand what the clock and the calendar of São Paulo show then.
#[derive(Debug)]
pub(super) struct Clock {
    pub(super) at: Moment,
    day: &'static str,
    open: &'static [&'static str],
}

pub(super) const CLOCKS: [Clock; 4] = [
    // Saturday noon.
    Clock {
        at: Moment(1_795_273_200_000),
        day: "2026-11-21",
        open: &["saturdays"],
    },
    // Monday, ten o'clock.
    Clock {
        at: Moment(1_795_273_200_000 + 46 * HOUR_MS),
        day: "2026-11-23",
        open: &["shop"],
    },
    // Monday, half past seven in the evening.
    Clock {
        at: Moment(1_795_273_200_000 + 55 * HOUR_MS + HOUR_MS / 2),
        day: "2026-11-23",
        open: &[],
    },
    // Christmas, a Friday, ten o'clock: closed.
    Clock {
        at: Moment(1_795_273_200_000 + 34 * DAY_MS - 2 * HOUR_MS),
        day: "2026-12-25",
        open: &[],
    },
];

/// What those moments rest on.
pub(super) const HOURS: &str = "[hours.shop]\nmon-fri = \"09:00-18:00\"\nclosed = [\"2026-12-25\"]\n[hours.saturdays]\nsat = \"10:00-13:00\"\n";

impl Clock {
    /// When a period began.
    pub(super) fn since(&self, period: Period) -> Moment {
        let local = self.at.0 - OFFSET_MS;
        // Day 0 was a Thursday.
        let weeks_begin = 4 * DAY_MS;
        let begin = match period {
            Period::Minute => local - local.rem_euclid(MINUTE_MS),
            Period::Hour => local - local.rem_euclid(HOUR_MS),
            Period::Day => local - local.rem_euclid(DAY_MS),
            Period::Week => local - (local - weeks_begin).rem_euclid(7 * DAY_MS),
        };
        Moment(begin + OFFSET_MS)
    }

    fn days(&self, minutes_ago: i64) -> i64 {
        (self.at.0 - minutes_ago * MINUTE_MS - OFFSET_MS).div_euclid(DAY_MS)
    }
}

/// The first rule from there on that holds, and what its pattern catches.
pub(super) fn search(
    rules: &[Wanted],
    situation: &Situation,
    from: usize,
) -> Option<(usize, BTreeMap<String, String>)> {
    let found = (from..rules.len()).find(|index| holds(&rules[*index], situation))?;
    Some((found, captures(&rules[found], situation)))
}

pub(super) fn holds(rule: &Wanted, situation: &Situation) -> bool {
    !rule.only_called
        && by_text(rule, situation)
        && by_contact(rule, situation)
        && by_clock(rule, situation)
        && is_free(rule, situation)
}

fn any<T>(of: Option<&Vec<T>>, holds: impl FnMut(&T) -> bool) -> bool {
    of.is_none_or(|list| list.iter().any(holds))
}

fn by_text(rule: &Wanted, situation: &Situation) -> bool {
    let text = &situation.symbols;
    let regexes = |pattern: &&'static str| regex(pattern).is_match(&situation.text);
    any(rule.words.as_ref(), |phrase| {
        text.windows(phrase.len()).any(|window| window == phrase)
    }) && any(rule.says.as_ref(), |phrase| text == phrase)
        && any(rule.starts.as_ref(), |phrase| text.starts_with(phrase))
        && any(rule.patterns.as_ref(), regexes)
        && rule.min_words.is_none_or(|least| text.len() >= least)
        && rule.max_words.is_none_or(|most| text.len() <= most)
        && any(rule.options.as_ref(), |option| {
            situation.tap.is_some_and(|(id, spells, template)| {
                id == *option || (template && spells == Some(option))
            })
        })
        && match &rule.kinds {
            Some(kinds) => kinds.contains(&situation.kind),
            None => !["reaction", "edit", "revoke"].contains(&situation.kind),
        }
}

fn by_contact(rule: &Wanted, situation: &Situation) -> bool {
    let bears = |tags: &[&str]| tags.iter().any(|tag| situation.tags.contains(tag));
    any(rule.languages.as_ref(), |wanted| {
        situation.language == *wanted || situation.language.split('_').next() == Some(wanted)
    }) && any(rule.countries.as_ref(), |country| {
        situation.country == Some(country)
    }) && rule.tags.as_ref().is_none_or(|tags| bears(tags))
        && !rule.not_tags.as_ref().is_some_and(|tags| bears(tags))
        && any(rule.numbers.as_ref(), |number| situation.number == *number)
        && rule
            .any_ad
            .is_none_or(|wanted| situation.ad.is_some() == wanted)
        && any(rule.ads.as_ref(), |ad| situation.ad == Some(ad))
        && rule.quoting.is_none_or(|wanted| situation.quotes == wanted)
        && any(rule.after.as_ref(), |name| {
            situation
                .last_rule
                .as_ref()
                .is_some_and(|(last, minutes)| last == name && *minutes <= rule.within_minutes)
        })
}

fn by_clock(rule: &Wanted, situation: &Situation) -> bool {
    let clock = situation.moment;
    any(rule.hours.as_ref(), |name| clock.open.contains(name))
        && any(rule.outside.as_ref(), |name| !clock.open.contains(name))
        && rule.from.is_none_or(|first| clock.day >= first)
        && rule.until.is_none_or(|last| clock.day <= last)
        && match (rule.first, situation.wrote_minutes) {
            (None, _) | (_, None) => true,
            (Some("ever"), Some(_)) => false,
            (Some("today"), Some(ago)) => clock.days(ago) < clock.days(0),
            (Some(_), Some(ago)) => ago >= 7 * 24 * 60,
        }
}

fn is_free(rule: &Wanted, situation: &Situation) -> bool {
    let rested = |hours: i64| {
        situation
            .fired
            .get(&rule.name)
            .is_none_or(|minutes| *minutes >= hours * 60)
    };
    let below = |(times, per_contact, period): &(u32, bool, Period)| {
        let answered = situation.answered.get(&(rule.name.clone(), period.word()));
        let (own, all) = answered.copied().unwrap_or_default();
        (if *per_contact { own } else { all }) < *times
    };
    rule.once_per_hours.is_none_or(rested)
        && rule.limits.iter().all(below)
        && rule.canary.is_none_or(|share| {
            let mut digest = Sha256::new();
            digest.update(format!("{}\0", rule.name));
            digest.update(situation.contact.to_be_bytes());
            let digest = digest.finalize();
            let drawn = digest
                .iter()
                .take(4)
                .fold(0_u64, |sum, byte| sum * 256 + u64::from(*byte));
            drawn * 100 < share << 32
        })
}

fn regex(pattern: &'static str) -> Regex {
    thread_local! {
        static READ: RefCell<BTreeMap<&'static str, Regex>> = const { RefCell::new(BTreeMap::new()) };
    }
    let new = || Regex::new(&format!("(?i){pattern}")).unwrap();
    READ.with_borrow_mut(|read| read.entry(pattern).or_insert_with(new).clone())
}

fn captures(rule: &Wanted, situation: &Situation) -> BTreeMap<String, String> {
    let regexes = rule.patterns.iter().flatten().map(|pattern| regex(pattern));
    let found = regexes
        .filter(|regex| regex.is_match(&situation.text))
        .map(|regex| {
            let caught = regex.captures(&situation.text).unwrap();
            let names = regex.capture_names().map(|name| name.map(str::to_owned));
            let mut values = BTreeMap::new();
            for (index, name) in names.enumerate() {
                if let Some(value) = caught.get(index) {
                    let keys = [Some(index.to_string()), name].into_iter().flatten();
                    values.extend(
                        keys.map(|key| (format!("match.{key}"), value.as_str().to_owned())),
                    );
                }
            }
            values
        })
        .next();
    found.unwrap_or_default()
}

/// The only network there is.
pub(super) const CHANNEL: Channel = Channel::WhatsApp;
