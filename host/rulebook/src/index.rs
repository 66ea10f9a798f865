//! Which rules a message can concern at all: one index over the whole rulebook, so that ten thousand rules cost about what ten do.
//!
//! Each rule is found by one of its conditions, the most telling one. What the message says, is and comes from is looked up once, and
//! the rules found are walked through in their order, up to the first that holds. A rule that has no such condition is always looked
//! at; one that waits to be called never.

mod heard;
mod named;
mod patterned;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use model::{Content, TapOrigin};

pub(crate) use self::patterned::Patterns;

use self::heard::{Heard, Place};
use self::named::Named;
use crate::Rule;
use crate::condition::{Ad, Condition, Seen};
use crate::fold::fold;
use crate::language;

/// An index over the rules of a draft.
#[derive(Debug)]
pub(crate) struct Index {
    /// What is found nowhere and has to be looked at.
    always: Vec<u32>,
    heard: Heard,
    patterns: Patterns,
    options: Named,
    /// Options as a template's quick reply shows them.
    titles: Named,
    ads: Named,
    any_ad: Vec<u32>,
    after: Named,
    tags: Named,
    kinds: Named,
    numbers: Named,
    countries: Named,
    languages: Named,
    /// For each rule, the condition that holds if the rule is found.
    proved: Vec<Option<u8>>,
}

impl Index {
    /// Of these rules, in their order, and of their patterns.
    pub(crate) fn new(rules: &[Rule], patterns: Patterns) -> Self {
        let mut index = Self {
            always: Vec::new(),
            heard: Heard::default(),
            patterns,
            options: Named::default(),
            titles: Named::default(),
            ads: Named::default(),
            any_ad: Vec::new(),
            after: Named::default(),
            tags: Named::default(),
            kinds: Named::default(),
            numbers: Named::default(),
            countries: Named::default(),
            languages: Named::default(),
            proved: Vec::with_capacity(rules.len()),
        };
        let mut heard = heard::Builder::default();
        for (number, rule) in (0_u32..).zip(rules) {
            let handle = handle(&rule.conditions).filter(|_| !rule.only_called);
            let proves = handle.filter(|(_, condition)| proves(condition));
            index
                .proved
                .push(proves.and_then(|(place, _)| u8::try_from(place).ok()));
            match handle {
                Some((_, condition)) => index.insert(number, condition, &mut heard),
                None if rule.only_called => {}
                None => index.always.push(number),
            }
        }
        index.heard = heard.finish();
        index
    }

