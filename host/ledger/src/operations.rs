//! The operations of a ledger, and what they take and give.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use gate::{Admitted, Pass, Reach, Release};
use model::{
    ConsentChange, Contact, ContactId, ContactKey, Decision, DecisionId, DeskName, Entry,
    MemoryScope, Message, Moment, Notice, NumberId, Outbound, Period, Phone, PluginName, Refusal,
    ReplyDraftId, RuleCount, RuleName, SendState, SendToken, Span, StopSwitch, StopTarget,
    TenantId, Wamid,
};

use crate::{
    Checked, Drafted, Erased, ExportPage, ReplyDraft, ReplyDraftFilter, Retained, Retention, Stats,
    limits,
};

/// All durable state. One trait, several implementations, one conformance suite.
#[async_trait]
pub trait Ledger: Send + Sync + 'static {
    /// Stores what arrived, each once, in one transaction. A message gets its contact and its place in the contact's order;
    /// a stop marks the contact at once (I6); a status moves its send on, never back. What tells of a contact changes it at once:
    /// a preference, an echo, a call, a new phone or user id. Two contacts that prove to be one are queued to be joined: a place
    /// in both lanes, behind what was accepted before. Whatever either of them is known by leads to the lane of the one that
    /// remains from then on, and until they are joined each is read with what the other forbids (I6). A status proves it too, but
    /// tells of no lane: then idle contacts are joined at once, and lanes that are awake come to it by themselves.
    async fn accept(
        &self,
        arrivals: Vec<Arrival>,
        now: Moment,
    ) -> Result<Vec<Acceptance>, LedgerError>;

    /// Contacts with undone messages, after `after` in the ledger's order: what a host takes up when it starts.
    async fn lanes(&self, after: Option<Lane>, most: usize) -> Result<Vec<Lane>, LedgerError>;

    /// What is next in a lane: its first undone message with the contact as it stands, or a join that it has come to.
    async fn next(&self, lane: &Lane) -> Result<Option<Next>, LedgerError>;

    /// Makes one contact of two that proved to be one, if both lanes have come to it. The contact that joins another is found no
    /// more; its id still leads to the other. Nothing of either is lost, and of what they allowed the stricter holds. What plugins
    /// remember of both may be more than a contact's bound: then nothing further is kept until there is room.
    async fn join(&self, lane: &Lane, now: Moment) -> Result<Joined, LedgerError>;

    /// What a plugin keeps of one contact, by key; nothing whose time is over at `now`.
    async fn memory(
        &self,
        tenant: &TenantId,
        plugin: &PluginName,
        contact: ContactId,
        now: Moment,
    ) -> Result<BTreeMap<String, Entry>, LedgerError>;

    /// What a plugin keeps under one key for all contacts of a tenant, with what a later settle must find unchanged.
    async fn shared_memory(
        &self,
        tenant: &TenantId,
        plugin: &PluginName,
        key: &str,
        now: Moment,
    ) -> Result<SharedMemory, LedgerError>;

    /// These counts as they stand: how often each of these rules has answered all of a tenant's contacts together in that period.
    /// `times` is not looked at, and filled in.
    async fn rule_counts(
        &self,
        tenant: &TenantId,
        counts: &[RuleCount],
    ) -> Result<Vec<RuleCount>, LedgerError>;

    /// What a plugin has sent for a tenant in the hour that began then, as far as it has settled.
    async fn plugin_sends(
        &self,
        tenant: &TenantId,
        plugin: &PluginName,
        since: Moment,
    ) -> Result<u32, LedgerError>;

    /// Commits all that a message caused, with its done-mark (I3), if its predecessor is done (I4), neither the contact nor a
    /// shared key that it writes has changed since, and no count that it raises is full.
    async fn settle(&self, settlement: Settlement) -> Result<Settled, LedgerError>;

    /// Sends that may leave now, number by number: for each contact the first that is ready, if none of theirs is in flight. One of
    /// unknown outcome holds back those behind it for `holds_back`, so that the contact's order is kept where a status or a second
    /// try comes soon; one that waits for more than [`limits::KEEPS_ORDER`] holds back nothing. How much waits on one number makes no
    /// difference to another.
    async fn due(
        &self,
        now: Moment,
        holds_back: Span,
        wanted: Wanted,
    ) -> Result<Vec<Due>, LedgerError>;

    /// Lets `judge` decide on a ready send in the transaction that marks it in flight (I6).
    async fn depart(
        &self,
        tenant: &TenantId,
        token: &SendToken,
        now: Moment,
        holds_back: Span,
        judge: Judge,
    ) -> Result<Departure, LedgerError>;

    /// Records what a carrier said of a send in flight. Never undoes what a status said already.
    async fn arrive(
        &self,
        tenant: &TenantId,
        token: &SendToken,
        arrival: Arrived,
        now: Moment,
    ) -> Result<(), LedgerError>;

    /// Called once, at start: sends in flight when the last host died have an unknown outcome, counted from now (I11).
    async fn recover(&self, now: Moment) -> Result<usize, LedgerError>;

    /// Sends of unknown outcome after `after`, oldest first; held ones are not among them.
    async fn unsure(
        &self,
        after: Option<UnsurePlace>,
        most: usize,
    ) -> Result<Vec<Unsure>, LedgerError>;

    /// Sends an unsure send once more, or holds it for a person (I11). Nothing if a status came first.
    async fn resolve(
        &self,
        tenant: &TenantId,
        token: &SendToken,
        resolution: Resolution,
        now: Moment,
    ) -> Result<bool, LedgerError>;

    /// When the next send that is waiting for its time is due, if any: what a dispatcher sleeps until.
    async fn next_due(&self, now: Moment) -> Result<Option<Moment>, LedgerError>;

    /// What left since then: to fill the gate's rates after a restart.
    async fn departures(&self, since: Moment) -> Result<Vec<Departed>, LedgerError>;

    /// One contact; by the id of one that was joined to another, that other.
    async fn contact(
        &self,
        tenant: &TenantId,
        id: ContactId,
    ) -> Result<Option<Contact>, LedgerError>;

    /// The contact that bears this phone, if one does.
    async fn contact_of(
        &self,
        tenant: &TenantId,
        phone: &Phone,
    ) -> Result<Option<Contact>, LedgerError>;

    /// Throws a stop switch, durably: every send that is judged from then on sees it. False if its target is stopped already; then
    /// that switch stands.
    async fn throw_switch(
        &self,
        tenant: &TenantId,
        switch: StopSwitch,
    ) -> Result<bool, LedgerError>;

    /// Lifts a stop switch; false if there is none. What waits on a number may leave at once.
    async fn lift_switch(
        &self,
        tenant: &TenantId,
        target: &StopTarget,
        now: Moment,
    ) -> Result<bool, LedgerError>;

    /// All stop switches of all tenants: few.
    async fn switches(&self) -> Result<Vec<(TenantId, StopSwitch)>, LedgerError>;

    /// Whom the tenant has reached outside of windows in the 24 hours before `now`, seen from this contact.
    async fn reach(
        &self,
        tenant: &TenantId,
        contact: ContactId,
        now: Moment,
    ) -> Result<Reach, LedgerError>;

    /// The contact that is known by this; made if there is none yet. It opens no window and says nothing of consent. If it proves that
    /// two contacts are one, idle ones are joined at once, as a status joins them.
    async fn meet(
        &self,
        tenant: &TenantId,
        key: &ContactKey,
        now: Moment,
    ) -> Result<ContactId, LedgerError>;

    /// A tenant's contacts after `after`, in the order of their ids; those that the filter lets through. Fewer than `most`, and no more
    /// than one read returns, only if there are no more. One that joined another, or is to, is not listed: the other is.
    async fn contacts(
        &self,
        tenant: &TenantId,
        filter: ContactFilter,
        after: Option<ContactId>,
        most: usize,
    ) -> Result<Vec<Contact>, LedgerError>;

    /// A person takes the conversation: the bot keeps silent until then. A longer pause stands, and a time that is over at `now`
    /// changes nothing. False if there is no such contact.
    async fn pause(
        &self,
        tenant: &TenantId,
        id: ContactId,
        until: Moment,
        now: Moment,
    ) -> Result<bool, LedgerError>;

    /// Records an opt-in or opt-out that came another way than through a message, and applies it, if it says something new: what
    /// the contact said later stands.
    async fn consent(
        &self,
        tenant: &TenantId,
        id: ContactId,
        change: ConsentChange,
    ) -> Result<Consented, LedgerError>;

    /// Puts a send that no message caused into the outbox, last of its contact's, and counts it in the contact's tempo. False if the
    /// tenant has one with its token already: whoever repeats a request repeats its token. False as well if the contact is gone since
    /// the gate admitted it.
    async fn send(&self, send: Admitted, now: Moment) -> Result<bool, LedgerError>;

    /// One send with its evidence, if its outcome is unknown or it is held.
    async fn unsure_of(
        &self,
        tenant: &TenantId,
        token: &SendToken,
    ) -> Result<Option<Unsure>, LedgerError>;

    /// Takes a dead letter up again: its message gets a new place, last in its contact's lane, and is judged as it is then. Nothing
    /// if there is no such dead letter, or nothing remains of its message. Its decision stays on record until there is a new one.
    async fn redrive(&self, id: &DecisionId, now: Moment) -> Result<Option<Lane>, LedgerError>;

    /// What has come due by `now`, the oldest first. A timer is no record of its own: it follows from a pause or a send, so that it
    /// survives whatever these survive, and goes with them.
    async fn timers(&self, now: Moment, most: usize) -> Result<Vec<Timer>, LedgerError>;

    /// When the next timer comes due, if any.
    async fn next_timer(&self) -> Result<Option<Moment>, LedgerError>;

    /// Ends a pause that is over at `now`; false if it is not, or another has taken its place. While the contact is being joined, true
    /// when no pause of either is left.
    async fn end_pause(
        &self,
        tenant: &TenantId,
        id: ContactId,
        now: Moment,
    ) -> Result<bool, LedgerError>;

    /// Ends a contact's pause: a person gives the conversation back. False if there is no such contact.
    async fn release(
        &self,
        tenant: &TenantId,
        id: ContactId,
        now: Moment,
    ) -> Result<bool, LedgerError>;

    /// One decision.
    async fn decision(&self, id: &DecisionId) -> Result<Option<DecisionRecord>, LedgerError>;

    /// A contact's newest decision, before the one with this sequence and on this number if they are given.
    async fn decision_of(
        &self,
        tenant: &TenantId,
        contact: ContactId,
        before: Option<u64>,
        number: Option<&NumberId>,
    ) -> Result<Option<DecisionRecord>, LedgerError>;

    /// A tenant's newest decisions after `after`, oldest of them first.
    async fn decisions(
        &self,
        tenant: &TenantId,
        after: Option<u64>,
        most: usize,
    ) -> Result<Vec<DecisionRecord>, LedgerError>;

    /// One send.
    async fn send_record(
        &self,
        tenant: &TenantId,
        token: &SendToken,
    ) -> Result<Option<SendRecord>, LedgerError>;

    /// A tenant's sends for one message.
    async fn sends(&self, id: &DecisionId) -> Result<Vec<SendRecord>, LedgerError>;

    /// A tenant's newest sends, newest first; of one state if given.
    async fn outbox(
        &self,
        tenant: &TenantId,
        state: Option<SendState>,
        most: usize,
    ) -> Result<Vec<SendRecord>, LedgerError>;

    /// A tenant's hand-offs after `after`, oldest first.
    async fn hand_offs(
        &self,
        tenant: &TenantId,
        after: Option<u64>,
        most: usize,
    ) -> Result<Vec<HandOff>, LedgerError>;

    /// A tenant's drafts after `after`, oldest first: what waits at desks, and what was decided on it.
    async fn reply_drafts(
        &self,
        tenant: &TenantId,
        filter: ReplyDraftFilter,
        after: Option<u64>,
        most: usize,
    ) -> Result<Vec<ReplyDraft>, LedgerError>;

    /// One draft.
    async fn reply_draft(
        &self,
        tenant: &TenantId,
        id: ReplyDraftId,
    ) -> Result<Option<ReplyDraft>, LedgerError>;

    /// Puts what the gate admitted of a draft, with the draft's token, into the outbox, last of its contact's. One atomic write,
    /// and once: false if the draft waits no more.
    async fn send_reply_draft(
        &self,
        tenant: &TenantId,
        id: ReplyDraftId,
        send: Admitted,
        by: Option<&str>,
        now: Moment,
    ) -> Result<bool, LedgerError>;

    /// Sees to it that a draft is never sent; false if it waits no more.
    async fn drop_reply_draft(
        &self,
        tenant: &TenantId,
        id: ReplyDraftId,
        by: Option<&str>,
        now: Moment,
    ) -> Result<bool, LedgerError>;

    /// A tenant's messages that could not be done, newest first.
    async fn dead_letters(
        &self,
        tenant: &TenantId,
        most: usize,
    ) -> Result<Vec<DeadLetter>, LedgerError>;

    /// What plugins noted about a contact: the newest, oldest of them first.
    async fn notes(
        &self,
        tenant: &TenantId,
        id: ContactId,
        most: usize,
    ) -> Result<Vec<Note>, LedgerError>;

    /// Recorded opt-ins and opt-outs of a contact, oldest first.
    async fn consent_log(
        &self,
        tenant: &TenantId,
        id: ContactId,
    ) -> Result<Vec<ConsentChange>, LedgerError>;

    /// A tenant's notices that were kept raw, newest first; of one kind if given.
    async fn kept(
        &self,
        tenant: &TenantId,
        name: Option<&str>,
        most: usize,
    ) -> Result<Vec<Kept>, LedgerError>;

    /// Erases a person: all that is stored of the contact, and of all who proved to be the same. What waits is never sent, what is
    /// undone is never answered. What remains proves that consent was recorded, and not what; and if they had opted out, a keyed hash
    /// of each phone and user id, so that whoever comes back by one begins opted out. Nothing if there never was such a contact; once
    /// more is nothing more.
    async fn erase(
        &self,
        tenant: &TenantId,
        id: ContactId,
        now: Moment,
    ) -> Result<Option<Erased>, LedgerError>;

    /// What erasing a contact would remove.
    async fn erasure(
        &self,
        tenant: &TenantId,
        id: ContactId,
        now: Moment,
    ) -> Result<Option<Erased>, LedgerError>;

    /// Removes what has come to its end and is past its time, the oldest first, and at most so many records; never what is undone,
    /// waiting, in flight, of unknown outcome or held.
    async fn retain(
        &self,
        tenant: &TenantId,
        retention: &Retention,
        now: Moment,
        most: usize,
    ) -> Result<Retained, LedgerError>;

    /// What is past its time now.
    async fn expired(
        &self,
        tenant: &TenantId,
        retention: &Retention,
        now: Moment,
    ) -> Result<Retained, LedgerError>;

    /// Looks for everything that should not be: damage, contradictions, consent that was tampered with. It changes nothing.
    async fn check(&self) -> Result<Checked, LedgerError>;

    /// How large the ledger is. It reads all of it.
    async fn stats(&self) -> Result<Stats, LedgerError>;

    /// All that is stored about a person, page by page; nothing if there is no such contact, or they were erased. `after` is what the
    /// page before gave as `next`.
    async fn export(
        &self,
        tenant: &TenantId,
        id: ContactId,
        after: Option<&str>,
        most: usize,
    ) -> Result<Option<ExportPage>, LedgerError>;

    /// Writes something of no consequence: whether writing works.
    async fn probe(&self, now: Moment) -> Result<(), LedgerError>;

    /// Counts for readiness and pages.
    async fn counts(&self) -> Result<Counts, LedgerError>;
}

