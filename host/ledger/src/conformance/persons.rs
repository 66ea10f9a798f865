//! A few people who write by phone, by user id, by both, from new phones; a host that works on lanes in any order, and ends in
//! between. Whatever the order: one contact for each person, everything settled in order, and no stop lost.

use std::collections::BTreeMap;

use model::{ContactKey, Purpose};

use super::Make;
use super::shop::{
    HOLDS_BACK, Shop, admitted, at, both, opts_out, phone, policy, settlement, the_gate, user,
};
use crate::{Departure, Due, Joined, Lane, Next, Settled, Settlement};

const PEOPLE: usize = 4;
const STEPS: usize = 160;

/// One person, and what they did.
#[derive(Default)]
struct Person {
    user: String,
    phones: Vec<String>,
    /// They showed both in one message: from then on whatever they do is one person's.
    is_known_as_one: bool,
    /// What they said, in order.
    said: Vec<Said>,
    /// They said stop, by the phone, by the user id.
    stopped: [bool; 2],
}

/// One message.
struct Said {
    id: String,
    /// By the phone, by the user id, by both.
    by: usize,
    /// When it was said they were known as one.
    as_one: bool,
}

const PHONE: usize = 0;
const USER: usize = 1;
const BOTH: usize = 2;

impl Person {
    fn phone(&self) -> &str {
        self.phones.last().unwrap()
    }

    fn key(&self, by: usize) -> ContactKey {
        match by {
            PHONE => phone(self.phone()),
            USER => user(&self.user),
            _ => both(self.phone(), &self.user),
        }
    }

    fn says(&mut self, id: &str, by: usize) {
        self.is_known_as_one |= by == BOTH;
        self.said.push(Said {
            id: id.into(),
            by,
            as_one: self.is_known_as_one,
        });
    }

    fn stops(&mut self, by: usize) {
        match by {
            BOTH => self.stopped = [true, true],
            by => self.stopped[by] = true,
        }
    }

    /// Whether a send that answers what was said like this must not leave.
    fn has_stopped(&self, by: usize) -> bool {
        match by {
            by if by == BOTH || self.is_known_as_one => self.stopped[PHONE] || self.stopped[USER],
            by => self.stopped[by],
        }
    }
}

/// Chance, the same each time (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }
}

struct World {
    shop: Shop,
    chance: Chance,
    people: Vec<Person>,
    /// Who said it, and how, by its id.
    by_id: BTreeMap<String, (usize, usize)>,
    /// Sends that may leave: the token, and the message that they answer.
    sends: Vec<(String, String)>,
}

/// Several worlds, each after its own chance.
pub async fn i04_i06_people_who_write_by_several_keys_are_one_contact_each(make: &impl Make) {
    for seed in 0..6 {
        let people = (0..PEOPLE).map(|which| Person {
            user: format!("BR.{which}"),
            phones: vec![format!("551190000{which}000")],
            ..Person::default()
        });
        let mut world = World {
            shop: Shop {
                tenant: super::shop::tenant(&format!("world-{seed}")),
                ..Shop::new(make.open().await)
            },
            chance: Chance(seed),
            people: people.collect(),
            by_id: BTreeMap::new(),
            sends: Vec::new(),
        };
        for step in 0..STEPS {
            match world.chance.below(10) {
                0..=3 => world.somebody_writes(step).await,
                4..=7 => world.works(false).await,
                8 => world.lets_leave().await,
                _ if world.chance.one_in(4) => world = world.opened_again(make).await,
                _ => world.somebody_moves(step).await,
            }
        }
        world.ends(seed).await;
    }
}

impl World {
    async fn somebody_writes(&mut self, step: usize) {
        let (who, by) = (self.chance.below(PEOPLE), self.chance.below(8));
        // Seldom by both: that is what the joins come from, and most should have a history by then.
        let by = if by == 0 { BOTH } else { by % 2 };
        let id = format!("wamid.{step}");
        let person = &mut self.people[who];
        person.says(&id, by);
        self.by_id.insert(id.clone(), (who, by));
        if self.chance.one_in(12) {
            person.stops(by);
            let key = person.key(by);
            let lane = self.shop.hears_stop_from(key, &id, 1).await;
            assert!(self.shop.contact(&lane).await.stop_pending);
        } else {
            self.shop.hears_from(person.key(by), &id, 1).await;
        }
    }

    async fn somebody_moves(&mut self, step: usize) {
        let who = self.chance.below(PEOPLE);
        let person = &mut self.people[who];
        let id = format!("wamid.{step}");
        person.says(&id, PHONE);
        self.by_id.insert(id.clone(), (who, PHONE));
        let was = person.key(PHONE);
        person.phones.push(format!("551190000{who}{step:03}"));
        let is = person.key(PHONE);
        self.shop.hears_of_move(was, is, &id, 1).await;
    }

