//! A check: the file as such, what contradicts itself, and the chains of consent. It reads, and changes nothing.

use model::{ContactId, TenantId};
use rusqlite::{Connection, params};

use super::consent::{self, ENTRY, StoredHead, entry};
use super::failed;
use super::rows::{json, typed};
use super::state::State;
use crate::chain::{Chain, Content, Fault, Head, LedgerKey, Verifier};
use crate::said::Said;
use crate::{Checked, Finding, LedgerError};

/// Checks everything. Without a key the chains are not verified.
pub(super) fn check(
    connection: &Connection,
    key: Option<&LedgerKey>,
) -> Result<Checked, LedgerError> {
    let mut checked = Checked::default();
    is_sound(connection, &mut checked)?;
    if !checked.findings.is_empty() {
        // What a damaged file says of anything else is not worth repeating.
        return Ok(checked);
    }
    for contradiction in CONTRADICTIONS {
        look_for(connection, contradiction, &mut checked)?;
    }
    if let Some(key) = key {
        verify_chains(connection, key, &mut checked)?;
    }
    Ok(checked)
}

/// SQLite's own check: pages, indexes, constraints.
fn is_sound(connection: &Connection, checked: &mut Checked) -> Result<(), LedgerError> {
    let attempt = |checked: &mut Checked| -> rusqlite::Result<()> {
        let mut statement = connection.prepare("PRAGMA integrity_check(100)")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let line: String = row.get(0)?;
            if line != "ok" {
                checked.found(Finding {
                    kind: "file",
                    tenant: None,
                    contact: None,
                    what: line,
                });
            }
        }
        Ok(())
    };
    match attempt(checked) {
        Err(error) if super::is_damaged(&error) => {
            checked.found(Finding {
                kind: "file",
                tenant: None,
                contact: None,
                what: error.to_string(),
            });
            Ok(())
        }
        other => other.map_err(failed("check the file")),
    }
}

/// Something that must not be, as a query for tenant, contact and what of it.
struct Contradiction {
    kind: &'static str,
    query: &'static str,
    /// `{}` is the third column.
    means: &'static str,
}

const CONTRADICTIONS: &[Contradiction] = &[
    Contradiction {
        kind: "outbox",
        query: "SELECT tenant, contact, token FROM outbox AS send WHERE NOT EXISTS (
                    SELECT 1 FROM contacts WHERE contacts.tenant = send.tenant AND contacts.id = send.contact AND erased_at IS NULL)",
        means: "the send {} is for a contact who is not there: it is never judged and never leaves",
    },
    Contradiction {
        kind: "outbox",
        // Two that were joined may have had one each.
        query: "SELECT tenant, contact, group_concat(token, ' and ') FROM outbox AS send INDEXED BY outbox_waiting
                WHERE state IN ('ready', 'in_flight', 'unknown') AND state = 'in_flight'
                  AND NOT EXISTS (SELECT 1 FROM joins WHERE joins.tenant = send.tenant AND joins.into_contact = send.contact)
                GROUP BY tenant, contact HAVING count(*) > 1",
        means: "the sends {} are in flight at once: a contact's sends leave one after the other",
    },
    Contradiction {
        kind: "lane",
        query: "SELECT tenant, id, printf('%d of %d', done, accepted) FROM contacts WHERE done > accepted",
        means: "more is done than was accepted ({})",
    },
    Contradiction {
        kind: "lane",
        query: "SELECT tenant, id, printf('%d wait between %d and %d', undone, done, accepted) FROM (
                    SELECT tenant, id, done, accepted,
                        (SELECT count(*) FROM messages INDEXED BY messages_undone WHERE messages.tenant = contacts.tenant AND contact = id AND undone = 1) AS undone,
                        (SELECT count(*) FROM messages INDEXED BY messages_undone WHERE messages.tenant = contacts.tenant AND contact = id AND undone = 1
                            AND (sequence <= done OR sequence > accepted)) AS outside
                    FROM contacts WHERE done < accepted)
                WHERE undone <> accepted - done OR outside > 0",
        means: "the order of what is undone has a gap: {}. The contact's lane stands still there",
    },
    Contradiction {
        kind: "lane",
        query: "SELECT tenant, contact, sequence FROM messages AS message INDEXED BY messages_undone WHERE undone = 1 AND NOT EXISTS (
                    SELECT 1 FROM contacts WHERE contacts.tenant = message.tenant AND contacts.id = message.contact AND accepted >= sequence AND done < sequence)",
        means: "the undone message {} is in no lane: nobody answers it",
    },
    Contradiction {
        kind: "contact",
        query: "SELECT tenant, contact, kind FROM aliases AS alias WHERE NOT EXISTS (
                    SELECT 1 FROM contacts WHERE contacts.tenant = alias.tenant AND contacts.id = alias.contact AND erased_at IS NULL)
                    OR EXISTS (SELECT 1 FROM joins WHERE joins.tenant = alias.tenant AND joins.contact = alias.contact)",
        means: "a {} leads to a contact who is not there any more",
    },
    Contradiction {
        kind: "contact",
        query: "SELECT tenant, contact, into_contact FROM joins WHERE NOT EXISTS (
                    SELECT 1 FROM contacts WHERE contacts.tenant = joins.tenant AND contacts.id = joins.into_contact)",
        means: "it joined c{}, who is not there",
    },
    Contradiction {
        kind: "contact",
        query: "SELECT tenant, contact, 'hand-off' FROM hand_offs AS record WHERE desk <> '' AND NOT EXISTS (
                    SELECT 1 FROM contacts WHERE contacts.tenant = record.tenant AND contacts.id = record.contact)
                UNION ALL SELECT tenant, contact, 'draft' FROM reply_drafts AS record WHERE state <> 'erased' AND NOT EXISTS (
                    SELECT 1 FROM contacts WHERE contacts.tenant = record.tenant AND contacts.id = record.contact)",
        means: "a {} is of a contact who is not there",
    },
    Contradiction {
        kind: "decision",
        query: "SELECT tenant, contact, seq FROM decisions AS decision WHERE number <> '' AND NOT EXISTS (
                    SELECT 1 FROM messages WHERE messages.tenant = decision.tenant AND messages.contact = decision.contact
                    AND messages.sequence = decision.sequence)",
        means: "decision {} has lost its message: it is not shown",
    },
];

