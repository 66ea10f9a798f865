//! What the dispatch knows of sends that wait: by number, each contact's in their order. Nothing here reads, writes or waits; all
//! that matters is in the ledger, and what does not fit in here is asked for again.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use ledger::{Due, Wanted};
use model::{ContactId, Moment, NumberId, TenantId};

use crate::limits;

/// A number, and whose it is.
pub(super) type Line = (TenantId, NumberId);
type Person = (TenantId, ContactId);

/// The line that a send leaves on.
pub(super) fn line_of(due: &Due) -> Line {
    (due.tenant.clone(), due.number.clone())
}

#[derive(Debug, Default)]
pub(super) struct Waiting {
    lines: BTreeMap<Line, Stand>,
    /// Looked up and never gone through: the order of what happens does not hang on it.
    persons: HashMap<Person, Queue>,
    /// Deliveries under way, by carrier.
    carriers: HashMap<usize, usize>,
    under_way: usize,
    /// Sends that are known, those under way included.
    kept: usize,
    /// Something had to wait because there was no place for it.
    is_short: bool,
    /// Something may be due that nobody handed over.
    looks: bool,
    /// When the next send is due that waits for its time.
    next_due: Option<Moment>,
    /// When the ledger was last asked.
    asked_at: Option<Moment>,
    /// Until then the dispatch sleeps.
    sleeps_until: Option<Moment>,
    /// It sleeps for too long: something is to be done sooner.
    oversleeps: bool,
    /// The line that was last when not all could be asked for.
    last_asked: Option<Line>,
    /// The line that began last: they take turns.
    last_begun: Option<Line>,
}

/// How a number stands.
#[derive(Debug, Default)]
struct Stand {
    /// Contacts whose first send waits for nothing but its number, in the order in which they came.
    heads: VecDeque<ContactId>,
    /// Sends of it that are known.
    kept: usize,
    /// The ledger may hold more than is known.
    is_behind: bool,
    /// Nothing leaves before then.
    opens: Option<Moment>,
    /// Deliveries that the gate has not judged yet: they may spend the number's rate.
    departing: usize,
    under_way: usize,
}

impl Stand {
    fn rests(&self, now: Moment) -> bool {
        self.opens.is_some_and(|opens| opens > now)
    }

    /// All that is known has left, and there may be more.
    fn is_dry(&self, now: Moment) -> bool {
        self.is_behind && self.heads.is_empty() && !self.rests(now)
    }
}

/// One contact's sends, in order. The first is under way, or waits among its number's heads.
#[derive(Debug, Default)]
struct Queue {
    sends: VecDeque<Due>,
    is_under_way: bool,
}

/// What a number may do now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// So many may leave.
    pub(super) sends: usize,
    /// When the next one may.
    pub(super) opens: Moment,
    /// By which carrier.
    pub(super) carrier: usize,
}

/// What follows when a delivery has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The contact's next send may leave.
    Next,
    /// What is behind it waits with it, in the ledger.
    Waits,
    /// Nobody knows how it stands: the ledger is to be asked again.
    AskAgain,
}

impl Waiting {
    /// Takes a send that was just settled, unless older ones of its number wait in the ledger: then it waits there with them.
    pub(super) fn offer(&mut self, due: Due) {
        let is_behind = self
            .lines
            .get(&line_of(&due))
            .is_some_and(|stand| stand.is_behind);
        if !is_behind {
            self.keep(due);
        }
    }

    /// Something may be due that nobody handed over.
    pub(super) fn look(&mut self) {
        self.looks = true;
    }

    /// A send will be due then.
    pub(super) fn is_due_at(&mut self, at: Moment) {
        self.next_due = Some(self.next_due.map_or(at, |next| next.min(at)));
        self.oversleeps |= self.sleeps_until.is_some_and(|until| at < until);
    }

    /// Nothing leaves on the line before then.
    pub(super) fn hold(&mut self, line: &Line, until: Moment) {
        let stand = self.lines.entry(line.clone()).or_default();
        stand.opens = stand.opens.max(Some(until));
    }

    /// What to ask the ledger for, if there is a reason to ask. Lines that are stopped are forgotten until they are not.
    pub(super) fn wanted(&mut self, now: Moment, stopped: &BTreeSet<Line>) -> Option<Wanted> {
        for line in stopped {
            self.forget(line);
        }
        // A clock that was set back is no reason to wait.
        let ticks = self
            .asked_at
            .is_none_or(|asked| now < asked || now.since(asked).duration() >= limits::OUTBOX_TICK);
        let is_due = self.next_due.is_some_and(|next| next <= now);
        let is_dry = self.lines.values().any(|stand| stand.is_dry(now));
        if !(ticks || self.looks || is_due || is_dry) || self.kept >= limits::SENDS_KEPT {
            return None;
        }
        let mut but_not = stopped.clone();
        for (line, stand) in &mut self.lines {
            stand.opens = stand.opens.filter(|opens| *opens > now);
            if stand.is_behind && (!stand.heads.is_empty() || stand.rests(now)) {
                but_not.insert(line.clone());
            } else {
                // What comes while the ledger reads makes it true again.
                stand.is_behind = false;
            }
        }
        (self.looks, self.next_due, self.asked_at) = (false, None, Some(now));
        Some(Wanted {
            but_not,
            after: self.last_asked.take(),
            per_number: limits::DUE_PER_NUMBER,
            most: limits::DUE_PER_READ,
        })
    }

