//! Consent: the log that proves it, chained so that tampering shows, and what WhatsApp itself tells of it.

use std::collections::BTreeSet;

use model::{ConsentChange, ContactId, TenantId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::finding::members;
use super::rows::{rows, to_json, typed};
use super::writer::Work;
use super::{contacts, failed, joins};
use crate::chain::{Chain, Content, Digest, End, Head, LedgerKey, Link};
use crate::state::is_news;
use crate::{Consented, LedgerError};

/// With what the chains are made, and what the ledger calls it.
#[derive(Debug)]
pub(super) struct Chains {
    pub(super) key: LedgerKey,
    era: i64,
}

impl Chains {
    /// Knows the key again, or begins with it. What was recorded before there were chains is chained now, in the order in which it
    /// was recorded: once, for whatever comes into the table unchained later was not put there by us.
    pub(super) fn open(connection: &mut Connection, key: LedgerKey) -> Result<Self, LedgerError> {
        let fingerprint = key.fingerprint();
        if let Some(era) = era_of(connection, &fingerprint)? {
            return Ok(Self { key, era });
        }
        let attempt = |connection: &mut Connection| -> Result<i64, LedgerError> {
            let begun = failed("begin chains of consent");
            let transaction = connection.transaction().map_err(&begun)?;
            let is_first: bool = transaction
                .query_row("SELECT NOT EXISTS (SELECT 1 FROM ledger_keys)", [], |row| {
                    row.get(0)
                })
                .map_err(&begun)?;
            let era: i64 = transaction
                .query_row(
                    "INSERT INTO ledger_keys (fingerprint, since) VALUES (?1, unixepoch() * 1000) RETURNING era",
                    [fingerprint],
                    |row| row.get(0),
                )
                .map_err(&begun)?;
            let chains = Self {
                key: key.clone(),
                era,
            };
            match is_first {
                true => chains.take_up(&transaction)?,
                false => tracing::warn!(
                    "the host's secret is another than the one that consent was chained with: entries from before cannot be verified without it"
                ),
            }
            transaction.commit().map_err(&begun)?;
            Ok(era)
        };
        let era = attempt(connection)?;
        Ok(Self { key, era })
    }

    fn take_up(&self, connection: &Connection) -> Result<(), LedgerError> {
        let contacts = rows(
            connection,
            "SELECT DISTINCT tenant, contact FROM consent",
            [],
            |row| {
                let tenant = typed(0, TenantId::new(row.get::<_, String>(0)?))?;
                Ok((tenant, ContactId(row.get(1)?)))
            },
        )
        .map_err(failed("read consent from before"))?;
        for (tenant, contact) in contacts {
            let changes = rows(
                connection,
                "SELECT seq, change FROM consent WHERE tenant = ?1 AND contact = ?2 ORDER BY seq",
                params![tenant.as_str(), contact.0],
                |row| Ok((row.get::<_, u64>(0)?, row.get::<_, String>(1)?)),
            )
            .map_err(failed("read consent from before"))?;
            connection
                .execute(
                    "DELETE FROM consent WHERE tenant = ?1 AND contact = ?2",
                    params![tenant.as_str(), contact.0],
                )
                .map_err(failed("chain consent from before"))?;
            for (_, change) in changes {
                self.append(connection, &tenant, contact, change)?;
            }
        }
        Ok(())
    }

    pub(super) fn chain<'a>(&'a self, tenant: &'a TenantId, contact: ContactId) -> Chain<'a> {
        Chain {
            key: &self.key,
            tenant,
            contact,
        }
    }

    /// Appends to a contact's chain. A chain that somebody else has brought out of order stays so: its seal is not made anew.
    fn append(
        &self,
        connection: &Connection,
        tenant: &TenantId,
        contact: ContactId,
        content: String,
    ) -> Result<(), LedgerError> {
        let mut salt: Digest = [0; 32];
        getrandom::fill(&mut salt).map_err(|error| LedgerError::Store {
            what: "draw a salt".into(),
            cause: error.to_string(),
        })?;
        let chain = self.chain(tenant, contact);
        let stored = head(connection, tenant, contact)?;
        let before = stored
            .as_ref()
            .map(|stored| stored.head)
            .unwrap_or_default();
        let link = chain.append(&before, content, salt);
        let after = Head {
            count: link.sequence,
            link: link.link,
        };
        let seal = match &stored {
            Some(stored) if stored.era == self.era && stored.seal != chain.seal(&before) => {
                stored.seal
            }
            _ => chain.seal(&after),
        };
        let attempt = || -> rusqlite::Result<usize> {
            connection
                .prepare_cached(
                    "INSERT INTO consent (tenant, contact, seq, change, salt, commitment, link, era) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?
                .execute(params![
                    tenant.as_str(),
                    contact.0,
                    link.sequence,
                    link.content,
                    link.salt,
                    link.commitment,
                    link.link,
                    self.era
                ])?;
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO consent_heads (tenant, contact, count, link, seal, era) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    tenant.as_str(),
                    contact.0,
                    after.count,
                    after.link,
                    seal,
                    self.era
                ])
        };
        attempt()
            .map(drop)
            .map_err(failed("log a change of consent"))
    }
}

/// The number of the key with this fingerprint, if the ledger knows it.
pub(super) fn era_of(
    connection: &Connection,
    fingerprint: &Digest,
) -> Result<Option<i64>, LedgerError> {
    connection
        .query_row(
            "SELECT era FROM ledger_keys WHERE fingerprint = ?1",
            [fingerprint],
            |row| row.get(0),
        )
        .optional()
        .map_err(failed("look up the ledger's key"))
}

