//! One attempt at one message: it begins with a snapshot and ends with a settlement, and touches nothing in between.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use ledger::{Head, Lane, Settlement};
use model::{
    Channel, ConsentScope, Ending, Failure, HandOver, Language, Moment, Outcome, PluginName,
    Purpose, RuleName, Run, RunResult, Step, StepResult, Turn, Unanswered,
};
use rulebook::{Action, Draft, Facts, Rule};

use crate::asking::Answers;
use crate::memory::Found;
use crate::record::Room;
use crate::sections::{self, Section};
use crate::settlement::{Course, Frame, default_language, settlement};
use crate::stage::{Effects, RunHost, Stage, seed};
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
    /// What memory held when it first looked.
    found: Arc<Found>,
    /// What is left of its record.
    room: Arc<Room>,
    /// What was answered for the message, in this and in earlier attempts.
    answers: Arc<Answers>,
}

/// Where in a decision a run stands.
#[derive(Clone, Copy)]
struct Place {
    step: usize,
    run: usize,
}

/// Decides on one message.
pub(crate) async fn decide(
    core: &Arc<Core>,
    lane: &Lane,
    head: &Head,
    attempt: u32,
    answers: &Arc<Answers>,
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
    let found = Arc::new(Found::new(
        Arc::clone(&core.ledger),
        lane.tenant.clone(),
        lane.contact,
        now,
    ));
    let room = Arc::new(Room::default());
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
            found: Arc::clone(&found),
            room: Arc::clone(&room),
            answers: Arc::clone(answers),
        };
        attempt.run(draft, &mut course).await?;
        course.found = Some(found);
        course.recorded_bytes = room.used();
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
        if !self.head.message.is_for_us() {
            course.ending = Ending::Aside;
            return Ok(());
        }
        let content = &self.head.message.content;
        if self.head.is_stop || sections::is_stop(draft, content) {
            return self.opt(Section::OptOut, draft, course).await;
        }
        let consent = &self.head.contact.consent;
        let is_out = consent.everything.is_out() || consent.marketing.is_out();
        if is_out && sections::is_start(draft, content) {
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
        let scope = match section {
            Section::OptOut => settings.covers,
            // Who left only what advertises comes back to that.
            Section::OptIn if !consent.everything.is_out() => ConsentScope::Marketing,
            Section::OptIn => settings.covers,
        };
        let change = section.change(scope, &self.head.message, self.now);
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
            .run_plugin(
                &action,
                &turn,
                before.clone(),
                section.purpose(),
                Place { step: 0, run: 0 },
            )
            .await?;
        let worded = matches!(run.result, RunResult::Ended(_)) && !stage.effects.sends.is_empty();
        let mut runs = vec![run];
        if !worded {
            let place = Place { step: 0, run: 1 };
            let grants = sections::host_grants();
            let mut host = self.host(
                &sections::plugin(),
                grants,
                before,
                section.purpose(),
                place,
            );
            // Whatever the plugin used up: there is always room for this one.
            host.room = Arc::default();
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
                asked: Vec::new(),
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
        let mut ran = BTreeSet::new();
        while course.steps.len() < limits::STEPS_PER_DECISION {
            let Some((found, captures)) = self.search(draft, from, course) else {
                return Ok(());
            };
            from = found + 1;
            // A rule that another led to has had its say.
            if ran.contains(&found) {
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
            if course.steps.len() >= limits::STEPS_PER_DECISION {
                course.ending = too_many_steps();
                return Ok(false);
            }
            let Some(rule) = draft.rules().get(index) else {
                return Err(HostFault("a rule vanished from its edition".into()));
            };
            ran.insert(index);
            let (step, stage, unanswered) = self.step(draft, index, captures, course).await?;
            let result = step.result;
            let failure = step.runs.iter().find_map(|run| match &run.result {
                RunResult::Failed(failure) => Some(failure.to_string()),
                RunResult::Ended(_) => None,
            });
            course.steps.push(step);
            let lead = |name: Option<&RuleName>| {
                let index = draft.rule_index(name?)?;
                (!ran.contains(&index)).then_some(index)
            };
            let next = match result {
                StepResult::Passed | StepResult::Shadow => return Ok(true),
                StepResult::Stands => {
                    self.stand(rule, stage, unanswered, course);
                    lead(unanswered.and_then(|why| turns_to(rule, why)))
                        .or_else(|| lead(rule.call.as_ref()))
                }
                StepResult::Failed => match lead(rule.if_fails.as_ref()) {
                    Some(next) => Some(next),
                    None => {
                        let cause = failure.unwrap_or_else(|| "the plugin failed".into());
                        course.ending = Ending::DeadLetter {
                            cause: format!("rule {}: {cause}", rule.name),
                        };
                        return Ok(false);
                    }
                },
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
        stage: Stage,
        unanswered: Option<Unanswered>,
        course: &mut Course,
    ) {
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
                Ending::Answered { rule: name }
            }
        };
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
        course.ruled_out += search.ruled_out;
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
    ) -> Result<(Step, Stage, Option<Unanswered>), HostFault> {
        let Some(rule) = draft.rules().get(index) else {
            return Err(HostFault("a rule vanished from its edition".into()));
        };
        let mut stage = course.stage.clone();
        let mut runs = Vec::new();
        let mut result = StepResult::Stands;
        let mut unanswered = None;
        for (run, action) in rule.actions.iter().enumerate() {
            let values = draft.values(Some(index), &self.facts(&stage.contact), captures);
            let turn = self.turn(&rule.name, &rule.languages, values, &stage);
            let (run, staged) = self
                .run_plugin(
                    action,
                    &turn,
                    stage.clone(),
                    Purpose::Reply,
                    Place {
                        step: course.steps.len(),
                        run,
                    },
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

    async fn run_plugin(
        &self,
        action: &Action,
        turn: &Turn,
        stage: Stage,
        purpose: Purpose,
        place: Place,
    ) -> Result<(Run, Stage), HostFault> {
        let (name, tenant) = (&action.plugin, &self.lane.tenant);
        let Some(plugin) = self.edition.plugin(name) else {
            return Err(HostFault(format!(
                "the plugin {name} is not part of edition {}",
                self.edition.hash()
            )));
        };
        if let Err(until) = self.core.breakers.admit(name, tenant, self.now) {
            return Ok((left_alone(name, until), stage));
        }
        let host = self.host(name, plugin.grants().clone(), stage, purpose, place);
        let (mut report, host) = plugin.run(turn, &action.settings.to_string(), host).await;
        if let Some(error) = &host.fault {
            return Err(HostFault(format!("plugin {name}: {error}")));
        }
        if let RunResult::Failed(Failure::Host { message }) = &report.result {
            return Err(HostFault(format!("plugin {name}: {message}")));
        }
        let ended_at = self.core.clock.now();
        if self
            .core
            .breakers
            .note(name, tenant, &report.result, ended_at)
        {
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

    fn host(
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
            stage,
            sends_in_run: 0,
            proposed: Vec::new(),
            asked: Vec::new(),
            step: place.step,
            run: place.run,
            questions: 0,
            found: Arc::clone(&self.found),
            room: Arc::clone(&self.room),
            answers: Arc::clone(&self.answers),
            left_out: 0,
            fault: None,
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
            seed: seed(
                &self.core.secret,
                &self.lane.tenant,
                &self.head.number,
                &self.head.message.id,
            ),
        }
    }

    fn facts<'b>(&'b self, contact: &'b model::Contact) -> Facts<'b> {
        Facts {
            message: &self.head.message,
            contact,
            number: &self.head.number,
            number_name: self.number_name(),
            language: &self.language,
            // Nothing else reaches a lane.
            channel: &Channel::WhatsApp,
            counts: &[],
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
