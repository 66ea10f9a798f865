//! Retention: what has come to its end and is past its time goes, the oldest first, in bounded portions.

use model::{Moment, Span, TenantId};
use rusqlite::{Connection, params};

use super::erasing::{overwriting, remove};
use super::failed;
use super::writer::Work;
use crate::{ByClass, LedgerError, Retained, Retention, limits};

/// One class: which of a tenant's records `?1` are past their time `?2`, and at most so many `?3` of them.
struct Class {
    name: &'static str,
    table: &'static str,
    life: fn(&Retention) -> Span,
    /// A key, in parentheses, and the query that finds the keys of what may go.
    key: &'static str,
    past: &'static str,
    /// The same without a bound, for a look ahead.
    all: &'static str,
    vacate: Option<&'static str>,
}

/// A decision goes with its message and its dead letter, unless something of it is still on its way or waits for a person. The oldest
/// come first in the order of the key: more than asked for are looked at, so that those which must stay hold up none behind them.
macro_rules! decided {
    ($from:literal, $where:literal) => {
        concat!(
            "SELECT tenant, seq FROM (SELECT tenant, seq, number, message, contact, sequence, settled_at FROM ",
            $from,
            ") AS old WHERE settled_at < ?2 ",
            $where,
            " AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.tenant = old.tenant AND messages.contact = old.contact
                  AND messages.sequence = old.sequence AND undone = 1)
              AND NOT EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_by_cause WHERE outbox.tenant = old.tenant
                  AND cause_number = old.number AND cause = old.message AND outbox.state IN ('ready', 'in_flight', 'unknown', 'held'))
              AND NOT EXISTS (SELECT 1 FROM reply_drafts INDEXED BY reply_drafts_by_contact WHERE reply_drafts.tenant = old.tenant
                  AND reply_drafts.contact = old.contact AND cause = old.message AND reply_drafts.state = 'pending')"
        )
    };
}

const DECISION_VACATED: Option<&str> = Some(
    "UPDATE decisions SET number = '', message = 'erased.' || seq, record = '', contact = 0, sequence = 0, dull = 0
     WHERE tenant = ?1 AND number <> '' AND seq = (SELECT max(seq) FROM decisions WHERE tenant = ?1)",
);

const CLASSES: &[Class] = &[
    Class {
        name: "dull_decisions",
        table: "decisions",
        life: |retention| retention.dull,
        key: "(tenant, seq)",
        past: decided!(
            "decisions INDEXED BY decisions_dull WHERE tenant = ?1 AND dull = 1 AND settled_at < ?2 ORDER BY settled_at LIMIT ?3",
            ""
        ),
        all: decided!(
            "decisions INDEXED BY decisions_dull WHERE tenant = ?1 AND dull = 1",
            ""
        ),
        vacate: DECISION_VACATED,
    },
    Class {
        name: "decisions",
        table: "decisions",
        life: |retention| retention.decisions,
        key: "(tenant, seq)",
        past: decided!(
            "decisions WHERE tenant = ?1 ORDER BY seq LIMIT ?3",
            "AND (number <> '' OR seq < (SELECT max(seq) FROM decisions WHERE tenant = ?1))"
        ),
        all: decided!("decisions WHERE tenant = ?1 AND number <> ''", ""),
        vacate: DECISION_VACATED,
    },
    Class {
        name: "sends",
        table: "outbox",
        life: |retention| retention.sends,
        key: "(tenant, token)",
        past: "SELECT tenant, token FROM (SELECT tenant, token, state, changed_at FROM outbox INDEXED BY outbox_by_tenant WHERE tenant = ?1 ORDER BY ordinal LIMIT ?3)
               WHERE changed_at < ?2 AND state NOT IN ('ready', 'in_flight', 'unknown', 'held')",
        all: "SELECT tenant, token FROM outbox WHERE tenant = ?1 AND changed_at < ?2 AND state NOT IN ('ready', 'in_flight', 'unknown', 'held')",
        vacate: None,
    },
    Class {
        name: "hand_offs",
        table: "hand_offs",
        life: |retention| retention.hand_offs,
        key: "(tenant, seq)",
        past: "SELECT tenant, seq FROM (SELECT tenant, seq, desk, at FROM hand_offs WHERE tenant = ?1 ORDER BY seq LIMIT ?3)
               WHERE at < ?2 AND (desk <> '' OR seq < (SELECT max(seq) FROM hand_offs WHERE tenant = ?1))",
        all: "SELECT tenant, seq FROM hand_offs WHERE tenant = ?1 AND at < ?2 AND desk <> ''",
        vacate: Some(
            "UPDATE hand_offs SET desk = '', note = '', contact = 0, message = ''
             WHERE tenant = ?1 AND desk <> '' AND seq = (SELECT max(seq) FROM hand_offs WHERE tenant = ?1)",
        ),
    },
    Class {
        name: "drafts",
        table: "reply_drafts",
        life: |retention| retention.drafts,
        key: "(tenant, id)",
        past: "SELECT tenant, id FROM reply_drafts INDEXED BY reply_drafts_decided WHERE tenant = ?1 AND changed_at < ?2 AND state <> 'pending'
               AND (state <> 'erased' OR id < (SELECT max(id) FROM reply_drafts WHERE tenant = ?1)) ORDER BY changed_at LIMIT ?3",
        all: "SELECT tenant, id FROM reply_drafts INDEXED BY reply_drafts_decided WHERE tenant = ?1 AND changed_at < ?2 AND state NOT IN ('pending', 'erased') AND state <> 'pending'",
        vacate: Some(
            "UPDATE reply_drafts SET desk = '', contact = 0, cause_number = '', cause = '', body = '', decided_by = NULL, state = 'erased'
             WHERE tenant = ?1 AND state <> 'erased' AND id = (SELECT max(id) FROM reply_drafts WHERE tenant = ?1)",
        ),
    },
    Class {
        name: "notes",
        table: "notes",
        life: |retention| retention.notes,
        key: "(tenant, contact, seq)",
        past: "SELECT tenant, contact, seq FROM notes INDEXED BY notes_by_time WHERE tenant = ?1 AND at < ?2 ORDER BY at LIMIT ?3",
        all: "SELECT tenant, contact, seq FROM notes INDEXED BY notes_by_time WHERE tenant = ?1 AND at < ?2",
        vacate: None,
    },
    Class {
        name: "dead_letters",
        table: "dead_letters",
        life: |retention| retention.dead_letters,
        key: "(tenant, number, message)",
        past: "SELECT tenant, number, message FROM dead_letters INDEXED BY dead_letters_by_time WHERE tenant = ?1 AND at < ?2 ORDER BY at LIMIT ?3",
        all: "SELECT tenant, number, message FROM dead_letters INDEXED BY dead_letters_by_time WHERE tenant = ?1 AND at < ?2",
        vacate: None,
    },
    Class {
        name: "notices",
        table: "kept",
        life: |retention| retention.notices,
        key: "(tenant, number, key)",
        past: "SELECT tenant, number, key FROM (SELECT tenant, number, key, at FROM kept INDEXED BY kept_newest WHERE tenant = ?1 ORDER BY seq, at LIMIT ?3) WHERE at < ?2",
        all: "SELECT tenant, number, key FROM kept WHERE tenant = ?1 AND at < ?2",
        vacate: None,
    },
];

