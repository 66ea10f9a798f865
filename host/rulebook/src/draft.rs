//! Rules that were read and found in order.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::tz::TimeZone;
use model::{
    Channel, ConsentScope, Contact, DeskName, Language, Look, Message, Moment, NumberId,
    PluginName, RuleCount, RuleName, Span,
};
use serde_json::{Value, json};

use crate::bound::{Limit, Stage};
use crate::condition::Condition;
use crate::findings::{Page, Site};
use crate::fold::fold;
use crate::head::Head;
use crate::index::{Index, Patterns};
use crate::opening::Hours;
use crate::placeholder::Presences;
use crate::rule::Draught;
use crate::rule_test::RuleTest;
use crate::section::Sectional;
use crate::values::Grounds;
use crate::why_not::Written;
use crate::{language, values};

/// All rules of a tenant, checked by themselves.
#[derive(Debug)]
pub struct Draft {
    pub(crate) rules: Vec<Rule>,
    pub(crate) index: Index,
    /// Those that are off: nobody looks at them, but people ask why.
    pub(crate) off: Vec<Rule>,
    /// What the rules say in the words of their files, once somebody asked.
    pub(crate) written: OnceLock<Written>,
    by_name: BTreeMap<RuleName, usize>,
    digest: String,
    pub(crate) opt_out: Section,
    pub(crate) opt_in: Section,
    pub(crate) stop: Sectional,
    pub(crate) start: Sectional,
    languages: Vec<Language>,
    fallback: Language,
    timezone: TimeZone,
    tests: Vec<RuleTest>,
    pub(crate) hours: Vec<Arc<Hours>>,
    /// What placeholders can name everywhere.
    pub(crate) named: Presences,
    pub(crate) pages: Vec<Page>,
}

/// What reading found, to be made a draft of.
pub(crate) struct Parts {
    pub(crate) rules: Vec<(Draught, Head)>,
    /// None if they are too many.
    pub(crate) patterns: Option<Patterns>,
    pub(crate) tests: Vec<RuleTest>,
    pub(crate) hours: Vec<Arc<Hours>>,
    pub(crate) values: Presences,
    pub(crate) languages: Vec<Language>,
    pub(crate) out: Sectional,
    pub(crate) back: Sectional,
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name, unique within the tenant.
    pub name: RuleName,
    /// What it does, in order.
    pub actions: Vec<Action>,
    /// The search goes on after it.
    pub also: bool,
    /// At most once per contact in this span.
    pub once_per: Option<Span>,
    /// At most so often in a period.
    pub limits: Vec<Limit>,
    /// For whom and with what effect it applies.
    pub stage: Stage,
    /// What it would send becomes a draft at this desk.
    pub draft_to: Option<DeskName>,
    /// It never holds by itself: other rules call it, or turn to it.
    pub only_called: bool,
    /// The rule that goes on once this one has acted.
    pub call: Option<RuleName>,
    /// The rule to turn to if a plugin knows no answer.
    pub if_no_answer: Option<RuleName>,
    /// The rule to turn to if a guardrail stepped in.
    pub if_blocked: Option<RuleName>,
    /// The rule to turn to if it took too long.
    pub if_slow: Option<RuleName>,
    /// The rule to turn to if a plugin fails.
    pub if_fails: Option<RuleName>,
    /// The rule to turn to if the gate refused.
    pub if_refused: Option<RuleName>,
    /// The languages of its file; the first is the fallback.
    pub languages: Vec<Language>,
    /// Who looks after it, as its file says.
    pub owner: Option<String>,
    /// The file it stands in.
    pub file: String,
    /// The line it begins in, from 1.
    pub line: usize,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) timezone: TimeZone,
    /// Its plugins never pass: where it holds, the search ends with it, unless `also` or a stage says otherwise.
    pub(crate) ends_search: bool,
    /// Its header.
    pub(crate) at: Site,
    /// For each action, where the parts of its settings stand.
    pub(crate) sites: Vec<Vec<(String, Site)>>,
}