/// A notice on its way in.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// What arrived.
    pub notice: Notice,
    /// Its words are an opt-out: the contact is marked as it is accepted (I6).
    pub is_stop: bool,
    /// It is an echo, and a person of ours is talking: the bot keeps silent until then.
    pub silent_until: Option<Moment>,
}

/// What became of an arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// A new message, in this lane.
    Queued(Lane),
    /// A new status; whether it belonged to a send of ours.
    Status {
        /// The send it moved, if it is ours.
        of: Option<SendToken>,
    },
    /// It changed this lane's contact, or gave this lane a join: wake it.
    Changed(Lane),
    /// Kept raw.
    Kept,
    /// Seen before: no effect (I2).
    Known,
}

/// One contact's queue.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane {
    /// Whose contact.
    pub tenant: TenantId,
    /// Which.
    pub contact: ContactId,
}

/// What is next in a lane.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and the usual one is the large one"
)]
pub enum Next {
    /// A message to decide on.
    Message(Head),
    /// The contact proved to be the same person as another: the join waits until both lanes have come to it.
    Join {
        /// The other's lane.
        with: Lane,
    },
}

/// Whether two contacts were joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joined {
    /// They are one, and this lane is theirs.
    Done(Lane),
    /// The other lane has not come to it.
    Waits,
    /// There is nothing to join here any more.
    Gone,
}

