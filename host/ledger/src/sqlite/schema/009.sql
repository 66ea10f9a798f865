-- Rows of some size stand in tables of their own order, one behind the other, and what finds them is small. In a table that is its own
-- key each row of a kilobyte took a page, and each insert a page of its own. A tenant's order is part of the ledger's.

CREATE TABLE messages_in_order (
    ordinal     INTEGER PRIMARY KEY, -- the order of acceptance
    tenant      TEXT    NOT NULL,
    contact     INTEGER NOT NULL,
    sequence    INTEGER NOT NULL,
    number      TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    accepted_at INTEGER NOT NULL,
    is_stop     INTEGER NOT NULL,
    undone      INTEGER NOT NULL DEFAULT 1,
    joins       INTEGER -- this place in the lane is no message: it is the join with that contact
);
INSERT INTO messages_in_order (tenant, contact, sequence, number, body, accepted_at, is_stop, undone, joins)
    SELECT tenant, contact, sequence, number, body, accepted_at, is_stop, undone, joins FROM messages ORDER BY accepted_at;
DROP TABLE messages;
ALTER TABLE messages_in_order RENAME TO messages;
CREATE UNIQUE INDEX messages_by_contact ON messages (tenant, contact, sequence);
CREATE INDEX messages_undone ON messages (tenant, contact, sequence) WHERE undone = 1;

CREATE TABLE decisions_in_order (
    seq        INTEGER PRIMARY KEY,
    tenant     TEXT    NOT NULL,
    number     TEXT    NOT NULL,
    message    TEXT    NOT NULL,
    contact    INTEGER NOT NULL,
    sequence   INTEGER NOT NULL,
    record     TEXT    NOT NULL,
    settled_at INTEGER NOT NULL,
    dull       INTEGER NOT NULL DEFAULT 0 -- no rule applied, and nothing came of it
);
INSERT INTO decisions_in_order (tenant, number, message, contact, sequence, record, settled_at, dull)
    SELECT tenant, number, message, contact, sequence, record, settled_at, dull FROM decisions ORDER BY settled_at, seq;
DROP TABLE decisions;
ALTER TABLE decisions_in_order RENAME TO decisions;
CREATE INDEX decisions_by_tenant ON decisions (tenant, seq);
CREATE UNIQUE INDEX decisions_by_message ON decisions (tenant, number, message);
CREATE INDEX decisions_dull ON decisions (tenant, settled_at) WHERE dull = 1;

CREATE TABLE outbox_in_order (
    ordinal      INTEGER PRIMARY KEY, -- the order in which sends were settled
    tenant       TEXT    NOT NULL,
    token        TEXT    NOT NULL,
    number       TEXT    NOT NULL,
    contact      INTEGER NOT NULL,
    cause_number TEXT    NOT NULL, -- the message whose decision made it: the number it came in on,
    cause        TEXT    NOT NULL, -- and its id
    state        TEXT    NOT NULL,
    not_before   INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    resent       INTEGER NOT NULL DEFAULT 0,
    wamid        TEXT,
    rank         INTEGER NOT NULL DEFAULT 0, -- how far statuses say it got; never back
    remark       TEXT,
    departed_at  INTEGER,
    unsure_since INTEGER,
    status_at    INTEGER,
    changed_at   INTEGER NOT NULL,
    body         TEXT    NOT NULL
);
INSERT INTO outbox_in_order (tenant, token, number, contact, cause_number, cause, state, not_before, attempts, resent, wamid, rank, remark,
                             departed_at, unsure_since, status_at, changed_at, body)
    SELECT tenant, token, number, contact, cause_number, cause, state, not_before, attempts, resent, wamid, rank, remark,
           departed_at, unsure_since, status_at, changed_at, body FROM outbox ORDER BY ordinal;
DROP TABLE outbox;
ALTER TABLE outbox_in_order RENAME TO outbox;
CREATE UNIQUE INDEX outbox_by_token ON outbox (tenant, token);
CREATE INDEX outbox_by_tenant ON outbox (tenant, ordinal);
CREATE INDEX outbox_by_contact ON outbox (tenant, contact);
CREATE INDEX outbox_by_cause ON outbox (tenant, cause_number, cause);
CREATE INDEX outbox_by_wamid ON outbox (tenant, number, wamid) WHERE wamid IS NOT NULL;
CREATE INDEX outbox_waiting ON outbox (tenant, contact, ordinal) WHERE state IN ('ready', 'in_flight', 'unknown');
CREATE INDEX outbox_ready ON outbox (tenant, number, not_before, ordinal) WHERE state = 'ready';
CREATE INDEX outbox_unsure ON outbox (unsure_since) WHERE state IN ('unknown', 'held');
CREATE INDEX outbox_departed ON outbox (departed_at) WHERE departed_at IS NOT NULL;
CREATE INDEX outbox_confirmed ON outbox (tenant, number, departed_at) WHERE status_at IS NOT NULL;
