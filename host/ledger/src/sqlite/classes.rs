//! The classes of record that a contact leaves behind, once: what erases, exports and counts them goes by this list.

/// A class of record about a contact.
pub(super) struct Class {
    pub(super) name: &'static str,
    /// The table with its index, if it needs one named.
    pub(super) table: &'static str,
    /// What in it is about the contact `?2` of the tenant `?1`.
    pub(super) of_contact: &'static str,
    /// Each as JSON.
    pub(super) json: &'static str,
    /// Their order: columns that are a key among the contact's.
    pub(super) order: &'static str,
    /// Done with the tenant's last place of an order, so that nobody is given it again; none where places do not matter.
    pub(super) vacate: Option<&'static str>,
}

/// What is found by messages stands before them.
pub(super) const CLASSES: &[Class] = &[
    Class {
        name: "aliases",
        table: "aliases INDEXED BY aliases_by_contact",
        of_contact: "tenant = ?1 AND contact = ?2",
        json: "json_object('kind', kind, 'value', value)",
        order: "kind || ':' || value",
        vacate: None,
    },
    Class {
        name: "dead_letters",
        table: "dead_letters",
        of_contact: "(tenant, number, message) IN (SELECT tenant, number, json_extract(body, '$.id') FROM messages WHERE tenant = ?1 AND contact = ?2 AND joins IS NULL)",
        json: "json_object('number', number, 'message', message, 'cause', cause, 'at', at)",
        order: "printf('%020d', at) || number || message",
        vacate: None,
    },
    Class {
        name: "decisions",
        table: "decisions",
        of_contact: "(tenant, number, message) IN (SELECT tenant, number, json_extract(body, '$.id') FROM messages WHERE tenant = ?1 AND contact = ?2 AND joins IS NULL)",
        json: "json_object('seq', seq, 'settled_at', settled_at, 'decision', json(record))",
        order: "printf('%020d', seq)",
        vacate: Some(
            "UPDATE decisions SET number = '', message = 'erased.' || seq, record = '', contact = 0, sequence = 0, dull = 0
             WHERE tenant = ?1 AND seq = (SELECT max(seq) FROM decisions WHERE tenant = ?1)",
        ),
    },
    Class {
        name: "messages",
        table: "messages",
        of_contact: "tenant = ?1 AND contact = ?2",
        json: "json_object('sequence', sequence, 'number', number, 'accepted_at', accepted_at, 'message', CASE WHEN joins IS NULL THEN json(body) END)",
        order: "printf('%020d', sequence)",
        vacate: None,
    },
    Class {
        name: "sends",
        table: "outbox INDEXED BY outbox_by_contact",
        of_contact: "tenant = ?1 AND contact = ?2",
        json: "json_object('send', json(body), 'state', state, 'wamid', wamid, 'attempts', attempts, 'remark', remark, 'changed_at', changed_at)",
        order: "printf('%020d', ordinal) || token",
        vacate: None,
    },
    Class {
        name: "hand_offs",
        table: "hand_offs INDEXED BY hand_offs_by_contact",
        of_contact: "tenant = ?1 AND contact = ?2",
        json: "json_object('seq', seq, 'desk', desk, 'note', note, 'message', message, 'at', at)",
        order: "printf('%020d', seq)",
        vacate: Some(
            "UPDATE hand_offs SET desk = '', note = '', contact = 0, message = ''
             WHERE tenant = ?1 AND seq = (SELECT max(seq) FROM hand_offs WHERE tenant = ?1)",
        ),
    },
    Class {
        name: "drafts",
        table: "reply_drafts INDEXED BY reply_drafts_by_contact",
        of_contact: "tenant = ?1 AND contact = ?2",
        json: "json_object('id', id, 'desk', desk, 'rule', rule, 'send', json(body), 'state', state, 'decided_by', decided_by, 'at', at)",
        order: "printf('%020d', id)",
        vacate: Some(
            "UPDATE reply_drafts SET desk = '', contact = 0, cause_number = '', cause = '', body = '', decided_by = NULL, state = 'erased'
             WHERE tenant = ?1 AND id = (SELECT max(id) FROM reply_drafts WHERE tenant = ?1)",
        ),
    },
    Class {
        name: "notes",
        table: "notes",
        of_contact: "tenant = ?1 AND contact = ?2",
        json: "json_object('text', text, 'message', message, 'at', at)",
        order: "printf('%020d', seq)",
        vacate: None,
    },
    Class {
        name: "memory",
        table: "memory",
        of_contact: "tenant = ?1 AND contact = ?2 AND plugin IN (
            WITH RECURSIVE plugins (name) AS (
                SELECT min(plugin) FROM memory WHERE tenant = ?1 UNION ALL
                SELECT (SELECT min(plugin) FROM memory WHERE tenant = ?1 AND plugin > name) FROM plugins WHERE name IS NOT NULL)
            SELECT name FROM plugins WHERE name IS NOT NULL)",
        json: "json_object('plugin', plugin, 'key', key, 'value', value, 'until', until)",
        order: "plugin || ':' || key",
        vacate: None,
    },
    Class {
        name: "reached",
        table: "reached",
        of_contact: "tenant = ?1 AND contact = ?2",
        json: "json_object('at', at)",
        order: "at",
        vacate: None,
    },
];
