-- Orders worked through in the background with a result a number, notices and the history of consents, ports, conflicts, and
-- what the platform's switch has to confirm. Stop older programs first: they would order numbers by the older rules.

ALTER TABLE tenants ADD COLUMN sip_uri_template TEXT;

ALTER TABLE targets ADD COLUMN external_id TEXT;
ALTER TABLE targets ADD COLUMN active BIGINT NOT NULL DEFAULT 1;
ALTER TABLE targets ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE targets ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX targets_by_name ON targets (tenant_id, user_principal_name);

-- Versions of the data transfer notice; never changed once published.
CREATE TABLE notices (
    version TEXT PRIMARY KEY,
    ordinal BIGINT NOT NULL UNIQUE,
    texts TEXT NOT NULL,
    published_by TEXT NOT NULL,
    published_at BIGINT NOT NULL
);

ALTER TABLE consents ADD COLUMN contact_name TEXT;
ALTER TABLE consents ADD COLUMN contact_email TEXT;

CREATE TABLE consent_history (
    consent_id BLOB NOT NULL REFERENCES consents (id),
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    state TEXT NOT NULL,
    notice_version TEXT NOT NULL,
    countries TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (consent_id, version)
);
INSERT INTO consent_history (consent_id, version, at, actor, state, notice_version, countries, reason)
    SELECT id, version, COALESCE(ended_at, signed_at, accepted_at), accepted_by, state, notice_version, countries, reason
    FROM consents;

ALTER TABLE numbers ADD COLUMN additional_usage TEXT;
ALTER TABLE numbers ADD COLUMN capabilities TEXT NOT NULL DEFAULT 'inboundCalling,outboundCalling';
ALTER TABLE numbers ADD COLUMN country TEXT NOT NULL DEFAULT '';
ALTER TABLE numbers ADD COLUMN location_id TEXT;
ALTER TABLE numbers ADD COLUMN calling_profile_id TEXT;
ALTER TABLE numbers ADD COLUMN ticket_id TEXT;
ALTER TABLE numbers ADD COLUMN category TEXT;
ALTER TABLE numbers ADD COLUMN acquired_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE numbers ADD COLUMN state_reason TEXT;
ALTER TABLE numbers ADD COLUMN expected_by BIGINT;
ALTER TABLE numbers ADD COLUMN operation_id BLOB;
-- A number that is being ported in lives beside the one that is still held elsewhere.
DROP INDEX numbers_live;
CREATE UNIQUE INDEX numbers_live ON numbers (e164) WHERE state <> 'removed' AND state <> 'portingIn';
CREATE UNIQUE INDEX numbers_porting ON numbers (e164) WHERE state = 'portingIn';
CREATE INDEX numbers_by_target ON numbers (tenant_id, target_id);

ALTER TABLE number_history ADD COLUMN category TEXT;

-- What became of each number of an order.
CREATE TABLE operation_numbers (
    operation_id BLOB NOT NULL REFERENCES operations (id),
    position BIGINT NOT NULL,
    telephone_number TEXT NOT NULL,
    request TEXT NOT NULL,
    status TEXT NOT NULL,
    number_id BLOB,
    work_id BLOB,
    code TEXT,
    message TEXT,
    PRIMARY KEY (operation_id, position)
);
INSERT INTO operation_numbers (operation_id, position, telephone_number, request, status, number_id, code, message)
    SELECT o.id, r.key, COALESCE(json_extract(r.value, '$.telephoneNumber'), ''), '{}', json_extract(r.value, '$.status'), n.id,
        json_extract(r.value, '$.code'), json_extract(r.value, '$.message')
    FROM operations o, json_each(o.results) r
    LEFT JOIN (SELECT id, lower(hex(id)) AS digits FROM numbers) n
        ON n.digits = replace(json_extract(r.value, '$.numberId'), '-', '');
-- `request`: what was ordered, as JSON. `sequence`: where it stands in the work of the platform's switch.
ALTER TABLE operations ADD COLUMN tenant_id BLOB;
ALTER TABLE operations ADD COLUMN request TEXT NOT NULL DEFAULT '{}';
ALTER TABLE operations ADD COLUMN total BIGINT NOT NULL DEFAULT 0;
ALTER TABLE operations ADD COLUMN succeeded BIGINT NOT NULL DEFAULT 0;
ALTER TABLE operations ADD COLUMN failed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE operations ADD COLUMN number_id BLOB;
ALTER TABLE operations ADD COLUMN sequence BIGINT;
ALTER TABLE operations ADD COLUMN expected_by BIGINT;
ALTER TABLE operations ADD COLUMN reason TEXT;
ALTER TABLE operations ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE operations ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE operations ADD COLUMN idempotency_key TEXT;
ALTER TABLE operations ADD COLUMN digest BLOB;
UPDATE operations SET
    total = (SELECT COUNT(*) FROM operation_numbers n WHERE n.operation_id = operations.id),
    succeeded = (SELECT COUNT(*) FROM operation_numbers n WHERE n.operation_id = operations.id AND n.status = 'succeeded'),
    failed = (SELECT COUNT(*) FROM operation_numbers n WHERE n.operation_id = operations.id AND n.status = 'failed'),
    updated_at = COALESCE(finished_at, created_at);
ALTER TABLE operations DROP COLUMN results;
CREATE UNIQUE INDEX operations_by_key ON operations (client_id, idempotency_key);
CREATE UNIQUE INDEX operations_by_sequence ON operations (sequence);
CREATE INDEX operations_open ON operations (updated_at) WHERE status = 'notStarted' OR status = 'running';

-- A number on its way from one carrier to another; both see it through.
CREATE TABLE ports (
    id BLOB PRIMARY KEY,
    e164 BIGINT NOT NULL,
    number_id BLOB NOT NULL REFERENCES numbers (id),
    tenant_id BLOB NOT NULL,
    gaining_carrier_id BLOB NOT NULL,
    losing_carrier_id BLOB,
    losing_number_id BLOB,
    state TEXT NOT NULL,
    port_at BIGINT,
    reason TEXT,
    requested_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX ports_by_gaining ON ports (gaining_carrier_id, id);
CREATE INDEX ports_by_losing ON ports (losing_carrier_id, id);
CREATE INDEX ports_cut_over ON ports (changed_at) WHERE state = 'cutOver';

-- An order for a number that is held elsewhere: refused as not available, and for the platform to settle.
CREATE TABLE number_conflicts (
    id BLOB PRIMARY KEY,
    e164 BIGINT NOT NULL,
    ordering_carrier_id BLOB NOT NULL,
    ordering_tenant_id BLOB NOT NULL,
    holding_carrier_id BLOB NOT NULL,
    holding_tenant_id BLOB NOT NULL,
    operation_id BLOB NOT NULL,
    request TEXT NOT NULL,
    state TEXT NOT NULL,
    note TEXT,
    port_id BLOB,
    noticed_at BIGINT NOT NULL,
    settled_at BIGINT,
    settled_by TEXT,
    version BIGINT NOT NULL
);
CREATE INDEX number_conflicts_by_state ON number_conflicts (state, id);
CREATE UNIQUE INDEX number_conflicts_open ON number_conflicts (e164, ordering_carrier_id) WHERE state = 'open';
