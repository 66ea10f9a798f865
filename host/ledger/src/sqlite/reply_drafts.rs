//! Drafts: what a rule would have sent waits at a desk until a person sends or drops it, once.

use gate::Admitted;
use model::{
    ContactId, DeskName, Message, Moment, NumberId, Outbound, ReplyDraftId, ReplyDraftState,
    RuleName, TenantId, Wamid,
};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::reading::{snapshot, the_contact};
use super::rows::{bounded, json, rows, to_json, typed};
use super::settle::Cause;
use super::writer::Work;
use super::{failed, joins, people};
use crate::{LedgerError, ReplyDraft, ReplyDraftFilter, Settlement};

/// Leaves a settlement's drafts, in order.
pub(super) fn leave(work: &Work<'_>, settlement: &Settlement) -> Result<(), LedgerError> {
    let id = &settlement.decision.id;
    for draft in &settlement.drafts {
        let outbound = draft.send.outbound();
        let body = to_json(outbound).map_err(failed("write a draft"))?;
        work.connection
            .prepare_cached(
                "INSERT INTO reply_drafts (tenant, id, desk, rule, contact, cause_number, cause, body, state, at, changed_at)
                 VALUES (?1, 1 + coalesce((SELECT max(id) FROM reply_drafts WHERE tenant = ?1), 0), ?2, ?3, ?4, ?5, ?6, ?7, 'pending', ?8, ?8)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    id.tenant.as_str(),
                    draft.desk.as_str(),
                    draft.rule.as_str(),
                    settlement.decision.contact.0,
                    id.number.as_str(),
                    outbound.cause.as_str(),
                    body,
                    settlement.now.0,
                ])
            })
            .map_err(failed("leave a draft"))?;
    }
    Ok(())
}

/// The columns of a [`ReplyDraft`], in the order that [`read`] reads them.
const COLUMNS: &str = "id, desk, rule, contact, cause_number, cause, body, state, decided_by, at, changed_at,
    (SELECT messages.body FROM decisions JOIN messages USING (tenant, contact, sequence)
     WHERE decisions.tenant = reply_drafts.tenant AND decisions.number = cause_number AND decisions.message = cause)";

pub(super) fn listed(
    connection: &Connection,
    tenant: &TenantId,
    filter: &ReplyDraftFilter,
    after: Option<u64>,
    most: usize,
) -> Result<Vec<ReplyDraft>, LedgerError> {
    let connection = &*snapshot(connection)?;
    // Those that wait are few, and have an index of their own: only a state that stands in the query lets it be used.
    let of_state = match filter.state {
        Some(ReplyDraftState::Pending) => "state = 'pending' AND ?5 IS NOT NULL",
        // One that was erased keeps its place, and nothing else.
        _ => "(?5 IS NULL OR state = ?5) AND state <> 'erased'",
    };
    let query = format!(
        "SELECT {COLUMNS} FROM reply_drafts WHERE tenant = ?1 AND id > ?2 AND {of_state} AND (?4 IS NULL OR desk = ?4) ORDER BY id LIMIT ?3"
    );
    let found = rows(
        connection,
        &query,
        params![
            tenant.as_str(),
            after.unwrap_or(0),
            bounded(most),
            filter.desk.as_ref().map(DeskName::as_str),
            filter.state.map(ReplyDraftState::word),
        ],
        read,
    )
    .map_err(failed("read drafts"))?;
    found
        .into_iter()
        .map(|found| found.with_contact(connection, tenant))
        .collect()
}

pub(super) fn one(
    connection: &Connection,
    tenant: &TenantId,
    id: ReplyDraftId,
) -> Result<Option<ReplyDraft>, LedgerError> {
    let connection = &*snapshot(connection)?;
    let query = format!("SELECT {COLUMNS} FROM reply_drafts WHERE tenant = ?1 AND id = ?2");
    let found = connection
        .prepare_cached(&query)
        .and_then(|mut statement| {
            statement
                .query_row(params![tenant.as_str(), id.0], read)
                .optional()
        })
        .map_err(failed("read a draft"))?;
    found
        .map(|found| found.with_contact(connection, tenant))
        .transpose()
}

