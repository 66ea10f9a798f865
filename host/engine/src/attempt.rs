//! One attempt at one message: it begins with a snapshot and ends with a settlement, and touches nothing in between.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use ledger::{Head, Lane, Settlement};
use model::{
    ConsentScope, Ending, Failure, HandOver, Language, Moment, Outcome, Purpose, RuleName, Run,
    RunResult, Step, StepResult, Turn,
};
use rulebook::{Action, Draft, Facts};

use crate::sections::{self, Section};
use crate::settlement::{Course, Frame, default_language, settlement};
use crate::stage::{Effects, RunHost, Stage};
use crate::{Core, Edition, Tenant, limits};

/// The host could not do its part. Retried, and not the guest's fault.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct HostFault(pub(crate) String);

/// Everything that is fixed for one attempt.
struct Attempt<'a> {
    core: &'a Arc<Core>,
    lane: &'a Lane,
    head: &'a Head,
    edition: Arc<Edition>,
    tenant: Arc<Tenant>,
    now: Moment,
    language: Language,
}

/// Decides on one message.
pub(crate) async fn decide(
    core: &Arc<Core>,
    lane: &Lane,
    head: &Head,
    attempt: u32,
) -> Result<Settlement, HostFault> {
    let began = Instant::now();
    let now = core.clock.now();
    // I10: what the attempt begins with, it ends with, whatever is swapped in meanwhile.
    let edition = core.edition.load_full();
    let mut course = Course::new(Stage {
        contact: head.contact.clone(),
        effects: Effects::default(),
    });
    let mut language = default_language();
    if let (Some(tenant), Some(draft)) = (
        core.plan.tenants.get(&lane.tenant),
        edition.rulebook(&lane.tenant),
    ) {
        language = draft.language(&head.message, &head.contact);
        let attempt = Attempt {
            core,
            lane,
            head,
            edition: Arc::clone(&edition),
            tenant: Arc::clone(tenant),
            now,
            language: language.clone(),
        };
        attempt.run(draft, &mut course).await?;
    } else {
        course.ending = Ending::DeadLetter {
            cause: format!("the tenant {} is not configured any more", lane.tenant),
        };
    }
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    Ok(settlement(
        lane,
        head,
        course,
        Frame {
            edition: edition.hash().to_owned(),
            now,
            attempt,
            language,
            micros,
        },
    ))
}

