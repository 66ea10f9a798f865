//! What an attempt came to becomes one settlement: the decision's record and its effects, to be written together (I3).

use std::collections::BTreeSet;
use std::sync::Arc;

use ledger::{Head, Lane, Settlement};
use model::{
    ConsentScope, Cost, Decision, DecisionId, Ending, Language, Look, Moment, RuleCount, Step,
};

use crate::Core;
use crate::memory::Found;
use crate::sections::Section;
use crate::stage::{Effects, Stage};

/// What the attempt has come to so far.
pub(crate) struct Course {
    pub(crate) stage: Stage,
    pub(crate) looks: Vec<Look>,
    pub(crate) looks_left_out: usize,
    pub(crate) ruled_out: usize,
    pub(crate) steps: Vec<Step>,
    /// The rules that had a step as shadows.
    pub(crate) shadowed: BTreeSet<usize>,
    /// How often rules have answered all contacts together, as far as it was read.
    pub(crate) counts: Vec<RuleCount>,
    pub(crate) ending: Ending,
    /// What its memory writes rest on; nothing if no plugin was run.
    pub(crate) found: Option<Arc<Found>>,
    /// What proposals and answers take up in its record.
    pub(crate) recorded_bytes: usize,
}

impl Course {
    /// Nothing has been done yet.
    pub(crate) fn new(stage: Stage) -> Self {
        Self {
            stage,
            looks: Vec::new(),
            looks_left_out: 0,
            ruled_out: 0,
            steps: Vec::new(),
            shadowed: BTreeSet::new(),
            counts: Vec::new(),
            ending: Ending::NoRule,
            found: None,
            recorded_bytes: 0,
        }
    }

    /// Steps of rules that are no shadows. Shadows have places of their own, so that nothing of the others shifts (I9).
    pub(crate) fn live_steps(&self) -> usize {
        self.steps.len().saturating_sub(self.shadowed.len())
    }

    /// Records that a rule was looked at.
    pub(crate) fn look(&mut self, look: Look) {
        if self.looks.len() < model::limits::LOOKS_PER_DECISION {
            self.looks.push(look);
        } else {
            self.looks_left_out += 1;
        }
    }
}

/// A message that could not be done: nothing takes effect but its done-mark and the dead letter. A stop is honoured all the
/// same: it needs no plugin and no rule.
pub(crate) fn give_up(
    core: &Core,
    lane: &Lane,
    head: &Head,
    attempt: u32,
    cause: String,
) -> Settlement {
    let mut stage = Stage {
        contact: head.contact.clone(),
        effects: Effects::default(),
    };
    if head.is_stop {
        stage.consent(Section::OptOut.change(
            ConsentScope::Everything,
            &head.message,
            core.clock.now(),
        ));
    }
    let mut course = Course::new(stage);
    course.ending = Ending::DeadLetter { cause };
    let edition = core.edition.load().hash().to_owned();
    settlement(
        lane,
        head,
        course,
        Frame {
            edition,
            now: core.clock.now(),
            attempt,
            language: head
                .contact
                .language
                .clone()
                .unwrap_or_else(default_language),
            micros: 0,
        },
    )
}

/// What frames a course in its record.
pub(crate) struct Frame {
    pub(crate) edition: String,
    pub(crate) now: Moment,
    pub(crate) attempt: u32,
    pub(crate) language: Language,
    pub(crate) micros: u64,
}

/// The settlement of a course.
pub(crate) fn settlement(lane: &Lane, head: &Head, course: Course, frame: Frame) -> Settlement {
    let Course {
        stage,
        looks,
        looks_left_out,
        ruled_out,
        steps,
        ending,
        found,
        recorded_bytes,
        ..
    } = course;
    let Stage {
        mut contact,
        effects,
    } = stage;
    let fuel = steps
        .iter()
        .flat_map(|step| &step.runs)
        .map(|run| run.fuel)
        .sum();
    let dead_letter = match &ending {
        Ending::DeadLetter { cause } => Some(cause.clone()),
        _ => None,
    };
    contact.language = Some(frame.language.clone());
    // Never back: a message that is taken up again is older than those since.
    contact.previous_inbound = contact.previous_inbound.max(Some(head.message.sent_at));
    let mut decision = Decision {
        version: 1,
        id: DecisionId {
            tenant: lane.tenant.clone(),
            number: head.number.clone(),
            message: head.message.id.clone(),
        },
        contact: lane.contact,
        sequence: head.sequence,
        edition: frame.edition,
        now: frame.now,
        attempt: frame.attempt,
        language: frame.language,
        looks,
        looks_left_out,
        ruled_out,
        steps,
        ending,
        cost: Cost {
            fuel,
            micros: frame.micros,
        },
    };
    keep_within_bounds(&mut decision, recorded_bytes);
    Settlement {
        decision,
        expected_version: head.contact.version,
        contact,
        was_stop: head.is_stop,
        sends: effects.sends,
        drafts: effects.drafts,
        consent: effects.consent,
        hand_offs: effects.hand_offs,
        notes: effects.notes,
        memory: found.map_or_else(Vec::new, |found| found.writes(effects.memory)),
        counts: effects.counts,
        dead_letter,
        now: frame.now,
    }
}

/// A record past its limit loses its logs first and its looks next. What was proposed and asked always stays: it was bounded when it
/// was proposed and asked.
fn keep_within_bounds(decision: &mut Decision, recorded_bytes: usize) {
    let size = |decision: &Decision| serde_json::to_vec(decision).map_or(0, |bytes| bytes.len());
    // Runs are bounded to 64 KiB of log each, and everything else is small: most records are far from the limit.
    let log: usize = decision
        .steps
        .iter()
        .flat_map(|step| &step.runs)
        .flat_map(|run| &run.log)
        .map(String::len)
        .sum();
    if log + recorded_bytes < model::limits::DECISION_BYTES / 4 && decision.steps.len() < 4 {
        return;
    }
    if size(decision) > model::limits::DECISION_BYTES {
        for run in decision.steps.iter_mut().flat_map(|step| &mut step.runs) {
            run.log = vec!["left out: the record was past its limit".into()];
        }
    }
    if size(decision) > model::limits::DECISION_BYTES {
        decision.looks_left_out += decision.looks.len();
        decision.looks.clear();
    }
}

/// For messages of which no language is known.
pub(crate) fn default_language() -> Language {
    #[expect(clippy::expect_used, reason = "`en` is a language code")]
    Language::new("en").expect("a language code")
}
