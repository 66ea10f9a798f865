//! Shadows: rules that run and are recorded, and leave nothing else behind. Neither the contact nor the rules that answer notice
//! them: not by an effect, a count or a token, not by the room in the record, a typing mark or a plugin's standing. What they ask
//! of knowledge bases and endpoints is really asked, and the contact waits for it.

use std::collections::BTreeMap;

use model::{Failure, Run, RunResult, Step, StepResult};
use rulebook::{Draft, Rule};

use crate::attempt::{Attempt, HostFault, Place, leads};
use crate::limits;
use crate::settlement::Course;

/// Whether a rule is one.
pub(crate) fn is_shadow(draft: &Draft, index: usize) -> bool {
    let rule = draft.rules().get(index);
    rule.is_some_and(|rule| rule.stage == rulebook::Stage::Shadow)
}

impl Attempt<'_> {
    /// Runs a shadow, and the rules that it leads to as shadows of its own: as they would run now, and nothing of it stays.
    ///
    /// No rule has two steps as a shadow: that ends every circle.
    pub(crate) async fn shadow(
        &self,
        draft: &Draft,
        found: usize,
        captures: &BTreeMap<String, String>,
        course: &mut Course,
    ) {
        let mut stage = course.stage.clone();
        let mut next = Some(found);
        while let Some(index) = next.take()
            && let Some(rule) = draft.rules().get(index)
            && course.shadowed.len() < limits::SHADOW_STEPS_PER_DECISION
            && !course.shadowed.contains(&index)
        {
            let place = Place {
                // Behind all places of those that answer: none of theirs shifts (I9).
                step: limits::STEPS_PER_DECISION + course.shadowed.len(),
                run: 0,
                is_shadow: true,
            };
            let taken = self.step(draft, index, captures, stage.clone(), place);
            let taken = taken.await.map_err(|fault| could_not(rule, fault));
            course.shadowed.insert(index);
            let (mut step, staged, unanswered) = match taken {
                Ok(taken) => taken,
                Err(step) => {
                    // The message is not attempted again for it.
                    course.steps.push(step);
                    return;
                }
            };
            let result = std::mem::replace(&mut step.result, StepResult::Shadow);
            course.steps.push(step);
            let names = match result {
                StepResult::Passed | StepResult::Shadow => return,
                StepResult::Failed => [rule.if_fails.as_ref(), None],
                StepResult::Stands => {
                    stage = staged;
                    leads(rule, unanswered)
                }
            };
            for name in names.into_iter().flatten() {
                let Some(index) = draft.rule_index(name) else {
                    continue;
                };
                if course.shadowed.contains(&index) {
                    continue;
                }
                match self.is_kept_back(draft, index, course).await {
                    Ok(true) => {}
                    Ok(false) => {
                        next = Some(index);
                        break;
                    }
                    Err(_) => return,
                }
            }
        }
    }
}

/// The step of a shadow that the host could not run.
fn could_not(rule: &Rule, fault: HostFault) -> Step {
    let run = |action: &rulebook::Action| Run {
        plugin: action.plugin.clone(),
        proposed: Vec::new(),
        result: RunResult::Failed(Failure::Host { message: fault.0 }),
        log: Vec::new(),
        fuel: 0,
        asked: Vec::new(),
    };
    Step {
        rule: rule.name.clone(),
        runs: rule.actions.first().map(run).into_iter().collect(),
        result: StepResult::Shadow,
    }
}