impl Attempt<'_> {
    async fn run(&self, draft: &Draft, course: &mut Course) -> Result<(), HostFault> {
        let content = &self.head.message.content;
        if self.head.is_stop || sections::is_stop(draft, content) {
            return self.opt(Section::OptOut, draft, course).await;
        }
        if self.head.contact.consent.everything.is_out() && sections::is_start(draft, content) {
            return self.opt(Section::OptIn, draft, course).await;
        }
        if self.now.since(self.head.message.sent_at) > self.tenant.answer_within {
            self.too_old(course);
            return Ok(());
        }
        self.follow_rules(draft, course).await
    }

    /// Decision 10 of the design: the change commits whatever happens, and exactly one confirmation goes out.
    async fn opt(
        &self,
        section: Section,
        draft: &Draft,
        course: &mut Course,
    ) -> Result<(), HostFault> {
        let Some(name) = section.name() else {
            return Ok(());
        };
        let settings = match section {
            Section::OptOut => draft.opt_out(),
            Section::OptIn => draft.opt_in(),
        };
        let consent = &course.stage.contact.consent;
        let was_out = consent.everything.is_out()
            || (settings.covers == ConsentScope::Marketing && consent.marketing.is_out());
        let change = section.change(settings.covers, &self.head.message, self.now);
        course.stage.consent(change);
        course.ending = Ending::Answered { rule: name.clone() };
        if section == Section::OptOut && was_out {
            // They said it before and were told: now silence.
            return Ok(());
        }
        let before = course.stage.clone();
        let action = Action {
            plugin: sections::plugin(),
            settings: settings.settings.clone(),
        };
        let turn = self.turn(
            &name,
            &settings.languages,
            draft.values(None, &self.facts(&before.contact), &BTreeMap::new()),
            &before,
        );
        let (run, mut stage) = self
            .run_plugin(&action, &turn, before.clone(), section.purpose())
            .await?;
        let worded = matches!(run.result, RunResult::Ended(_)) && !stage.effects.sends.is_empty();
        let mut runs = vec![run];
        if !worded {
            let mut host = self.host(sections::host_grants(), before, section.purpose());
            host.judge(section.built_in(&self.language));
            stage = host.stage;
            runs.push(Run {
                plugin: sections::plugin(),
                proposed: host.proposed,
                result: RunResult::Ended(Outcome::Handled),
                log: vec![
                    "the plugin worded no confirmation: the built-in sentence went to the gate"
                        .into(),
                ],
                fuel: 0,
            });
        }
        // One confirmation, whatever the plugin proposed beyond it.
        stage.effects.sends.truncate(1);
        course.stage = stage;
        course.steps.push(Step {
            rule: name,
            runs,
            result: StepResult::Stands,
        });
        Ok(())
    }

    /// Decision 14 of the design: nobody wants a reply to yesterday's question, but a person should see it.
    fn too_old(&self, course: &mut Course) {
        course.ending = Ending::TooOld;
        if let Some(desk) = &self.tenant.stale_desk {
            let note = format!(
                "Unanswered: the message was older than {} when its turn came.",
                self.tenant.answer_within
            );
            course.stage.effects.hand_offs.push(HandOver {
                desk: desk.clone(),
                note,
            });
        }
    }

    async fn follow_rules(&self, draft: &Draft, course: &mut Course) -> Result<(), HostFault> {
        let mut from = 0;
        let mut next: Option<(usize, BTreeMap<String, String>)> = None;
        let mut fallbacks: Vec<usize> = Vec::new();
        while course.steps.len() < limits::STEPS_PER_DECISION {
            let (index, captures) = match next.take() {
                Some(named) => named,
                None => match self.search(draft, from, course) {
                    Some(found) => found,
                    None => return Ok(()),
                },
            };
            let Some(rule) = draft.rules().get(index) else {
                return Ok(());
            };
            let (step, stage, unanswered) = self.step(draft, index, &captures, course).await?;
            let result = step.result;
            let failure = step.runs.iter().find_map(|run| match &run.result {
                RunResult::Failed(failure) => Some(failure.to_string()),
                RunResult::Ended(_) => None,
            });
            course.steps.push(step);
            match result {
                StepResult::Stands => {
                    course.stage = stage;
                    // What the gate held back was not said: it does not count as once.
                    if rule.once_per.is_some() && unanswered.is_none() {
                        course
                            .stage
                            .contact
                            .fired
                            .insert(rule.name.clone(), self.now);
                    }
                    course.ending = match unanswered {
                        Some(why) => Ending::Unanswered {
                            rule: rule.name.clone(),
                            why,
                        },
                        None => Ending::Answered {
                            rule: rule.name.clone(),
                        },
                    };
                    if !rule.also {
                        return Ok(());
                    }
                    from = index + 1;
                }
                StepResult::Passed => from = index + 1,
                StepResult::Failed => {
                    let fallback = rule
                        .if_fails
                        .as_ref()
                        .and_then(|name| draft.rule_index(name));
                    match fallback.filter(|index| !fallbacks.contains(index)) {
                        Some(index) => {
                            fallbacks.push(index);
                            next = Some((index, captures));
                        }
                        None => {
                            let cause = format!(
                                "rule {}: {}",
                                rule.name,
                                failure.unwrap_or_else(|| "the plugin failed".into())
                            );
                            course.ending = Ending::DeadLetter { cause };
                            return Ok(());
                        }
                    }
                }
            }
        }
        course.ending = Ending::DeadLetter {
            cause: format!(
                "more than {} steps for one message",
                limits::STEPS_PER_DECISION
            ),
        };
        Ok(())
    }

    fn search(
        &self,
        draft: &Draft,
        from: usize,
        course: &mut Course,
    ) -> Option<(usize, BTreeMap<String, String>)> {
        // Conditions see the contact as the message found it, not as earlier rules of this decision would leave it.
        let search = draft.search(&self.facts(&self.head.contact), from);
        let room = model::limits::LOOKS_PER_DECISION.saturating_sub(course.looks.len());
        course.looks_left_out += search.looks_left_out + search.looks.len().saturating_sub(room);
        course.looks.extend(search.looks.into_iter().take(room));
        search.hit.map(|hit| (hit.rule, hit.captures))
    }

    /// One rule: its actions in order, all of them or none.
    async fn step(
        &self,
        draft: &Draft,
        index: usize,
        captures: &BTreeMap<String, String>,
        course: &Course,
    ) -> Result<(Step, Stage, Option<model::Unanswered>), HostFault> {
        let Some(rule) = draft.rules().get(index) else {
            return Err(HostFault("a rule vanished from its edition".into()));
        };
        let mut stage = course.stage.clone();
        let mut runs = Vec::new();
        let mut result = StepResult::Stands;
        let mut unanswered = None;
        for action in &rule.actions {
            let values = draft.values(Some(index), &self.facts(&stage.contact), captures);
            let turn = self.turn(&rule.name, &rule.languages, values, &stage);
            let (run, staged) = self
                .run_plugin(action, &turn, stage.clone(), Purpose::Reply)
                .await?;
            match &run.result {
                RunResult::Ended(Outcome::Handled) => stage = staged,
                RunResult::Ended(Outcome::Unanswered(why)) => {
                    stage = staged;
                    unanswered = Some(*why);
                }
                RunResult::Ended(Outcome::Passed) => result = StepResult::Passed,
                RunResult::Failed(_) => result = StepResult::Failed,
            }
            runs.push(run);
            if result != StepResult::Stands {
                break;
            }
        }
        Ok((
            Step {
                rule: rule.name.clone(),
                runs,
                result,
            },
            stage,
            unanswered,
        ))
    }

    async fn run_plugin(
        &self,
        action: &Action,
        turn: &Turn,
        stage: Stage,
        purpose: Purpose,
    ) -> Result<(Run, Stage), HostFault> {
        let Some(plugin) = self.edition.plugin(&action.plugin) else {
            return Err(HostFault(format!(
                "the plugin {} is not part of edition {}",
                action.plugin,
                self.edition.hash()
            )));
        };
        let host = self.host(plugin.grants().clone(), stage, purpose);
        let (report, host) = plugin.run(turn, &action.settings.to_string(), host).await;
        if let RunResult::Failed(Failure::Host { message }) = &report.result {
            return Err(HostFault(format!("plugin {}: {message}", action.plugin)));
        }
        let run = Run {
            plugin: action.plugin.clone(),
            proposed: host.proposed,
            result: report.result,
            log: report.log,
            fuel: report.fuel,
        };
        Ok((run, host.stage))
    }

    fn host(&self, grants: model::Grants, stage: Stage, purpose: Purpose) -> RunHost {
        RunHost {
            core: Arc::clone(self.core),
            tenant: Arc::clone(&self.tenant),
            tenant_id: self.lane.tenant.clone(),
            grants,
            number: self.head.number.clone(),
            message: self.head.message.id.clone(),
            now: self.now,
            purpose,
            stage,
            sends_in_run: 0,
            proposed: Vec::new(),
        }
    }

    fn turn(
        &self,
        rule: &RuleName,
        languages: &[Language],
        values: BTreeMap<String, String>,
        stage: &Stage,
    ) -> Turn {
        Turn {
            message: self.head.message.clone(),
            contact: stage.contact.clone(),
            number: self.head.number.clone(),
            number_name: self.number_name().to_owned(),
            rule: rule.clone(),
            language: self.language.clone(),
            languages: languages.to_vec(),
            now: self.now,
            values,
        }
    }

    fn facts<'b>(&'b self, contact: &'b model::Contact) -> Facts<'b> {
        Facts {
            message: &self.head.message,
            contact,
            number: &self.head.number,
            number_name: self.number_name(),
            language: &self.language,
            now: self.now,
        }
    }

    fn number_name(&self) -> &str {
        self.tenant
            .lines
            .get(&self.head.number)
            .map_or_else(|| self.head.number.as_str(), |line| line.title.as_str())
    }
}
