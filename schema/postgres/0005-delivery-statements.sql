-- programs of step 3 may go on
-- Delivery statements. Older programs look at none of it.

-- delivery statements: what a feed held of each hour, beside the lane that it is read from -----------------------------------------

-- One hour in which something was stored, written once the lane has passed it. `content_hash`: 16 bytes, the sum over its records.
CREATE TABLE delivery_statements (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    last_sequence BIGINT NOT NULL,
    duration_ms BIGINT,
    content_hash BYTEA NOT NULL,
    chain_head BYTEA NOT NULL,
    PRIMARY KEY (shard_key, kind, hour)
);