    /// The ledger could not say: asked again later.
    pub(super) fn not_found(&mut self) {
        self.looks = true;
    }

    /// What the ledger found, and when more will be due.
    pub(super) fn found(&mut self, found: Vec<Due>, next_due: Option<Moment>, wanted: &Wanted) {
        let mut by_line: BTreeMap<Line, usize> = BTreeMap::new();
        let is_cut = found.len() >= wanted.most;
        let last = found.last().map(line_of);
        for due in found {
            *by_line.entry(line_of(&due)).or_default() += 1;
            self.keep(due);
        }
        if is_cut {
            // The others have their turn at once.
            self.last_asked.clone_from(&last);
            self.looks = true;
        }
        for (line, count) in by_line {
            let is_last = is_cut && last.as_ref() == Some(&line);
            if count >= wanted.per_number || is_last {
                self.lines.entry(line).or_default().is_behind = true;
            }
        }
        if let Some(next) = next_due {
            self.is_due_at(next);
        }
        self.lines.retain(|_, stand| !is_idle(stand));
    }

    /// The sends of one line that leave now.
    pub(super) fn begin(
        &mut self,
        line: &Line,
        now: Moment,
        room: impl Fn(&Line) -> Room,
    ) -> Vec<Due> {
        let Self {
            lines,
            persons,
            carriers,
            under_way,
            is_short,
            sleeps_until,
            oversleeps,
            ..
        } = self;
        let mut begun = Vec::new();
        let Some(stand) = lines.get_mut(line) else {
            return begun;
        };
        if stand.heads.is_empty() {
            return begun;
        }
        if let Some(opens) = stand.opens.filter(|opens| *opens > now) {
            *oversleeps |= sleeps_until.is_some_and(|until| opens < until);
            return begun;
        }
        let Room {
            sends,
            opens,
            carrier,
        } = room(line);
        let mut sends = sends.saturating_sub(stand.departing);
        let of_carrier = carriers.entry(carrier).or_default();
        while let Some(contact) = stand.heads.front().copied() {
            if sends == 0 {
                // Those that depart may be taken back: whoever of them is judged last asks again.
                if stand.departing == 0 {
                    let opens = opens.max(now.plus(limits::PACE_STEP));
                    stand.opens = Some(opens);
                    *oversleeps |= sleeps_until.is_some_and(|until| opens < until);
                }
                break;
            }
            if !has_place(stand.under_way, *of_carrier, *under_way) {
                *is_short = true;
                break;
            }
            stand.heads.pop_front();
            let Some(queue) = persons.get_mut(&(line.0.clone(), contact)) else {
                continue;
            };
            let Some(due) = queue.sends.front() else {
                continue;
            };
            queue.is_under_way = true;
            stand.departing += 1;
            stand.under_way += 1;
            *of_carrier += 1;
            *under_way += 1;
            sends -= 1;
            begun.push(due.clone());
        }
        begun
    }

    /// The sends of all lines that leave now. Whoever began last time begins last now.
    pub(super) fn begin_all(&mut self, now: Moment, room: impl Fn(&Line) -> Room) -> Vec<Due> {
        self.is_short = false;
        let ready = |(line, stand): (&Line, &Stand)| {
            (!stand.heads.is_empty() && !stand.rests(now)).then(|| line.clone())
        };
        let mut lines: Vec<Line> = self.lines.iter().filter_map(ready).collect();
        if let Some(last) = &self.last_begun {
            let place = lines.partition_point(|line| line <= last);
            lines.rotate_left(place);
        }
        self.last_begun = lines.first().cloned();
        let mut begun = Vec::new();
        for line in lines {
            begun.append(&mut self.begin(&line, now, &room));
        }
        begun
    }

    /// The gate has judged it: what it spent is spent.
    pub(super) fn judged(&mut self, due: &Due) {
        if let Some(stand) = self.lines.get_mut(&line_of(due)) {
            stand.departing = stand.departing.saturating_sub(1);
        }
    }

