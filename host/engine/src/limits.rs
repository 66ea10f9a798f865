//! What bounds the engine, each with its reason.

use std::time::Duration;

use model::Span;

/// Lanes with a task of their own; further ones wait in the ledger and are taken up as these end.
pub const LANES_AWAKE: usize = 10_000;
/// Of one tenant: a flood of one leaves room for five others. Only [`ATTEMPTS_AT_ONCE`] of them get on at any time anyway.
pub const LANES_AWAKE_OF_TENANT: usize = LANES_AWAKE / 5;
/// Attempts under way at once, tenants by turns: they compute, and more than that only take turns at the processors. While an attempt
/// waits for somebody outside it is not among them.
pub const ATTEMPTS_AT_ONCE: usize = 64;
/// Lanes read from the ledger in one go at start.
pub const LANES_PER_READ: usize = 1000;
/// I3: the host's own faults are retried so often, within 30 s in all.
pub const FAULT_WAITS: [Duration; 3] = [
    Duration::from_millis(250),
    Duration::from_secs(2),
    Duration::from_secs(10),
];
/// Attempts that lost a race and run again, at once: one after the other, so that each of them gets through. What they asked is kept,
/// so none takes long.
pub const RERUNS_AT_ONCE: usize = 1;
/// Attempts lost to a contact or a shared key that changed meanwhile, before they count as a fault.
pub const RACES_LOST: u32 = 20;
/// Between tries when the ledger cannot even be read: the lane waits, nothing is lost.
pub const LEDGER_WAIT: Duration = Duration::from_secs(1);
/// Steps of one decision: rules with `also` and fallbacks could otherwise go round for ever.
pub const STEPS_PER_DECISION: usize = 20;
/// Steps of shadows beside them: a contact waits for each of them. A further shadow is not run; the rules that answer go on.
pub const SHADOW_STEPS_PER_DECISION: usize = 10;
/// How often limited rules answered one contact, in periods that are not over: more than any rulebook limits that talks to a person.
/// A further count takes the place of the one whose period began first.
pub const COUNTS_PER_CONTACT: usize = 200;

/// Deliveries under way at once, of all carriers. Each is a task and a connection; a call takes some 100 ms, so this is the rate of a
/// hundred numbers. A carrier holds no more of them than are free, and a number no more than half of that: one that has become slow
/// never has all.
pub const DELIVERIES_AT_ONCE: usize = 1024;
/// Sends that are known to be due beside the ledger, each some 300 bytes. Further ones wait in the ledger, and are asked for as these
/// leave.
pub const SENDS_KEPT: usize = 16_384;
/// Of one number: several seconds of its rate.
pub const SENDS_KEPT_OF_A_NUMBER: usize = 1000;
/// Due sends looked at in one go: what one read of the ledger returns at most.
pub const DUE_PER_READ: usize = 1000;
/// Of one number: then others have their turn.
pub const DUE_PER_NUMBER: usize = 250;
/// The dispatcher looks again at least this often, whatever woke it or not.
pub const OUTBOX_TICK: Duration = Duration::from_secs(1);
/// A number whose rate is spent is looked at again after this at the earliest: several of its sends leave then, for one look.
pub const PACE_STEP: Span = Span::from_millis(5);
/// A retry is never further away than this.
pub const LONGEST_BACKOFF: Span = Span::from_minutes(30);

/// Sends of unknown outcome looked at in one go.
pub const UNSURE_PER_READ: usize = 256;
/// While there are any, how often it is seen whether one of them is due, or new evidence has come.
pub const UNSURE_TICK: Duration = Duration::from_millis(500);
/// Without evidence either way, an unsure send is held for a person after this: its window is closing anyway.
pub const UNSURE_MOST: Span = Span::from_hours(23);

/// A send of unknown outcome holds back what follows it to the same contact for so long at most: a status tells within seconds,
/// and then the order is kept. Longer would leave a person waiting for what may never be told.
pub const UNKNOWN_HOLDS_BACK: Span = Span::from_seconds(10);
/// After `unsure_after`, the second try of such a send is made within this: three ticks.
pub const SECOND_TRY: Span = Span::from_millis(1500);

/// How long the bot keeps silent where two machines seemed to talk to each other: by then a person has looked, or the other machine
/// has given up.
pub const LOOP_PAUSE: Span = Span::from_hours(12);

/// How far back departures count towards the rates after a restart: a full pair burst recovers in 270 s.
pub const RATE_MEMORY: Span = Span::from_minutes(5);
/// What a sender is told when the backlog is full.
pub const RETRY_WHEN_FULL: Span = Span::from_seconds(30);
/// How long a stop waits for what is under way.
pub const STOP_WAIT: Duration = Duration::from_secs(10);

/// Files of one tenant's rules: what the rulebook reads.
pub const RULE_FILES: usize = rulebook::limits::FILES;
/// The bytes of one rule file: what the rulebook reads.
pub const RULE_FILE_BYTES: usize = rulebook::limits::FILE_BYTES;
/// The bytes of an unstripped build that lies beside a plugin for its names: debug information is several times the code.
pub const SYMBOL_BYTES: usize = 64 * 1024 * 1024;