/// The first undone message of a lane.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// The message.
    pub message: Message,
    /// The number it arrived on.
    pub number: NumberId,
    /// Its place in the contact's order.
    pub sequence: u64,
    /// When it was accepted.
    pub accepted_at: Moment,
    /// It was accepted as a stop.
    pub is_stop: bool,
    /// The contact as it stands.
    pub contact: Contact,
}

/// All that a message caused: one atomic write (I3).
#[derive(Debug, Clone)]
pub struct Settlement {
    /// The record; names tenant, number, message, contact and sequence.
    pub decision: Decision,
    /// The contact's version when the attempt began.
    pub expected_version: u64,
    /// The contact as it becomes. Aliases, `last_inbound`, `first_seen`, `name` and `version` are the ledger's own and not
    /// taken from here; `stop_pending` is cleared if `was_stop` and no later stop waits. While the contact is being joined, what it
    /// was read with of the other's consent and pause stays the other's, unless it is changed here.
    pub contact: Contact,
    /// The message was accepted as a stop.
    pub was_stop: bool,
    /// Admitted sends, in order.
    pub sends: Vec<Admitted>,
    /// Admitted sends that wait for a person, in order.
    pub drafts: Vec<Drafted>,
    /// Opt-ins and opt-outs, for the consent log.
    pub consent: Vec<ConsentChange>,
    /// Conversations handed to people.
    pub hand_offs: Vec<model::HandOver>,
    /// Notes left with the contact, in order.
    pub notes: Vec<String>,
    /// What plugins keep and forget, each key once.
    pub memory: Vec<MemoryWrite>,
    /// Counts over all contacts that go up, each once.
    pub counts: Vec<Raise>,
    /// It could not be done, and why.
    pub dead_letter: Option<String>,
    /// When it settles.
    pub now: Moment,
}

