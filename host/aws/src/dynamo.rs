//! The fleet's ledger: one table of DynamoDB, that any number of hosts write to.
//!
//! **One table.** Every key begins with its tenant (I13). What is a contact's stands in the contact's partition, or under the key that finds
//! it (a send under its token, a decision under its message), so that load spreads with contacts and messages, and no two contacts
//! meet anywhere on their way. See [`records`] for where each thing stands.
//!
//! **No locks, stamps.** A write is one transaction ([`work`]): each item that it changes, and each that it only rests on, must still bear
//! the stamp that it was read with. A contact's record is what all of a contact's writes rest on: it holds the last place given and
//! the last done (I4), what the contact forbids (I6), and its sends that have not come to their end, in order. So a settle that was
//! overtaken by a stop, a departure that was overtaken by an opt-out, and a second host with the same send all lose, and begin anew.
//!
//! **A lost reply.** A transaction's stamp is its client token: sent again, DynamoDB does it once. Where even that leaves it open, the
//! stamp that stands there tells whether it was ours.
//!
//! **Indexes are for finding.** Lists that people and hosts look through (lanes, timers, outboxes, decisions) are sparse secondary
//! indexes of keys alone. They follow within moments; whoever acts on what they list reads the record. What an invariant rests on is
//! never read from an index: a number's due sends stand in items of the table, written with the contact's record.
//!
//! **Hot keys.** There is nothing that all contacts of a tenant write to, but what is by its nature one number for all of them:
//! - *Places in an order that is followed* (decisions, hand-offs, drafts): one counter each, raised by a plain update that conflicts with
//!   nobody: about a thousand a second for each tenant, the most that one item takes. A place is given before its record is written;
//!   whoever follows does not pass a gap that may still be filled ([`reading`]). Beyond a thousand messages a second a tenant
//!   needs orders by number instead.
//! - *Limits over all contacts* (a rule's, a plugin's budget): one item each, raised in the settle's transaction. Some hundred a second.
//! - *A number's due list*: in four parts by contact; each send writes to one of them twice, which bears about a thousand sends a
//!   second, WhatsApp's own most for a number.
//! - *A campaign's reach*: counted in slices of a quarter of an hour, each in four parts.
//! - *Ids of contacts*: one counter, raised like the places, and only when somebody is new.
//! - *Lists of lanes and contacts*, and how many contacts there are: four parts by the contact's id.
//!
//! Sequences of sends are microseconds, raised past the contact's last one: within a contact they are strict, between contacts about right.
//!
//! **Claims.** A send in flight bears its host and a lease. What a host had in flight when it ended is of unknown outcome when it
//! starts again, or for whichever host looks when the lease is over (I11); a paused host that comes back finds its own send settled
//! or unknown, and never marked in flight twice.
//!
//! **Throttling** is waited for with growing pauses by chance, and bounded; then it is the host's fault, and the caller's to try again.

mod accept;
mod addressing;
mod aliases;
mod changing;
mod checking;
mod commit;
mod consent;
mod contacts;
mod counting;
mod due;
mod erasing;
mod exporting;
mod failure;
mod item;
mod joining;
mod measuring;
mod memory;
mod notes;
mod people;
mod reached;
mod reading;
mod records;
mod redrive;
mod reply_drafts;
mod retaining;
mod sends;
mod settle;
mod store;
mod switches;
mod table;
mod timers;
mod uniting;
mod work;

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::Client;
use gate::{Admitted, Reach};
use ledger::chain::LedgerKey;
use ledger::{
    Acceptance, Arrival, Arrived, Checked, Consented, ContactFilter, Counts, DeadLetter,
    DecisionRecord, Departed, Departure, Due, Erased, ExportPage, HandOff, Joined, Judge, Kept,
    Lane, Ledger, LedgerError, Next, Note, ReplyDraft, ReplyDraftFilter, Resolution, Retained,
    Retention, SendRecord, Settled, Settlement, SharedMemory, Stats, Timer, Unsure, UnsurePlace,
    Wanted,
};
use model::{
    ConsentChange, Contact, ContactId, ContactKey, DecisionId, Entry, Moment, NumberId, Phone,
    PluginName, ReplyDraftId, ReplyDraftState, RuleCount, SendState, SendToken, Span, StopSwitch,
    StopTarget, TenantId,
};

