-- programs of step 3 may go on
-- Consumers of feeds. Older programs look at none of it.

-- feed consumers: how far a reader has come, kept for it beside the lane that it reads ---------------------------------------------

CREATE TABLE feed_consumers (
    shard_key BIGINT NOT NULL,
    id BLOB NOT NULL,
    carrier_id BLOB NOT NULL,
    kind BIGINT NOT NULL,
    name TEXT NOT NULL,
    next_sequence BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    committed_at BIGINT,
    PRIMARY KEY (shard_key, id)
);
CREATE UNIQUE INDEX feed_consumers_by_name ON feed_consumers (shard_key, kind, name);
