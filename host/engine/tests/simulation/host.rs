//! Hosts in a world, one after the other: each begins on what the last left, and what happens to it happens in its time.

use std::sync::Arc;
use std::time::Duration;

use carrier::Carrier;
use engine::operating::{Addressee, Sending, Stopping};
use engine::{Engine, Parts, Plan};
use intake::Accept;
use ledger::Ledger;
use ledger::sqlite::SqliteLedger;
use model::{
    Channel, ContactKey, Content, Message, Notice, NoticeBody, NoticeKey, Outgoing, SendState,
    StopTarget, TenantId, Wamid,
};

use crate::faulty::Faulty;
use crate::judge::Judge;
use crate::network::{self, Line};
use crate::sabotage::Sabotage;
use crate::seeds::Chance;
use crate::shop::{self, NUMBERS, TENANTS};
use crate::story::{Act, Name, Person, Said, Story};
use crate::trace::Trace;
use crate::verdict;
use crate::world::{Event, World, WorldClock, messages};

/// What came of a world.
pub struct Outcome {
    pub violations: Vec<String>,
    pub trace: Trace,
    /// Commits that were tried.
    pub writes: u64,
    pub lives: u32,
    /// Requests that the network took.
    pub taken: u64,
    pub decided: usize,
}

/// How a host's life ended.
enum End {
    Crashed,
    Restarted,
    /// All is done.
    Quiet,
}

/// A world in which hosts begin more often has no end.
const LIVES: u32 = 40;
/// Between two looks whether all is done.
const LOOK_MS: u64 = 400;
/// What is not done by then is helped on by time: at the so-manyth look the clock jumps by so many seconds.
const JUMPS: [(u32, i64); 7] = [
    (20, 60),
    (30, 300),
    (36, 900),
    (42, 3_600),
    (50, 7 * 3_600),
    (58, 26 * 3_600),
    (66, 26 * 3_600),
];
const LOOKS: u32 = 75;

/// Lets a world run to its end, and judges it.
pub fn run(story: &Story, chance: Chance, sabotage: Sabotage) -> Outcome {
    let world = Arc::new(World::new(story, chance, sabotage));
    let ledger = Arc::new(SqliteLedger::in_one_thread().unwrap());
    let carrier = |tenant: &TenantId, number: &model::NumberId| {
        let line = Line {
            world: Arc::clone(&world),
            tenant: tenant.clone(),
            number: number.clone(),
        };
        Some(Arc::new(line) as Arc<dyn Carrier>)
    };
    let plan = Arc::new(shop::plan(shop::EDITIONS[0], &carrier, &story.ways));
    let mut lives = 0;
    loop {
        lives += 1;
        let runtime = runtime();
        let end = runtime.block_on(life(&world, &ledger, &plan));
        // With every task that there is: this is what a crash leaves of a process.
        drop(runtime);
        match end {
            End::Quiet => break,
            End::Crashed | End::Restarted if lives < LIVES => world.between_lives(),
            End::Crashed | End::Restarted => {
                world.judge(|judge| judge.blame("hosts begin without end".into()));
                break;
            }
        }
    }
    runtime().block_on(verdict::at_the_end(&world, &ledger, story));
    world.with(|state| Outcome {
        violations: state.judge.violations.clone(),
        trace: std::mem::take(&mut state.trace),
        writes: state.writes,
        lives,
        taken: state.taken,
        decided: state.judge.said.len(),
    })
}

/// One thread, and a time that passes when all wait.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
}

async fn life(world: &Arc<World>, ledger: &Arc<SqliteLedger>, plan: &Arc<Plan>) -> End {
    world.begins();
    let end = tokio::select! {
        biased;
        () = world.crashed.notified() => return End::Crashed,
        end = lives_on(world, ledger, plan) => end,
    };
    world.freezes("the host ends");
    end
}

async fn lives_on(world: &Arc<World>, ledger: &Arc<SqliteLedger>, plan: &Arc<Plan>) -> End {
    let engine = begin(world, ledger, plan).await;
    loop {
        let next = world.with(|state| state.next_event());
        match next {
            Ok(event) => {
                if let Some(end) = happens(world, ledger, &engine, event).await {
                    return end;
                }
            }
            Err(wait) => {
                let wait = Duration::from_millis(wait.unwrap_or(LOOK_MS));
                tokio::select! {
                    biased;
                    () = world.sooner.notified() => {}
                    () = tokio::time::sleep(wait) => {}
                }
            }
        }
    }
}

