-- programs of step 4 may go on
-- Days of reconciliation that keep themselves up to date. Older programs look at none of it; a day that one of them has run is run once
-- more.

-- days of reconciliation: what is known of each beside its runs ------------------------------------------------------------------------

-- `noted` counts up whenever records of the day, or of a day beside it, were stored; `run_noted` is what it was when the last run read
-- its records. A run after `closed_run` is an adjustment.
CREATE TABLE reconciliation_days (
    shard_key BIGINT NOT NULL,
    day BIGINT NOT NULL,
    noted BIGINT NOT NULL,
    run_noted BIGINT NOT NULL,
    last_run_at BIGINT,
    closed_at BIGINT,
    closed_run BIGINT,
    PRIMARY KEY (shard_key, day)
);
