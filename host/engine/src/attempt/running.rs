//! One step of a decision: a rule's actions, each a run of a plugin.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{
    Failure, Language, Moment, Outcome, PluginName, Purpose, RuleName, Run, RunResult, Step,
    StepResult, Turn, Unanswered,
};
use rulebook::{Action, Draft};

use super::{Attempt, HostFault};
use crate::marks;
use crate::reply_drafts::Drafting;
use crate::stage::{RunHost, Stage, seed};

/// Where in a decision a run stands.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) step: usize,
    pub(crate) run: usize,
    /// It is a shadow's.
    pub(crate) is_shadow: bool,
}

impl Place {
    pub(super) fn new(step: usize, run: usize) -> Self {
        Self {
            step,
            run,
            is_shadow: false,
        }
    }
}

impl Attempt<'_> {
    /// One rule: its actions in order, all of them or none.
    pub(crate) async fn step(
        &self,
        draft: &Draft,
        index: usize,
        captures: &BTreeMap<String, String>,
        mut stage: Stage,
        place: Place,
    ) -> Result<(Step, Stage, Option<Unanswered>), HostFault> {
        let Some(rule) = draft.rules().get(index) else {
            return Err(HostFault("a rule vanished from its edition".into()));
        };
        let mut runs = Vec::new();
        let mut result = StepResult::Stands;
        let mut unanswered = None;
        for (run, action) in rule.actions.iter().enumerate() {
            let values = draft.values(Some(index), &self.facts(&stage.contact, &[]), captures);
            let turn = self.turn(&rule.name, &rule.languages, values, &stage);
            let (run, staged) = self
                .run_plugin(
                    action,
                    &turn,
                    stage.clone(),
                    Purpose::Reply,
                    Drafting::of(rule),
                    Place { run, ..place },
                )
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

    pub(super) async fn run_plugin(
        &self,
        action: &Action,
        turn: &Turn,
        stage: Stage,
        purpose: Purpose,
        drafting: Option<Drafting>,
        place: Place,
    ) -> Result<(Run, Stage), HostFault> {
        let (name, tenant) = (&action.plugin, &self.lane.tenant);
        let Some(plugin) = self.edition.plugin(name) else {
            return Err(HostFault(format!(
                "the plugin {name} is not part of edition {}",
                self.edition.hash()
            )));
        };
        let breakers = &self.core.breakers;
        let standing = if place.is_shadow {
            breakers.is_trusted(name, tenant)
        } else {
            breakers.admit(name, tenant, self.now)
        };
        if let Err(until) = standing {
            return Ok((left_alone(name, until), stage));
        }
        let mut host = self.host(name, plugin.grants().clone(), stage, purpose, place);
        host.drafting = drafting;
        let settings = action.settings.to_string();
        let contact = &turn.contact;
        let slow = || {
            // Nobody outside is to notice a shadow.
            if !place.is_shadow && self.answers.begins_typing() {
                let tenant = (tenant, &*self.tenant);
                let (number, message) = (&self.head.number, &self.head.message.id);
                marks::show_typing(self.core, tenant, number, message, contact, self.now);
            }
        };
        let (mut report, host) = marks::if_slow(plugin.run(turn, &settings, host), slow).await;
        if let Some(error) = &host.fault {
            return Err(HostFault(format!("plugin {name}: {error}")));
        }
        if let RunResult::Failed(Failure::Host { message }) = &report.result {
            return Err(HostFault(format!("plugin {name}: {message}")));
        }
        let ended_at = self.core.clock.now();
        if !place.is_shadow && breakers.note(name, tenant, &report.result, ended_at) {
            self.core.tell();
        }
        report.log.extend(host.left_out());
        let run = Run {
            plugin: name.clone(),
            proposed: host.proposed,
            result: report.result,
            log: report.log,
            fuel: report.fuel,
            asked: host.asked,
        };
        Ok((run, host.stage))
    }

    pub(super) fn host(
        &self,
        plugin: &PluginName,
        grants: model::Grants,
        stage: Stage,
        purpose: Purpose,
        place: Place,
    ) -> RunHost {
        RunHost {
            core: Arc::clone(self.core),
            tenant: Arc::clone(&self.tenant),
            tenant_id: self.lane.tenant.clone(),
            plugin: plugin.clone(),
            grants,
            number: self.head.number.clone(),
            message: self.head.message.id.clone(),
            now: self.now,
            purpose,
            drafting: None,
            stage,
            sends_in_run: 0,
            stops: Arc::clone(&self.stops),
            reach: None,
            plugin_sends: None,
            proposed: Vec::new(),
            asked: Vec::new(),
            step: place.step,
            run: place.run,
            is_shadow: place.is_shadow,
            questions: 0,
            found: Arc::clone(&self.found),
            room: Arc::clone(if place.is_shadow {
                &self.shadow_room
            } else {
                &self.room
            }),
            answers: Arc::clone(&self.answers),
            left_out: 0,
            fault: None,
        }
    }

    pub(super) fn turn(
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
            seed: seed(
                &self.core.secret,
                &self.lane.tenant,
                &self.head.number,
                &self.head.message.id,
            ),
        }
    }
}

/// The run of a plugin that was not run.
fn left_alone(plugin: &PluginName, until: Moment) -> Run {
    Run {
        plugin: plugin.clone(),
        proposed: Vec::new(),
        result: RunResult::Failed(Failure::Quarantined { until }),
        log: Vec::new(),
        fuel: 0,
        asked: Vec::new(),
    }
}