    /// The rules at or after `from` that a message can concern, in their order.
    pub(crate) fn candidates(&self, seen: &Seen<'_>, from: u32) -> Candidates<'_> {
        let mut candidates = Candidates {
            from,
            found: BinaryHeap::new(),
            last: None,
        };
        candidates.add(&self.always);
        self.heard.find(&seen.text, |rules| candidates.add(rules));
        let facts = seen.facts;
        let message = facts.message;
        if !self.patterns.is_empty() {
            let text = message.content.words().unwrap_or_default();
            self.patterns.find(text, |rules| candidates.add(rules));
        }
        if let Content::Tap { id, title, origin } = &message.content {
            candidates.add(self.options.get(id));
            if *origin == TapOrigin::Template && !self.titles.is_empty() {
                candidates.add(self.titles.get(fold(title).as_str()));
            }
        }
        if let Some(ad) = &message.ad {
            candidates.add(&self.any_ad);
            candidates.add(self.ads.get(&ad.id));
        }
        if let Some((rule, _)) = &facts.contact.last_rule {
            candidates.add(self.after.get(rule.as_str()));
        }
        if !self.tags.is_empty() {
            for tag in &facts.contact.tags {
                candidates.add(self.tags.get(tag));
            }
        }
        candidates.add(self.kinds.get(message.content.kind()));
        candidates.add(self.numbers.get(facts.number.as_str()));
        if !self.countries.is_empty()
            && let Some(country) = seen.country()
        {
            candidates.add(self.countries.get(country));
        }
        if !self.languages.is_empty() {
            candidates.add(self.languages.get(facts.language.as_str()));
            candidates.add(self.languages.get(language::base(facts.language)));
        }
        candidates
    }

    /// The condition that needs no further look in a rule that was found.
    pub(crate) fn proved(&self, rule: u32) -> Option<usize> {
        let place = usize::try_from(rule).ok()?;
        self.proved.get(place).copied().flatten().map(usize::from)
    }

    fn insert(&mut self, rule: u32, condition: &Condition, heard: &mut heard::Builder) {
        match condition {
            Condition::Words(phrases) => heard.insert(Place::Anywhere, phrases, rule),
            Condition::Starts(phrases) => heard.insert(Place::Beginning, phrases, rule),
            Condition::Says(phrases) => heard.insert(Place::Whole, phrases, rule),
            Condition::Pattern(patterns) => self.patterns.insert(patterns.len(), rule),
            Condition::Option(options) => {
                self.options.insert(options, rule);
                let titles = options.iter().map(|option| fold(option));
                self.titles
                    .insert(titles.map(|title| title.as_str().to_owned()), rule);
            }
            Condition::Ad(Ad::Ids(ids)) => self.ads.insert(ids, rule),
            Condition::Ad(Ad::Any(_)) => self.any_ad.push(rule),
            Condition::After(rules, _) => {
                self.after
                    .insert(rules.iter().map(model::RuleName::as_str), rule);
            }
            Condition::Tags(tags) => self.tags.insert(tags, rule),
            Condition::Kind(kinds) => self.kinds.insert(kinds, rule),
            Condition::Number(numbers) => {
                self.numbers
                    .insert(numbers.iter().map(model::NumberId::as_str), rule);
            }
            Condition::Country(countries) => self.countries.insert(countries, rule),
            Condition::Language(languages) => {
                self.languages
                    .insert(languages.iter().map(model::Language::as_str), rule);
            }
            // `rank` names none of the others.
            _ => self.always.push(rule),
        }
    }
}

/// The condition that a rule is found by, and its place: the one that fewest messages meet.
pub(crate) fn handle(conditions: &[Condition]) -> Option<(usize, &Condition)> {
    conditions
        .iter()
        .enumerate()
        .filter_map(|(place, condition)| Some((rank(condition)?, place, condition)))
        .min_by_key(|(rank, place, _)| (*rank, *place))
        .map(|(_, place, condition)| (place, condition))
}

/// How few messages meet a condition, the fewest first; none if it cannot be looked up.
fn rank(condition: &Condition) -> Option<u8> {
    match condition {
        Condition::Option(_) => Some(0),
        Condition::Says(_) => Some(1),
        Condition::Ad(Ad::Ids(_)) => Some(2),
        Condition::After(..) => Some(3),
        Condition::Starts(_) => Some(4),
        Condition::Words(_) => Some(5),
        Condition::Ad(Ad::Any(true)) => Some(6),
        Condition::Tags(_) => Some(7),
        Condition::Kind(kinds) if !kinds.iter().any(|kind| kind == "text") => Some(8),
        Condition::Pattern(_) => Some(9),
        Condition::Country(_) => Some(10),
        Condition::Number(_) => Some(11),
        Condition::Language(_) => Some(12),
        _ => None,
    }
}

/// Whether to be found by it is to meet it. Of `after` the span is still to be looked at, and patterns are found by less than they say.
fn proves(condition: &Condition) -> bool {
    !matches!(condition, Condition::After(..) | Condition::Pattern(_))
}

/// Rules in their order, each once, out of many lists.
pub(crate) struct Candidates<'a> {
    from: u32,
    /// What is left of each list, by its first rule.
    found: BinaryHeap<Reverse<&'a [u32]>>,
    last: Option<u32>,
}

impl<'a> Candidates<'a> {
    /// Adds a list in order.
    fn add(&mut self, rules: &'a [u32]) {
        let passed = rules.partition_point(|rule| *rule < self.from);
        if let Some(rest) = rules.get(passed..)
            && !rest.is_empty()
        {
            self.found.push(Reverse(rest));
        }
    }
}

impl Iterator for Candidates<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        loop {
            let mut top = self.found.peek_mut()?;
            let Some((rule, rest)) = top.0.split_first() else {
                PeekMut::pop(top);
                continue;
            };
            top.0 = rest;
            if rest.is_empty() {
                PeekMut::pop(top);
            }
            if self.last != Some(*rule) {
                self.last = Some(*rule);
                return Some(*rule);
            }
        }
    }
}