/// Changes settle this long before an edition is made of them: editors write in several steps.
pub const RELOAD_QUIET: Duration = Duration::from_millis(100);
/// A folder that never comes to rest is read after this all the same.
pub const RELOAD_MOST: Duration = Duration::from_secs(2);
/// Files are looked at this often even if no change was announced: some file systems announce none.
pub const RELOAD_TICK: Duration = Duration::from_secs(30);

/// Tests played at once: each has a ledger of its own, with its thread.
pub const TESTS_AT_ONCE: usize = 32;
/// Rules told of that did not hold before the one that answered a turn of a red test: a page. The rest is counted.
pub const LOOKS_TOLD: usize = 50;

/// Failures of a plugin without a success between them, for one tenant, before it is left alone.
pub const FAILURES_IN_A_ROW: u32 = 5;

/// How long it is left alone at first; each failed probe doubles that.
pub const FIRST_BACK_OFF: Span = Span::from_seconds(10);

/// It is never left alone for longer without another probe.
pub const LONGEST_QUARANTINE: Span = Span::from_minutes(10);

/// A probe that has not come back after this is taken as lost: longer than any run may take.
pub const PROBE_MOST: Span = Span::from_minutes(1);

/// Pairs of plugin and tenant with failures on their account that are remembered; further ones are simply run.
pub const BREAKERS: usize = 10_000;

/// Bytes of proposals and answers in one decision's record, of the 300 KiB that it may have in all: what would go beyond is refused
/// while the plugin can be told. Looks and logs get the rest, and give way.
pub const RECORDED_BYTES: usize = 220 * 1024;
/// Of shadows beside it: what they propose and are told takes no room from those that answer, and both fit.
pub const SHADOW_RECORDED_BYTES: usize = 40 * 1024;
/// What a proposal's verdict and checks take up beside it, counted for all alike.
pub const VERDICT_BYTES: usize = 1536;
/// What must be left of that for the answer before anything is asked.
pub const ROOM_TO_ANSWER: usize = 4096;
/// Answers kept for a message's further attempts: more than one attempt's record can hold. What goes beyond is asked again.
pub const ANSWERS_KEPT_BYTES: usize = 2 * RECORDED_BYTES;

/// Questions to one knowledge base, or requests to one endpoint, of one tenant at once: what becomes slow must not take every
/// attempt with it. A further one is answered `slow`.
pub const ASKED_AT_ONCE: usize = 32;
/// Attempts that wait for a base or an endpoint through one plugin of one tenant: what it asks must not take the places of the others.
pub const WAITING_OF_PLUGIN: usize = 32;
/// Attempts that wait for a base or an endpoint, in all. Each keeps an instance of the sandbox's pool; what is left of the pool is enough
/// for all attempts that compute.
pub const WAITING_OUTSIDE: usize = sandbox::limits::CONCURRENT_RUNS as usize - ATTEMPTS_AT_ONCE;
/// A knowledge base that has not answered by then is slow: the contact waits.
pub const KNOWLEDGE_WAIT: Duration = Duration::from_secs(15);
/// A question's characters: a contact's words, not a document.
pub const QUESTION_CHARS: usize = 1000;
/// Passages that an answer may rest on: more than anybody reads.
pub const PASSAGES: u8 = 10;
/// Marks that a document must bear.
pub const FILTERS: usize = 8;
/// A filter's key or value.
pub const FILTER_CHARS: usize = 200;
/// A session's name, as a knowledge base made it up.
pub const SESSION_CHARS: usize = 1024;
/// A run that takes longer than this shows the contact that somebody is at it: nearly all take a thousandth of it.
pub const TYPING_AFTER: Duration = Duration::from_secs(1);
/// Retention begins so long after a start, which has enough to do.
pub const RETENTION_BEGINS: Duration = Duration::from_secs(60);
/// Between two looks for what is past its time: nobody counts retention in minutes.
pub const RETENTION_EVERY: Duration = Duration::from_secs(10 * 60);
/// Between two portions while there is more: messages that come in go first.
pub const RETENTION_BREATH: Duration = Duration::from_millis(500);
/// Records of a tenant that one portion removes: what a ledger calls one call's worth.
pub const RETAINED_AT_ONCE: usize = ledger::limits::RETAINED_PER_CALL;
/// Timers that came due and are looked at in one go.
pub const TIMERS_PER_READ: usize = 256;
/// Whether a timer is due is seen at least this often, whatever clock it is.
pub const TIMER_TICK: Duration = Duration::from_secs(1);
/// The newest alerts that are kept for people; what repeats counts once.
pub const ALERTS_KEPT: usize = 100;
/// Kinds of alerts that are counted by themselves, each with its code. There are a few dozen codes; the rest is counted together.
pub const ALERT_CODES: usize = 256;
/// Typing marks on their way at once; a further one is left out.
pub const MARKS_AT_ONCE: usize = 64;

/// Dead letters that one call takes up again: each is read and written by itself, and a call should end within seconds.
pub const REDRIVEN_AT_ONCE: usize = 1000;
