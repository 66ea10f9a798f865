//! Why a rule did not answer a message, or would not answer one that nobody wrote yet; and which rule would. Nothing is run and
//! nothing is kept: rules, consent and gate are asked, plugins are not.

mod asked;
mod who;

use std::sync::Mutex;

use gate::Rates;
use model::{
    Check, ContactId, DeskName, Language, LookResult, Moment, NumberId, Outgoing, Proposal,
    Purpose, Recipient, RuleName, StopSwitch,
};
use rulebook::{Circumstances, Draft, PassedRule, WhyNot};
use serde::{Deserialize, Serialize};

use crate::{Tenant, locked, sections, stage};

pub use asked::{Asked, NotExplained};
pub use who::{Nobody, nobody};

/// Why a rule does not answer a message, what to change, and what would come of it then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The edition that was asked; none if it was the rule files alone.
    pub edition: Option<String>,
    /// Of which message, of whom, at what time.
    pub about: About,
    /// The rule would answer this message as things are, and the gate would let a text of it out.
    pub answers: bool,
    /// The rule: its conditions that fail, and the rules before it.
    #[serde(flatten)]
    pub why_not: WhyNot,
    /// The rules that would act on this message as things are, in order, unless a plugin passes.
    pub instead: Vec<RuleName>,
    /// What comes before every rule and takes this message.
    pub first: Option<First>,
    /// The same once the changes are made.
    pub first_then: Option<First>,
    /// What the gate would say to a text of this rule, once the changes are made.
    pub gate: GateSays,
    /// Of a stored message: what came of the rule when it was decided, if anybody looked at it.
    pub was: Option<LookResult>,
    /// It is a shadow: where it applies it runs, and nothing of it takes effect.
    pub shadow: bool,
    /// What it sends becomes a draft at this desk.
    pub draft_to: Option<DeskName>,
}

/// What an explanation is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The message arrived. If not, it is made up.
    pub stored: bool,
    /// The contact as they stand now; none if nobody knows them.
    pub contact: Option<ContactId>,
    /// The number it came in on.
    pub number: NumberId,
    /// The language it would be answered in.
    pub language: Language,
    /// The time that rules and gate are asked about.
    pub at: Moment,
    /// The same in the tenant's timezone, for people.
    pub local_time: String,
}

/// What comes before every rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum First {
    /// It is kept aside: in a group, from the number itself, told by WhatsApp.
    Aside,
    /// It is an opt-out.
    OptOut,
    /// It is an opt-in of somebody who had opted out.
    OptIn,
    /// It is older than the tenant answers.
    TooOld,
}

/// What the gate would say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateSays {
    /// It would let a text out.
    pub admits: bool,
    /// If not, why, in words.
    pub refusal: Option<String>,
    /// Its checks, up to the one that refuses.
    pub checks: Vec<Check>,
}

/// Which rule would answer a message that nobody wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Foretold {
    /// The edition that was asked; none if it was the rule files alone.
    pub edition: Option<String>,
    /// Of whom, at what time.
    pub about: About,
    /// What comes before every rule and takes it.
    pub first: Option<First>,
    /// The rules that would act, in order; the last ends the search.
    pub answers: Vec<RuleName>,
    /// What each rule has to say, in order.
    pub rules: Vec<PassedRule>,
    /// What the gate would say to a text.
    pub gate: GateSays,
}

/// Whom and what the gate knows beside the circumstances.
pub struct Ground<'a> {
    /// The hash of the edition that the draft is of, if it is of one.
    pub edition: Option<&'a str>,
    /// Its rules.
    pub draft: &'a Draft,
    /// Whose.
    pub tenant: &'a Tenant,
    /// What is stopped with the tenant.
    pub stops: &'a [StopSwitch],
    /// What has left lately: locked for one judgement at a time.
    pub rates: &'a Mutex<Rates>,
}

