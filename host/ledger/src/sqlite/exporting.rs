//! Export: everything about a person, page by page.

use model::{ContactId, TenantId};
use rusqlite::{Connection, params};

use super::classes::{CLASSES, Class};
use super::erasing::{kept_of, person_ids};
use super::rows::{bounded, json, rows};
use super::{consent, contacts, failed, joins, reading};
use crate::{ExportPage, ExportRecord, LedgerError};

/// One page, from where the last one ended. Whoever was erased has nothing.
pub(super) fn page(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
    after: Option<&str>,
    most: usize,
) -> Result<Option<ExportPage>, LedgerError> {
    let connection = &*reading::snapshot(connection)?;
    let Some(contact) = contacts::load(connection, tenant, id)? else {
        return Ok(None);
    };
    let mut place = Place::read(after);
    let mut page = ExportPage::default();
    if place.step == 0 && place.class == 0 {
        let to_json = |error: serde_json::Error| LedgerError::Corrupt {
            what: "contact".into(),
            cause: error.to_string(),
        };
        page.records.push(ExportRecord {
            class: "contact",
            record: serde_json::to_value(&contact).map_err(to_json)?,
        });
        let remains = joins::followed(connection, tenant, id)?;
        for change in consent::log(connection, tenant, remains)? {
            page.records.push(ExportRecord {
                class: "consent",
                record: serde_json::to_value(change).map_err(to_json)?,
            });
        }
        page.records.extend(notices(connection, tenant, id)?);
        place.step = 1;
    }
    let members = person_ids(connection, tenant, id)?;
    while let Some(class) = CLASSES.get(place.class) {
        let Some(member) = members.get(place.member) else {
            place = Place {
                step: 1,
                class: place.class + 1,
                ..Place::default()
            };
            continue;
        };
        let left = most.saturating_sub(page.records.len());
        if left == 0 {
            page.next = Some(place.written());
            break;
        }
        let found = records(connection, tenant, *member, class, &place.key, left)?;
        let is_last = found.len() < left;
        place.key = found.last().map(|(key, _)| key.clone()).unwrap_or_default();
        page.records
            .extend(found.into_iter().map(|(_, record)| record));
        if is_last {
            place.member += 1;
            place.key = String::new();
        }
    }
    Ok(Some(page))
}

fn records(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
    class: &Class,
    after: &str,
    most: usize,
) -> Result<Vec<(String, ExportRecord)>, LedgerError> {
    let Class {
        name,
        table,
        of_contact,
        json: as_json,
        order,
        ..
    } = class;
    let query = format!(
        "SELECT CAST({order} AS TEXT) AS place, {as_json} FROM {table} WHERE {of_contact} AND place > ?3 ORDER BY place LIMIT ?4"
    );
    rows(
        connection,
        &query,
        params![tenant.as_str(), id.0, after, bounded(most)],
        |row| {
            let record = ExportRecord {
                class: name,
                record: json(row, 1)?,
            };
            Ok((row.get(0)?, record))
        },
    )
    .map_err(failed("export records"))
}

fn notices(
    connection: &Connection,
    tenant: &TenantId,
    id: ContactId,
) -> Result<Vec<ExportRecord>, LedgerError> {
    let mut found = Vec::new();
    for (number, key) in kept_of(connection, tenant, id)? {
        let query = "SELECT json_object('number', number, 'notice', notice, 'kind', name, 'at', at, 'raw', json(raw)) FROM kept
                     WHERE tenant = ?1 AND number = ?2 AND key = ?3";
        found.extend(
            rows(
                connection,
                query,
                params![tenant.as_str(), number, key],
                |row| {
                    Ok(ExportRecord {
                        class: "notices",
                        record: json(row, 0)?,
                    })
                },
            )
            .map_err(failed("export notices"))?,
        );
    }
    Ok(found)
}

/// How far an export has come: the class, which of the person's contacts, and behind which record.
#[derive(Debug, Default)]
struct Place {
    /// 0 before the contact itself, 1 after.
    step: u8,
    class: usize,
    member: usize,
    key: String,
}

impl Place {
    /// What cannot be read begins anew: nothing is left out then.
    fn read(text: Option<&str>) -> Self {
        let read = |text: &str| -> Option<Self> {
            let mut parts = text.splitn(3, '.');
            Some(Self {
                step: 1,
                class: parts.next()?.parse().ok()?,
                member: parts.next()?.parse().ok()?,
                key: parts.next()?.to_owned(),
            })
        };
        text.and_then(read).unwrap_or_default()
    }

    fn written(&self) -> String {
        format!("{}.{}.{}", self.class, self.member, self.key)
    }
}