fn look_for(
    connection: &Connection,
    contradiction: &Contradiction,
    checked: &mut Checked,
) -> Result<(), LedgerError> {
    let Contradiction { kind, query, means } = contradiction;
    let attempt = |checked: &mut Checked| -> rusqlite::Result<()> {
        let mut statement = connection.prepare(query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let what: rusqlite::types::Value = row.get(2)?;
            let what = match what {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                _ => String::new(),
            };
            checked.found(Finding {
                kind,
                tenant: Some(typed(0, TenantId::new(row.get::<_, String>(0)?))?),
                contact: Some(ContactId(row.get(1)?)),
                what: means.replace("{}", &what),
            });
        }
        Ok(())
    };
    attempt(checked).map_err(failed("look for contradictions"))
}

/// Each contact's chain, one after the other.
fn verify_chains(
    connection: &Connection,
    key: &LedgerKey,
    checked: &mut Checked,
) -> Result<(), LedgerError> {
    let era = consent::era_of(connection, &key.fingerprint())?;
    if era.is_none() {
        checked.found(Finding {
            kind: "chain",
            tenant: None,
            contact: None,
            what: "this secret is not the ledger's: no chain of consent can be verified with it. Restore `host-secret` from the backup that \
                   belongs to this ledger"
                .into(),
        });
        return Ok(());
    }
    let query = "SELECT tenant, id, state, erased_at IS NOT NULL
                        OR EXISTS (SELECT 1 FROM joins JOIN contacts AS survivor ON survivor.tenant = joins.tenant AND survivor.id = joins.into_contact
                                   WHERE joins.tenant = contacts.tenant AND joins.contact = contacts.id AND joins.done = 1),
                        EXISTS (SELECT 1 FROM joins WHERE joins.tenant = contacts.tenant AND joins.contact = contacts.id)
                 FROM contacts
                 WHERE (tenant, id) IN (SELECT tenant, contact FROM consent_heads)
                    OR (tenant, id) IN (SELECT DISTINCT tenant, contact FROM consent)
                    OR instr(state, '\"state\":\"in\"') OR instr(state, '\"state\":\"out\"')";
    let mut statement = connection.prepare(query).map_err(failed("read contacts"))?;
    let mut rows = statement.query([]).map_err(failed("read contacts"))?;
    while let Some(row) = rows.next().map_err(failed("read contacts"))? {
        let read = || -> rusqlite::Result<Owner> {
            Ok(Owner {
                tenant: typed(0, TenantId::new(row.get::<_, String>(0)?))?,
                contact: ContactId(row.get(1)?),
                state: json(row, 2)?,
                may_be_erased: row.get(3)?,
                has_joined: row.get(4)?,
            })
        };
        let owner = read().map_err(failed("read contacts"))?;
        verify(connection, key, era, &owner, checked)?;
    }
    // A chain without its contact proves nothing of anybody.
    let orphans = Contradiction {
        kind: "chain",
        query: "SELECT tenant, contact, count(*) FROM consent AS log WHERE NOT EXISTS (
                    SELECT 1 FROM contacts WHERE contacts.tenant = log.tenant AND contacts.id = log.contact) GROUP BY tenant, contact",
        means: "{} entries of consent are of a contact whose row was removed",
    };
    look_for(connection, &orphans, checked)
}

