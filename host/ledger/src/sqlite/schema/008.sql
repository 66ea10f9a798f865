-- What is due is asked for by number: one that rests is stepped over, however much waits on it.
CREATE INDEX outbox_ready ON outbox (tenant, number, not_before, ordinal) WHERE state = 'ready';
DROP INDEX outbox_due;
