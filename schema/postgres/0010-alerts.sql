-- programs of step 4 may go on
-- Alerts. Older programs look at none of it.

-- alerts: rules and what they raised lie by the shard key of whose they are (the platform's by 0), beside the webhooks that tell
-- of them ----------------------------------------------------------------------------------------------------------------------

-- `carrier_id` null: the platform's. `definition`: JSON. Windows that end by `evaluated_until` were looked at, or are among
-- `missed_windows`; `problem`: why the last one was.
CREATE TABLE alert_rules (
    shard_key BIGINT NOT NULL,
    id BYTEA NOT NULL,
    carrier_id BYTEA,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    window_ms BIGINT NOT NULL,
    evaluated_until BIGINT NOT NULL,
    missed_windows BIGINT NOT NULL,
    problem TEXT,
    problem_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (shard_key, id)
);

-- What is remembered of a rule's groups from one window to the next; groups with nothing to remember have no row.
CREATE TABLE alert_states (
    shard_key BIGINT NOT NULL,
    rule_id BYTEA NOT NULL,
    group_id BYTEA NOT NULL,
    group_key TEXT NOT NULL,
    streak BIGINT NOT NULL,
    last_known BIGINT NOT NULL,
    alert_id BYTEA,
    PRIMARY KEY (shard_key, rule_id, group_id)
);

-- One alert from raising to clearing. `raised` and `cleared`: JSON, the windows that decided.
CREATE TABLE alerts (
    shard_key BIGINT NOT NULL,
    id BYTEA NOT NULL,
    rule_id BYTEA NOT NULL,
    carrier_id BYTEA,
    rule_name TEXT NOT NULL,
    measure TEXT NOT NULL,
    group_key TEXT NOT NULL,
    raised_at BIGINT NOT NULL,
    raised TEXT NOT NULL,
    cleared_at BIGINT,
    clear_reason TEXT,
    cleared TEXT,
    PRIMARY KEY (shard_key, id)
);
CREATE INDEX alerts_by_id ON alerts (id);
CREATE INDEX alerts_cleared ON alerts (shard_key, cleared_at) WHERE cleared_at IS NOT NULL;