pub(super) fn retain(
    work: &Work<'_>,
    tenant: &TenantId,
    retention: &Retention,
    now: Moment,
    most: usize,
) -> Result<Retained, LedgerError> {
    overwriting(work.connection, true)?;
    let retained = retain_all(work, tenant, retention, now, most);
    overwriting(work.connection, false)?;
    retained
}

fn retain_all(
    work: &Work<'_>,
    tenant: &TenantId,
    retention: &Retention,
    now: Moment,
    most: usize,
) -> Result<Retained, LedgerError> {
    let most = most.min(limits::ROWS_PER_READ) as u64;
    let mut retained = Retained::default();
    for class in CLASSES {
        let left = most.saturating_sub(retained.total());
        if left == 0 {
            retained.more = true;
            break;
        }
        let before = now.minus((class.life)(retention)).0;
        let look = match class.name {
            // What must stay is looked at and passed over.
            "decisions" | "dull_decisions" | "sends" => {
                left + waiting(work.connection, tenant)?.min(limits::WAITING_PASSED_OVER)
            }
            _ => left,
        };
        let parameters = params![tenant.as_str(), before, look];
        if class.table == "decisions" {
            with_messages(work.connection, class, parameters)?;
        }
        let condition = format!("{} IN ({})", class.key, class.past);
        let gone = remove(
            work.connection,
            (class.table, &condition, class.vacate),
            parameters,
        )?;
        if gone > 0 {
            retained.removed.insert(class.name, gone);
        }
        retained.more |= gone >= left;
    }
    Ok(retained)
}

/// What a decision has with it.
fn with_messages(
    connection: &Connection,
    class: &Class,
    parameters: &[&dyn rusqlite::ToSql],
) -> Result<(), LedgerError> {
    for (table, key) in [
        ("dead_letters", "tenant, number, message"),
        ("messages", "tenant, contact, sequence"),
    ] {
        let statement = format!(
            "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM decisions WHERE {} IN ({}))",
            class.key, class.past
        );
        connection
            .prepare_cached(&statement)
            .and_then(|mut statement| statement.execute(parameters))
            .map_err(failed("remove what is past its time"))?;
    }
    Ok(())
}

fn waiting(connection: &Connection, tenant: &TenantId) -> Result<u64, LedgerError> {
    let query = "SELECT
        (SELECT count(*) FROM outbox INDEXED BY outbox_waiting WHERE tenant = ?1 AND state IN ('ready', 'in_flight', 'unknown'))
        + (SELECT count(*) FROM outbox INDEXED BY outbox_unsure WHERE state IN ('unknown', 'held') AND tenant = ?1)
        + (SELECT count(*) FROM reply_drafts INDEXED BY reply_drafts_pending WHERE tenant = ?1 AND state = 'pending')";
    connection
        .prepare_cached(query)
        .and_then(|mut statement| statement.query_row([tenant.as_str()], |row| row.get(0)))
        .map_err(failed("count what waits"))
}

/// What is past its time now, all of it.
pub(super) fn expired(
    connection: &Connection,
    tenant: &TenantId,
    retention: &Retention,
    now: Moment,
) -> Result<Retained, LedgerError> {
    let mut removed = ByClass::new();
    for class in CLASSES {
        let before = now.minus((class.life)(retention)).0;
        let query = format!("SELECT count(*) FROM ({})", class.all);
        let count: u64 = connection
            .prepare_cached(&query)
            .and_then(|mut statement| {
                statement.query_row(params![tenant.as_str(), before], |row| row.get(0))
            })
            .map_err(failed("count what is past its time"))?;
        if count > 0 {
            removed.insert(class.name, count);
        }
    }
    Ok(Retained {
        removed,
        more: false,
    })
}
