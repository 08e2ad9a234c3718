-- programs of step 3 may go on
-- Webhooks. Older programs look at none of it.

-- webhooks: they lie beside the lanes that they read, so that an endpoint goes on in the transaction that notes down what is to be
-- delivered -----------------------------------------------------------------------------------------------------------------

-- Where a carrier wants to be told. `types` empty: of everything. `failing_since`: when the first attempt failed after the last
-- that did not.
CREATE TABLE webhook_endpoints (
    shard_key BIGINT NOT NULL,
    id BYTEA NOT NULL,
    carrier_id BYTEA NOT NULL,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    types TEXT NOT NULL,
    payload TEXT NOT NULL,
    status TEXT NOT NULL,
    disabled_at BIGINT,
    disabled_reason TEXT,
    failing_since BIGINT,
    next_position BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (shard_key, id)
);

-- How far an endpoint has read a lane.
CREATE TABLE webhook_cursors (
    shard_key BIGINT NOT NULL,
    endpoint_id BYTEA NOT NULL,
    kind BIGINT NOT NULL,
    next_sequence BIGINT NOT NULL,
    PRIMARY KEY (shard_key, endpoint_id, kind)
);

-- What deliveries are signed with; `sealed` is encrypted. `public_key` of asymmetric ones.
CREATE TABLE webhook_secrets (
    shard_key BIGINT NOT NULL,
    endpoint_id BYTEA NOT NULL,
    id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    public_key BYTEA,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (shard_key, endpoint_id, id)
);

-- One event for one endpoint. `id` is its webhook-id; `kind` and `sequence` name the record, `data` is there where there is none.
-- `round_attempts` counts since it was last set going, `attempts` all.
CREATE TABLE webhook_deliveries (
    shard_key BIGINT NOT NULL,
    endpoint_id BYTEA NOT NULL,
    position BIGINT NOT NULL,
    id BYTEA NOT NULL,
    type TEXT NOT NULL,
    kind BIGINT,
    sequence BIGINT,
    event_id BYTEA NOT NULL,
    data TEXT,
    state TEXT NOT NULL,
    round_attempts BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    round_began_at BIGINT,
    last_tried_at BIGINT,
    next_attempt_at BIGINT,
    delivered_at BIGINT,
    PRIMARY KEY (shard_key, endpoint_id, position)
);
CREATE UNIQUE INDEX webhook_deliveries_by_id ON webhook_deliveries (shard_key, endpoint_id, id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (shard_key, endpoint_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhook_deliveries_missed ON webhook_deliveries (shard_key, endpoint_id, position) WHERE state = 'failed';

-- What came of one try to deliver.
CREATE TABLE webhook_attempts (
    shard_key BIGINT NOT NULL,
    endpoint_id BYTEA NOT NULL,
    position BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status BIGINT,
    error TEXT,
    PRIMARY KEY (shard_key, endpoint_id, position, attempt)
);