/// Whose chain it is.
struct Owner {
    tenant: TenantId,
    contact: ContactId,
    state: State,
    may_be_erased: bool,
    has_joined: bool,
}

fn verify(
    connection: &Connection,
    key: &LedgerKey,
    era: Option<i64>,
    owner: &Owner,
    checked: &mut Checked,
) -> Result<(), LedgerError> {
    let chain = Chain {
        key,
        tenant: &owner.tenant,
        contact: owner.contact,
    };
    let mut verifier = Verifier::new(chain);
    let mut said = Said::default();
    let query =
        format!("SELECT {ENTRY} FROM consent WHERE tenant = ?1 AND contact = ?2 ORDER BY seq");
    let mut attempt = |checked: &mut Checked| -> rusqlite::Result<Vec<String>> {
        let mut others = Vec::new();
        let mut statement = connection.prepare_cached(&query)?;
        let mut rows = statement.query(params![owner.tenant.as_str(), owner.contact.0])?;
        while let Some(row) = rows.next()? {
            let (link, of) = entry(row)?;
            checked.entries += 1;
            checked.erased += u64::from(link.content.is_none());
            match &link.content {
                Some(content) => match serde_json::from_str(content) {
                    Ok(Content::Change(change)) => said.hear(change.scope, change.opted_in),
                    Ok(Content::Joined { joined }) => {
                        said.is_whole = false;
                        others.extend(ends_elsewhere(connection, &owner.tenant, &joined)?);
                    }
                    Err(_) => {}
                },
                None => said.is_whole = false,
            }
            if of.is_some() && of != era {
                checked.unverifiable += 1;
                verifier.unverifiable(&link);
            } else {
                verifier.entry(&link, owner.may_be_erased);
            }
        }
        Ok(others)
    };
    let others = attempt(checked).map_err(failed("read a chain of consent"))?;
    let head = consent::head(connection, &owner.tenant, owner.contact)?;
    let count = verifier.at().count;
    let faults = match &head {
        Some(StoredHead {
            head,
            seal,
            era: of,
        }) => verifier.end(head.count, (Some(*of) == era).then_some(seal)),
        None if count > 0 => vec![Fault::Unsealed(count)],
        None => Vec::new(),
    };
    checked.chains += u64::from(head.is_some());
    let mut words: Vec<String> = faults.iter().map(Fault::to_string).collect();
    words.extend(others);
    let unproven = match words.is_empty() && said.is_whole && !owner.has_joined {
        true => said.lacks(&owner.state),
        false => None,
    };
    let chained = words.into_iter().map(|what| ("chain", what));
    for (kind, what) in chained.chain(unproven.map(|what| ("unproven", what))) {
        checked.found(Finding {
            kind,
            tenant: Some(owner.tenant.clone()),
            contact: Some(owner.contact),
            what: format!("consent: {what}"),
        });
    }
    Ok(())
}

/// Whether the chain that a join names ends where the join says.
fn ends_elsewhere(
    connection: &Connection,
    tenant: &TenantId,
    end: &crate::chain::End,
) -> rusqlite::Result<Option<String>> {
    let found: Option<Head> = consent::head(connection, tenant, end.contact)
        .ok()
        .flatten()
        .map(|stored| stored.head);
    let as_said =
        found.is_some_and(|head| head.count == end.count && hex::encode(head.link) == end.link);
    Ok((!as_said).then(|| {
        format!(
            "c{} joined this contact with {} entries, and its chain ends elsewhere now",
            end.contact.0, end.count
        )
    }))
}
