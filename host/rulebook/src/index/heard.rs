//! The words and phrases of all rules, found in one walk through a text: the automaton of Aho and Corasick, over whole words instead
//! of letters.
//!
//! Rules listen for whole words, so a word is what one step is made of (in scripts without spaces, a character): a hit is exact, a
//! message of ten words takes ten steps, and the tables are a fraction of those over letters, which a processor's cache would not
//! hold (docs/benchmarks.md has the figures of both).

use std::collections::VecDeque;

use super::named::Table;
use crate::fold::Folded;

/// Where in the text a phrase has to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Anywhere,
    Beginning,
    Whole,
}

/// The automaton.
#[derive(Debug, Default)]
pub(super) struct Heard {
    words: Table<Word>,
    /// Where the beginning of the text leads to, and each word there is, from nowhere. Most words begin no phrase and lead back.
    first: Vec<State>,
    /// All other steps: those of a state stand together, in the order of their words.
    steps: Vec<(Word, State)>,
    states: Vec<Node>,
    /// The rules that listen for what ends in a state stand together, in their order.
    rules: Vec<u32>,
}

type Word = u32;
type State = u32;

/// The beginning and the end of a text count as words: a phrase that has to stand there contains them.
const BEGIN: Word = 0;
const END: Word = 1;
const NOWHERE: State = 0;

#[derive(Debug, Clone, Copy, Default)]
struct Node {
    /// Where its steps and its rules begin; they end where those of the next one begin.
    steps: u32,
    rules: u32,
    /// The longest end of what was read here that begins something.
    fallback: State,
    /// The longest end of what was read here that some rule listens for.
    heard: State,
}

impl Heard {
    /// Hands over the rules that listen for something in the text: list by list, none twice, each in order.
    pub(super) fn find<'a>(&'a self, text: &Folded, mut found: impl FnMut(&'a [u32])) {
        if self.states.len() < 2 {
            return;
        }
        let mut heard: Vec<State> = Vec::new();
        let mut state = self.step(NOWHERE, BEGIN);
        let words = text.symbols().map(|word| self.words.get(word).copied());
        for word in words.chain([Some(END)]) {
            // A word that nobody listens for ends all that was begun.
            state = word.map_or(NOWHERE, |word| self.step(state, word));
            let mut end = state;
            while end != NOWHERE {
                if self.has_rules(end) {
                    heard.push(end);
                }
                end = self.node(end).heard;
            }
        }
        heard.sort_unstable();
        heard.dedup();
        for state in heard {
            let range = place(self.node(state).rules)..place(self.node(state + 1).rules);
            found(self.rules.get(range).unwrap_or_default());
        }
    }

    fn step(&self, mut state: State, word: Word) -> State {
        loop {
            if state == NOWHERE {
                return self.first.get(place(word)).copied().unwrap_or_default();
            }
            if let Some(next) = self.next(state, word) {
                return next;
            }
            state = self.node(state).fallback;
        }
    }

    fn next(&self, state: State, word: Word) -> Option<State> {
        let range = place(self.node(state).steps)..place(self.node(state + 1).steps);
        let steps = self.steps.get(range)?;
        let index = steps.binary_search_by_key(&word, |(word, _)| *word).ok()?;
        steps.get(index).map(|(_, next)| *next)
    }

    fn node(&self, state: State) -> Node {
        self.states.get(place(state)).copied().unwrap_or_default()
    }
}

/// Phrases as they come in.
#[derive(Default)]
pub(super) struct Builder {
    words: Table<Word>,
    /// Each phrase's words, one phrase after the other.
    spelled: Vec<Word>,
    /// Where each phrase ends, and the rule that listens for it.
    phrases: Vec<(usize, u32)>,
}

impl Builder {
    /// Adds what a rule listens for.
    pub(super) fn insert(&mut self, place: Place, phrases: &[Folded], rule: u32) {
        for phrase in phrases {
            if place != Place::Anywhere {
                self.spelled.push(BEGIN);
            }
            for word in phrase.symbols() {
                let number = self.word(word);
                self.spelled.push(number);
            }
            if place == Place::Whole {
                self.spelled.push(END);
            }
            self.phrases.push((self.spelled.len(), rule));
        }
    }

    fn word(&mut self, word: &str) -> Word {
        if let Some(number) = self.words.get(word) {
            return *number;
        }
        // 0 and 1 are the beginning and the end.
        let number = number(self.words.len() + 2);
        self.words.insert(word.into(), number);
        number
    }

    /// The automaton of all that was added.
    pub(super) fn finish(self) -> Heard {
        let mut begin = 0;
        let mut phrases: Vec<(&[Word], u32)> = Vec::with_capacity(self.phrases.len());
        for (end, rule) in &self.phrases {
            let spelled = self.spelled.get(begin..*end).unwrap_or_default();
            phrases.push((spelled, *rule));
            begin = *end;
        }
        phrases.sort_unstable();
        phrases.dedup();
        let mut heard = Heard {
            first: vec![NOWHERE; self.words.len() + 2],
            words: self.words,
            ..Heard::default()
        };
        heard.grow(&phrases);
        heard
    }
}

