//! A world: one host after the other on one ledger, the network around them, one time for all, and one chance that decides
//! everything. One thread; what waits, waits in virtual time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use engine::Clock;
use model::{Moment, Notice, NoticeBody, NumberId, Outbound, TenantId};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::judge::Judge;
use crate::sabotage::Sabotage;
use crate::seeds::Chance;
use crate::story::{Act, Crash, Odds, Person, Side, Story};
use crate::trace::Trace;

/// When a world begins: noon, so that no day ends in it by itself.
pub const BEGINNING: Moment = Moment(1_800_014_400_000);

pub struct World {
    state: Mutex<State>,
    pub sabotage: Sabotage,
    /// The host has died.
    pub crashed: Notify,
    /// Something is to happen sooner than what is waited for.
    pub sooner: Notify,
}

/// All that changes.
pub struct State {
    pub chance: Chance,
    pub judge: Judge,
    pub people: Vec<Person>,
    /// Nothing goes wrong any more.
    pub is_calm: bool,
    /// Requests that the network took.
    pub taken: u64,
    /// Commits that were tried.
    pub writes: u64,
    pub deliveries: BTreeMap<u64, Sending>,
    /// Requests that have left the host and not arrived.
    pub leaving: BTreeMap<u64, Event>,
    pub trace: Trace,
    /// Which edition is in force.
    pub edition: usize,
    is_crashed: bool,
    odds: Odds,
    crashes: Vec<Crash>,
    writes_of: BTreeMap<&'static str, u64>,
    agenda: BTreeMap<(u64, u64), Event>,
    scheduled: u64,
    /// Milliseconds of the world when this life began, and the life's own beginning.
    begun_at: u64,
    life: Option<Instant>,
    /// What people added to the clock.
    offset: i64,
    refuses_until: u64,
    /// When the time was last asked for, and how often since it changed.
    asked: (u64, u64),
}

/// What is going to happen.
#[derive(Debug, Clone)]
pub enum Event {
    Act(Act),
    /// A delivery is made, or made again.
    Deliver(u64),
    /// A request arrives that nobody waits for.
    Take(TenantId, NumberId, Box<Outbound>),
    /// From now on nothing goes wrong.
    Calm,
    /// Whether all is done.
    Look(u32),
}

/// Notices that the network tells until they are heard.
#[derive(Debug, Clone)]
pub struct Sending {
    pub notices: Vec<Notice>,
    pub is_heard: bool,
}

/// An operation under way behind the door.
pub struct Door<'a> {
    world: &'a World,
    dies: bool,
    number: u64,
    after_ms: u64,
}

