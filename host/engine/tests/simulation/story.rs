//! What a seed plans: who writes what and when, what operators do, how the network and the ledger misbehave, when the host dies.

use crate::seeds::Chance;
use crate::shop::{EDITIONS, NUMBERS, TENANTS, Ways};

/// One world's plan. The rest is decided on the way, by the same chance.
#[derive(Debug, Clone)]
pub struct Story {
    pub people: Vec<Person>,
    /// In no order: by their time.
    pub acts: Vec<(u64, Act)>,
    pub crashes: Vec<Crash>,
    pub odds: Odds,
    pub ways: Ways,
    /// From then on nothing goes wrong any more.
    pub calm_at: u64,
    /// The clock jumps by hours: then nothing can be said of what is forgotten after a day, nor of rates.
    pub jumps: bool,
}

/// Somebody who writes to both tenants.
#[derive(Debug, Clone)]
pub struct Person {
    /// They have a user id, and are known by that as well.
    pub has_user: bool,
}

/// By which of their names somebody writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    Phone,
    User,
    Both,
}

/// One message on its way.
#[derive(Debug, Clone)]
pub struct Said {
    pub tenant: usize,
    pub number: usize,
    pub person: usize,
    pub name: Name,
    pub wamid: String,
    pub words: String,
}

/// Something that happens to the host from outside.
#[derive(Debug, Clone)]
pub enum Act {
    /// Messages in one delivery, a message perhaps twice.
    Deliver(Vec<Said>),
    /// A person of the tenant's writes from elsewhere.
    Echo { tenant: usize, person: usize },
    /// Another edition is in force.
    Reload(usize),
    /// The clock is set, by so many milliseconds.
    Jump(i64),
    /// An operator stops the tenant, or one of its numbers.
    Throw {
        tenant: usize,
        number: Option<usize>,
    },
    /// And lets everything of the tenant's go on.
    Lift { tenant: usize },
    /// An operator gives a conversation back.
    Release { tenant: usize, person: usize },
    /// An operator writes to somebody; twice, as if their browser had asked again.
    Write {
        tenant: usize,
        number: usize,
        person: usize,
        key: String,
    },
    /// The ledger refuses everything for so long.
    Refuse(u64),
    /// The host ends in good order, and another starts.
    Restart,
}

/// Where the host dies: at the so-manyth time that it writes that, or anything.
#[derive(Debug, Clone)]
pub struct Crash {
    pub operation: Option<&'static str>,
    pub nth: u64,
    pub side: Side,
}

/// Of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Before,
    /// It is durable, and nobody was told.
    After,
}

/// How often what goes wrong, in a thousand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Odds {
    /// The ledger takes its time.
    pub slow: u64,
    /// The ledger fails, and nothing was done.
    pub fails: u64,
    /// WhatsApp refuses a send with a code.
    pub refused: u64,
    /// Nobody listens: known not to have been taken.
    pub unreachable: u64,
    /// The request never arrives, and nobody knows.
    pub lost: u64,
    /// It is taken, and the reply never arrives.
    pub unanswered: u64,
    /// The reply comes late.
    pub late: u64,
    /// It arrives after the host has given up waiting.
    pub overdue: u64,
    /// A status never comes.
    pub status_lost: u64,
    /// It comes twice.
    pub status_twice: u64,
    /// It comes much later.
    pub status_late: u64,
    /// It does not bear the token.
    pub status_bare: u64,
    /// It says that the send failed.
    pub status_failed: u64,
    /// A delivery that was acknowledged comes again.
    pub redelivered: u64,
    /// Our own side's copy of what we sent comes in.
    pub echoed: u64,
}

/// The story's length, before calm.
const LENGTH_MS: u64 = 12_000;
const DEATHS: [&str; 7] = [
    "accept", "settle", "depart", "arrive", "resolve", "join", "recover",
];
const WORDS: [(&str, u64); 10] = [
    ("say", 300),
    ("twice", 140),
    ("own", 110),
    ("all", 110),
    ("stop", 110),
    ("start", 80),
    ("limited", 60),
    ("person", 40),
    ("fail", 40),
    ("break", 10),
];

impl Story {
    /// A whole world's troubles.
    pub fn new(chance: &mut Chance) -> Self {
        let people = people(chance, 3, 6);
        let jumps = chance.odds(200);
        let mut story = Self {
            acts: Vec::new(),
            crashes: crashes(chance),
            odds: Odds::of(chance),
            ways: Ways {
                per_second: chance.odds(300).then_some(2),
                bounded: chance.odds(200),
                holds: chance.odds(150),
            },
            calm_at: LENGTH_MS,
            jumps,
            people,
        };
        let messages = chance.between(10, 32);
        // In some worlds one person says nearly everything.
        let talker = chance.odds(150);
        story.messages(chance, messages, talker);
        story.events(chance);
        story
    }

    /// Few things, and nothing goes wrong by itself: the host dies at each commit in turn.
    pub fn small(chance: &mut Chance) -> Self {
        let people = people(chance, 2, 3);
        let mut story = Self {
            acts: Vec::new(),
            crashes: Vec::new(),
            odds: Odds::default(),
            ways: Ways::default(),
            calm_at: 3_000,
            jumps: false,
            people,
        };
        story.messages(chance, 6, false);
        for (at, _) in &mut story.acts {
            *at %= 2_000;
        }
        story
    }

