-- Every key begins with its tenant (I13). Times are milliseconds since 1970, UTC.

CREATE TABLE contacts (
    tenant        TEXT    NOT NULL,
    id            INTEGER NOT NULL,
    phone         TEXT,
    user_id       TEXT,
    name          TEXT,
    state         TEXT    NOT NULL, -- JSON: language, tags, consent, pause, when they last wrote and rules fired
    last_inbound  TEXT    NOT NULL, -- JSON: number -> time; each number has a service window of its own
    first_seen    INTEGER NOT NULL,
    stop_pending  INTEGER NOT NULL DEFAULT 0,
    accepted      INTEGER NOT NULL DEFAULT 0, -- the last sequence given
    done          INTEGER NOT NULL DEFAULT 0, -- the last sequence settled (I4)
    version       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

CREATE TABLE aliases (
    tenant  TEXT    NOT NULL,
    kind    TEXT    NOT NULL, -- phone, user
    value   TEXT    NOT NULL,
    contact INTEGER NOT NULL,
    PRIMARY KEY (tenant, kind, value)
) WITHOUT ROWID;

-- I2: what was seen. Keys live 14 days.
CREATE TABLE seen (
    tenant TEXT    NOT NULL,
    number TEXT    NOT NULL,
    key    TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (tenant, number, key)
) WITHOUT ROWID;
CREATE INDEX seen_by_time ON seen (at);

-- Notices without an effect: kept raw.
CREATE TABLE kept (
    tenant TEXT    NOT NULL,
    number TEXT    NOT NULL,
    key    TEXT    NOT NULL,
    name   TEXT    NOT NULL,
    raw    TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (tenant, number, key)
) WITHOUT ROWID;
CREATE INDEX kept_by_time ON kept (at);

CREATE TABLE messages (
    tenant      TEXT    NOT NULL,
    contact     INTEGER NOT NULL,
    sequence    INTEGER NOT NULL,
    number      TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    accepted_at INTEGER NOT NULL,
    is_stop     INTEGER NOT NULL,
    undone      INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant, contact, sequence)
) WITHOUT ROWID;
CREATE INDEX messages_undone ON messages (tenant, contact, sequence) WHERE undone = 1;

CREATE TABLE decisions (
    tenant     TEXT    NOT NULL,
    seq        INTEGER NOT NULL,
    number     TEXT    NOT NULL,
    message    TEXT    NOT NULL,
    contact    INTEGER NOT NULL,
    sequence   INTEGER NOT NULL,
    record     TEXT    NOT NULL,
    settled_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX decisions_by_message ON decisions (tenant, number, message);

CREATE TABLE outbox (
    tenant       TEXT    NOT NULL,
    token        TEXT    NOT NULL,
    number       TEXT    NOT NULL,
    contact      INTEGER NOT NULL,
    ordinal      INTEGER NOT NULL, -- the order in which sends were settled
    cause_number TEXT    NOT NULL, -- the message whose decision made it: the number it came in on,
    cause        TEXT    NOT NULL, -- and its id
    body         TEXT    NOT NULL,
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
    PRIMARY KEY (tenant, token)
) WITHOUT ROWID;
CREATE INDEX outbox_waiting ON outbox (tenant, contact, ordinal) WHERE state IN ('ready', 'in_flight', 'unknown');
CREATE INDEX outbox_due ON outbox (not_before, ordinal) WHERE state = 'ready';
CREATE INDEX outbox_unsure ON outbox (unsure_since) WHERE state IN ('unknown', 'held');
CREATE INDEX outbox_by_wamid ON outbox (tenant, number, wamid) WHERE wamid IS NOT NULL;
CREATE INDEX outbox_by_cause ON outbox (tenant, cause_number, cause);
CREATE INDEX outbox_by_ordinal ON outbox (tenant, ordinal);
CREATE INDEX outbox_departed ON outbox (departed_at) WHERE departed_at IS NOT NULL;
CREATE INDEX outbox_confirmed ON outbox (tenant, number, departed_at) WHERE status_at IS NOT NULL;

CREATE TABLE hand_offs (
    tenant  TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    desk    TEXT    NOT NULL,
    note    TEXT    NOT NULL,
    contact INTEGER NOT NULL,
    message TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (tenant, seq)
) WITHOUT ROWID;

CREATE TABLE consent (
    tenant  TEXT    NOT NULL,
    contact INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    change  TEXT    NOT NULL,
    PRIMARY KEY (tenant, contact, seq)
) WITHOUT ROWID;

CREATE TABLE dead_letters (
    tenant  TEXT    NOT NULL,
    number  TEXT    NOT NULL,
    message TEXT    NOT NULL,
    cause   TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (tenant, number, message)
) WITHOUT ROWID;
