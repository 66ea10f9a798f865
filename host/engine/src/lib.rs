//! The engine: what happens between accept and arrival.
//!
//! Owns: lanes (one contact in order, contacts in parallel), attempts (one message becomes one settlement), the outbox's
//! dispatch, unknown outcomes, what people make of reply drafts and what operators do ([`operating`]), editions with their reload
//! and rehearsal, and why a rule did not answer.
//! Promises: effects of a message commit together or not at all (I3); one contact's messages are handled in order (I4);
//! every send is judged when proposed and again on leaving (I5, I6); an attempt finishes on the edition it began with, and a
//! bad edit changes nothing (I10); an unknown outcome is never blindly sent again (I11).
//! Bounds: [`limits`].
#![forbid(unsafe_code)]

mod alerts;
mod asking;
mod attempt;
mod breaker;
mod clock;
mod counting;
pub mod edition;
mod health;
pub mod importing;
mod lanes;
pub mod limits;
mod marks;
mod memory;
pub mod operating;
mod outbox;
mod plan;
mod record;
pub mod rehearsal;
mod reload;
mod reply_drafts;
pub mod retention;
mod sections;
mod settlement;
mod shadow_refusals;
mod shadowing;
mod stage;
mod switches;
mod timers;
mod unsure;
pub mod why_not;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use gate::Rates;
use intake::{Accept, NotAccepted};
use ledger::{Acceptance, Arrival, Ledger, LedgerError};
use model::{
    ContactId, Detail, Moment, Notice, NoticeBody, NumberId, PluginName, SendToken, TenantId,
    Update,
};
use sandbox::Sandbox;
use tokio::sync::{Semaphore, watch};

pub use alerts::Alert;
pub use breaker::Standing;
pub use clock::{Clock, SystemClock};
pub use edition::{Edition, Fault, Refused};
pub use health::{Stopped, Troubles};
pub use plan::{Component, IfUnsure, Line, Plan, PluginSource, Route, RuleSource, Tenant};
pub use reload::folders;
pub use reply_drafts::Undecided;

/// What an engine is made of.
pub struct Parts {
    /// Tenants, numbers, carriers, plugins: what the configuration says.
    pub plan: Arc<Plan>,
    /// The durable state.
    pub ledger: Arc<dyn Ledger>,
    /// Runs plugins.
    pub sandbox: Arc<Sandbox>,
    /// The edition to begin with.
    pub edition: Arc<Edition>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Known to this host alone: seeds tokens.
    pub secret: [u8; 32],
}

/// A running engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    core: Arc<Core>,
}

/// What the engine's tasks share.
pub(crate) struct Core {
    pub(crate) plan: Arc<Plan>,
    /// What the plan says of it, found out once.
    pub(crate) holds_back: model::Span,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) secret: [u8; 32],
    edition: ArcSwap<Edition>,
    last_refusal: Mutex<Option<Refused>>,
    /// What was last refused for its tests: the edition in force then, the refused one, and why.
    red: Mutex<Option<((String, String), Refused)>>,
    /// One reload at a time: of two, the later must not be overtaken by the earlier.
    reloading: tokio::sync::Mutex<()>,
    rates: Mutex<Rates>,
    pub(crate) breakers: breaker::Breakers,
    pub(crate) bulkheads: asking::Bulkheads,
    /// One for each typing mark that may be on its way.
    pub(crate) marks: Arc<Semaphore>,
    lanes: lanes::Lanes,
    health: health::Health,
    pub(crate) switches: switches::Switches,
    /// Set once retention has begun.
    pub(crate) retentions: std::sync::OnceLock<retention::Retentions>,
    pub(crate) shadow_refusals: shadow_refusals::ShadowRefusals,
    pub(crate) alerts: alerts::Alerts,
    pub(crate) timers: timers::Timers,
    pub(crate) unsure: unsure::UnsureSends,
    outbox: outbox::Outbox,
    news: watch::Sender<u64>,
    stopping: watch::Sender<bool>,
}

impl Engine {
    /// Takes up what the last host left, and begins.
    pub async fn start(parts: Parts) -> Result<Self, LedgerError> {
        let now = parts.clock.now();
        let unknown = parts.ledger.recover(now).await?;
        if unknown > 0 {
            tracing::warn!(
                unknown,
                "sends were in flight when the last host ended: their outcome is unknown until a status tells"
            );
        }
        let mut rates = Rates::default();
        for departed in parts
            .ledger
            .departures(now.minus(limits::RATE_MEMORY))
            .await?
        {
            let usual = gate::Pace::default();
            let tenant = parts.plan.tenants.get(&departed.tenant);
            let pace = tenant.map_or(&usual, |tenant| tenant.policy.pace_of(&departed.number));
            rates.note(&departed.number, pace, departed.contact, departed.at);
        }
        let core = Arc::new(Core::new(parts, rates));
        core.switches.refresh(&*core.ledger).await?;
        if let Err(error) = lanes::take_up(&core).await {
            // Lanes that it has woken end with it: what never began must not send beside whoever begins next.
            Self { core }.stop().await;
            return Err(error);
        }
        tokio::spawn(outbox::dispatch(Arc::clone(&core)));
        tokio::spawn(unsure::watch(Arc::clone(&core)));
        tokio::spawn(timers::watch(Arc::clone(&core)));
        Ok(Self { core })
    }

