-- Two contacts that prove to be one person are joined. The join takes a place in both lanes, as messages do, and runs when both
-- have come to it; the contact that joins another keeps its row, so that its id leads there and is never given again.
CREATE TABLE joins (
    tenant       TEXT    NOT NULL,
    contact      INTEGER NOT NULL, -- the one that joins
    into_contact INTEGER NOT NULL, -- the one that remains
    done         INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, contact)
) WITHOUT ROWID;
CREATE INDEX joins_waiting ON joins (tenant, into_contact) WHERE done = 0;

ALTER TABLE messages ADD COLUMN joins INTEGER; -- this place in the lane is no message: it is the join with that contact

-- What is a contact's is found by the contact: a join moves it.
CREATE INDEX aliases_by_contact ON aliases (tenant, contact);
CREATE INDEX outbox_by_contact ON outbox (tenant, contact);
CREATE INDEX hand_offs_by_contact ON hand_offs (tenant, contact);

-- Of two that wrote the same key the newer remains. Before, the message that wrote it tells the time.
ALTER TABLE memory ADD COLUMN written_at INTEGER NOT NULL DEFAULT 0;
UPDATE memory SET written_at = coalesce((
    SELECT accepted_at FROM messages
    WHERE messages.tenant = memory.tenant AND messages.contact = memory.by_contact AND messages.sequence = memory.by_sequence), 0);

-- What was kept is listed, newest first, with the notice that it was, its network, and why it could not be read.
ALTER TABLE kept ADD COLUMN seq     INTEGER NOT NULL DEFAULT 0; -- the order of acceptance within a tenant
ALTER TABLE kept ADD COLUMN notice  TEXT    NOT NULL DEFAULT 'update';
ALTER TABLE kept ADD COLUMN channel TEXT    NOT NULL DEFAULT 'whatsapp';
ALTER TABLE kept ADD COLUMN cause   TEXT;
CREATE INDEX kept_newest ON kept (tenant, seq, at);
CREATE INDEX kept_newest_by_name ON kept (tenant, name, seq, at);
