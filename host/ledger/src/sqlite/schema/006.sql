-- What is stopped from sending, and by whom. Few.
CREATE TABLE switches (
    tenant TEXT NOT NULL,
    kind   TEXT NOT NULL, -- tenant, number, template
    value  TEXT NOT NULL, -- which number or template; nothing for the tenant
    switch TEXT NOT NULL, -- JSON: who, why, since when
    PRIMARY KEY (tenant, kind, value)
) WITHOUT ROWID;

-- Whom a tenant reached outside of windows, and when last: the messaging limit counts them over 24 hours.
CREATE TABLE reached (
    tenant  TEXT    NOT NULL,
    contact INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (tenant, contact)
) WITHOUT ROWID;
CREATE INDEX reached_by_time ON reached (tenant, at);

-- How many of them in each five minutes: a tenant reaches a hundred thousand, and each template asks how many they are. Kept in
-- step by triggers, whoever writes.
CREATE TABLE reached_slices (
    tenant   TEXT    NOT NULL,
    slice    INTEGER NOT NULL, -- at / 300000
    contacts INTEGER NOT NULL,
    PRIMARY KEY (tenant, slice)
) WITHOUT ROWID;
CREATE TRIGGER reached_counts_in AFTER INSERT ON reached BEGIN
    INSERT INTO reached_slices VALUES (new.tenant, new.at / 300000, 1) ON CONFLICT DO UPDATE SET contacts = contacts + 1;
END;
CREATE TRIGGER reached_counts_out AFTER DELETE ON reached BEGIN
    UPDATE reached_slices SET contacts = contacts - 1 WHERE tenant = old.tenant AND slice = old.at / 300000;
    DELETE FROM reached_slices WHERE tenant = old.tenant AND slice = old.at / 300000 AND contacts <= 0;
END;
CREATE TRIGGER reached_counts_on AFTER UPDATE ON reached BEGIN
    UPDATE reached_slices SET contacts = contacts - 1 WHERE tenant = old.tenant AND slice = old.at / 300000;
    INSERT INTO reached_slices VALUES (new.tenant, new.at / 300000, 1) ON CONFLICT DO UPDATE SET contacts = contacts + 1;
    DELETE FROM reached_slices WHERE tenant = old.tenant AND slice = old.at / 300000 AND contacts <= 0;
END;

-- Pauses end by themselves, and each end is a timer. It follows from the state, so that the two cannot differ; the text is looked
-- at before it is parsed, because each settle writes a state and few contacts are paused.
ALTER TABLE contacts ADD COLUMN paused_until INTEGER GENERATED ALWAYS AS
    (CASE WHEN instr(state, '"pause":null') THEN NULL ELSE json_extract(state, '$.pause.until') END) VIRTUAL;
CREATE INDEX contacts_paused ON contacts (paused_until) WHERE paused_until IS NOT NULL;