/// Whether a settle took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// All of it is durable.
    Done,
    /// The contact, or a shared key that it writes, changed since the attempt began, or others have filled the memory that it
    /// writes to or a count that it raises: nothing was written, run again.
    VersionLost,
    /// This message is done already, or its predecessor is not: nothing was written.
    OutOfTurn,
}

/// One key that a plugin keeps or forgets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryWrite {
    /// Whose key.
    pub plugin: PluginName,
    /// Of the decision's contact, or for all of the tenant's.
    pub scope: MemoryScope,
    /// Which key.
    pub key: String,
    /// What it holds from now on; nothing if it is forgotten.
    pub entry: Option<Entry>,
    /// What the attempt found there, for a shared key: another's write since then means that the attempt runs again. A contact's
    /// own keys need none, their messages settle one after the other.
    pub expected: Option<Stamp>,
}

/// What is bounded over all contacts of a tenant happened: its count goes up, if it does not go past the most. Whoever comes when there
/// is no room writes nothing and runs again, so that no two can take the last place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raise {
    /// What is counted.
    pub of: Counted,
    /// Counted by what.
    pub per: Period,
    /// When the period began that the attempt is in.
    pub since: Moment,
    /// By so many.
    pub by: u32,
    /// So often at most.
    pub most: u32,
}

