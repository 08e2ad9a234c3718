-- programs of step 1 may go on
-- Leases for background work, and what it leaves beside the lanes. Older programs look at none of it.

-- background work: one node at a time does a piece of it on a lane -------------------------------------------------------

-- Who holds which piece of work. `token` only ever rises; a row that stays as it is for `length_ms` is free to be taken.
CREATE TABLE leases (
    work TEXT NOT NULL,
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    holder BYTEA,
    token BIGINT NOT NULL,
    renewals BIGINT NOT NULL,
    length_ms BIGINT NOT NULL,
    PRIMARY KEY (work, shard_key, kind)
);

-- Beside the lanes: the newest token that has worked on one, which older ones are refused by, and how far that work has come.
CREATE TABLE lane_work (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    work TEXT NOT NULL,
    fence BIGINT NOT NULL,
    progress BIGINT NOT NULL,
    PRIMARY KEY (shard_key, kind, work)
);

-- Runs of the key index whose pages are stored while key_runs does not name them: being written, or to be removed.
CREATE TABLE unlisted_runs (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    run BIGINT NOT NULL,
    PRIMARY KEY (shard_key, kind, run)
);

-- What is compressed already, or random, is stored as it is: PostgreSQL's own attempt at it costs most of an append's time.
ALTER TABLE part_core ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE part_parties ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE part_network ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE part_internal ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE blocks ALTER COLUMN filter SET STORAGE EXTERNAL;
ALTER TABLE key_pages ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE key_runs ALTER COLUMN filter SET STORAGE EXTERNAL;
ALTER TABLE key_runs ALTER COLUMN fences SET STORAGE EXTERNAL;
