//! One attempt at one message: it begins with a snapshot and ends with a settlement, and touches nothing in between.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use ledger::{Head, Lane, Settlement};
use model::{
    Channel, ConsentScope, Ending, Failure, HandOver, Language, Moment, Outcome, PluginName,
    Purpose, RuleCount, RuleName, Run, RunResult, Step, StepResult, Turn, Unanswered,
};
use rulebook::{Action, Draft, Facts, Rule};

use crate::asking::Answers;
use crate::memory::Found;
use crate::record::Room;
use crate::reply_drafts::Drafting;
use crate::sections::{self, Section};
use crate::settlement::{Course, Frame, default_language, settlement};
use crate::stage::{Effects, RunHost, Stage, seed};
use crate::{Core, Edition, Tenant, counting, limits, shadowing};

/// The host could not do its part. Retried, and not the guest's fault.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct HostFault(pub(crate) String);

/// Everything that is fixed for one attempt.
pub(crate) struct Attempt<'a> {
    core: &'a Arc<Core>,
    lane: &'a Lane,
    pub(crate) head: &'a Head,
    edition: Arc<Edition>,
    tenant: Arc<Tenant>,
    now: Moment,
    language: Language,
    /// What memory held when it first looked.
    found: Arc<Found>,
    /// What is left of its record.
    room: Arc<Room>,
    /// The same for shadows, who take nothing of it.
    shadow_room: Arc<Room>,
    /// What was answered for the message, in this and in earlier attempts.
    answers: Arc<Answers>,
}

/// Where in a decision a run stands.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) step: usize,
    pub(crate) run: usize,
    /// It is a shadow's.
    pub(crate) is_shadow: bool,
}

impl Place {
    fn new(step: usize, run: usize) -> Self {
        Self {
            step,
            run,
            is_shadow: false,
        }
    }
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
    let shadow_room = Arc::new(Room::of(limits::SHADOW_RECORDED_BYTES));
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
            shadow_room: Arc::clone(&shadow_room),
            answers: Arc::clone(answers),
        };
        attempt.run(draft, &mut course).await?;
        course.found = Some(found);
        course.recorded_bytes = room.used() + shadow_room.used();
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
            draft.values(None, &self.facts(&before.contact, &[]), &BTreeMap::new()),
            &before,
        );
        let (run, mut stage) = self
            .run_plugin(
                &action,
                &turn,
                before.clone(),
                section.purpose(),
                None,
                Place::new(0, 0),
            )
            .await?;
        let worded = matches!(run.result, RunResult::Ended(_)) && !stage.effects.sends.is_empty();
        let mut runs = vec![run];
        if !worded {
            let place = Place::new(0, 1);
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

    async fn run_plugin(
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
        let (mut report, host) = plugin.run(turn, &action.settings.to_string(), host).await;
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
            drafting: None,
            stage,
            sends_in_run: 0,
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

    fn facts<'b>(&'b self, contact: &'b model::Contact, counts: &'b [RuleCount]) -> Facts<'b> {
        Facts {
            message: &self.head.message,
            contact,
            number: &self.head.number,
            number_name: self.number_name(),
            language: &self.language,
            // Nothing else reaches a lane.
            channel: &Channel::WhatsApp,
            counts,
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
