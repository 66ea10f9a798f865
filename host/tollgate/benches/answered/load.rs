//! People who write: signed webhooks over connections that stay, as fast as answers come or at a steady rate.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::book::{self, OF_A_NUMBER};
use super::http::Peer;
use super::machine;
use super::network::Network;
use super::shop::{Host, SECRET};
use super::signer::Signer;

/// Messages of each connection that have no answer yet: people who are not answered write no more.
const UNANSWERED: usize = 8;
/// Connections that statuses come by.
const TELLING: usize = 64;
/// What a status tells, one webhook each.
const STATUSES: [&str; 2] = ["sent", "delivered"];
/// A webhook that was not taken comes again after this: as Meta does, only sooner.
const AGAIN: Duration = Duration::from_millis(50);
/// What is under way when a load ends may take so long.
const REST: Duration = Duration::from_secs(60);

/// How people write.
#[derive(Clone, Copy)]
pub enum Pace {
    /// Each connection as soon as its webhook is taken, within [`UNANSWERED`].
    Closed,
    /// So many messages a second, whatever the host does.
    Open(f64),
}

/// One load.
#[derive(Clone, Copy)]
pub struct Plan {
    pub connections: usize,
    /// Messages in one webhook.
    pub together: u64,
    /// Each answer comes back with its statuses.
    pub tells: bool,
    pub pace: Pace,
    pub warm_up: Duration,
    pub span: Duration,
}

impl Plan {
    /// In words.
    pub fn name(&self) -> String {
        let statuses = match self.tells {
            true => ", statuses back",
            false => "",
        };
        match self.pace {
            Pace::Open(rate) => format!("{rate:.0} a second{statuses}"),
            Pace::Closed => format!(
                "{} connections, {} in a post{statuses}",
                self.connections, self.together
            ),
        }
    }
}

/// What came of it.
pub struct Measured {
    pub plan: Plan,
    pub answered_per_second: f64,
    /// Webhook to 200: half of them, and 99 %.
    pub taken: [Duration; 2],
    /// From when a message was due to its answer: half, 99 %, 99.9 %, all.
    pub to_answer: [Duration; 4],
    pub host_micros: f64,
    pub load_micros: f64,
    /// What a message leaves on the disk, and what was written for it.
    pub bytes_kept: f64,
    pub bytes_written: f64,
    pub resident_mb: u64,
    /// Webhooks that were not answered 200 at once.
    pub refused: u64,
    /// Connections that the host opened for its answers, in all.
    pub opened: u64,
    /// Messages without an answer when nobody had written for a minute.
    pub lost: u64,
    /// How long what was under way at the end took.
    pub rested: Duration,
    pub load_average: String,
}

/// What the connections share.
struct Load {
    network: Rc<Network>,
    address: String,
    signer: Signer,
    stops: Cell<bool>,
    refused: Cell<u64>,
    taken: RefCell<Vec<Duration>>,
    /// When the first message of an open load is due, and how many there were.
    began: Instant,
    next: Cell<u64>,
}

/// Loads the host, and lets it come to rest.
pub async fn measure(
    network: &Rc<Network>,
    host: &Host,
    data: &std::path::Path,
    plan: Plan,
) -> Measured {
    let load = Load::new(network, host);
    let places = Rc::new(Semaphore::new(UNANSWERED * plan.connections));
    *network.places.borrow_mut() = match plan.pace {
        Pace::Closed => Some(Rc::clone(&places)),
        Pace::Open(_) => None,
    };
    network.tells.set(plan.tells);
    if plan.together > 1 {
        load.align().await;
    }
    let book = &network.book;
    let (load_average, begun, opened) = (
        machine::load_average(),
        book.written(),
        network.connections.get(),
    );
    let bytes = machine::bytes_in(data);
    // Lost already: not waited for again.
    let given_up = book.waiting();
    let mut people = JoinSet::new();
    for _ in 0..plan.connections {
        let load = Rc::clone(&load);
        match plan.pace {
            Pace::Closed => {
                people.spawn_local(load.write(plan.together, Rc::clone(&places)));
            }
            Pace::Open(rate) => {
                people.spawn_local(load.write_at(rate));
            }
        }
    }
    let mut telling = JoinSet::new();
    if plan.tells {
        for _ in 0..TELLING {
            telling.spawn_local(Rc::clone(&load).tell());
        }
    }

    tokio::time::sleep(plan.warm_up).await;
    book.waits();
    load.taken.borrow_mut().clear();
    let before = Used::by(host);
    let (since, answered) = (Instant::now(), book.answered());
    tokio::time::sleep(plan.span).await;
    let (took, answered) = (since.elapsed(), book.answered() - answered);
    let used = Used::by(host).since(&before);
    let resident_mb = machine::resident_mb(host.id());
    let (taken, mut to_answer) = (load.taken.take(), book.waits());

    load.stops.set(true);
    // Whoever waits for places gets to see that it is over.
    places.add_permits(plan.connections * usize::try_from(plan.together).unwrap());
    while people.join_next().await.is_some() {}
    let rest = Instant::now();
    while rest.elapsed() < REST && (book.waiting() > given_up || !network.is_quiet()) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let rested = rest.elapsed();
    telling.shutdown().await;
    if matches!(plan.pace, Pace::Open(_)) {
        // Whoever wrote in this time and was answered after it waited longest.
        to_answer.extend(book.waits());
    }
    let kept = machine::bytes_in(data).saturating_sub(bytes);
    let each = |sum: f64| sum / answered.max(1) as f64;
    Measured {
        plan,
        answered_per_second: answered as f64 / took.as_secs_f64(),
        taken: shares(taken, [0.5, 0.99]),
        to_answer: shares(to_answer, [0.5, 0.99, 0.999, 1.0]),
        host_micros: each(used.host.as_secs_f64() * 1e6),
        load_micros: each(used.load.as_secs_f64() * 1e6),
        bytes_kept: kept as f64 / (book.written() - begun).max(1) as f64,
        bytes_written: each(used.written as f64),
        resident_mb,
        refused: load.refused.get(),
        opened: network.connections.get() - opened,
        lost: book.waiting() - given_up,
        rested,
        load_average,
    }
}