    /// Works on one lane, whichever; says whether there was any.
    async fn works(&mut self, quietly: bool) {
        let lanes = self.lanes().await;
        if lanes.is_empty() {
            return;
        }
        let lane = &lanes[self.chance.below(lanes.len())];
        let head = match self.shop.next(lane).await {
            Some(Next::Message(head)) => head,
            Some(Next::Join { .. }) => {
                let joined = self.shop.joins(lane, 2).await;
                assert_ne!(joined, Joined::Gone, "it is next");
                return;
            }
            None => panic!("a lane is listed for nothing"),
        };
        let mut settles = settlement(lane, &head, 2);
        let id = head.message.id.as_str().to_owned();
        if head.is_stop {
            settles.contact.consent.apply(&opts_out(2));
            settles.consent = vec![opts_out(2)];
        } else if !quietly
            && !head.contact.stop_pending
            && !head.contact.consent.everything.is_out()
            && head.message.is_for_us()
        {
            let token = format!("to.{id}");
            settles.sends = vec![admitted(&head, &token, Purpose::Reply, 2)];
            self.sends.push((token, id));
        }
        assert_eq!(
            self.shop.settle(Settlement { ..settles }).await,
            Settled::Done
        );
    }

    /// One that is due leaves or is taken back.
    async fn lets_leave(&mut self) {
        let due = self
            .shop
            .ledger
            .due(at(3), HOLDS_BACK, crate::Wanted::any(1000))
            .await
            .unwrap();
        let ours = |due: &&Due| due.tenant == self.shop.tenant;
        let Some(due) = due.iter().find(ours) else {
            return;
        };
        let token = due.token.as_str();
        let gate = the_gate(policy(), at(3));
        let departure = self.shop.tries(token, 3, gate).await;
        let (_, id) = self.sends.iter().find(|(known, _)| known == token).unwrap();
        let (who, by) = self.by_id[id];
        let person = &self.people[who];
        match departure {
            Departure::Go { pass, .. } => {
                assert!(!person.has_stopped(by), "I6: {token} leaves after a stop");
                let to = &pass.outbound().to;
                let is_theirs = to.user().is_some_and(|user| user.as_str() == person.user)
                    || to
                        .phone()
                        .is_some_and(|phone| phone.as_str() == person.phone());
                assert!(is_theirs, "{token} goes to {to:?}");
                self.shop
                    .arrives(token, crate::Arrived::Sent(None), 3)
                    .await;
            }
            Departure::Cancelled(_) => {}
            other => panic!("{token}: {other:?}"),
        }
    }

    /// The old store is let go before it is opened anew: it has one host.
    async fn opened_again(self, make: &impl Make) -> Self {
        let Self { shop, .. } = self;
        let tenant = shop.tenant.clone();
        drop(shop);
        Self {
            shop: Shop {
                tenant,
                ..Shop::new(make.open().await)
            },
            ..self
        }
    }

    async fn lanes(&self) -> Vec<Lane> {
        let mut lanes = self.shop.ledger.lanes(None, 1000).await.unwrap();
        lanes.retain(|lane| lane.tenant == self.shop.tenant);
        lanes
    }

    async fn ends(mut self, seed: u64) {
        for who in 0..PEOPLE {
            let id = format!("wamid.last.{who}");
            let key = self.people[who].key(BOTH);
            self.people[who].says(&id, BOTH);
            self.shop.hears_from(key, &id, 4).await;
        }
        let mut turns = 0;
        while !self.lanes().await.is_empty() {
            self.works(true).await;
            turns += 1;
            assert!(turns < 20 * STEPS, "seed {seed}: a lane waits for ever");
        }
        let decisions = self
            .shop
            .ledger
            .decisions(&self.shop.tenant, None, 1000)
            .await;
        let settled: BTreeMap<String, u64> = decisions
            .unwrap()
            .into_iter()
            .map(|record| (record.message.id.as_str().to_owned(), record.seq))
            .collect();
        let mut contacts = Vec::new();
        for person in &self.people {
            check_order(person, &settled, seed);
            let id = format!("wamid.{}.p", person.user);
            let lane = self.shop.hears_from(person.key(PHONE), &id, 5).await;
            let id = format!("wamid.{}.u", person.user);
            assert_eq!(
                self.shop.hears_from(person.key(USER), &id, 5).await,
                lane,
                "seed {seed}"
            );
            let contact = self.shop.contact(&lane).await;
            assert_eq!(contact.key, person.key(BOTH), "seed {seed}");
            let stopped = person.stopped.contains(&true);
            assert_eq!(contact.consent.everything.is_out(), stopped, "seed {seed}");
            let log = self
                .shop
                .ledger
                .consent_log(&self.shop.tenant, contact.id)
                .await;
            assert_eq!(log.unwrap().is_empty(), !stopped, "seed {seed}");
            contacts.push(lane.contact);
        }
        contacts.sort();
        contacts.dedup();
        assert_eq!(
            contacts.len(),
            PEOPLE,
            "seed {seed}: nobody is taken for another"
        );
    }
}

/// What one person said is settled in its order: in either lane, and across them from where they were known as one.
fn check_order(person: &Person, settled: &BTreeMap<String, u64>, seed: u64) {
    for (place, later) in person.said.iter().enumerate() {
        let seq = settled[&later.id];
        for earlier in &person.said[..place] {
            if later.as_one || earlier.by == later.by {
                assert!(
                    settled[&earlier.id] < seq,
                    "seed {seed}: {} before {}",
                    earlier.id,
                    later.id
                );
            }
        }
    }
}