async fn begin(world: &Arc<World>, ledger: &Arc<SqliteLedger>, plan: &Arc<Plan>) -> Engine {
    loop {
        let edition = world.with(|state| state.edition);
        let faulty = Faulty {
            world: Arc::clone(world),
            inner: Arc::clone(ledger),
        };
        let parts = Parts {
            plan: Arc::clone(plan),
            ledger: Arc::new(faulty),
            sandbox: Arc::clone(&shop::works().sandbox),
            edition: Arc::clone(&shop::works().editions[edition]),
            clock: Arc::new(WorldClock(Arc::clone(world))),
            secret: [7; 32],
        };
        match Engine::start(parts).await {
            Ok(engine) => return engine,
            Err(error) => world.note(|| format!("the host cannot begin: {error}")),
        }
        world.passes(500).await;
    }
}

async fn happens(
    world: &Arc<World>,
    ledger: &Arc<SqliteLedger>,
    engine: &Engine,
    event: Event,
) -> Option<End> {
    match event {
        Event::Act(act) => return acts(world, engine, act).await,
        Event::Deliver(id) => {
            tokio::spawn(post(Arc::clone(world), engine.clone(), id));
        }
        Event::Take(tenant, number, outbound) => {
            world.with(|state| drop(network::take(state, (&tenant, &number), &outbound)));
        }
        Event::Calm => {
            world.with(|state| {
                state.calm();
                if state.judge.clock_was_set {
                    // Wherever it stands: what leaves from here on leaves later than all that left before.
                    state.jumps(60_000);
                }
                for (tenant, numbers) in NUMBERS.iter().enumerate() {
                    for number in 0..numbers.len() {
                        probe(state, tenant, number);
                    }
                }
                state.schedule(LOOK_MS, Event::Look(0));
            });
            tokio::spawn(lift_all(engine.clone()));
        }
        Event::Look(times) => {
            if is_quiet(world, ledger).await {
                return Some(End::Quiet);
            }
            if times >= LOOKS {
                let counts = ledger.counts().await;
                world.judge(|judge| judge.blame(format!("it never comes to rest: {counts:?}")));
                return Some(End::Quiet);
            }
            tokio::spawn(lift_all(engine.clone()));
            world.with(|state| {
                if let Some((_, seconds)) = JUMPS.iter().find(|(at, _)| *at == times) {
                    state.jumps(seconds * 1000);
                }
                state.schedule(LOOK_MS, Event::Look(times + 1));
            });
        }
    }
    None
}

/// Somebody new writes on each number when all is calm: what comes of that is evidence for all that is unknown there (I11).
fn probe(state: &mut crate::world::State, tenant: usize, number: usize) {
    let person = state.people.len();
    state.people.push(Person { has_user: false });
    let said = Said {
        tenant,
        number,
        person,
        name: Name::Phone,
        wamid: format!("wamid.PROBE{person}"),
        words: format!("say probe {person}"),
    };
    let notice = written(state, &said);
    state.deliver(10, vec![notice]);
}

async fn acts(world: &Arc<World>, engine: &Engine, act: Act) -> Option<End> {
    let tenant = |place: usize| shop::tenant(place);
    match act {
        Act::Deliver(said) => world.with(|state| {
            let notices = said.iter().map(|said| written(state, said)).collect();
            state.deliver(0, notices);
        }),
        Act::Echo {
            tenant: place,
            person,
        } => world.with(|state| {
            let wamid = format!("wamid.AGENT{}", state.deliveries.len());
            let to = ContactKey::Phone(shop::phone(person));
            let echo = network::words_of_an_agent(&wamid, to, state.clock());
            let notice = network::notice_of_echo(&tenant(place), &shop::number(place, 0), echo);
            state.deliver(0, vec![notice]);
        }),
        Act::Reload(edition) => {
            world.with(|state| {
                state.edition = edition;
                state.note(&format!("reloads {}", shop::EDITIONS[edition]));
            });
            engine.adopt(Arc::clone(&shop::works().editions[edition]));
        }
        Act::Jump(by) => world.with(|state| state.jumps(by)),
        Act::Throw {
            tenant: place,
            number,
        } => {
            let stopping = match number {
                Some(number) => Stopping::Number(NUMBERS[place][number].into()),
                None => Stopping::Tenant,
            };
            let engine = engine.clone();
            tokio::spawn(async move {
                let why = "a bad day";
                drop(
                    engine
                        .throw_switch(&tenant(place), &stopping, why, None)
                        .await,
                );
            });
        }
        Act::Lift { tenant: place } => {
            tokio::spawn(lift(engine.clone(), tenant(place)));
        }
        Act::Release {
            tenant: place,
            person,
        } => {
            let contact = world.with(|state| state.judge.contact_of(&tenant(place), person));
            if let Some(contact) = contact {
                let engine = engine.clone();
                tokio::spawn(async move { drop(engine.release(&tenant(place), contact).await) });
            }
        }
        Act::Write {
            tenant: place,
            number,
            person,
            key,
        } => {
            let sending = Sending {
                to: Addressee::Known(ContactKey::Phone(shop::phone(person))),
                from: Some(NUMBERS[place][number].into()),
                message: Outgoing::Text {
                    body: format!("{} person {key}", TENANTS[place]),
                },
                key,
                by: None,
            };
            let (world, engine) = (Arc::clone(world), engine.clone());
            tokio::spawn(async move {
                let sent = engine.send(&tenant(place), sending).await;
                world.note(|| {
                    format!(
                        "an operator's send: {:?}",
                        sent.map(|sent| sent.is_repeated)
                    )
                });
            });
        }
        Act::Refuse(ms) => world.with(|state| {
            if !state.is_calm {
                state.refuse_for(ms);
            }
        }),
        Act::Restart => {
            world.note(|| "the host is asked to end".into());
            engine.stop().await;
            return Some(End::Restarted);
        }
    }
    None
}

