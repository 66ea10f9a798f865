//! Every operation of a ledger, listed once: for ledgers of tests, which put something in front of the real one.

/// Gives the macro that is named all operations of [`ledger::Ledger`], and passes on what is in its braces. Those that `decides` holds
/// are what becomes of messages and sends; the others only read, or write something on the side.
macro_rules! operations {
    ($to:ident { $($rest:tt)* }) => {
        $to! {
            reads {
                fn lanes(after: Option<Lane>, most: usize) -> Vec<Lane>;
                fn next(lane: &Lane) -> Option<Next>;
                fn memory(tenant: &TenantId, plugin: &PluginName, contact: ContactId, now: Moment) -> BTreeMap<String, Entry>;
                fn shared_memory(tenant: &TenantId, plugin: &PluginName, key: &str, now: Moment) -> SharedMemory;
                fn rule_counts(tenant: &TenantId, counts: &[RuleCount]) -> Vec<RuleCount>;
                fn plugin_sends(tenant: &TenantId, plugin: &PluginName, since: Moment) -> u32;
                fn due(now: Moment, holds_back: Span, wanted: Wanted) -> Vec<Due>;
                fn next_due(now: Moment) -> Option<Moment>;
                fn contact(tenant: &TenantId, id: ContactId) -> Option<Contact>;
                fn contact_of(tenant: &TenantId, phone: &Phone) -> Option<Contact>;
                fn switches() -> Vec<(TenantId, StopSwitch)>;
                fn reach(tenant: &TenantId, contact: ContactId, now: Moment) -> Reach;
                fn contacts(tenant: &TenantId, filter: ContactFilter, after: Option<ContactId>, most: usize) -> Vec<Contact>;
                fn unsure_of(tenant: &TenantId, token: &SendToken) -> Option<Unsure>;
                fn timers(now: Moment, most: usize) -> Vec<Timer>;
                fn next_timer() -> Option<Moment>;
                fn decision(id: &DecisionId) -> Option<DecisionRecord>;
                fn decision_of(tenant: &TenantId, contact: ContactId, before: Option<u64>, number: Option<&NumberId>) -> Option<DecisionRecord>;
                fn decisions(tenant: &TenantId, after: Option<u64>, most: usize) -> Vec<DecisionRecord>;
                fn send_record(tenant: &TenantId, token: &SendToken) -> Option<SendRecord>;
                fn sends(id: &DecisionId) -> Vec<SendRecord>;
                fn outbox(tenant: &TenantId, state: Option<SendState>, most: usize) -> Vec<SendRecord>;
                fn hand_offs(tenant: &TenantId, after: Option<u64>, most: usize) -> Vec<HandOff>;
                fn reply_drafts(tenant: &TenantId, filter: ReplyDraftFilter, after: Option<u64>, most: usize) -> Vec<ReplyDraft>;
                fn reply_draft(tenant: &TenantId, id: ReplyDraftId) -> Option<ReplyDraft>;
                fn dead_letters(tenant: &TenantId, most: usize) -> Vec<DeadLetter>;
                fn notes(tenant: &TenantId, id: ContactId, most: usize) -> Vec<Note>;
                fn consent_log(tenant: &TenantId, id: ContactId) -> Vec<ConsentChange>;
                fn kept(tenant: &TenantId, name: Option<&str>, most: usize) -> Vec<Kept>;
                fn counts() -> Counts;
                fn erasure(tenant: &TenantId, id: ContactId, now: Moment) -> Option<Erased>;
                fn expired(tenant: &TenantId, retention: &Retention, now: Moment) -> Retained;
                fn check() -> Checked;
                fn stats() -> Stats;
                fn export(tenant: &TenantId, id: ContactId, after: Option<&str>, most: usize) -> Option<ExportPage>;
            }
            writes {
                fn meet(tenant: &TenantId, key: &ContactKey, now: Moment) -> ContactId;
                fn pause(tenant: &TenantId, id: ContactId, until: Moment, now: Moment) -> bool;
                fn consent(tenant: &TenantId, id: ContactId, change: ConsentChange) -> Consented;
                fn redrive(id: &DecisionId, now: Moment) -> Option<Lane>;
                fn send_reply_draft(tenant: &TenantId, id: ReplyDraftId, send: Admitted, by: Option<&str>, now: Moment) -> bool;
                fn drop_reply_draft(tenant: &TenantId, id: ReplyDraftId, by: Option<&str>, now: Moment) -> bool;
                fn probe(now: Moment) -> ();
                fn erase(tenant: &TenantId, id: ContactId, now: Moment) -> Option<Erased>;
                fn retain(tenant: &TenantId, retention: &Retention, now: Moment, most: usize) -> Retained;
            }
            decides {
                fn accept(arrivals: Vec<Arrival>, now: Moment) -> Vec<Acceptance>;
                fn settle(settlement: Settlement) -> Settled;
                fn join(lane: &Lane, now: Moment) -> Joined;
                fn depart(tenant: &TenantId, token: &SendToken, now: Moment, holds_back: Span, judge: Judge) -> Departure;
                fn arrive(tenant: &TenantId, token: &SendToken, arrival: Arrived, now: Moment) -> ();
                fn recover(now: Moment) -> usize;
                fn unsure(after: Option<UnsurePlace>, most: usize) -> Vec<Unsure>;
                fn resolve(tenant: &TenantId, token: &SendToken, resolution: Resolution, now: Moment) -> bool;
                fn departures(since: Moment) -> Vec<Departed>;
                fn throw_switch(tenant: &TenantId, switch: StopSwitch) -> bool;
                fn lift_switch(tenant: &TenantId, target: &StopTarget, now: Moment) -> bool;
                fn send(send: Admitted, now: Moment) -> bool;
                fn end_pause(tenant: &TenantId, id: ContactId, now: Moment) -> bool;
                fn release(tenant: &TenantId, id: ContactId, now: Moment) -> bool;
            }
            $($rest)*
        }
    };
}
pub(crate) use operations;