/// Where a contact's chain stands, as stored.
pub(super) struct StoredHead {
    pub(super) head: Head,
    pub(super) seal: Digest,
    pub(super) era: i64,
}

pub(super) fn head(
    connection: &Connection,
    tenant: &TenantId,
    contact: ContactId,
) -> Result<Option<StoredHead>, LedgerError> {
    connection
        .prepare_cached(
            "SELECT count, link, seal, era FROM consent_heads WHERE tenant = ?1 AND contact = ?2",
        )
        .and_then(|mut statement| {
            let read = |row: &Row<'_>| {
                Ok(StoredHead {
                    head: Head {
                        count: row.get(0)?,
                        link: digest(row, 1)?,
                    },
                    seal: digest(row, 2)?,
                    era: row.get(3)?,
                })
            };
            statement
                .query_row(params![tenant.as_str(), contact.0], read)
                .optional()
        })
        .map_err(failed("read where a chain stands"))
}

/// 32 bytes. What somebody wrote there instead is read as zeros: that verifies as nothing of ours.
fn digest(row: &Row<'_>, column: usize) -> rusqlite::Result<Digest> {
    let bytes = row.get_ref(column)?.as_blob_or_null()?;
    Ok(bytes
        .and_then(|bytes| bytes.try_into().ok())
        .unwrap_or_default())
}

/// The columns of an entry, in the order that [`entry`] reads them.
pub(super) const ENTRY: &str = "seq, change, salt, commitment, link, era";

/// One entry as stored, and with which key it was chained; none if it never was.
pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<(Link, Option<i64>)> {
    let content: String = row.get(1)?;
    let link = Link {
        sequence: row.get(0)?,
        content: (!content.is_empty()).then_some(content),
        salt: match row.get_ref(2)? {
            rusqlite::types::ValueRef::Null => None,
            _ => Some(digest(row, 2)?),
        },
        commitment: digest(row, 3)?,
        link: digest(row, 4)?,
    };
    Ok((link, row.get(5)?))
}

pub(super) fn entries(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Vec<Link>, LedgerError> {
    let query =
        format!("SELECT {ENTRY} FROM consent WHERE tenant = ?1 AND contact = ?2 ORDER BY seq");
    rows(connection, &query, params![tenant.as_str(), id.0], |row| {
        entry(row).map(|(link, _)| link)
    })
    .map_err(failed("read the log of consent"))
}

/// What proves it, in the order of time: the contact's own entries and those of all who joined it. Nothing of what was erased.
pub(super) fn log(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Vec<ConsentChange>, LedgerError> {
    let mut changes = Vec::new();
    let (mut ahead, mut seen) = (vec![id], BTreeSet::new());
    while let Some(contact) = ahead.pop() {
        // Each chain once, whatever somebody wrote into them.
        if !seen.insert(contact.0) {
            continue;
        }
        for entry in entries(connection, tenant, contact)? {
            let Some(content) = entry.content else {
                continue;
            };
            match serde_json::from_str(&content) {
                Ok(Content::Change(change)) => changes.push(change),
                Ok(Content::Joined { joined }) => ahead.push(joined.contact),
                Err(error) => {
                    return Err(LedgerError::Corrupt {
                        what: "change of consent".into(),
                        cause: error.to_string(),
                    });
                }
            }
        }
    }
    // Stable: what each said stays in its order.
    changes.sort_by_key(|change| change.at);
    Ok(changes)
}

pub(super) fn record(
    work: &Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    change: &ConsentChange,
) -> Result<(), LedgerError> {
    let content = to_json(change).map_err(failed("write a change of consent"))?;
    work.chains.append(work.connection, tenant, id, content)
}

/// Applies what the contact said and records it, if it says something new. What they said later stands.
pub(super) fn say(
    work: &Work<'_>,
    tenant: &TenantId,
    id: ContactId,
    change: &ConsentChange,
) -> Result<Consented, LedgerError> {
    let connection = work.connection;
    let (mut took, mut is_there) = (false, false);
    // One person: what they say now outweighs what was said before in either lane.
    let members = members(connection, tenant, id)?;
    for member in &members {
        let Some(mut stored) = contacts::stored(connection, tenant, *member)? else {
            continue;
        };
        if stored.is_erased {
            continue;
        }
        is_there = true;
        if is_news(&stored.state.consent, change) {
            stored.state.consent.apply(change);
            took = true;
            contacts::change(connection, tenant, *member, &stored.state)?;
        }
    }
    if took {
        // Each is read with what the others forbid: the attempts of all of them run again.
        for member in members {
            contacts::count_on(connection, tenant, member)?;
        }
    }
    match (is_there, took) {
        (false, _) => Ok(Consented::Unknown),
        (true, false) => Ok(Consented::NoNews),
        (true, true) => {
            let id = joins::followed(connection, tenant, id)?;
            record(work, tenant, id, change).map(|()| Consented::Done)
        }
    }
}

/// The joiner's chain ends, and the survivor's says where: both stay as they were recorded, and neither can be changed after.
pub(super) fn unite(
    work: &Work<'_>,
    tenant: &TenantId,
    joiner: ContactId,
    survivor: ContactId,
) -> Result<(), LedgerError> {
    let Some(StoredHead { head, .. }) = head(work.connection, tenant, joiner)? else {
        return Ok(());
    };
    let joined = Content::Joined {
        joined: End {
            contact: joiner,
            count: head.count,
            link: hex::encode(head.link),
        },
    };
    let content = to_json(&joined).map_err(failed("write a join of two logs"))?;
    work.chains
        .append(work.connection, tenant, survivor, content)
}
