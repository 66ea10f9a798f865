//! What the ledger says at the end, held against what was seen on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::sqlite::SqliteLedger;
use ledger::{DecisionRecord, Ledger};
use model::{ContactId, Decision, Ending, Moment, PluginName, Span, StepResult, TenantId};

use crate::judge::{Departed, Judge, Known, Sent};
use crate::shop::{self, TENANTS};
use crate::story::Story;
use crate::world::{BEGINNING, World};

/// More than any world has.
const ALL: usize = 10_000;

/// Judges a world that has come to rest.
pub async fn at_the_end(world: &Arc<World>, ledger: &Arc<SqliteLedger>, story: &Story) {
    let now = world.with(|state| state.clock());
    let mut blames = Vec::new();
    let counts = ledger.counts().await.unwrap();
    if counts.undone > 0 || counts.ready > 0 {
        blames.push(format!("I14: at the end there are {counts:?}"));
    }
    for place in 0..TENANTS.len() {
        let tenant = shop::tenant(place);
        let decisions = ledger.decisions(&tenant, Some(0), ALL).await.unwrap();
        let seen = Seen::of(world, &tenant);
        blames.extend(messages(&seen, &tenant, &decisions, ledger).await);
        blames.extend(sends(&seen, &tenant, ledger).await);
        blames.extend(contacts(&seen, &tenant, ledger).await);
        // Next day limits begin anew, and plugins have forgotten.
        if !story.jumps && now.since(BEGINNING) < Span::from_hours(11) {
            blames.extend(memory(&seen, &tenant, &decisions, ledger, now).await);
            blames.extend(limited(&tenant, &decisions));
        }
    }
    blames.extend(world.judge(|judge| rates(judge, story.ways.per_second)));
    world.judge(|judge| judge.violations.extend(blames));
}

/// What the judge saw of one tenant.
struct Seen {
    said: Vec<(model::DecisionId, bool, u32)>,
    sends: Vec<(model::SendToken, model::DecisionId)>,
    contacts: Vec<(ContactId, bool, bool, usize, bool)>,
}

impl Seen {
    fn of(world: &Arc<World>, tenant: &TenantId) -> Self {
        world.judge(|judge| {
            let said = judge.said.iter().filter(|(id, _)| id.tenant == *tenant);
            let sends = judge.sends.iter().filter(|((whose, _), _)| whose == tenant);
            let contacts = judge
                .contacts
                .iter()
                .filter(|((whose, _), _)| whose == tenant);
            let contact = |((_, id), known): (&(TenantId, ContactId), &Known)| {
                let is_united = judge.has_two_names(tenant, known.person);
                (
                    *id,
                    is_united,
                    known.is_out,
                    known.changes,
                    known.stops.is_empty(),
                )
            };
            Self {
                said: said
                    .map(|(id, heard)| (id.clone(), heard.acknowledged, heard.decided))
                    .collect(),
                sends: sends
                    .map(|((_, token), sent): (_, &Sent)| {
                        (token.clone(), crate::judge::cause(&sent.outbound))
                    })
                    .collect(),
                contacts: contacts.map(contact).collect(),
            }
        })
    }
}

/// I1, I2, I13: each message that was acknowledged is decided, once, and nothing else is.
async fn messages(
    seen: &Seen,
    tenant: &TenantId,
    decisions: &[DecisionRecord],
    ledger: &SqliteLedger,
) -> Vec<String> {
    let mut blames = Vec::new();
    for (id, acknowledged, decided) in &seen.said {
        let stored = ledger.decision(id).await.unwrap();
        if !acknowledged {
            blames.push(format!("I1: {id:?} was never acknowledged"));
        } else if stored.is_none() || *decided != 1 {
            blames.push(format!(
                "I1: {id:?} was acknowledged, and decided {decided} times"
            ));
        }
    }
    if decisions.len() != seen.said.len() {
        blames.push(format!(
            "I13: {tenant} has {} decisions on {} messages",
            decisions.len(),
            seen.said.len()
        ));
    }
    let dead = decisions
        .iter()
        .filter(|record| matches!(record.decision.ending, Ending::DeadLetter { .. }));
    let letters = ledger.dead_letters(tenant, ALL).await.unwrap();
    let (dead, letters) = (dead.count(), letters.len());
    if dead != letters {
        blames.push(format!(
            "I3: {tenant} gave up {dead} messages, and has {letters} dead letters"
        ));
    }
    blames
}

/// I3: the outbox has what was settled, and nothing else; and all of it has come to an end.
async fn sends(seen: &Seen, tenant: &TenantId, ledger: &SqliteLedger) -> Vec<String> {
    let outbox = ledger.outbox(tenant, None, ALL).await.unwrap();
    let mut blames: Vec<String> = outbox
        .iter()
        .filter(|send| !Judge::is_final(send.state))
        .map(|send| format!("I11: {} ends as {}", send.outbound.token, send.state))
        .collect();
    let stored: BTreeMap<_, _> = outbox
        .iter()
        .map(|send| (&send.outbound.token, crate::judge::cause(&send.outbound)))
        .collect();
    for (token, cause) in &seen.sends {
        if stored.get(token) != Some(cause) {
            blames.push(format!(
                "I3: {token} was settled with {cause:?}, and the outbox has {:?}",
                stored.get(token)
            ));
        }
    }
    if stored.len() != seen.sends.len() {
        blames.push(format!(
            "I3: {tenant} has {} sends, and {} were settled",
            stored.len(),
            seen.sends.len()
        ));
    }
    blames
}

