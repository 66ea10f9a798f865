//! One attempt at one message: it begins with a snapshot and ends with a settlement, and touches nothing in between.

mod following;
mod looping;
mod running;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use ledger::{Head, Lane, Settlement};
use model::{
    Channel, ConsentScope, Ending, HandOver, Language, Moment, Outcome, RuleCount, Run, RunResult,
    Step, StepResult,
};
use rulebook::{Action, Draft, Facts};

pub(crate) use self::following::leads;
pub(crate) use self::running::Place;

use crate::asking::Answers;
use crate::memory::Found;
use crate::record::Room;
use crate::sections::{self, Section};
use crate::settlement::{Course, Frame, default_language, settlement};
use crate::stage::{Effects, Stage};
use crate::switches::Thrown;
use crate::{Core, Edition, Tenant, limits};

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
    /// What is stopped.
    stops: Arc<Thrown>,
    /// What is left of its record.
    room: Arc<Room>,
    /// The same for shadows, who take nothing of it.
    shadow_room: Arc<Room>,
    /// What was answered for the message, in this and in earlier attempts.
    answers: Arc<Answers>,
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
            stops: core.switches.all(),
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
        self.hear(course);
        self.answer(draft, course).await?;
        self.speak(course);
        Ok(())
    }

    async fn answer(&self, draft: &Draft, course: &mut Course) -> Result<(), HostFault> {
        let content = &self.head.message.content;
        if self.head.is_stop || sections::is_stop(draft, content) {
            return self.opt(Section::OptOut, draft, course).await;
        }
        let consent = &self.head.contact.consent;
        let is_out = consent.everything.is_out() || consent.marketing.is_out();
        if is_out && sections::is_start(draft, content) {
            return self.opt(Section::OptIn, draft, course).await;
        }
        if self.now.since(self.head.message.sent_at) > self.tenant.policy.answer_within {
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
        stage.keep_first_send(&course.stage);
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
                self.tenant.policy.answer_within
            );
            course.stage.effects.hand_offs.push(HandOver {
                desk: desk.clone(),
                note,
            });
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