/// One plugin's part in a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Which plugin.
    pub plugin: PluginName,
    /// Its settings.
    pub settings: Value,
}

/// What `[opt_out]` or `[opt_in]` says.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// The opt-out plugin.
    pub plugin: PluginName,
    /// Settings of the opt-out plugin.
    pub settings: Value,
    /// What is given up or allowed.
    pub covers: ConsentScope,
    /// The languages of its file; the first is the fallback.
    pub languages: Vec<Language>,
}

/// Where settings stand: in an action of a rule, or in one of the two sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// An action of a rule, each by its index.
    Rule {
        /// Which rule.
        rule: usize,
        /// Which of its actions.
        action: usize,
    },
    /// `[opt_out]`.
    OptOut,
    /// `[opt_in]`.
    OptIn,
}

/// What a search may know.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// What arrived.
    pub message: &'a Message,
    /// From whom.
    pub contact: &'a Contact,
    /// The business number it arrived on.
    pub number: &'a NumberId,
    /// What people call that number.
    pub number_name: &'a str,
    /// The contact's language, as [`Draft::language`] chose it.
    pub language: &'a Language,
    /// The network it came over.
    pub channel: &'a Channel,
    /// How often rules have answered all contacts together, as far as [`Rule::counted`] was asked for; what is not here counts as
    /// nought.
    pub counts: &'a [RuleCount],
    /// The start of the attempt.
    pub now: Moment,
}

/// What a search found, and what it looked at on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Each rule looked at, in order, up to [`model::limits::LOOKS_PER_DECISION`]; the one that holds is always there.
    pub looks: Vec<Look>,
    /// Rules looked at beyond those.
    pub looks_left_out: usize,
    /// Rules that the index ruled out: they listen for something that is not there, and nobody looked at them.
    pub ruled_out: usize,
    /// The first rule that holds.
    pub hit: Option<Hit>,
}

/// A rule that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its index in [`Draft::rules`].
    pub rule: usize,
    /// What its pattern caught, by name (`match.1`).
    pub captures: BTreeMap<String, String>,
}

impl Draft {
    /// The rules, in the order they are looked at. Those that are off are not among them.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The SHA-256 of all sources, in hex.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What an opt-out says and covers.
    #[must_use]
    pub fn opt_out(&self) -> &Section {
        &self.opt_out
    }

    /// What an opt-in says and covers.
    #[must_use]
    pub fn opt_in(&self) -> &Section {
        &self.opt_in
    }

    /// Whether these words, as a whole message, are an opt-out.
    #[must_use]
    pub fn is_stop(&self, words: &str) -> bool {
        self.stop.hears(&fold(words))
    }

    /// Whether these words, as a whole message, are an opt-in.
    #[must_use]
    pub fn is_start(&self, words: &str) -> bool {
        self.start.hears(&fold(words))
    }

    /// The languages of the tenant, those of the first file first. The first is the fallback; there is always one.
    #[must_use]
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// The language to answer in: what the text surely is, else what the contact last used, else what the phone's country
    /// suggests, else the first of the tenant's.
    #[must_use]
    pub fn language(&self, message: &Message, contact: &Contact) -> Language {
        language::choose(&self.languages, message, contact)
            .unwrap_or(&self.fallback)
            .clone()
    }

    /// The rule of this name; none if there is none, or if it is off.
    #[must_use]
    pub fn rule_index(&self, name: &RuleName) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// What placeholders can name in a turn of this rule (of a section, if none). What is missing is absent.
    #[must_use]
    pub fn values(
        &self,
        rule: Option<usize>,
        facts: &Facts<'_>,
        captures: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let rule = rule.and_then(|rule| self.rules.get(rule));
        let languages = rule.map_or(self.languages(), |rule| rule.languages.as_slice());
        let grounds = Grounds {
            timezone: rule.map_or(&self.timezone, |rule| &rule.timezone),
            // The text that is sent is in one of these: a time in it is, too.
            language: language::among(languages, facts.language)
                .or(languages.first())
                .unwrap_or(facts.language),
            hours: &self.hours,
            conditions: rule.map_or(&[], |rule| rule.conditions.as_slice()),
        };
        values::values(facts, &grounds, captures)
    }

