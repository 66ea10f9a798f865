//! Drafts: what a rule would have sent waits at a desk until a person sends or drops it, once.

use gate::Admitted;
use ledger::{LedgerError, ReplyDraft, ReplyDraftFilter, limits as bounds};
use model::{DecisionId, Moment, ReplyDraftId, ReplyDraftState, TenantId};

use super::contacts::{followed, the_contact};
use super::records::{Draft, What, decision_key, draft_key, place, place_key};
use super::store::{END, Range, Store};
use super::work::Work;
use super::{people, reading, records, sends};

pub(super) async fn listed(
    store: &Store,
    tenant: &TenantId,
    filter: &ReplyDraftFilter,
    after: Option<u64>,
    most: usize,
) -> Result<Vec<ReplyDraft>, LedgerError> {
    let most = most.min(bounds::ROWS_PER_READ);
    // Those that wait are few, and have a list of their own.
    let (which, list) = match filter.state {
        Some(ReplyDraftState::Pending) => (3, format!("{tenant}#drafts#pending")),
        _ => (2, format!("{tenant}#drafts")),
    };
    let mut found = Vec::new();
    let mut after = after.unwrap_or(0);
    while found.len() < most {
        let range = Range::between(place(after + 1), END.to_string()).most(bounds::ROWS_PER_READ);
        let mut work = Work::new(store);
        let page: Vec<Draft> = work.listed(which, &list, &range).await?;
        let mut is_last = page.len() < range.most;
        let page = match which {
            2 => {
                let whole = page.len();
                let told = reading::without_gaps(store, page, after).await?;
                is_last |= told.len() < whole;
                told
            }
            // Those that are decided are missing there, and no gap.
            _ => page,
        };
        for draft in page {
            after = draft.id;
            let is_asked_for = filter.desk.as_ref().is_none_or(|desk| *desk == draft.desk)
                && filter.state.is_none_or(|state| state == draft.state);
            if is_asked_for && found.len() < most {
                found.push(with_contact(&mut work, draft).await?);
            }
        }
        if is_last {
            break;
        }
    }
    Ok(found)
}

pub(super) async fn one(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ReplyDraftId,
) -> Result<Option<ReplyDraft>, LedgerError> {
    let draft: Option<Draft> = work.peek(&draft_key(tenant, id)).await?;
    match draft {
        Some(draft) => with_contact(work, draft).await.map(Some),
        None => Ok(None),
    }
}

async fn with_contact(work: &mut Work<'_>, draft: Draft) -> Result<ReplyDraft, LedgerError> {
    let tenant = draft.tenant.clone();
    let id = DecisionId {
        tenant: tenant.clone(),
        number: draft.cause_number.clone(),
        message: draft.body.cause.clone(),
    };
    let decided: Option<records::Decided> = work.peek(&decision_key(&id)).await?;
    let asked = match decided {
        Some(decided) => {
            let key = place_key(&tenant, decided.contact, decided.sequence);
            let place: Option<records::Place> = work.peek(&key).await?;
            place.and_then(|place| match place.what {
                What::Message { message, .. } => Some(message),
                What::JoinWith(_) => None,
            })
        }
        None => None,
    };
    Ok(ReplyDraft {
        contact: the_contact(work, &tenant, draft.contact).await?,
        id: ReplyDraftId(draft.id),
        desk: draft.desk,
        rule: draft.rule,
        number: draft.cause_number,
        message: draft.body.cause.clone(),
        asked,
        outbound: draft.body,
        state: draft.state,
        by: draft.decided_by,
        at: draft.at,
        changed_at: draft.changed_at,
    })
}

/// Of all who send or drop a draft at once one does: whoever finds it pending.
pub(super) async fn send(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ReplyDraftId,
    send: &Admitted,
    by: Option<&str>,
    now: Moment,
) -> Result<bool, LedgerError> {
    let draft: Option<Draft> = work.load(&draft_key(tenant, id)).await?;
    let Some(draft) = draft.filter(|draft| draft.state == ReplyDraftState::Pending) else {
        return Ok(false);
    };
    let mut outbound = send.outbound().clone();
    // Nobody else's send, and not to anybody else: what was judged is this draft, or nothing is sent.
    if outbound.tenant != *tenant || outbound.token != draft.body.token {
        return Ok(false);
    }
    if followed(work, tenant, outbound.contact).await? != draft.contact {
        return Ok(false);
    }
    outbound.contact = draft.contact;
    let cause = sends::Cause {
        number: &draft.cause_number.clone(),
        now,
    };
    decide(work, tenant, id, ReplyDraftState::Sent, by, now).await?;
    people::queue_counted(work, &outbound, cause).await?;
    Ok(true)
}

/// True if it was pending: a draft is decided on once.
pub(super) async fn decide(
    work: &mut Work<'_>,
    tenant: &TenantId,
    id: ReplyDraftId,
    state: ReplyDraftState,
    by: Option<&str>,
    now: Moment,
) -> Result<bool, LedgerError> {
    let draft: Option<Draft> = work.load(&draft_key(tenant, id)).await?;
    let Some(draft) = draft.filter(|draft| draft.state == ReplyDraftState::Pending) else {
        return Ok(false);
    };
    work.save(&Draft {
        state,
        decided_by: by.map(str::to_owned),
        changed_at: now,
        ..draft
    })?;
    Ok(true)
}