use crate::account::{self, Credentials};
use crate::limits;
use commit::{look, transact};
use records::Era;
use store::Store;
use work::Work;

/// What a [`DynamoLedger`] needs to know.
#[derive(Debug, Clone)]
pub struct DynamoOptions {
    /// The table's name.
    pub table: String,
    /// `eu-west-1`.
    pub region: String,
    /// Instead of AWS's own endpoint: an emulator's, or a private one.
    pub endpoint_url: Option<String>,
    /// Who calls.
    pub credentials: Credentials,
    /// This host's name among those of the fleet: the same when it starts again, and nobody else's.
    pub host: String,
    /// With what consent is chained: the same for all hosts.
    pub key: LedgerKey,
}

/// Why a ledger cannot be made of its options.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DynamoError {
    /// No region.
    #[error("region is empty: name the one where the table is, like \"eu-west-1\"")]
    Region,
    /// No table.
    #[error("table {0:?} is no name of a table: 3 to 255 letters, digits, `-`, `_` and `.`")]
    Table(String),
    /// No host.
    #[error(
        "host is empty: give each host of the fleet a name of its own, the same whenever it starts"
    )]
    Host,
    /// Records would travel in the clear.
    #[error("endpoint_url {0:?} is neither https nor http on a loopback address")]
    Endpoint(String),
    /// The table does not answer, or not as it must.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// All durable state, in one table.
#[derive(Debug)]
pub struct DynamoLedger {
    store: Store,
}

impl DynamoLedger {
    /// Checks the options, finds out who calls, and begins with the key or knows it again. The table must be there.
    pub async fn open(options: DynamoOptions) -> Result<Self, DynamoError> {
        let mut store = reach(options).await?;
        store.era = era(&store).await?;
        Ok(Self { store })
    }

    /// Makes the table, for tests and for trying out. A deployment's own template makes it with backups and encryption.
    pub async fn create_table(options: DynamoOptions) -> Result<(), DynamoError> {
        let store = reach(options).await?;
        Ok(table::create(&store.client, &store.table).await?)
    }

    /// A write begun on nothing: what is only read.
    fn look(&self) -> Work<'_> {
        Work::new(&self.store)
    }
}