    /// Watches rule folders and plugin files, and swaps editions as they change (I10).
    pub fn watch_files(&self) -> Result<reload::Watching, notify::Error> {
        reload::watch(Arc::clone(&self.core))
    }

    /// Makes an edition from what the files say now, and swaps it in whole or not at all (I10).
    pub async fn reload(&self) -> Result<Arc<Edition>, Refused> {
        reload::reload(&self.core).await
    }

    /// Swaps in an edition that was made elsewhere: for simulations, which swap often and have no files.
    #[doc(hidden)]
    pub fn adopt(&self, edition: Arc<Edition>) {
        self.core.edition.store(edition);
        self.core.tell();
    }

    /// The edition in force.
    #[must_use]
    pub fn edition(&self) -> Arc<Edition> {
        self.core.edition.load_full()
    }

    /// Why the files as they are now are not in force, if they are not.
    #[must_use]
    pub fn last_refusal(&self) -> Option<Refused> {
        locked(&self.core.last_refusal).clone()
    }

    /// What is wrong right now. A ledger that failed is tried again.
    pub async fn troubles(&self) -> Troubles {
        self.core.troubles().await
    }

    /// How plugins stand with tenants, where that is worth a word: those with failures since their last success.
    #[must_use]
    pub fn standings(&self) -> Vec<(PluginName, TenantId, Standing)> {
        self.core.breakers.standings()
    }

    /// How often limits that are shadows would have refused, by the gate's check, since the host started.
    #[must_use]
    pub fn shadow_refusals(&self) -> std::collections::BTreeMap<String, u64> {
        self.core.shadow_refusals.counts()
    }

    /// What the configuration says.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.core.plan
    }

    /// The durable state, for reading.
    #[must_use]
    pub fn ledger(&self) -> &Arc<dyn Ledger> {
        &self.core.ledger
    }

    /// The engine's time.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.core.clock.now()
    }

    /// Changes whenever there is something new to read.
    #[must_use]
    pub fn news(&self) -> watch::Receiver<u64> {
        self.core.news.subscribe()
    }

    /// Ends a contact's pause: a person gives the conversation back. False if there is no such contact.
    pub async fn release(
        &self,
        tenant: &TenantId,
        contact: ContactId,
    ) -> Result<bool, LedgerError> {
        let released = self
            .core
            .ledger
            .release(tenant, contact, self.core.clock.now())
            .await?;
        if released {
            tracing::info!(%tenant, %contact, "a person gave the conversation back");
            self.core.tell();
        }
        Ok(released)
    }

    /// Becomes true when the engine stops: whoever waits for news then waits in vain.
    #[must_use]
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.core.stopping.subscribe()
    }

    /// Begins no new attempt and no new delivery, and waits for those under way.
    pub async fn stop(&self) {
        self.core.stopping.send_replace(true);
        let under_way = async {
            self.core.lanes.idle().await;
            self.core.outbox.idle().await;
        };
        if tokio::time::timeout(limits::STOP_WAIT, under_way)
            .await
            .is_err()
        {
            tracing::warn!(
                "stopped with work under way: the ledger holds it, the next start takes it up"
            );
        }
    }
}

#[async_trait]
impl Accept for Engine {
    async fn accept(&self, notices: Vec<Notice>) -> Result<(), NotAccepted> {
        // Whoever waits for the answer may go. What was stored is worked on all the same: nobody else would wake its lane.
        let accepting = tokio::spawn(Box::pin(accept(Arc::clone(&self.core), notices)));
        accepting.await.unwrap_or_else(|error| {
            Err(NotAccepted::Ledger {
                cause: error.to_string(),
            })
        })
    }

    async fn room(&self) {
        let mut stopping = self.core.stopping.subscribe();
        tokio::select! {
            biased;
            () = self.core.lanes.room() => {}
            // Whoever waits here stops then, too.
            _ = stopping.wait_for(|stops| *stops) => {}
        }
    }

    fn now(&self) -> Moment {
        self.core.clock.now()
    }
}

async fn accept(core: Arc<Core>, notices: Vec<Notice>) -> Result<(), NotAccepted> {
    let core = &core;
    let edition = core.edition.load_full();
    let mut told = told(core, &notices);
    let arrivals = notices
        .into_iter()
        .map(|notice| arrival(core, &edition, notice))
        .collect();
    let accepted = core.ledger.accept(arrivals, core.clock.now()).await;
    let acceptances = accepted.map_err(|error| match error {
        LedgerError::Full { .. } => NotAccepted::Full {
            retry_after: limits::RETRY_WHEN_FULL,
        },
        other => {
            core.could_not_write(&other);
            NotAccepted::Ledger {
                cause: other.to_string(),
            }
        }
    })?;
    core.health.ledger(None);
    for (place, acceptance) in acceptances.into_iter().enumerate() {
        match acceptance {
            Acceptance::Queued(lane) => lanes::wake_for_message(core, lane),
            // Consent or a pause may be another now, and a join may have been queued.
            Acceptance::Changed(lane) => {
                lanes::wake(core, lane);
                core.outbox.wake();
                core.timers.wake();
            }
            Acceptance::Status { of } => {
                if let Some(told) = told.remove(&place) {
                    told.follow(core, of);
                }
            }
            Acceptance::Kept | Acceptance::Known => {}
        }
    }
    core.tell();
    Ok(())
}