impl Heard {
    /// Makes a tree of phrases in their order, level by level, so that all shorter ones are complete when a state looks for its
    /// fallback among them.
    fn grow(&mut self, phrases: &[(&[Word], u32)]) {
        // For each state, the phrases that begin as it does, and the words they share.
        let mut shared = VecDeque::from([(phrases, 0)]);
        self.states.push(Node::default());
        let mut state = NOWHERE;
        while let Some((phrases, depth)) = shared.pop_front() {
            self.open(state);
            let ended = phrases.partition_point(|(words, _)| words.len() == depth);
            let (ended, longer) = phrases.split_at(ended);
            self.rules.extend(ended.iter().map(|(_, rule)| *rule));
            let same = |one: &(&[Word], u32), other: &(&[Word], u32)| {
                one.0.get(depth) == other.0.get(depth)
            };
            for phrases in longer.chunk_by(same) {
                let word = phrases.first().and_then(|(words, _)| words.get(depth));
                let Some(word) = word.copied() else { continue };
                let next = number(self.states.len());
                let fallback = match state {
                    NOWHERE => NOWHERE,
                    state => self.step(self.node(state).fallback, word),
                };
                self.states.push(Node {
                    fallback,
                    ..Node::default()
                });
                if state == NOWHERE
                    && let Some(first) = self.first.get_mut(place(word))
                {
                    *first = next;
                } else {
                    self.steps.push((word, next));
                }
                shared.push_back((phrases, depth + 1));
            }
            state += 1;
        }
        // One more, where the last one's steps and rules end.
        self.states.push(Node::default());
        self.open(state);
        self.steps.shrink_to_fit();
        self.states.shrink_to_fit();
        self.rules.shrink_to_fit();
    }

    /// Begins a state's steps and rules where those of the one before end.
    fn open(&mut self, state: State) {
        let (steps, rules) = (number(self.steps.len()), number(self.rules.len()));
        if let Some(node) = self.states.get_mut(place(state)) {
            (node.steps, node.rules) = (steps, rules);
        }
        // Only now: the fallback may be the state before, which ends where this one begins.
        let fallback = self.node(state).fallback;
        let heard = if self.has_rules(fallback) {
            fallback
        } else {
            self.node(fallback).heard
        };
        if let Some(node) = self.states.get_mut(place(state)) {
            node.heard = heard;
        }
    }

    fn has_rules(&self, state: State) -> bool {
        state != NOWHERE && self.node(state).rules != self.node(state + 1).rules
    }
}

/// Files hold a gigabyte at most (`limits::FILES` of `limits::FILE_BYTES`), and no table here has more entries than they have bytes.
fn number(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::fold;

    fn heard(phrases: &[(Place, &str)], text: &str) -> Vec<u32> {
        let mut builder = Builder::default();
        for (rule, (place, phrase)) in (0..).zip(phrases) {
            builder.insert(*place, &[fold(phrase)], rule);
        }
        let mut found: Vec<u32> = Vec::new();
        builder
            .finish()
            .find(&fold(text), |rules| found.extend(rules));
        found.sort_unstable();
        found
    }

    #[test]
    fn a_phrase_within_another_is_heard_wherever_the_other_leads() {
        use Place::{Anywhere, Beginning, Whole};
        for (phrases, text, found) in [
            (&[(Anywhere, "b"), (Beginning, "b c")][..], "b d", &[0][..]),
            (&[(Anywhere, "b"), (Anywhere, "a b c")], "a b d", &[0]),
            (
                &[(Anywhere, "b c"), (Anywhere, "a b c d"), (Anywhere, "c")],
                "a b c",
                &[0, 2],
            ),
            (
                &[(Anywhere, "a a"), (Anywhere, "a a a")],
                "a a a a",
                &[0, 1],
            ),
            (
                &[(Beginning, "a"), (Whole, "a"), (Anywhere, "a")],
                "a",
                &[0, 1, 2],
            ),
            (
                &[(Beginning, "a"), (Whole, "a"), (Anywhere, "a")],
                "b a",
                &[2],
            ),
            (
                &[(Beginning, "a"), (Whole, "a"), (Anywhere, "a")],
                "a b",
                &[0, 2],
            ),
            (&[(Anywhere, "a b")], "a x b", &[]),
            (&[(Anywhere, "a b")], "", &[]),
            (&[], "a", &[]),
            (
                &[(Anywhere, "予約"), (Anywhere, "約"), (Beginning, "明日")],
                "明日予約",
                &[0, 1, 2],
            ),
        ] {
            assert_eq!(heard(phrases, text), found, "{phrases:?} in {text}");
        }
    }
}