/// What is counted over all contacts of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// Answers of a rule with a limit.
    Answers(RuleName),
    /// Sends of a plugin with a budget.
    Sends(PluginName),
}

impl Raise {
    /// From then on nobody asks for this count, and nobody raises it: an attempt of that period has ended.
    #[must_use]
    pub fn is_over_at(&self) -> Moment {
        let end = self.since.plus(self.per.longest());
        end.plus(limits::COUNT_OUTLIVES)
    }
}

/// The write that a shared key holds, by the message that caused it. A message settles once, so no two writes are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// Whose message.
    pub contact: ContactId,
    /// Its place in the contact's order.
    pub sequence: u64,
}

/// What stands under one shared key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SharedMemory {
    /// What it holds.
    pub entry: Option<Entry>,
    /// Which write that was; nothing if it holds nothing.
    pub stamp: Option<Stamp>,
    /// How many keys the plugin has with the tenant, this one included.
    pub keys: usize,
}

/// A send that may leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub token: SendToken,
    /// From which number.
    pub number: NumberId,
    /// To which contact.
    pub contact: ContactId,
    /// More waits for them behind it.
    pub has_next: bool,
}

/// Which due sends are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// None of these numbers: they rest, or enough of theirs is known.
    pub but_not: BTreeSet<(TenantId, NumberId)>,
    /// The first is the number after this one in the ledger's order, and this one is the last: so they take turns.
    pub after: Option<(TenantId, NumberId)>,
    /// Of one number.
    pub per_number: usize,
    /// In all.
    pub most: usize,
}