    /// The timezone of the first file that names one.
    pub(crate) fn timezone(&self) -> &TimeZone {
        &self.timezone
    }

    /// The tests that stand beside the rules, in the order of the files.
    #[must_use]
    pub fn tests(&self) -> &[RuleTest] {
        &self.tests
    }

    /// A draft of what was read without an error.
    pub(crate) fn new(parts: Parts, digest: String, pages: Vec<Page>) -> Option<Self> {
        let Parts {
            rules,
            patterns,
            tests,
            hours,
            values,
            languages,
            out,
            back,
        } = parts;
        let fallback = languages.first()?.clone();
        let timezone = rules
            .iter()
            .find_map(|(_, head)| head.timezone.clone())
            .unwrap_or(TimeZone::UTC);
        let (off, on): (Vec<_>, Vec<_>) = rules.into_iter().partition(|(rule, _)| rule.off);
        let made = |rules: Vec<(Draught, Head)>| {
            rules
                .into_iter()
                .map(|(rule, head)| Rule::new(rule, head, &pages))
                .collect::<Option<Vec<_>>>()
        };
        let (rules, off) = (made(on)?, made(off)?);
        let by_name = rules
            .iter()
            .enumerate()
            .map(|(index, rule)| (rule.name.clone(), index))
            .collect();
        let (opt_out, opt_in) = (
            Section::new(&out, &languages)?,
            Section::new(&back, &languages)?,
        );
        let index = Index::new(&rules, patterns?);
        Some(Self {
            rules,
            index,
            off,
            written: OnceLock::new(),
            by_name,
            digest,
            opt_out,
            opt_in,
            stop: out,
            start: back,
            languages,
            fallback,
            timezone,
            tests,
            hours,
            named: values,
            pages,
        })
    }
}

impl Rule {
    /// Its limits, each with the count of the period that this moment is in, as it begins.
    pub fn counts(&self, now: Moment) -> impl Iterator<Item = (Limit, RuleCount)> {
        self.limits.iter().map(move |limit| {
            let count = RuleCount {
                rule: self.name.clone(),
                per: limit.per,
                since: limit.since(now, &self.timezone),
                times: 0,
            };
            (*limit, count)
        })
    }

    fn new(mut rule: Draught, head: Head, pages: &[Page]) -> Option<Self> {
        let page = pages.get(rule.at.file)?;
        let lead = |key: &str| {
            let (name, _) = rule.leads.get(key)?;
            RuleName::new(name.as_str()).ok()
        };
        // Cheap ones first: a rule is done with at the first that does not hold.
        rule.conditions.sort_by_key(Condition::cost);
        Some(Self {
            name: rule.name?.0,
            actions: rule.actions,
            also: rule.also,
            once_per: rule.once_per,
            limits: rule.limits,
            stage: rule.stage,
            draft_to: rule.draft_to,
            only_called: rule.only_called,
            call: lead("call"),
            if_no_answer: lead("if_no_answer"),
            if_blocked: lead("if_blocked"),
            if_slow: lead("if_slow"),
            if_fails: lead("if_fails"),
            if_refused: lead("if_refused"),
            languages: head.languages,
            owner: head.owner,
            file: page.name.to_string(),
            line: page.line(rule.at.span.start),
            conditions: rule.conditions,
            timezone: head.timezone.unwrap_or(TimeZone::UTC),
            ends_search: rule.ends_search,
            at: rule.at,
            sites: rule.sites,
        })
    }
}

impl Section {
    fn new(section: &Sectional, languages: &[Language]) -> Option<Self> {
        let own = &section.head.languages;
        Some(Self {
            plugin: PluginName::new("opt-out").ok()?,
            settings: json!({ "reply": section.reply.json(), "covers": section.covers }),
            covers: section.covers,
            languages: if own.is_empty() {
                languages.to_vec()
            } else {
                own.clone()
            },
        })
    }
}