async fn reach(options: DynamoOptions) -> Result<Store, DynamoError> {
    let DynamoOptions {
        table,
        region,
        endpoint_url,
        credentials,
        host,
        key,
    } = options;
    if region.trim().is_empty() {
        return Err(DynamoError::Region);
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if !(3..=255).contains(&table.len()) || !table.bytes().all(fits) {
        return Err(DynamoError::Table(table));
    }
    if host.trim().is_empty() {
        return Err(DynamoError::Host);
    }
    if let Some(url) = endpoint_url
        .as_deref()
        .filter(|url| !account::is_private(url))
    {
        return Err(DynamoError::Endpoint(url.to_owned()));
    }
    let shared = account::shared(region, credentials).await;
    let retries = RetryConfig::standard()
        .with_max_attempts(limits::DYNAMO_ATTEMPTS)
        .with_initial_backoff(limits::DYNAMO_BACKOFF)
        .with_max_backoff(limits::DYNAMO_BACKOFF_MOST);
    let patience = TimeoutConfig::builder()
        .connect_timeout(carrier::limits::CONNECT_WAIT)
        .operation_attempt_timeout(limits::DYNAMO_WAIT)
        .build();
    let mut config = aws_sdk_dynamodb::config::Builder::from(&shared)
        .retry_config(retries)
        .timeout_config(patience);
    if let Some(url) = endpoint_url {
        config = config.endpoint_url(url);
    }
    let client = Client::from_conf(config.build());
    Ok(Store::new(client, table, host, key))
}

/// The number of this host's key: known again by its fingerprint, or the next.
async fn era(store: &Store) -> Result<u64, LedgerError> {
    let fingerprint = hex::encode(store.key.fingerprint());
    transact!(store, "begin chains of consent", |work| {
        let known: Vec<Era> = work.query(records::ERAS, &store::Range::all()).await?;
        match known.iter().find(|known| known.fingerprint == fingerprint) {
            Some(known) => Ok(known.era),
            None => {
                if !known.is_empty() {
                    tracing::warn!(
                        "the host's secret is another than the one that consent was chained with: entries from before cannot be verified without it"
                    );
                }
                let era = known.iter().map(|known| known.era).max().unwrap_or(0) + 1;
                work.save(&Era {
                    fingerprint: fingerprint.clone(),
                    era,
                })?;
                Ok(era)
            }
        }
    })
}

#[async_trait]
impl Ledger for DynamoLedger {
    async fn accept(
        &self,
        arrivals: Vec<Arrival>,
        now: Moment,
    ) -> Result<Vec<Acceptance>, LedgerError> {
        accept::accept(&self.store, &arrivals, now).await
    }

    async fn lanes(&self, after: Option<Lane>, most: usize) -> Result<Vec<Lane>, LedgerError> {
        reading::lanes(&self.store, after.as_ref(), most).await
    }

    async fn next(&self, lane: &Lane) -> Result<Option<Next>, LedgerError> {
        look!(&self.store, "read a lane's head", |work| {
            reading::next(&mut work, lane).await
        })
    }

    async fn join(&self, lane: &Lane, now: Moment) -> Result<Joined, LedgerError> {
        joining::join(&self.store, lane, now).await
    }

    async fn memory(
        &self,
        tenant: &TenantId,
        plugin: &PluginName,
        contact: ContactId,
        now: Moment,
    ) -> Result<BTreeMap<String, Entry>, LedgerError> {
        memory::of_contact(&mut self.look(), tenant, plugin, contact, now).await
    }

    async fn shared_memory(
        &self,
        tenant: &TenantId,
        plugin: &PluginName,
        key: &str,
        now: Moment,
    ) -> Result<SharedMemory, LedgerError> {
        memory::shared(&mut self.look(), tenant, plugin, key, now).await
    }

    async fn rule_counts(
        &self,
        tenant: &TenantId,
        counts: &[RuleCount],
    ) -> Result<Vec<RuleCount>, LedgerError> {
        counting::stand(&mut self.look(), tenant, counts).await
    }

    async fn plugin_sends(
        &self,
        tenant: &TenantId,
        plugin: &PluginName,
        since: Moment,
    ) -> Result<u32, LedgerError> {
        counting::sends(&mut self.look(), tenant, plugin, since).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<Settled, LedgerError> {
        settle::settle(&self.store, &settlement).await
    }

    async fn due(
        &self,
        now: Moment,
        holds_back: Span,
        wanted: Wanted,
    ) -> Result<Vec<Due>, LedgerError> {
        due::due(&self.store, now.minus(holds_back), now, &wanted).await
    }

    async fn depart(
        &self,
        tenant: &TenantId,
        token: &SendToken,
        now: Moment,
        holds_back: Span,
        judge: Judge,
    ) -> Result<Departure, LedgerError> {
        sends::depart(&self.store, tenant, token, now, holds_back, judge).await
    }

    async fn arrive(
        &self,
        tenant: &TenantId,
        token: &SendToken,
        arrival: Arrived,
        now: Moment,
    ) -> Result<(), LedgerError> {
        transact!(&self.store, "record what a carrier said", |work| {
            sends::arrive(&mut work, tenant, token, &arrival, now).await
        })
    }

    async fn recover(&self, now: Moment) -> Result<usize, LedgerError> {
        let mut recovered = 0;
        for tenant in due::all_tenants(&self.store).await? {
            for state in [SendState::Unknown, SendState::InFlight] {
                let all = store::Range::all();
                for key in due::in_state(&self.store, &tenant, state, &all).await? {
                    let was_in_flight =
                        transact!(&self.store, "take up what was in flight", |work| {
                            sends::recover(&mut work, &key, now).await
                        });
                    recovered += usize::from(was_in_flight?);
                }
            }
        }
        Ok(recovered)
    }

    async fn unsure(
        &self,
        after: Option<UnsurePlace>,
        most: usize,
    ) -> Result<Vec<Unsure>, LedgerError> {
        due::unsure(&self.store, after.as_ref(), most).await
    }

    async fn resolve(
        &self,
        tenant: &TenantId,
        token: &SendToken,
        resolution: Resolution,
        now: Moment,
    ) -> Result<bool, LedgerError> {
        transact!(&self.store, "resolve an unknown outcome", |work| {
            sends::resolve(&mut work, tenant, token, resolution, now).await
        })
    }

    async fn next_due(&self, now: Moment) -> Result<Option<Moment>, LedgerError> {
        due::next_due(&self.store, now).await
    }

    async fn departures(&self, since: Moment) -> Result<Vec<Departed>, LedgerError> {
        due::departures(&self.store, since).await
    }

    async fn contact(
        &self,
        tenant: &TenantId,
        id: ContactId,
    ) -> Result<Option<Contact>, LedgerError> {
        look!(&self.store, "read a contact", |work| {
            contacts::load(&mut work, tenant, id).await
        })
    }

    async fn contact_of(
        &self,
        tenant: &TenantId,
        phone: &Phone,
    ) -> Result<Option<Contact>, LedgerError> {
        look!(&self.store, "look for a contact", |work| {
            match contacts::by_phone(&mut work, tenant, Some(phone)).await? {
                Some(id) => contacts::load(&mut work, tenant, id).await,
                None => Ok(None),
            }
        })
    }

    async fn throw_switch(
        &self,
        tenant: &TenantId,
        switch: StopSwitch,
    ) -> Result<bool, LedgerError> {
        switches::throw(&self.store, tenant, &switch).await
    }

    async fn lift_switch(
        &self,
        tenant: &TenantId,
        target: &StopTarget,
        now: Moment,
    ) -> Result<bool, LedgerError> {
        switches::lift(&self.store, tenant, target, now).await
    }

    async fn switches(&self) -> Result<Vec<(TenantId, StopSwitch)>, LedgerError> {
        switches::all(&self.store).await
    }

    async fn reach(
        &self,
        tenant: &TenantId,
        contact: ContactId,
        now: Moment,
    ) -> Result<Reach, LedgerError> {
        reached::reach(&mut self.look(), tenant, contact, now).await
    }

    async fn meet(
        &self,
        tenant: &TenantId,
        key: &ContactKey,
        now: Moment,
    ) -> Result<ContactId, LedgerError> {
        transact!(&self.store, "meet a contact", |work| {
            people::meet(&mut work, tenant, key, now).await
        })
    }

    async fn contacts(
        &self,
        tenant: &TenantId,
        filter: ContactFilter,
        after: Option<ContactId>,
        most: usize,
    ) -> Result<Vec<Contact>, LedgerError> {
        people::contacts(&self.store, tenant, &filter, after, most).await
    }

    async fn pause(
        &self,
        tenant: &TenantId,
        id: ContactId,
        until: Moment,
        now: Moment,
    ) -> Result<bool, LedgerError> {
        transact!(&self.store, "pause", |work| {
            people::pause(&mut work, tenant, id, until, now).await
        })
    }

    async fn consent(
        &self,
        tenant: &TenantId,
        id: ContactId,
        change: ConsentChange,
    ) -> Result<Consented, LedgerError> {
        transact!(&self.store, "change consent", |work| {
            consent::say(&mut work, tenant, id, &change).await
        })
    }

    async fn send(&self, send: Admitted, now: Moment) -> Result<bool, LedgerError> {
        transact!(&self.store, "put a send into the outbox", |work| {
            people::send(&mut work, send.outbound(), now).await
        })
    }

    async fn unsure_of(
        &self,
        tenant: &TenantId,
        token: &SendToken,
    ) -> Result<Option<Unsure>, LedgerError> {
        due::unsure_of(&mut self.look(), tenant, token).await
    }

    async fn redrive(&self, id: &DecisionId, _now: Moment) -> Result<Option<Lane>, LedgerError> {
        let undone = reading::undone_lately(&self.store).await?;
        if undone >= ledger::limits::UNDONE {
            return Err(LedgerError::Full { undone });
        }
        transact!(&self.store, "take up a dead letter", |work| {
            redrive::redrive(&mut work, id).await
        })
    }

    async fn timers(&self, now: Moment, most: usize) -> Result<Vec<Timer>, LedgerError> {
        timers::due(&self.store, now, most).await
    }

    async fn next_timer(&self) -> Result<Option<Moment>, LedgerError> {
        timers::next(&self.store).await
    }

    async fn end_pause(
        &self,
        tenant: &TenantId,
        id: ContactId,
        now: Moment,
    ) -> Result<bool, LedgerError> {
        transact!(&self.store, "end a pause", |work| {
            timers::end_pause(&mut work, tenant, id, now).await
        })
    }

    async fn release(
        &self,
        tenant: &TenantId,
        id: ContactId,
        _now: Moment,
    ) -> Result<bool, LedgerError> {
        transact!(&self.store, "give a conversation back", |work| {
            changing::release(&mut work, tenant, id).await
        })
    }

    async fn decision(&self, id: &DecisionId) -> Result<Option<DecisionRecord>, LedgerError> {
        reading::decision(&mut self.look(), id).await
    }

    async fn decision_of(
        &self,
        tenant: &TenantId,
        contact: ContactId,
        before: Option<u64>,
        number: Option<&NumberId>,
    ) -> Result<Option<DecisionRecord>, LedgerError> {
        reading::decision_of(&mut self.look(), tenant, contact, before, number).await
    }

    async fn decisions(
        &self,
        tenant: &TenantId,
        after: Option<u64>,
        most: usize,
    ) -> Result<Vec<DecisionRecord>, LedgerError> {
        reading::decisions(&self.store, tenant, after, most).await
    }

    async fn send_record(
        &self,
        tenant: &TenantId,
        token: &SendToken,
    ) -> Result<Option<SendRecord>, LedgerError> {
        let mut work = self.look();
        let send: Option<records::Send> = work.peek(&records::send_key(tenant, token)).await?;
        Ok(send.map(sends::record))
    }

    async fn sends(&self, id: &DecisionId) -> Result<Vec<SendRecord>, LedgerError> {
        reading::sends_of(&self.store, id).await
    }

    async fn outbox(
        &self,
        tenant: &TenantId,
        state: Option<SendState>,
        most: usize,
    ) -> Result<Vec<SendRecord>, LedgerError> {
        reading::outbox(&self.store, tenant, state, most).await
    }

    async fn hand_offs(
        &self,
        tenant: &TenantId,
        after: Option<u64>,
        most: usize,
    ) -> Result<Vec<HandOff>, LedgerError> {
        reading::hand_offs(&self.store, tenant, after, most).await
    }

    async fn reply_drafts(
        &self,
        tenant: &TenantId,
        filter: ReplyDraftFilter,
        after: Option<u64>,
        most: usize,
    ) -> Result<Vec<ReplyDraft>, LedgerError> {
        reply_drafts::listed(&self.store, tenant, &filter, after, most).await
    }

    async fn reply_draft(
        &self,
        tenant: &TenantId,
        id: ReplyDraftId,
    ) -> Result<Option<ReplyDraft>, LedgerError> {
        reply_drafts::one(&mut self.look(), tenant, id).await
    }

    async fn send_reply_draft(
        &self,
        tenant: &TenantId,
        id: ReplyDraftId,
        send: Admitted,
        by: Option<&str>,
        now: Moment,
    ) -> Result<bool, LedgerError> {
        transact!(&self.store, "send a draft", |work| {
            reply_drafts::send(&mut work, tenant, id, &send, by, now).await
        })
    }

    async fn drop_reply_draft(
        &self,
        tenant: &TenantId,
        id: ReplyDraftId,
        by: Option<&str>,
        now: Moment,
    ) -> Result<bool, LedgerError> {
        transact!(&self.store, "drop a draft", |work| {
            let dropped = ReplyDraftState::Dropped;
            reply_drafts::decide(&mut work, tenant, id, dropped, by, now).await
        })
    }

    async fn dead_letters(
        &self,
        tenant: &TenantId,
        most: usize,
    ) -> Result<Vec<DeadLetter>, LedgerError> {
        reading::dead_letters(&self.store, tenant, most).await
    }

    async fn notes(
        &self,
        tenant: &TenantId,
        id: ContactId,
        most: usize,
    ) -> Result<Vec<Note>, LedgerError> {
        let mut work = self.look();
        let id = contacts::followed(&mut work, tenant, id).await?;
        let most = most.min(ledger::limits::ROWS_PER_READ);
        notes::newest(&mut work, tenant, id, most).await
    }

    async fn consent_log(
        &self,
        tenant: &TenantId,
        id: ContactId,
    ) -> Result<Vec<ConsentChange>, LedgerError> {
        look!(&self.store, "read the log of consent", |work| {
            let id = contacts::followed(&mut work, tenant, id).await?;
            consent::log(&mut work, tenant, id).await
        })
    }

    async fn kept(
        &self,
        tenant: &TenantId,
        name: Option<&str>,
        most: usize,
    ) -> Result<Vec<Kept>, LedgerError> {
        reading::kept(&self.store, tenant, name, most).await
    }

    async fn erase(
        &self,
        tenant: &TenantId,
        id: ContactId,
        now: Moment,
    ) -> Result<Option<Erased>, LedgerError> {
        erasing::erase(&self.store, tenant, id, now).await
    }

    async fn erasure(
        &self,
        tenant: &TenantId,
        id: ContactId,
        now: Moment,
    ) -> Result<Option<Erased>, LedgerError> {
        erasing::erasure(&self.store, tenant, id, now).await
    }

    async fn retain(
        &self,
        tenant: &TenantId,
        retention: &Retention,
        now: Moment,
        most: usize,
    ) -> Result<Retained, LedgerError> {
        retaining::retain(&self.store, tenant, retention, now, most).await
    }

    async fn expired(
        &self,
        tenant: &TenantId,
        retention: &Retention,
        now: Moment,
    ) -> Result<Retained, LedgerError> {
        retaining::expired(&self.store, tenant, retention, now).await
    }

    async fn check(&self) -> Result<Checked, LedgerError> {
        checking::check(&self.store).await
    }

    async fn stats(&self) -> Result<Stats, LedgerError> {
        measuring::stats(&self.store).await
    }

    async fn export(
        &self,
        tenant: &TenantId,
        id: ContactId,
        after: Option<&str>,
        most: usize,
    ) -> Result<Option<ExportPage>, LedgerError> {
        exporting::page(&self.store, tenant, id, after, most).await
    }

    async fn probe(&self, now: Moment) -> Result<(), LedgerError> {
        accept::probe(&self.store, now).await
    }

    async fn counts(&self) -> Result<Counts, LedgerError> {
        reading::counts(&self.store).await
    }
}
