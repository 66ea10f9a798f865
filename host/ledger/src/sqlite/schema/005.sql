-- What rules with `draft_to` would have sent: it waits at a desk, and a person sends, changes or drops it.
CREATE TABLE reply_drafts (
    tenant       TEXT    NOT NULL,
    id           INTEGER NOT NULL,
    desk         TEXT    NOT NULL,
    rule         TEXT    NOT NULL,
    contact      INTEGER NOT NULL,
    cause_number TEXT    NOT NULL, -- the message that it answers: the number it came in on,
    cause        TEXT    NOT NULL, -- and its id
    body         TEXT    NOT NULL, -- the send as the rule worded it
    state        TEXT    NOT NULL,
    decided_by   TEXT,             -- who, if they said so
    at           INTEGER NOT NULL,
    changed_at   INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
CREATE INDEX reply_drafts_pending ON reply_drafts (tenant, id) WHERE state = 'pending';
CREATE INDEX reply_drafts_by_contact ON reply_drafts (tenant, contact);