/// A draft without its contact.
struct Found {
    id: ReplyDraftId,
    desk: DeskName,
    rule: RuleName,
    contact: ContactId,
    number: NumberId,
    message: Wamid,
    asked: Option<Message>,
    outbound: Outbound,
    state: ReplyDraftState,
    by: Option<String>,
    at: Moment,
    changed_at: Moment,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Found> {
    let state: String = row.get(7)?;
    Ok(Found {
        id: ReplyDraftId(row.get(0)?),
        desk: typed(1, DeskName::new(row.get::<_, String>(1)?))?,
        rule: typed(2, RuleName::new(row.get::<_, String>(2)?))?,
        contact: ContactId(row.get(3)?),
        number: typed(4, NumberId::new(row.get::<_, String>(4)?))?,
        message: typed(5, Wamid::new(row.get::<_, String>(5)?))?,
        outbound: json(row, 6)?,
        state: typed(
            7,
            ReplyDraftState::parse(&state).ok_or("no state of a draft"),
        )?,
        by: row.get(8)?,
        at: Moment(row.get(9)?),
        changed_at: Moment(row.get(10)?),
        asked: match row.get_ref(11)? {
            ValueRef::Null => None,
            _ => Some(json(row, 11)?),
        },
    })
}

impl Found {
    fn with_contact(
        self,
        connection: &Connection,
        tenant: &TenantId,
    ) -> Result<ReplyDraft, LedgerError> {
        Ok(ReplyDraft {
            contact: the_contact(connection, tenant, self.contact)?,
            id: self.id,
            desk: self.desk,
            rule: self.rule,
            number: self.number,
            message: self.message,
            asked: self.asked,
            outbound: self.outbound,
            state: self.state,
            by: self.by,
            at: self.at,
            changed_at: self.changed_at,
        })
    }
}

/// Of all who send or drop a draft at once one does: whoever finds it pending.
pub(super) fn send(
    work: &Work<'_>,
    tenant: &TenantId,
    id: ReplyDraftId,
    send: &Admitted,
    by: Option<&str>,
    now: Moment,
) -> Result<bool, LedgerError> {
    let Some((contact, number, token)) = pending(work, tenant, id)? else {
        return Ok(false);
    };
    let mut outbound = send.outbound().clone();
    // Nobody else's send, and not to anybody else: what was judged is this draft, or nothing is sent.
    if outbound.tenant != *tenant || outbound.token.as_str() != token {
        return Ok(false);
    }
    if joins::followed(work.connection, tenant, outbound.contact)? != contact {
        return Ok(false);
    }
    outbound.contact = contact;
    if !decide(work, tenant, id, ReplyDraftState::Sent, by, now)? {
        return Ok(false);
    }
    let cause = Cause {
        number: &number,
        now,
    };
    people::queue_counted(work, &outbound, cause)?;
    Ok(true)
}

/// Whose draft it is, the number that its message came in on, and its token, while it waits.
fn pending(
    work: &Work<'_>,
    tenant: &TenantId,
    id: ReplyDraftId,
) -> Result<Option<(ContactId, NumberId, String)>, LedgerError> {
    work.connection
        .prepare_cached(
            "SELECT contact, cause_number, json_extract(body, '$.token') FROM reply_drafts
             WHERE tenant = ?1 AND id = ?2 AND state = 'pending'",
        )
        .and_then(|mut statement| {
            let read = |row: &Row<'_>| {
                let number = typed(1, NumberId::new(row.get::<_, String>(1)?))?;
                Ok((ContactId(row.get(0)?), number, row.get(2)?))
            };
            statement
                .query_row(params![tenant.as_str(), id.0], read)
                .optional()
        })
        .map_err(failed("look for a draft"))
}

/// True if it was pending: a draft is decided on once.
pub(super) fn decide(
    work: &Work<'_>,
    tenant: &TenantId,
    id: ReplyDraftId,
    state: ReplyDraftState,
    by: Option<&str>,
    now: Moment,
) -> Result<bool, LedgerError> {
    work.connection
        .prepare_cached(
            "UPDATE reply_drafts SET state = ?3, decided_by = ?4, changed_at = ?5 WHERE tenant = ?1 AND id = ?2 AND state = 'pending'",
        )
        .and_then(|mut statement| {
            statement.execute(params![tenant.as_str(), id.0, state.word(), by, now.0])
        })
        .map(|changed| changed == 1)
        .map_err(failed("decide on a draft"))
}