/// The network tells something, and goes on telling it until it is heard.
async fn post(world: Arc<World>, engine: Engine, id: u64) {
    let Some(sending) = world.with(|state| state.deliveries.get(&id).cloned()) else {
        return;
    };
    let accepted = engine.accept(sending.notices.clone()).await;
    world.halts_if_dead().await;
    world.with(|state| match accepted {
        Ok(()) => {
            if let Some(sending) = state.deliveries.get_mut(&id) {
                sending.is_heard = true;
            }
            for message in messages(&sending.notices) {
                state.judge.acknowledged(&message);
            }
            if state.odds(|odds| odds.redelivered) {
                let again = state.chance.between(1, 3_000);
                state.schedule(again, Event::Deliver(id));
            }
        }
        Err(error) => {
            state.note(&format!("not accepted: {error}"));
            let again = state.chance.between(200, 1_500);
            state.schedule(again, Event::Deliver(id));
        }
    });
}

async fn lift_all(engine: Engine) {
    for tenant in 0..TENANTS.len() {
        lift(engine.clone(), shop::tenant(tenant)).await;
    }
}

async fn lift(engine: Engine, tenant: TenantId) {
    let Ok(switches) = engine.ledger().switches().await else {
        return;
    };
    for (_, switch) in switches.into_iter().filter(|(whose, _)| *whose == tenant) {
        let stopping = match switch.target {
            StopTarget::Tenant => Stopping::Tenant,
            StopTarget::Number(number) => Stopping::Number(number.as_str().to_owned()),
            StopTarget::Template(name) => Stopping::Template(name),
        };
        drop(engine.lift_switch(&tenant, &stopping, None).await);
    }
}

/// Nothing is undone, nothing is on its way, and nothing of unknown outcome is not held.
async fn is_quiet(world: &Arc<World>, ledger: &Arc<SqliteLedger>) -> bool {
    if !world.with(|state| state.is_still()) {
        return false;
    }
    let counts = ledger.counts().await.unwrap();
    if counts.undone > 0 || counts.ready > 0 {
        return false;
    }
    for tenant in 0..TENANTS.len() {
        for state in [SendState::InFlight, SendState::Unknown] {
            let sends = ledger.outbox(&shop::tenant(tenant), Some(state), 1).await;
            if sends
                .unwrap()
                .iter()
                .any(|send| !Judge::is_final(send.state))
            {
                return false;
            }
        }
    }
    true
}

/// A message as the network tells it.
fn written(state: &mut crate::world::State, said: &Said) -> Notice {
    let phone = shop::phone(said.person);
    let from = match said.name {
        Name::Phone => ContactKey::Phone(phone),
        Name::User => ContactKey::User(shop::user(said.person)),
        Name::Both => ContactKey::Both(phone, shop::user(said.person)),
    };
    let content = Content::Text {
        body: said.words.clone(),
    };
    let wamid = Wamid::new(said.wamid.clone()).unwrap();
    let message = Message::new(wamid, from, state.clock(), content);
    let notice = Notice {
        tenant: shop::tenant(said.tenant),
        number: shop::number(said.tenant, said.number),
        channel: Channel::WhatsApp,
        key: NoticeKey::of(&message),
        body: NoticeBody::Message(message),
    };
    let id = messages(std::slice::from_ref(&notice)).remove(0);
    state.judge.said(id, said.person, &said.words);
    state.note(&format!(
        "{} writes to {} on {}, as {:?}: {:?} ({})",
        said.person, TENANTS[said.tenant], said.number, said.name, said.words, said.wamid
    ));
    notice
}
