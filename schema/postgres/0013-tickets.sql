-- programs of step 4 may go on
-- Tickets. Older programs count usage without them: open no dispute before all nodes are new.

-- tickets between platform and carrier, by the carrier's shard key ---------------------------------------------------------------

-- `subject` and `settlement`: JSON. `owner_side`: which side has to act; `steps`: how many rows of ticket_steps it has.
CREATE TABLE tickets (
    shard_key BIGINT NOT NULL,
    id BYTEA NOT NULL,
    carrier_id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    owner_side TEXT NOT NULL,
    title TEXT NOT NULL,
    subject TEXT NOT NULL,
    platform_owner TEXT,
    carrier_owner TEXT,
    platform_reference TEXT,
    carrier_reference TEXT,
    due_at BIGINT,
    opened_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    ended_at BIGINT,
    settlement TEXT,
    proposed_by TEXT,
    steps BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (shard_key, id)
);
CREATE INDEX tickets_by_id ON tickets (id);

-- Who did what with a ticket, and when: rows are added and never changed. `detail`: JSON.
CREATE TABLE ticket_steps (
    shard_key BIGINT NOT NULL,
    ticket_id BYTEA NOT NULL,
    step BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    side TEXT NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL,
    text TEXT,
    detail TEXT,
    PRIMARY KEY (shard_key, ticket_id, step)
);

CREATE TABLE ticket_attachments (
    shard_key BIGINT NOT NULL,
    ticket_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,
    side TEXT NOT NULL,
    attached_at BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (shard_key, ticket_id, id)
);

-- The records that a dispute holds. `kind` 0: a call, by its id; 1: a duration, by its recordId. `item_id`, `day`: of the item in
-- which it stood when the dispute was opened.
CREATE TABLE ticket_records (
    shard_key BIGINT NOT NULL,
    ticket_id BYTEA NOT NULL,
    kind BIGINT NOT NULL,
    record_key BYTEA NOT NULL,
    item_id BYTEA NOT NULL,
    day BIGINT NOT NULL,
    PRIMARY KEY (shard_key, ticket_id, kind, record_key)
);
CREATE INDEX ticket_records_by_day ON ticket_records (shard_key, day);
