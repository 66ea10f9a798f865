-- How often rules with a limit over all contacts have answered, in the periods that are not long over.
CREATE TABLE rule_counts (
    tenant TEXT    NOT NULL,
    rule   TEXT    NOT NULL,
    per    TEXT    NOT NULL, -- minute, hour, day, week
    since  INTEGER NOT NULL, -- when the period began
    times  INTEGER NOT NULL,
    until  INTEGER NOT NULL, -- from then on nobody asks for it
    PRIMARY KEY (tenant, rule, per, since)
) WITHOUT ROWID;
CREATE INDEX rule_counts_by_time ON rule_counts (until);