impl World {
    pub fn new(story: &Story, chance: Chance, sabotage: Sabotage) -> Self {
        let mut state = State {
            chance,
            judge: Judge::new(),
            people: story.people.clone(),
            is_calm: false,
            taken: 0,
            writes: 0,
            deliveries: BTreeMap::new(),
            leaving: BTreeMap::new(),
            trace: Trace::default(),
            edition: 0,
            is_crashed: false,
            odds: story.odds,
            crashes: story.crashes.clone(),
            writes_of: BTreeMap::new(),
            agenda: BTreeMap::new(),
            scheduled: 0,
            begun_at: 0,
            life: None,
            offset: 0,
            refuses_until: 0,
            asked: (0, 0),
        };
        for (at, act) in &story.acts {
            state.schedule(*at, Event::Act(act.clone()));
        }
        state.schedule(story.calm_at, Event::Calm);
        Self {
            state: Mutex::new(state),
            sabotage,
            crashed: Notify::new(),
            sooner: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        let soonest = state.next_at();
        let outcome = act(&mut state);
        let is_sooner = |at: u64| soonest.is_none_or(|soonest| at < soonest);
        if state.next_at().is_some_and(is_sooner) {
            self.sooner.notify_one();
        }
        outcome
    }

    pub fn judge<T>(&self, judge: impl FnOnce(&mut Judge) -> T) -> T {
        let mut state = self.state();
        let before = state.judge.violations.len();
        let outcome = judge(&mut state.judge);
        let new: Vec<String> = state.judge.violations[before..].to_vec();
        for violation in new {
            state.note(&format!("!!! {violation}"));
        }
        outcome
    }

    pub fn note(&self, what: impl FnOnce() -> String) {
        self.state().note(&what());
    }

    pub fn odds(&self, per_mille: u64) -> bool {
        self.state().chance.odds(per_mille)
    }

    pub fn after(&self, ms: u64, event: Event) {
        self.with(|state| state.schedule(ms, event));
    }

    /// A host begins.
    pub fn begins(&self) {
        let mut state = self.state();
        state.life = Some(Instant::now());
        state.is_crashed = false;
        state.note("a host begins");
    }

    /// Time stands still: whatever of the host is left does nothing more.
    pub fn freezes(&self, why: &str) {
        let mut state = self.state();
        state.note(why);
        state.begun_at = state.now_ms();
        state.is_crashed = true;
        state.life = None;
        for (_, request) in std::mem::take(&mut state.leaving) {
            let arrives = state.chance.odds(500);
            let later = state.chance.between(1, 400);
            if arrives && !state.is_calm {
                state.schedule(later, request);
            }
        }
    }

    /// A host is gone, and some time passes until the next begins. What it had in hand is told again.
    pub fn between_lives(&self) {
        let mut state = self.state();
        state.begun_at += state.chance.between(1, 1_500);
        state.judge.crashed();
        let unheard = state
            .deliveries
            .iter()
            .filter(|(_, sending)| !sending.is_heard);
        let unheard: Vec<u64> = unheard.map(|(id, _)| *id).collect();
        let in_hand =
            |event: &Event, id: u64| matches!(event, Event::Deliver(other) if *other == id);
        for id in unheard {
            if !state.agenda.values().any(|event| in_hand(event, id)) {
                let after = state.chance.between(0, 1_000);
                state.schedule(after, Event::Deliver(id));
            }
        }
    }

    /// The host is dead from here on: nothing that it was about to do is done.
    fn dies(&self, when: &str) {
        self.freezes(&format!("the host dies {when}"));
        self.crashed.notify_one();
    }

    /// What a dead host would go on doing it does not do.
    pub async fn halts_if_dead(&self) {
        if self.state().is_crashed {
            std::future::pending::<()>().await;
        }
    }

    /// So much time passes, if the host lives that long.
    pub async fn passes(&self, ms: u64) {
        if ms > 0 {
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
        self.halts_if_dead().await;
    }

    /// The door of an operation that only reads.
    pub async fn reads(&self, operation: &'static str) -> Result<(), ledger::LedgerError> {
        let (wait, fails) = self.with(|state| state.hinders());
        self.passes(wait).await;
        match fails {
            true => Err(refused(operation)),
            false => Ok(()),
        }
    }

    /// The door of an operation that commits.
    pub async fn writes(&self, operation: &'static str) -> Result<Door<'_>, ledger::LedgerError> {
        let (wait, fails) = self.with(|state| state.hinders());
        self.passes(wait).await;
        if fails {
            self.note(|| format!("{operation} fails"));
            return Err(refused(operation));
        }
        let (death, number, after_ms) = self.with(|state| {
            let death = state.death(operation);
            let is_slow = state.odds(|odds| odds.slow / 2);
            let after = state.chance.between(1, 200);
            (death, state.writes, if is_slow { after } else { 0 })
        });
        if death == Some(Side::Before) {
            self.dies(&format!("before the commit of {operation}"));
            self.halts_if_dead().await;
        }
        Ok(Door {
            world: self,
            dies: death == Some(Side::After),
            number,
            after_ms,
        })
    }
}

impl Door<'_> {
    /// It is committed, and whoever asked is about to be told.
    pub async fn leave(self) {
        if self.dies {
            self.world.dies("after the commit, before anybody is told");
        }
        self.world.passes(self.after_ms).await;
    }

    /// The how-manyth commit it is.
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl State {
    /// Milliseconds since the world began.
    pub fn now_ms(&self) -> u64 {
        let life = self.life.map_or(0, |begun| {
            u64::try_from(begun.elapsed().as_millis()).unwrap()
        });
        self.begun_at + life
    }

    /// What the host's clock says.
    pub fn clock(&self) -> Moment {
        let world = i64::try_from(self.now_ms()).unwrap();
        Moment(BEGINNING.0 + world + self.offset)
    }

    pub fn jumps(&mut self, by_ms: i64) {
        self.offset += by_ms;
        self.judge.clock_was_set = true;
        self.note(&format!("the clock jumps by {by_ms} ms"));
    }

    pub fn note(&mut self, what: &str) {
        let at = self.now_ms();
        self.trace.note(at, what);
    }

    /// True as often as the story wants it, and never once all is calm.
    pub fn odds(&mut self, which: impl Fn(&Odds) -> u64) -> bool {
        let per_mille = which(&self.odds);
        self.chance.odds(per_mille) && !self.is_calm
    }

    pub fn schedule(&mut self, after_ms: u64, event: Event) {
        self.scheduled += 1;
        let at = self.now_ms() + after_ms;
        self.agenda.insert((at, self.scheduled), event);
    }

    /// A request leaves the host; the place under which it is known until it has arrived.
    pub fn leaves(&mut self, request: Event) -> u64 {
        self.scheduled += 1;
        self.leaving.insert(self.scheduled, request);
        self.scheduled
    }

    /// The network has something to tell.
    pub fn deliver(&mut self, after_ms: u64, notices: Vec<Notice>) {
        let id = self.deliveries.len() as u64;
        let sending = Sending {
            notices,
            is_heard: false,
        };
        self.deliveries.insert(id, sending);
        self.schedule(after_ms, Event::Deliver(id));
    }

    pub fn next_at(&self) -> Option<u64> {
        self.agenda.keys().next().map(|(at, _)| *at)
    }

    /// How long until the next event; and the event, if its time has come.
    pub fn next_event(&mut self) -> Result<Event, Option<u64>> {
        let now = self.now_ms();
        match self.agenda.first_entry() {
            Some(first) if first.key().0 <= now => Ok(first.remove()),
            Some(first) => Err(Some(first.key().0 - now)),
            None => Err(None),
        }
    }

    /// Nothing is going to happen but looks.
    pub fn is_still(&self) -> bool {
        let only_looks = |event: &Event| matches!(event, Event::Look(_));
        self.agenda.values().all(only_looks)
            && self.deliveries.values().all(|sending| sending.is_heard)
    }

    pub fn refuse_for(&mut self, ms: u64) {
        self.refuses_until = self.now_ms() + ms;
        self.note(&format!("the ledger refuses for {ms} ms"));
    }

    pub fn calm(&mut self) {
        self.is_calm = true;
        self.crashes.clear();
        self.refuses_until = 0;
        self.note("calm");
    }

    /// How an operation is hindered: how long it waits, and whether it fails.
    fn hinders(&mut self) -> (u64, bool) {
        let is_slow = self.odds(|odds| odds.slow);
        let wait = self.chance.between(1, 300);
        let fails = self.odds(|odds| odds.fails) || self.now_ms() < self.refuses_until;
        (if is_slow { wait } else { 0 }, fails)
    }

    /// Whether the host dies at this commit, and on which side of it.
    fn death(&mut self, operation: &'static str) -> Option<Side> {
        self.writes += 1;
        let of_these = self.writes_of.entry(operation).or_default();
        *of_these += 1;
        let (all, of_these) = (self.writes, *of_these);
        let is_it = |crash: &Crash| match crash.operation {
            Some(wanted) => wanted == operation && crash.nth == of_these,
            None => crash.nth == all,
        };
        let place = self.crashes.iter().position(is_it)?;
        Some(self.crashes.remove(place).side)
    }
}

/// The host's clock.
pub struct WorldClock(pub Arc<World>);

impl Clock for WorldClock {
    fn now(&self) -> Moment {
        let now = self.0.with(|state| {
            let at = state.now_ms();
            let (since, times) = state.asked;
            state.asked = if since == at {
                (at, times + 1)
            } else {
                (at, 1)
            };
            (times < AT_ONCE).then(|| state.clock())
        });
        now.unwrap_or_else(|| {
            let blame = "I14: it goes round and round, and no time passes";
            self.0.judge(|judge| judge.blame(blame.into()));
            // It ends the task that does, and lets the world come to an end.
            panic!("{blame}")
        })
    }
}

/// So often nobody asks for the time while none passes, unless they wait for it to pass.
const AT_ONCE: u64 = 50_000;

fn refused(operation: &str) -> ledger::LedgerError {
    ledger::LedgerError::Store {
        what: operation.to_owned(),
        cause: "the world refuses it".into(),
    }
}

/// The messages among notices.
pub fn messages(notices: &[Notice]) -> Vec<model::DecisionId> {
    let id = |notice: &Notice| match &notice.body {
        NoticeBody::Message(message) => Some(model::DecisionId {
            tenant: notice.tenant.clone(),
            number: notice.number.clone(),
            message: message.id.clone(),
        }),
        _ => None,
    };
    notices.iter().filter_map(id).collect()
}