/// I3, I6: consent is what was settled, and its log has every change. Of people with two names only that no stop is forgotten.
async fn contacts(seen: &Seen, tenant: &TenantId, ledger: &SqliteLedger) -> Vec<String> {
    let mut blames = Vec::new();
    for (id, is_united, is_out, changes, has_no_stops) in &seen.contacts {
        if !has_no_stops {
            blames.push(format!(
                "I6: a stop of contact {id} of {tenant} was never decided"
            ));
        }
        let Some(contact) = ledger.contact(tenant, *id).await.unwrap() else {
            blames.push(format!("I1: contact {id} of {tenant} is gone"));
            continue;
        };
        if contact.stop_pending {
            blames.push(format!(
                "I6: a stop of contact {id} of {tenant} is pending at the end"
            ));
        }
        if *is_united {
            continue;
        }
        if contact.consent.everything.is_out() != *is_out {
            blames.push(format!(
                "I3: contact {id} of {tenant} is out: {is_out}, and the ledger says {:?}",
                contact.consent
            ));
        }
        let log = ledger.consent_log(tenant, *id).await.unwrap();
        if log.len() != *changes {
            blames.push(format!(
                "I3: contact {id} of {tenant} changed its mind {changes} times, and its log has {}",
                log.len()
            ));
        }
    }
    blames
}

/// I3: what plugins count is what was decided.
async fn memory(
    seen: &Seen,
    tenant: &TenantId,
    decisions: &[DecisionRecord],
    ledger: &SqliteLedger,
    now: Moment,
) -> Vec<String> {
    let mut blames = Vec::new();
    let plugin = PluginName::new("asking-guest").unwrap();
    let counted = |of: &str, contact: Option<ContactId>| {
        let theirs = decisions.iter().filter(|record| {
            contact.is_none_or(|contact| record.decision.contact == contact)
                && stands(&record.decision, of)
        });
        theirs.count()
    };
    let number = |entry: Option<&model::Entry>| {
        entry.map_or(0, |entry| entry.value.parse().unwrap_or(usize::MAX))
    };
    for (id, is_united, ..) in &seen.contacts {
        if *is_united {
            continue;
        }
        let memory = ledger.memory(tenant, &plugin, *id, now).await.unwrap();
        let (kept, counted) = (number(memory.get("n")), counted("own", Some(*id)));
        if kept != counted {
            blames.push(format!(
                "I3: contact {id} of {tenant} was counted {counted} times, and memory says {kept}"
            ));
        }
    }
    let shared = ledger.shared_memory(tenant, &plugin, "n", now).await;
    let kept = number(shared.unwrap().entry.as_ref());
    let counted = counted("all", None);
    if kept != counted {
        blames.push(format!(
            "I3: all contacts of {tenant} were counted {counted} times, and memory says {kept}"
        ));
    }
    blames
}

/// I3: of two that are decided at once only one takes the last place of a limit.
fn limited(tenant: &TenantId, decisions: &[DecisionRecord]) -> Option<String> {
    let answered = decisions
        .iter()
        .filter_map(|record| record.decision.answered_by())
        .filter(|rule| rule.as_str() == "limited")
        .count();
    (answered > shop::LIMITED).then(|| {
        format!(
            "I3: {tenant} may answer {} times, and did {answered} times",
            shop::LIMITED
        )
    })
}

fn stands(decision: &Decision, rule: &str) -> bool {
    let mut steps = decision.steps.iter();
    steps.any(|step| step.rule.as_str() == rule && step.result == StepResult::Stands)
}

/// The gate's rates, counted naively over all that the network took.
fn rates(judge: &Judge, per_second: Option<u32>) -> Vec<String> {
    let mut blames = Vec::new();
    let most = per_second.unwrap_or(gate::limits::NUMBER_BURST) as usize;
    let mut by_number: BTreeMap<_, Vec<Moment>> = BTreeMap::new();
    let mut by_pair: BTreeMap<_, Vec<Moment>> = BTreeMap::new();
    let counts = |departed: &&Departed| departed.was_taken && departed.by_a_steady_clock;
    for departed in judge.departures.iter().filter(counts) {
        by_number
            .entry(&departed.number)
            .or_default()
            .push(departed.at);
        let pair = (&departed.tenant, &departed.number, departed.contact);
        by_pair.entry(pair).or_default().push(departed.at);
    }
    for (number, times) in &mut by_number {
        times.sort();
        let within = |span: &&[Moment]| span[most].since(span[0]) < Span::from_seconds(1);
        if let Some(within) = times.windows(most + 1).find(within) {
            blames.push(format!(
                "number {number} sent more than {most} within a second: {within:?}"
            ));
        }
    }
    for (pair, times) in &mut by_pair {
        times.sort();
        let burst = usize::try_from(gate::limits::PAIR_BURST).unwrap();
        for (first, begun) in times.iter().enumerate() {
            for (last, at) in times.iter().enumerate().skip(first + burst) {
                let earned = at.since(*begun).milliseconds() / gate::limits::PAIR_INTERVAL_MS;
                if last - first + 1 > burst + usize::try_from(earned).unwrap() {
                    blames.push(format!("{pair:?} was sent more than its rate"));
                    return blames;
                }
            }
        }
    }
    blames
}