    fn messages(&mut self, chance: &mut Chance, messages: u64, talker: bool) {
        let mut count = [0; TENANTS.len()];
        let mut delivery: Vec<Said> = Vec::new();
        let mut at = 0;
        for _ in 0..messages {
            let tenant = if chance.odds(600) { 0 } else { 1 };
            let person = match talker && chance.odds(850) {
                true => 0,
                false => chance.index(self.people.len()),
            };
            count[tenant] += 1;
            let id = count[tenant];
            // The names that a person is known by come out in the middle of the story, as far as they do.
            let name = match (self.people[person].has_user, chance.below(100)) {
                (false, _) | (_, 0..45) => Name::Phone,
                (_, 45..80) => Name::User,
                (_, _) => Name::Both,
            };
            let word = word(chance);
            let words = match word {
                "stop" | "start" => word.to_owned(),
                _ => format!("{word} {id}"),
            };
            delivery.push(Said {
                tenant,
                number: chance.index(NUMBERS[tenant].len()),
                person,
                name,
                // The same with both tenants: neither may take it for the other's.
                wamid: format!("wamid.IN{id}"),
                words,
            });
            if chance.odds(100) {
                let again = delivery[chance.index(delivery.len())].clone();
                delivery.push(again);
            }
            if chance.odds(700) {
                // Bursts, and pauses between them.
                at = match chance.odds(600) {
                    true => at + chance.below(40),
                    false => chance.below(self.calm_at),
                } % self.calm_at;
                self.acts
                    .push((at, Act::Deliver(std::mem::take(&mut delivery))));
            }
        }
        if !delivery.is_empty() {
            self.acts.push((at, Act::Deliver(delivery)));
        }
    }

    fn events(&mut self, chance: &mut Chance) {
        for _ in 0..chance.below(9) {
            let at = chance.below(self.calm_at);
            let tenant = chance.index(TENANTS.len());
            let number = chance.index(NUMBERS[tenant].len());
            let person = chance.index(self.people.len());
            let act = match chance.below(100) {
                0..22 => Act::Reload(chance.index(EDITIONS.len())),
                22..42 => Act::Echo { tenant, person },
                42..50 => Act::Release { tenant, person },
                50..62 => {
                    let until = at + chance.between(200, 4_000);
                    self.acts.push((until, Act::Lift { tenant }));
                    let number = chance.odds(600).then_some(number);
                    Act::Throw { tenant, number }
                }
                62..80 => {
                    let key = format!("write-{at}-{person}");
                    let write = Act::Write {
                        tenant,
                        number,
                        person,
                        key,
                    };
                    let again = at + chance.below(1_500);
                    self.acts.push((again, write.clone()));
                    write
                }
                80..86 => Act::Refuse(chance.between(100, 4_000)),
                86..90 => Act::Restart,
                _ if self.jumps => {
                    let seconds = |chance: &mut Chance, most| {
                        i64::try_from(chance.between(1, most)).unwrap() * 1000
                    };
                    Act::Jump(match chance.below(10) {
                        0..4 => -seconds(chance, 20),
                        4..7 => seconds(chance, 600),
                        7..8 => seconds(chance, 7 * 3600),
                        _ => 24 * 3_600_000 + seconds(chance, 3600),
                    })
                }
                _ => Act::Reload(chance.index(EDITIONS.len())),
            };
            self.acts.push((at, act));
        }
    }
}

impl Odds {
    fn of(chance: &mut Chance) -> Self {
        // Some worlds are peaceful but for one thing: what comes of it is plainest there.
        let most = match chance.below(4) {
            0 => 30,
            1 => 100,
            _ => 250,
        };
        let mut some = |most: u64| match chance.odds(500) {
            true => chance.below(most + 1),
            false => 0,
        };
        Self {
            slow: some(most * 2),
            fails: some(most / 4),
            refused: some(most),
            unreachable: some(most),
            lost: some(most),
            unanswered: some(most),
            late: some(most),
            overdue: some(most / 4),
            status_lost: some(most),
            status_twice: some(most),
            status_late: some(most),
            status_bare: some(most),
            status_failed: some(most / 4),
            redelivered: some(most),
            echoed: some(most),
        }
    }
}

fn people(chance: &mut Chance, fewest: u64, most: u64) -> Vec<Person> {
    (0..chance.between(fewest, most))
        .map(|_| Person {
            has_user: chance.odds(350),
        })
        .collect()
}

fn crashes(chance: &mut Chance) -> Vec<Crash> {
    (0..chance.below(5))
        .map(|_| {
            let side = match chance.odds(500) {
                true => Side::Before,
                false => Side::After,
            };
            match chance.odds(400) {
                true => Crash {
                    operation: None,
                    nth: chance.between(1, 150),
                    side,
                },
                false => Crash {
                    operation: Some(chance.pick::<&str>(&DEATHS)),
                    nth: chance.between(1, 25),
                    side,
                },
            }
        })
        .collect()
}

fn word(chance: &mut Chance) -> &'static str {
    let all: u64 = WORDS.iter().map(|(_, weight)| weight).sum();
    let mut left = chance.below(all);
    for (word, weight) in WORDS {
        if left < weight {
            return word;
        }
        left -= weight;
    }
    WORDS[0].0
}
