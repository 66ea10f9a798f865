//! Why a rule does not answer a message, and the smallest change after which it would.
//!
//! Every condition that fails is named, none that holds, each with what was seen and what would have to be instead. Where the
//! change is one of the message, the contact or the time, it is carried out in thought ([`Circumstances`]): what then stands before the
//! rule is told as well, and whether the changes are enough.

mod before;
mod bounds;
mod circumstances;
mod demand;
mod lands;
mod near;
mod passed;
mod remedy;
mod time;
mod written;

use model::{Language, Moment, RuleName};
use serde::{Deserialize, Serialize};

use crate::condition::Seen;
use crate::keys::nearest;
use crate::{Draft, Facts, Rule, trial};

pub use before::Before;
pub use circumstances::Circumstances;
pub use passed::{Passed, PassedRule};
pub use remedy::Remedy;

use demand::Teller;
pub(crate) use written::Written;

/// Why a rule does not answer a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhyNot {
    /// The rule.
    pub rule: RuleName,
    /// The file it stands in.
    pub file: String,
    /// The line it begins in, from 1.
    pub line: usize,
    /// Each condition that does not hold, those of the message first. None if the rule applies as it is.
    pub changes: Vec<Change>,
    /// Several wait for a time: from when on all of them hold, in words.
    pub from: Option<String>,
    /// The changes together are enough, and each is one of the message, the contact or the time. If not, the rule itself has to
    /// be changed, or they contradict each other.
    pub enough: bool,
    /// What holds already, in words.
    pub holds: Vec<String>,
    /// The rules above that apply and end the search before it, in order.
    pub before: Vec<Before>,
    /// Message, contact and time with the changes made, as far as they can be.
    #[serde(skip)]
    pub changed: Option<Box<Circumstances>>,
}

/// One condition that does not hold, and what would have to be instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Its key in the rule.
    pub key: String,
    /// What was seen.
    pub seen: String,
    /// What would have to be, in words.
    pub change: String,
    /// The message has a word that is nearly one of the rule's.
    pub near: Option<Near>,
    /// It holds as things are, and no more once the other changes are made.
    pub later: bool,
    /// The same for a machine; none if only the rule itself can be changed.
    pub remedy: Option<Remedy>,
}

/// A word of the message that is nearly a word of the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Near {
    /// In the message, folded.
    pub said: String,
    /// In the rule, as written there.
    pub listens_for: String,
}

/// Where a rule stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulePlace {
    /// Its name.
    pub rule: RuleName,
    /// The file it stands in.
    pub file: String,
    /// The line it begins in, from 1.
    pub line: usize,
    /// It is off.
    pub off: bool,
}

impl WhyNot {
    /// The rule applies, and nothing stands before it.
    #[must_use]
    pub fn answers(&self) -> bool {
        self.changes.is_empty() && !self.before.iter().any(|before| before.now)
    }
}

impl Draft {
    /// Why this rule does not answer; nothing if there is no such rule. Rules that are off are known, too.
    #[must_use]
    pub fn why_not(&self, name: &RuleName, facts: &Facts<'_>) -> Option<WhyNot> {
        let (rule, is_off) = self.on_or_off(name)?;
        let teller = Teller {
            draft: self,
            rule,
            message: facts.message,
            language: facts.language,
        };
        let seen = Seen::new(facts);
        let failing = bounds::failing(rule, is_off, &seen);
        let at = time::all_hold_from(rule, facts);
        let mut changed = Circumstances::new(facts);
        let mut changes: Vec<Change> = failing
            .iter()
            .map(|(part, saw)| teller.change(part, saw.clone(), facts, at))
            .collect();
        remedy::with_text(&mut changes, &teller, &changed);
        changed.make(changes.iter().filter_map(|change| change.remedy.as_ref()));
        self.hear(&changes, facts, &mut changed);
        // What waits for a time, taps instead of writing, or says it in other words may undo what holds now.
        for _ in 0..ROUNDS {
            let then = changed.facts();
            let undone: Vec<Change> = bounds::failing(rule, is_off, &Seen::new(&then))
                .into_iter()
                .filter(|(part, _)| !changes.iter().any(|change| part.is_of(change)))
                .map(|(part, saw)| Change {
                    later: true,
                    ..teller.change(&part, saw, facts, at)
                })
                .collect();
            if undone.is_empty() {
                break;
            }
            changes.extend(undone);
            remedy::with_text(&mut changes, &teller, &changed);
            changed.make(changes.iter().filter_map(|change| change.remedy.as_ref()));
            self.hear(&changes, facts, &mut changed);
        }
        let enough = bounds::failing(rule, is_off, &Seen::new(&changed.facts())).is_empty();
        let before = self.before(rule, facts, &changed);
        Some(WhyNot {
            rule: rule.name.clone(),
            file: rule.file.clone(),
            line: rule.line,
            from: several_times(&changes, at, facts, rule),
            changes,
            enough,
            holds: teller.holding(&seen),
            before,
            changed: Some(Box::new(changed)),
        })
    }