    /// A delivery has ended. Gives the lines on which something may leave now for that.
    pub(super) fn ended(&mut self, due: &Due, carrier: usize, then: Then) -> BTreeSet<Line> {
        let line = line_of(due);
        self.under_way = self.under_way.saturating_sub(1);
        if let Some(of_carrier) = self.carriers.get_mut(&carrier) {
            *of_carrier = of_carrier.saturating_sub(1);
        }
        if let Some(stand) = self.lines.get_mut(&line) {
            stand.under_way = stand.under_way.saturating_sub(1);
        }
        let mut lines = BTreeSet::from([line.clone()]);
        let person = (due.tenant.clone(), due.contact);
        let mut queue = self.persons.remove(&person).unwrap_or_default();
        if queue.is_under_way {
            queue.sends.pop_front();
            queue.is_under_way = false;
            self.drop_one(&line);
        }
        let is_behind = match then {
            Then::Next => due.has_next && queue.sends.is_empty(),
            Then::Waits => false,
            Then::AskAgain => true,
        };
        if is_behind {
            self.lines.entry(line.clone()).or_default().is_behind = true;
        }
        if then == Then::Next {
            if let Some(next) = queue.sends.front() {
                let line = line_of(next);
                let stand = self.lines.entry(line.clone()).or_default();
                stand.heads.push_back(due.contact);
                lines.insert(line);
                self.persons.insert(person, queue);
            }
        } else {
            for send in &queue.sends {
                self.drop_one(&line_of(send));
            }
        }
        for line in &lines {
            if self.lines.get(line).is_some_and(is_idle) {
                self.lines.remove(line);
            }
        }
        lines
    }

    /// The dispatch has something to do for this, which it would sleep through.
    pub(super) fn needs_a_round(&self, line: &Line, now: Moment) -> bool {
        let is_dry = self.lines.get(line).is_some_and(|stand| stand.is_dry(now));
        self.is_short || self.oversleeps || is_dry
    }

    /// Until when the dispatch sleeps, if nothing comes: `most` if there is nothing to do until then.
    pub(super) fn sleep_until(&mut self, now: Moment, most: Moment) -> Moment {
        let opens = self
            .lines
            .values()
            .filter(|stand| stand.is_behind || !stand.heads.is_empty())
            .filter_map(|stand| stand.opens)
            // One that is open waits for what departs, or for a place: whoever gives that back asks again.
            .filter(|opens| *opens > now);
        let next = opens.chain(self.next_due).chain([most]).min();
        let has_room = self.kept < limits::SENDS_KEPT;
        let until = match next {
            _ if self.looks && has_room => now,
            next => next.unwrap_or(most),
        };
        (self.sleeps_until, self.oversleeps) = (Some(until), false);
        until
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.under_way > 0
    }

    fn keep(&mut self, due: Due) {
        let line = line_of(&due);
        let stand = self.lines.entry(line).or_default();
        if self.kept >= limits::SENDS_KEPT || stand.kept >= limits::SENDS_KEPT_OF_A_NUMBER {
            stand.is_behind = true;
            return;
        }
        let person = (due.tenant.clone(), due.contact);
        let queue = self.persons.entry(person).or_default();
        if queue.sends.iter().any(|send| send.token == due.token) {
            return;
        }
        if queue.sends.is_empty() {
            stand.heads.push_back(due.contact);
        }
        queue.sends.push_back(due);
        stand.kept += 1;
        self.kept += 1;
    }

    /// What waits on it is known no more, but for what is under way.
    fn forget(&mut self, line: &Line) {
        let Some(stand) = self.lines.get_mut(line) else {
            return;
        };
        stand.is_behind = false;
        for contact in std::mem::take(&mut stand.heads) {
            let queue = self.persons.remove(&(line.0.clone(), contact));
            for send in queue.unwrap_or_default().sends {
                self.drop_one(&line_of(&send));
            }
        }
        if self.lines.get(line).is_some_and(is_idle) {
            self.lines.remove(line);
        }
    }

    fn drop_one(&mut self, line: &Line) {
        self.kept = self.kept.saturating_sub(1);
        if let Some(stand) = self.lines.get_mut(line) {
            stand.kept = stand.kept.saturating_sub(1);
        }
    }
}

/// Nothing is known of it. When it opens again the rates know as well.
fn is_idle(stand: &Stand) -> bool {
    stand.kept == 0 && !stand.is_behind && stand.under_way == 0 && stand.opens.is_none()
}

/// I14: a carrier has a place for one more delivery while it holds fewer than are free, and a number while it holds fewer than half of
/// those. However slow some are, there are always places left for the others; and alone each gets a good part of all.
fn has_place(of_number: usize, of_carrier: usize, under_way: usize) -> bool {
    let free = limits::DELIVERIES_AT_ONCE.saturating_sub(under_way);
    free > 0
        && (of_carrier == 0 || of_carrier < free)
        && (of_number == 0 || of_number.saturating_mul(2) < free)
}
