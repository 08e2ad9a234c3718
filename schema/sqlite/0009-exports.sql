-- programs of step 4 may go on
-- Exports: what was asked for, how far it is, and what is written of it. Older programs look at none of it.

-- exports, beside the lanes of the carrier that asked; those of other parties at shard key 0 -----------------------------------------

CREATE TABLE exports (
    shard_key BIGINT NOT NULL,
    id BLOB NOT NULL,
    role TEXT NOT NULL,
    carrier_id BLOB,
    tenant_id BLOB,
    client_id TEXT NOT NULL,
    idempotency_key TEXT,
    digest BLOB NOT NULL,
    request TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    expires_at BIGINT,
    row_count BIGINT NOT NULL,
    byte_count BIGINT NOT NULL,
    position BLOB,
    searched_up_to BIGINT,
    is_written BIGINT NOT NULL,
    sha256 BLOB,
    failure_code TEXT,
    failure_message TEXT,
    PRIMARY KEY (shard_key, id)
);
CREATE UNIQUE INDEX exports_by_key ON exports (shard_key, client_id, idempotency_key);
CREATE INDEX exports_by_state ON exports (state, created_at);

-- What is written, in pieces of bounded size.
CREATE TABLE export_chunks (
    shard_key BIGINT NOT NULL,
    export_id BLOB NOT NULL,
    first_byte BIGINT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (shard_key, export_id, first_byte)
);