impl Wanted {
    /// So many of any.
    #[must_use]
    pub fn any(most: usize) -> Self {
        Self {
            per_number: most,
            most,
            ..Self::default()
        }
    }
}

/// Decides on one send inside the ledger's transaction; asked again if that has to be made again.
pub type Judge = Box<dyn FnMut(Outbound, &Standing) -> Release + Send>;

/// What the ledger knows in the moment in which a send leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The contact.
    pub contact: Contact,
    /// What is stopped with the tenant.
    pub stops: Vec<StopSwitch>,
    /// For a template: whom the tenant has reached outside of windows.
    pub reach: Reach,
}

/// Which contacts are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactFilter {
    /// Those in whose name or phone this stands; any if it is empty.
    pub text: String,
    /// Those that a person talks to, at this time.
    pub paused_at: Option<Moment>,
    /// Those that are opted out of everything, or of marketing; a stop that is accepted counts at once (I6).
    pub opted_out: bool,
}

/// What became of a change of consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consented {
    /// Recorded and applied.
    Done,
    /// It says nothing new, or less than what was said later: nothing was written.
    NoNews,
    /// There is no such contact.
    Unknown,
}

/// Something that has come due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timer {
    /// A contact's pause is over.
    PauseEnds {
        /// Whose.
        lane: Lane,
        /// Since when.
        at: Moment,
    },
}

/// What became of a due send.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and the usual one is the large one"
)]
pub enum Departure {
    /// Marked in flight, durably; deliver it now.
    Go {
        /// The right to deliver it.
        pass: Pass,
        /// How often it has left, this time included.
        attempt: u32,
    },
    /// Not before then: stored, so that `due` leaves it out until its time.
    Wait(Moment),
    /// Dry run.
    Withheld,
    /// The gate took it back.
    Cancelled(Refusal),
    /// It was not ready any more.
    Gone,
}

/// What a carrier said of a send in flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrived {
    /// Taken.
    Sent(Option<Wamid>),
    /// Not taken; again at that time.
    Again {
        /// When.
        at: Moment,
        /// Why.
        cause: String,
    },
    /// Not taken, and it will not be. If it was because the contact has stopped marketing, that is recorded as their opt-out.
    Failed {
        /// Meta's code, if it said one.
        code: Option<i64>,
        /// Why.
        cause: String,
    },
    /// Nobody knows.
    Unknown {
        /// What happened.
        cause: String,
    },
}

/// A send of unknown outcome, with its evidence (I11).
#[derive(Debug, Clone, PartialEq)]
pub struct Unsure {
    /// The send.
    pub record: SendRecord,
    /// Since when its outcome is unknown.
    pub since: Moment,
    /// It was sent again once already.
    pub resent: bool,
    /// A send that left later on the same number has got its status.
    pub later_confirmed: bool,
}