/// A status that is of consequence beyond its own send.
struct Told {
    tenant: TenantId,
    number: NumberId,
    refused: Option<alerts::RefusedLater>,
}

/// Such statuses, by their places. Usually there are none.
fn told(core: &Core, notices: &[Notice]) -> HashMap<usize, Told> {
    let mut told = HashMap::new();
    for (place, notice) in notices.iter().enumerate() {
        if !matches!(notice.body, NoticeBody::Status(_)) {
            continue;
        }
        let refused = alerts::RefusedLater::of(notice);
        if refused.is_some() || core.unsure.are_there() {
            let (tenant, number) = (notice.tenant.clone(), notice.number.clone());
            let tells = Told {
                tenant,
                number,
                refused,
            };
            told.insert(place, tells);
        }
    }
    told
}

impl Told {
    /// It is new, and stored.
    fn follow(self, core: &Arc<Core>, of: Option<SendToken>) {
        if core.unsure.heard(&self.tenant, &self.number) {
            // It may have settled a send that held others back.
            core.outbox.wake();
        }
        if let (Some(refused), Some(token)) = (self.refused, of) {
            let core = Arc::clone(core);
            tokio::spawn(async move { refused.follow(&core, &token).await });
        }
    }
}

/// A notice with what the edition says of it: whether its words are a stop (I6), and how long an echo silences the bot.
fn arrival(core: &Core, edition: &Edition, mut notice: Notice) -> Arrival {
    let tenant = core.plan.tenants.get(&notice.tenant);
    if tenant.is_none() {
        notice.body = unclaimed(notice.body);
    }
    let is_stop = match (&notice.body, edition.rulebook(&notice.tenant)) {
        (NoticeBody::Message(message), Some(draft)) => {
            message.is_for_us() && sections::is_stop(draft, &message.content)
        }
        _ => false,
    };
    let silent_until = match (&notice.body, tenant) {
        (NoticeBody::Echo(echo), Some(tenant)) => {
            Some(echo.at.min(core.clock.now()).plus(tenant.agent_pause))
        }
        _ => None,
    };
    Arrival {
        notice,
        is_stop,
        silent_until,
    }
}

/// On nobody's number: nobody's rules and nobody's contacts. Kept as it was understood, so that no lane waits for it.
fn unclaimed(body: NoticeBody) -> NoticeBody {
    match body {
        // Without what it says: a call, say, would make a contact.
        NoticeBody::Update(update) => NoticeBody::Update(Update {
            detail: Detail::Other,
            ..update
        }),
        NoticeBody::Unreadable(_) => body,
        other => NoticeBody::Update(Update {
            name: other.word().to_owned(),
            detail: Detail::Other,
            raw: serde_json::to_value(&other).unwrap_or_default(),
        }),
    }
}

impl Core {
    fn new(parts: Parts, rates: Rates) -> Self {
        Self {
            holds_back: parts.plan.holds_back(),
            bulkheads: asking::Bulkheads::new(&parts.plan),
            plan: parts.plan,
            ledger: parts.ledger,
            sandbox: parts.sandbox,
            clock: parts.clock,
            secret: parts.secret,
            edition: ArcSwap::new(parts.edition),
            last_refusal: Mutex::new(None),
            red: Mutex::new(None),
            reloading: tokio::sync::Mutex::new(()),
            rates: Mutex::new(rates),
            breakers: breaker::Breakers::default(),
            marks: Arc::new(Semaphore::new(limits::MARKS_AT_ONCE)),
            lanes: lanes::Lanes::default(),
            health: health::Health::default(),
            switches: switches::Switches::default(),
            retentions: std::sync::OnceLock::new(),
            alerts: alerts::Alerts::default(),
            timers: timers::Timers::default(),
            unsure: unsure::UnsureSends::default(),
            shadow_refusals: shadow_refusals::ShadowRefusals::default(),
            outbox: outbox::Outbox::default(),
            news: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
        }
    }

    pub(crate) fn rates(&self) -> MutexGuard<'_, Rates> {
        locked(&self.rates)
    }

    /// Tells those who wait for something new.
    pub(crate) fn tell(&self) {
        self.news
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Sleeps, or ends early because the engine stops.
    pub(crate) async fn pause(&self, span: std::time::Duration) {
        let mut stopping = self.stopping.subscribe();
        tokio::select! {
            biased;
            _ = stopping.wait_for(|stops| *stops) => {}
            () = tokio::time::sleep(span) => {}
        }
    }
}

/// A lock whose holder panicked still guards whole values: every critical section here replaces them in one step.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
