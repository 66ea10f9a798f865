-- What plugins keep from turn to turn. Times and stamps stand before the value: counting never reads values.
CREATE TABLE memory (
    tenant      TEXT    NOT NULL,
    plugin      TEXT    NOT NULL,
    contact     INTEGER NOT NULL, -- 0: for all contacts of the tenant; contacts' own ids begin with 1
    key         TEXT    NOT NULL,
    until       INTEGER NOT NULL,
    by_contact  INTEGER NOT NULL, -- the message that wrote it: its contact
    by_sequence INTEGER NOT NULL, -- and its place there; a message settles once, so no two writes bear the same
    value       TEXT    NOT NULL,
    PRIMARY KEY (tenant, plugin, contact, key)
) WITHOUT ROWID;
CREATE INDEX memory_by_owner ON memory (tenant, plugin, contact, until);
CREATE INDEX memory_by_time ON memory (until);

-- What plugins noted about a contact, for whoever has or takes the conversation.
CREATE TABLE notes (
    tenant  TEXT    NOT NULL,
    contact INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    text    TEXT    NOT NULL,
    message TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (tenant, contact, seq)
) WITHOUT ROWID;