impl Unsure {
    /// Where it stands among all.
    #[must_use]
    pub fn place(&self) -> UnsurePlace {
        let outbound = &self.record.outbound;
        UnsurePlace {
            since: self.since,
            tenant: outbound.tenant.clone(),
            token: outbound.token.clone(),
        }
    }
}

/// A place among the sends of unknown outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsurePlace {
    /// Since when it is unknown.
    pub since: Moment,
    /// Whose.
    pub tenant: TenantId,
    /// Which send.
    pub token: SendToken,
}

/// What to do with an unsure send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// Once more, through the gate.
    Resend,
    /// Keep it for a person.
    Hold,
    /// A person has it sent once more, through the gate, however often it was sent before.
    SendAnyway,
    /// A person gives it up: it is not sent again.
    Drop,
}

/// One departure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departed {
    /// From which number.
    pub number: NumberId,
    /// Whose contact.
    pub tenant: TenantId,
    /// To which contact.
    pub contact: ContactId,
    /// When.
    pub at: Moment,
}

/// A decision as listed.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct DecisionRecord {
    /// Its place in the tenant's order of decisions.
    pub seq: u64,
    /// The message it is about.
    pub message: Message,
    /// The record.
    pub decision: Decision,
    /// When it settled.
    pub settled_at: Moment,
}

/// A send as listed.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct SendRecord {
    /// The send.
    pub outbound: Outbound,
    /// Where it stands.
    pub state: SendState,
    /// WhatsApp's id, once known.
    pub wamid: Option<Wamid>,
    /// How often it left.
    pub attempts: u32,
    /// Why it stands where it stands, if that needs words.
    pub cause: Option<String>,
    /// When it last changed.
    pub changed_at: Moment,
}

/// A conversation handed to people.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct HandOff {
    /// Its place in the tenant's order.
    pub seq: u64,
    /// The desk.
    pub desk: DeskName,
    /// What the person should know.
    pub note: String,
    /// The contact.
    pub contact: Contact,
    /// The message that led to it.
    pub message: Wamid,
    /// When.
    pub at: Moment,
    /// What plugins noted about the contact until now: the newest, oldest of them first.
    pub notes: Vec<Note>,
}

/// What a plugin noted about a contact.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Note {
    /// Its words.
    pub text: String,
    /// The message that led to it.
    pub message: Wamid,
    /// When.
    pub at: Moment,
}

/// A notice that was kept raw.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Kept {
    /// The number it came in on.
    pub number: NumberId,
    /// What it is: `update`, `unreadable`, …
    pub notice: String,
    /// Which kind of it.
    #[serde(rename = "kind")]
    pub name: String,
    /// Over which network.
    pub channel: model::Channel,
    /// Why it could not be read, if it could not.
    pub cause: Option<String>,
    /// As it came.
    pub raw: serde_json::Value,
    /// When it was accepted.
    pub at: Moment,
}

/// A message that could not be done.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct DeadLetter {
    /// The message.
    pub id: DecisionId,
    /// Why.
    pub cause: String,
    /// When it was given up.
    pub at: Moment,
}

/// Counts for readiness and pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Messages accepted and not settled; joins are none.
    pub undone: u64,
    /// Sends waiting to leave.
    pub ready: u64,
    /// Sends of unknown outcome, held ones included.
    pub unknown: u64,
    /// Messages that could not be done.
    pub dead_letters: u64,
    /// Contacts of all tenants; one that was joined to another is none any more.
    pub contacts: u64,
}

/// Why the ledger could not do it. Nothing was done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LedgerError {
    /// The backlog is at its limit: 503 with Retry-After.
    #[error("the backlog is full: {undone} undone messages")]
    Full {
        /// How many.
        undone: u64,
    },
    /// The store failed: disk, file, lock. Retried.
    #[error("{what}: {cause}")]
    Store {
        /// What was tried.
        what: String,
        /// What went wrong.
        cause: String,
    },
    /// A stored record cannot be read: not retried.
    #[error("a stored {what} cannot be read: {cause}")]
    Corrupt {
        /// What.
        what: String,
        /// What went wrong.
        cause: String,
    },
}
