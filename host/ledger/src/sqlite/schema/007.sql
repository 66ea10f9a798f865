-- Consent is chained: see chain.rs. What was recorded before is chained when the ledger is opened first after this.
ALTER TABLE consent ADD COLUMN salt       BLOB; -- the commitment's key; gone, as the text of the change is, once the contact was erased
ALTER TABLE consent ADD COLUMN commitment BLOB;
ALTER TABLE consent ADD COLUMN link       BLOB;
ALTER TABLE consent ADD COLUMN era        INTEGER; -- with which key

-- Where each chain stands. A chain whose contact has joined another stays as it is; an entry of the other's says where it ended.
CREATE TABLE consent_heads (
    tenant  TEXT    NOT NULL,
    contact INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    link    BLOB    NOT NULL,
    seal    BLOB    NOT NULL,
    era     INTEGER NOT NULL,
    PRIMARY KEY (tenant, contact)
) WITHOUT ROWID;

-- The keys that links were made with, by their fingerprints. There is a second one if the host's secret was lost.
CREATE TABLE ledger_keys (
    era         INTEGER PRIMARY KEY,
    fingerprint BLOB    NOT NULL UNIQUE,
    since       INTEGER NOT NULL
);

-- An erased contact keeps its row, so that its id is never given again.
ALTER TABLE contacts ADD COLUMN erased_at INTEGER;
CREATE INDEX contacts_erased ON contacts (tenant, id) WHERE erased_at IS NOT NULL;

-- What remains of an erased contact who had opted out: enough to know the phone or user id again, and no more.
CREATE TABLE suppressed (
    tenant     TEXT    NOT NULL,
    hash       BLOB    NOT NULL,
    everything INTEGER, -- opted out of any message since then
    marketing  INTEGER, -- of marketing
    PRIMARY KEY (tenant, hash)
) WITHOUT ROWID;

CREATE INDEX joins_by_survivor ON joins (tenant, into_contact); -- all who were joined to a contact, to erase them with it

-- Retention: what is dull goes first, and what goes by time without an order of time is found by it.
ALTER TABLE decisions ADD COLUMN dull INTEGER NOT NULL DEFAULT 0; -- no rule applied, and nothing came of it
CREATE INDEX decisions_dull ON decisions (tenant, settled_at) WHERE dull = 1;
CREATE INDEX notes_by_time ON notes (tenant, at);
CREATE INDEX dead_letters_by_time ON dead_letters (tenant, at);
CREATE INDEX reply_drafts_decided ON reply_drafts (tenant, changed_at) WHERE state <> 'pending';
