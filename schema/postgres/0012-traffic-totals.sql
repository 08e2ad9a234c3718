-- programs of step 4 may go on
-- Traffic totals. Older programs look at none of it.

-- traffic totals: what each side says it had, by UTC hour of the call -------------------------------------------------------------

-- A posting of an hour is a version of it: rows are added and never changed. `hour`: hours since 1970-01-01; `side` 0: the platform,
-- 1: the carrier; `direction` 0: inbound, 1: outbound.
CREATE TABLE traffic_totals (
    shard_key BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    side BIGINT NOT NULL,
    version BIGINT NOT NULL,
    direction BIGINT NOT NULL,
    answered BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    seconds BIGINT NOT NULL,
    posted_at BIGINT NOT NULL,
    posted_by TEXT NOT NULL,
    PRIMARY KEY (shard_key, hour, side, version, direction, answered)
);
