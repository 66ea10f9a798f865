//! How fast the conversation goes, and what follows when it looks like one of two machines.

use gate::tempo;
use model::{HandOver, Pause, Purpose, Refusal, StepResult, Verdict};

use super::Attempt;
use crate::limits;
use crate::settlement::Course;

impl Attempt<'_> {
    /// The message is heard. When it came is what the ledger recorded, so that running again hears the same (I9).
    pub(super) fn hear(&self, course: &mut Course) {
        let (breaker, tempo) = (
            &self.tenant.policy.bounds.loops,
            &mut course.stage.contact.tempo,
        );
        let content = &self.head.message.content;
        breaker.hear(tempo, self.head.accepted_at, content, self.now);
    }

    /// What the attempt came to is said, or a loop ends.
    pub(super) fn speak(&self, course: &mut Course) {
        let sends = &course.stage.effects.sends;
        if sends
            .iter()
            .any(|send| send.outbound().purpose == Purpose::Reply)
        {
            // Not when the attempt began: what was written meanwhile is no answer to it.
            let spoken_at = self.core.clock.now().max(self.now);
            tempo::speak(&mut course.stage.contact.tempo, spoken_at);
        }
        if loop_is_suspected(course) {
            self.break_loop(course);
        }
    }

    /// The desk, not silence: people look at it, once. Until they have, or for a while, the bot says nothing.
    fn break_loop(&self, course: &mut Course) {
        let until = self.now.plus(limits::LOOP_PAUSE);
        let contact = &mut course.stage.contact;
        if contact
            .pause
            .as_ref()
            .is_none_or(|pause| pause.until < until)
        {
            contact.pause = Some(Pause {
                until,
                by: Some(self.head.message.id.clone()),
            });
        }
        tempo::relax(&mut contact.tempo);
        tracing::warn!(tenant = %self.lane.tenant, contact = %self.lane.contact, "two machines seem to be talking to each other: the bot keeps silent");
        // Where a rule led to a desk, that is where people look.
        if !course.stage.effects.hand_offs.is_empty() {
            return;
        }
        if let Some(desk) = &self.tenant.stale_desk {
            contact.last_desk = Some(desk.clone());
            course.stage.effects.hand_offs.push(HandOver {
                desk: desk.clone(),
                note: format!(
                    "This looks like a machine: it answers the bot within seconds, or does not stop. The bot keeps silent for {}, or until you give the conversation back.",
                    limits::LOOP_PAUSE
                ),
            });
        }
    }
}

/// Whether a rule that is no shadow was told so.
fn loop_is_suspected(course: &Course) -> bool {
    course
        .steps
        .iter()
        .filter(|step| step.result != StepResult::Shadow)
        .flat_map(|step| &step.runs)
        .flat_map(|run| &run.proposed)
        .any(|proposed| proposed.verdict == Verdict::Refused(Refusal::LoopSuspected))
}