/// Everybody writes once, so that the host knows them.
pub async fn introduce(network: &Rc<Network>, host: &Host) -> bool {
    let load = Load::new(network, host);
    let places = Rc::new(Semaphore::new(2000));
    *network.places.borrow_mut() = Some(Rc::clone(&places));
    network.tells.set(false);
    let mut people = JoinSet::new();
    let share = book::CONTACTS / OF_A_NUMBER / 32;
    for _ in 0..32 {
        let (load, places) = (Rc::clone(&load), Rc::clone(&places));
        people.spawn_local(async move {
            let mut peer = load.connect().await;
            for _ in 0..share {
                let many = u32::try_from(OF_A_NUMBER).unwrap();
                places.acquire_many(many).await.unwrap().forget();
                load.post_messages(&mut peer, OF_A_NUMBER).await;
            }
        });
    }
    while people.join_next().await.is_some() {}
    let rest = Instant::now();
    while rest.elapsed() < REST && network.book.waiting() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    network.book.waiting() == 0
}

impl Load {
    fn new(network: &Rc<Network>, host: &Host) -> Rc<Self> {
        Rc::new(Self {
            network: Rc::clone(network),
            address: host.address.clone(),
            signer: Signer::new(SECRET),
            stops: Cell::new(false),
            refused: Cell::new(0),
            taken: RefCell::default(),
            began: Instant::now(),
            next: Cell::new(0),
        })
    }

    async fn connect(&self) -> Peer {
        Peer::new(TcpStream::connect(&self.address).await.unwrap())
    }

    /// Up to where the next messages that may come together begin.
    async fn align(&self) {
        let mut peer = self.connect().await;
        while !self.network.book.written().is_multiple_of(OF_A_NUMBER) {
            self.post_messages(&mut peer, 1).await;
        }
    }

    /// One connection that writes as soon as it may.
    async fn write(self: Rc<Self>, together: u64, places: Rc<Semaphore>) {
        let mut peer = self.connect().await;
        let many = u32::try_from(together).unwrap();
        loop {
            places.acquire_many(many).await.unwrap().forget();
            if self.stops.get() {
                return;
            }
            self.post_messages(&mut peer, together).await;
        }
    }

    /// One connection of those that keep up a rate: takes the next message that is due.
    async fn write_at(self: Rc<Self>, rate: f64) {
        let mut peer = self.connect().await;
        while !self.stops.get() {
            let place = self.next.replace(self.next.get() + 1);
            let due = self.began + Duration::from_secs_f64(place as f64 / rate);
            if due > Instant::now() {
                tokio::time::sleep_until(due.into()).await;
            }
            let which = self.network.book.write(due);
            self.post(&mut peer, &book::delivery(&[which]), due).await;
        }
    }

    /// One connection that brings statuses, one after the other.
    async fn tell(self: Rc<Self>) {
        let mut peer = self.connect().await;
        loop {
            let sent = self.network.sent.borrow_mut().pop_front();
            let Some(sent) = sent else {
                self.network.is_sent.notified().await;
                continue;
            };
            self.network.telling.set(self.network.telling.get() + 1);
            for status in STATUSES {
                let body = book::status(sent.which, status, &sent.token);
                self.post(&mut peer, &body, Instant::now()).await;
            }
            self.network.telling.set(self.network.telling.get() - 1);
            self.network.is_done();
        }
    }

    async fn post_messages(&self, peer: &mut Peer, together: u64) {
        let due = Instant::now();
        let messages: Vec<u64> = (0..together)
            .map(|_| self.network.book.write(due))
            .collect();
        self.post(peer, &book::delivery(&messages), due).await;
    }

    /// Posts it until it is taken.
    async fn post(&self, peer: &mut Peer, body: &str, due: Instant) {
        let signature = self.signer.sign(body.as_bytes());
        let request = format!(
            "POST /webhooks/whatsapp HTTP/1.1\r\nhost: {}\r\nuser-agent: facebookexternalua\r\naccept: */*\r\ncontent-type: application/json\r\n\
             x-hub-signature-256: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        loop {
            peer.say(request.as_bytes()).await.unwrap();
            let answer = peer.hear().await.unwrap();
            if answer.expect("the host closed a connection").status() == 200 {
                self.taken.borrow_mut().push(due.elapsed());
                return;
            }
            self.refused.set(self.refused.get() + 1);
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// What host and load have used so far.
struct Used {
    host: Duration,
    load: Duration,
    written: u64,
}

impl Used {
    fn by(host: &Host) -> Self {
        Self {
            host: machine::processor_of(host.id()),
            load: machine::processor(),
            written: machine::written_by(host.id()),
        }
    }

    fn since(self, before: &Self) -> Self {
        Self {
            host: self.host.saturating_sub(before.host),
            load: self.load.saturating_sub(before.load),
            written: self.written.saturating_sub(before.written),
        }
    }
}

/// How long these parts of all took at most.
fn shares<const N: usize>(mut took: Vec<Duration>, parts: [f64; N]) -> [Duration; N] {
    took.sort_unstable();
    parts.map(|part| {
        let place = (took.len().saturating_sub(1) as f64 * part) as usize;
        took.get(place).copied().unwrap_or_default()
    })
}
