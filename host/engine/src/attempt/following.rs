//! The rules that a message meets, in their order, and those that they lead to.

use std::collections::{BTreeMap, BTreeSet};

use model::{Ending, RuleName, RunResult, StepResult, Unanswered};
use rulebook::{Draft, Rule};

use super::{Attempt, HostFault, Place};
use crate::reply_drafts::Drafting;
use crate::settlement::Course;
use crate::stage::Stage;
use crate::{counting, limits, shadowing};

impl Attempt<'_> {
    pub(super) async fn follow_rules(
        &self,
        draft: &Draft,
        course: &mut Course,
    ) -> Result<(), HostFault> {
        let mut from = 0;
        let mut ran = BTreeSet::new();
        while course.live_steps() < limits::STEPS_PER_DECISION {
            let Some((found, captures)) = self.search(draft, from, course).await? else {
                return Ok(());
            };
            from = found + 1;
            // A rule that another led to has had its say.
            if ran.contains(&found) {
                continue;
            }
            if shadowing::is_shadow(draft, found) {
                self.shadow(draft, found, &captures, course).await;
                continue;
            }
            if !self
                .follow(draft, found, &captures, &mut ran, course)
                .await?
            {
                return Ok(());
            }
        }
        course.ending = too_many_steps();
        Ok(())
    }

    /// The rule that the search found, and those that it leads to, each a step of its own. True if the search goes on.
    ///
    /// No rule has two steps of one decision: that ends every circle.
    async fn follow(
        &self,
        draft: &Draft,
        found: usize,
        captures: &BTreeMap<String, String>,
        ran: &mut BTreeSet<usize>,
        course: &mut Course,
    ) -> Result<bool, HostFault> {
        let mut index = found;
        loop {
            if course.live_steps() >= limits::STEPS_PER_DECISION {
                course.ending = too_many_steps();
                return Ok(false);
            }
            let Some(rule) = draft.rules().get(index) else {
                return Err(HostFault("a rule vanished from its edition".into()));
            };
            ran.insert(index);
            let before = course.stage.clone();
            let place = Place::new(course.live_steps(), 0);
            let (step, stage, unanswered) =
                self.step(draft, index, captures, before, place).await?;
            let result = step.result;
            let failure = step.runs.iter().find_map(|run| match &run.result {
                RunResult::Failed(failure) => Some(failure.to_string()),
                RunResult::Ended(_) => None,
            });
            course.steps.push(step);
            let mut names = match result {
                StepResult::Passed | StepResult::Shadow => return Ok(true),
                StepResult::Stands => {
                    self.stand(rule, stage, unanswered, course);
                    leads(rule, unanswered)
                }
                StepResult::Failed => [rule.if_fails.as_ref(), None],
            }
            .into_iter()
            .flatten();
            let mut next = None;
            while next.is_none()
                && let Some(name) = names.next()
            {
                next = self.lead(draft, name, captures, ran, course).await?;
            }
            let next = match result {
                StepResult::Failed => match next {
                    Some(next) => Some(next),
                    None => {
                        let cause = failure.unwrap_or_else(|| "the plugin failed".into());
                        course.ending = Ending::DeadLetter {
                            cause: format!("rule {}: {cause}", rule.name),
                        };
                        return Ok(false);
                    }
                },
                _ => next,
            };
            match next {
                Some(next) => index = next,
                None => return Ok(draft.rules().get(found).is_some_and(|rule| rule.also)),
            }
        }
    }

    /// A step stands: what it staged is the decision's, and it is what the message came to so far.
    fn stand(
        &self,
        rule: &Rule,
        mut stage: Stage,
        unanswered: Option<Unanswered>,
        course: &mut Course,
    ) {
        if let Some(drafting) = Drafting::of(rule) {
            drafting.hand_over(&mut stage);
        }
        course.stage = stage;
        let name = rule.name.clone();
        course.ending = match unanswered {
            Some(why) => Ending::Unanswered { rule: name, why },
            None => {
                // What was held back was not said: it counts neither as once nor as a step of a conversation.
                let contact = &mut course.stage.contact;
                if rule.once_per.is_some() {
                    contact.fired.insert(name.clone(), self.now);
                }
                contact.last_rule = Some((name.clone(), self.now));
                counting::raise(rule, self.now, &mut course.stage);
                Ending::Answered { rule: name }
            }
        };
    }

    async fn search(
        &self,
        draft: &Draft,
        mut from: usize,
        course: &mut Course,
    ) -> Result<Option<(usize, BTreeMap<String, String>)>, HostFault> {
        loop {
            // Conditions see the contact as the message found it, not as earlier rules of this decision would leave it.
            let mut search = draft.search(&self.facts(&self.head.contact, &course.counts), from);
            let hit = search.hit.take();
            let rule = hit.as_ref().and_then(|hit| draft.rules().get(hit.rule));
            let full = match rule {
                Some(rule) if self.learn_counts(rule, course).await? => {
                    rule.kept_back(&self.facts(&self.head.contact, &course.counts))
                }
                _ => None,
            };
            let is_full = full.is_some();
            if let (Some(full), Some(last)) = (full, search.looks.last_mut()) {
                *last = full;
            }
            course.looks_left_out += search.looks_left_out;
            course.ruled_out += search.ruled_out;
            search.looks.into_iter().for_each(|look| course.look(look));
            match hit {
                Some(hit) if is_full => from = hit.rule + 1,
                hit => return Ok(hit.map(|hit| (hit.rule, hit.captures))),
            }
        }
    }

    /// Reads how often a rule has answered all contacts together, if it has a limit on that: only now, since few rules hold and
    /// each read takes its time. True if there was something to learn.
    async fn learn_counts(&self, rule: &Rule, course: &mut Course) -> Result<bool, HostFault> {
        let asked = rule.counted(self.now);
        if asked.is_empty() || course.counts.iter().any(|known| known.rule == rule.name) {
            return Ok(false);
        }
        let counts = self.core.ledger.rule_counts(&self.lane.tenant, &asked);
        let counts = counts.await.map_err(|error| HostFault(error.to_string()))?;
        course.counts.extend(counts);
        Ok(true)
    }

    /// The rule that another names, if it has not run yet and nothing bounds it now. A shadow runs as one, and whoever named it goes
    /// on as though it had not.
    async fn lead(
        &self,
        draft: &Draft,
        name: &RuleName,
        captures: &BTreeMap<String, String>,
        ran: &BTreeSet<usize>,
        course: &mut Course,
    ) -> Result<Option<usize>, HostFault> {
        let Some(index) = draft.rule_index(name) else {
            return Ok(None);
        };
        if ran.contains(&index) || self.is_kept_back(draft, index, course).await? {
            return Ok(None);
        }
        if shadowing::is_shadow(draft, index) {
            self.shadow(draft, index, captures, course).await;
            return Ok(None);
        }
        Ok(Some(index))
    }

    /// Whether a rule that another names is bounded at this moment; the record says by what.
    pub(crate) async fn is_kept_back(
        &self,
        draft: &Draft,
        index: usize,
        course: &mut Course,
    ) -> Result<bool, HostFault> {
        let Some(rule) = draft.rules().get(index) else {
            return Ok(true);
        };
        self.learn_counts(rule, course).await?;
        let look = rule.kept_back(&self.facts(&self.head.contact, &course.counts));
        let is_kept_back = look.is_some();
        look.into_iter().for_each(|look| course.look(look));
        Ok(is_kept_back)
    }
}

/// The rules to go on with after a step that stands; the first that can is the one.
pub(crate) fn leads(rule: &Rule, unanswered: Option<Unanswered>) -> [Option<&RuleName>; 2] {
    [
        unanswered.and_then(|why| turns_to(rule, why)),
        rule.call.as_ref(),
    ]
}

/// The rule to turn to when a plugin has no answer.
fn turns_to(rule: &Rule, why: Unanswered) -> Option<&RuleName> {
    match why {
        Unanswered::NoAnswer => rule.if_no_answer.as_ref(),
        Unanswered::Blocked => rule.if_blocked.as_ref(),
        Unanswered::Slow => rule.if_slow.as_ref(),
        Unanswered::Refused => rule.if_refused.as_ref(),
    }
}

fn too_many_steps() -> Ending {
    Ending::DeadLetter {
        cause: format!(
            "more than {} steps for one message",
            limits::STEPS_PER_DECISION
        ),
    }
}