    /// Other words may be in another language: the one that they would be answered in, unless a change says which.
    fn hear(&self, changes: &[Change], facts: &Facts<'_>, changed: &mut Circumstances) {
        let says_which = |change: &Change| matches!(change.remedy, Some(Remedy::Speak { .. }));
        // What was not chosen by the message does not change with it.
        let is_chosen = self.language(facts.message, facts.contact) == *facts.language;
        if is_chosen && !changes.iter().any(says_which) {
            changed.language = self.language(&changed.message, &changed.contact);
        }
    }

    /// Every rule with its place, in order; those that are off as well.
    #[must_use]
    pub fn places(&self) -> Vec<RulePlace> {
        let mut rules: Vec<(&Rule, bool)> = self
            .rules
            .iter()
            .map(|rule| (rule, false))
            .chain(self.off.iter().map(|rule| (rule, true)))
            .collect();
        rules.sort_by_key(|(rule, _)| (rule.at.file, rule.at.span.start));
        rules
            .into_iter()
            .map(|(rule, off)| RulePlace {
                rule: rule.name.clone(),
                file: rule.file.clone(),
                line: rule.line,
                off,
            })
            .collect()
    }

    /// Whether there is such a rule, on or off.
    #[must_use]
    pub fn has_rule(&self, name: &RuleName) -> bool {
        self.on_or_off(name).is_some()
    }

    /// The rule whose name is most like this one, if any is.
    #[must_use]
    pub fn nearest_rule(&self, name: &str) -> Option<&RuleName> {
        let near = nearest(name, self.all().map(|rule| rule.name.as_str()))?;
        self.all()
            .map(|rule| &rule.name)
            .find(|rule| rule.as_str() == near)
    }

    /// A local time as people write it: `2026-11-22 15:00`, `Sun 15:00`.
    #[must_use]
    pub fn local_time(&self, text: &str) -> Option<Moment> {
        let zoned = trial::local_time(text)?
            .to_zoned(self.timezone().clone())
            .ok()?;
        Some(Moment(zoned.timestamp().as_millisecond()))
    }

    /// A moment in the tenant's time: `Sun 2026-11-22 15:00`.
    #[must_use]
    pub fn in_local_time(&self, at: Moment) -> String {
        time::local(at, self.timezone()).map_or_else(String::new, |local| {
            local.strftime("%a %F %H:%M").to_string()
        })
    }

    /// What stands on an option, in this language if it has it; nothing if there is no such option.
    #[must_use]
    pub fn option_title(&self, id: &str, language: &Language) -> Option<&str> {
        self.written().option(id, language)
    }

    /// The ids of all options.
    pub fn options(&self) -> impl Iterator<Item = &str> {
        self.written().options()
    }

    /// A rule by its name, and whether it is off.
    fn on_or_off(&self, name: &RuleName) -> Option<(&Rule, bool)> {
        match self.rule_index(name) {
            Some(index) => self.rules.get(index).map(|rule| (rule, false)),
            None => self
                .off
                .iter()
                .find(|rule| rule.name == *name)
                .map(|rule| (rule, true)),
        }
    }

    /// What the rules say in the words of their files.
    fn written(&self) -> &Written {
        self.written.get_or_init(|| Written::read(&self.pages))
    }

    /// Every rule, those that are off as well.
    fn all(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().chain(&self.off)
    }
}

/// Changes that undo what held are followed so often: each round names conditions that no round named before.
const ROUNDS: usize = 4;

/// Only if there are several: each says its own already.
fn several_times(
    changes: &[Change],
    at: Option<Moment>,
    facts: &Facts<'_>,
    rule: &Rule,
) -> Option<String> {
    let waits = changes
        .iter()
        .filter(|change| matches!(change.remedy, Some(Remedy::At { .. })))
        .count();
    let at = at.filter(|_| waits > 1)?;
    Some(time::from(at, facts.now, &rule.timezone))
}