impl Ground<'_> {
    /// Why a rule does not answer; nothing if there is no such rule.
    #[must_use]
    pub fn why_not(
        &self,
        rule: &RuleName,
        now: &Circumstances,
        about: About,
    ) -> Option<Explanation> {
        let why_not = self.draft.why_not(rule, &now.facts())?;
        let then = why_not.changed.as_deref().unwrap_or(now);
        let first = self.first(now);
        let gate = self.gate(then);
        let named = self.draft.rules().iter().find(|other| other.name == *rule);
        let shadow = named.is_some_and(|rule| rule.stage == rulebook::Stage::Shadow);
        let answers = why_not.answers() && first.is_none() && gate.admits && !shadow;
        Some(Explanation {
            edition: self.edition.map(str::to_owned),
            about,
            answers,
            instead: if first.is_none() {
                self.acting(now)
            } else {
                Vec::new()
            },
            first,
            first_then: self.first(then),
            gate,
            why_not,
            was: None,
            shadow,
            draft_to: named.and_then(|rule| rule.draft_to.clone()),
        })
    }

    /// Which rule would answer.
    #[must_use]
    pub fn foretell(&self, now: &Circumstances, about: About) -> Foretold {
        Foretold {
            edition: self.edition.map(str::to_owned),
            about,
            first: self.first(now),
            answers: self.acting(now),
            rules: self.draft.told(&now.facts()),
            gate: self.gate(now),
        }
    }

    /// The rules that would act, in order, if none of their plugins passes.
    fn acting(&self, now: &Circumstances) -> Vec<RuleName> {
        let mut acting = Vec::new();
        let mut from = 0;
        while let Some(hit) = self.draft.search(&now.facts(), from).hit
            && let Some(rule) = self.draft.rules().get(hit.rule)
        {
            from = hit.rule + 1;
            if rule.stage == rulebook::Stage::Shadow {
                continue;
            }
            acting.push(rule.name.clone());
            if !rule.also {
                break;
            }
        }
        acting
    }

    /// In the order of an attempt.
    fn first(&self, circumstances: &Circumstances) -> Option<First> {
        let Circumstances {
            message, contact, ..
        } = circumstances;
        let content = &message.content;
        let consent = &contact.consent;
        let is_out = consent.everything.is_out() || consent.marketing.is_out();
        if !message.is_for_us() {
            Some(First::Aside)
        } else if sections::is_stop(self.draft, content) {
            Some(First::OptOut)
        } else if is_out && sections::is_start(self.draft, content) {
            Some(First::OptIn)
        } else if circumstances.now.since(message.sent_at) > self.tenant.policy.answer_within {
            Some(First::TooOld)
        } else {
            None
        }
    }

    /// A text of the host itself: what would refuse it refuses a plugin's.
    fn gate(&self, circumstances: &Circumstances) -> GateSays {
        let mut contact = circumstances.contact.clone();
        // Their message opens the window, as it does when it is accepted.
        let opened = contact
            .last_inbound
            .entry(circumstances.number.clone())
            .or_insert(circumstances.message.sent_at);
        *opened = (*opened).max(circumstances.message.sent_at);
        let (now, content) = (circumstances.now, &circumstances.message.content);
        let breaker = &self.tenant.policy.bounds.loops;
        breaker.hear(&mut contact.tempo, now, content, now);
        let scene = gate::Scene {
            now: circumstances.now,
            policy: &self.tenant.policy,
            grants: &sections::host_grants(),
            contact: &contact,
            number: &circumstances.number,
            message: &circumstances.message.id,
            purpose: Purpose::Reply,
            sends_in_run: 0,
            effects_in_decision: 0,
            memory: gate::memory::Held::default(),
            stops: self.stops,
            reach: gate::Reach::default(),
            plugin_sends: 0,
            rates: &locked(self.rates),
            token: stage::no_token(),
        };
        let text = Proposal::Send {
            to: Recipient::Contact,
            from: None,
            message: Outgoing::Text {
                body: "an answer".into(),
            },
            quoting: false,
        };
        let judgement = gate::judge(&text, &scene);
        let refusal = judgement.verdict.err().map(|refusal| refusal.to_string());
        GateSays {
            admits: refusal.is_none(),
            refusal,
            checks: judgement.checks,
        }
    }
}

impl First {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Aside => {
                "it is kept aside: in a group, from your own number, or told by WhatsApp itself; no rule looks at it"
            }
            Self::OptOut => "it is an opt-out: [opt_out] comes before every rule",
            Self::OptIn => "it is an opt-in: [opt_in] comes before every rule",
            Self::TooOld => {
                "it was older than the tenant answers when its turn came: no rule looks at it"
            }
        }
    }
}

/// The tenant's number, if it has just one.
fn only_number(tenant: &Tenant) -> Option<&NumberId> {
    let mut numbers = tenant.lines.keys();
    numbers.next().filter(|_| numbers.next().is_none())
}

fn number_name<'a>(tenant: &'a Tenant, number: &'a NumberId) -> &'a str {
    tenant
        .lines
        .get(number)
        .map_or_else(|| number.as_str(), |line| line.title.as_str())
}
