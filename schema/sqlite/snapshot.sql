-- What the numbered steps add up to. A test proves it: change both together.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
);

-- Numbers that are given out in order. Whoever takes one keeps all others waiting until it commits, on whichever node.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

-- ledger -----------------------------------------------------------------------------------------------------------------

CREATE TABLE carriers (
    id BLOB PRIMARY KEY,
    shard_key BIGINT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    default_region TEXT,
    tolerance_ms BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE tenants (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    country TEXT NOT NULL,
    sip_domain TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    sip_uri_template TEXT
);

CREATE TABLE targets (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    type TEXT NOT NULL,
    display_name TEXT NOT NULL,
    user_principal_name TEXT,
    sip_uri TEXT,
    country TEXT,
    version BIGINT NOT NULL,
    external_id TEXT,
    active BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL DEFAULT 0,
    changed_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX targets_by_name ON targets (tenant_id, LOWER(user_principal_name), id);
CREATE INDEX targets_by_external_id ON targets (tenant_id, LOWER(external_id), id);

-- Versions of the data transfer notice; never changed once published.
CREATE TABLE notices (
    version TEXT PRIMARY KEY,
    ordinal BIGINT NOT NULL UNIQUE,
    texts TEXT NOT NULL,
    published_by TEXT NOT NULL,
    published_at BIGINT NOT NULL
);

CREATE TABLE consents (
    id BLOB PRIMARY KEY,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    carrier_id BLOB NOT NULL REFERENCES carriers (id),
    state TEXT NOT NULL,
    notice_version TEXT NOT NULL,
    countries TEXT NOT NULL,
    accepted_by TEXT NOT NULL,
    accepted_at BIGINT NOT NULL,
    signed_at BIGINT,
    ended_at BIGINT,
    reason TEXT,
    version BIGINT NOT NULL,
    contact_name TEXT,
    contact_email TEXT
);
CREATE INDEX consents_by_pair ON consents (tenant_id, carrier_id);

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

-- What platform and one carrier agree on. `terms`: JSON; `valid_from`: days since 1970-01-01. Once signed a row never changes;
-- of those that are signed, the one that is valid from the latest day counts.
CREATE TABLE agreements (
    id BLOB PRIMARY KEY,
    carrier_id BLOB NOT NULL REFERENCES carriers (id),
    number BIGINT NOT NULL,
    state TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    terms TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at BIGINT NOT NULL,
    signed_at BIGINT,
    reason TEXT,
    version BIGINT NOT NULL,
    UNIQUE (carrier_id, number)
);
CREATE INDEX agreements_by_state ON agreements (state, carrier_id);

CREATE TABLE agreement_history (
    agreement_id BLOB NOT NULL REFERENCES agreements (id),
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    side TEXT NOT NULL,
    state TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    terms TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (agreement_id, version)
);

CREATE TABLE clients (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    carriers TEXT NOT NULL,
    tenant_id BLOB,
    scopes TEXT NOT NULL,
    secrets TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    version BIGINT NOT NULL
);

CREATE TABLE numbers (
    id BLOB PRIMARY KEY,
    e164 BIGINT NOT NULL,
    carrier_id BLOB NOT NULL REFERENCES carriers (id),
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    state TEXT NOT NULL,
    usage TEXT NOT NULL,
    target_type TEXT,
    target_id BLOB,
    sip_uri TEXT,
    reference TEXT,
    changed_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    additional_usage TEXT,
    capabilities TEXT NOT NULL DEFAULT 'inboundCalling,outboundCalling',
    country TEXT NOT NULL DEFAULT '',
    location_id TEXT,
    calling_profile_id TEXT,
    ticket_id TEXT,
    category TEXT,
    acquired_at BIGINT NOT NULL DEFAULT 0,
    state_reason TEXT,
    expected_by BIGINT,
    operation_id BLOB
);
-- A number that is being ported in lives beside the one that is still held elsewhere.
CREATE UNIQUE INDEX numbers_live ON numbers (e164) WHERE state <> 'removed' AND state <> 'portingIn';
CREATE UNIQUE INDEX numbers_porting ON numbers (e164) WHERE state = 'portingIn';
CREATE INDEX numbers_by_carrier ON numbers (carrier_id, e164);
CREATE INDEX numbers_by_tenant ON numbers (tenant_id, e164);
CREATE INDEX numbers_by_target ON numbers (tenant_id, target_id, e164);

CREATE TABLE number_history (
    number_id BLOB NOT NULL REFERENCES numbers (id),
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    previous_state TEXT,
    state TEXT NOT NULL,
    target_type TEXT,
    target_id BLOB,
    sip_uri TEXT,
    reason TEXT,
    category TEXT,
    PRIMARY KEY (number_id, version)
);

-- Who held a number from an instant on, until the next row of the same number; carrier null: nobody.
CREATE TABLE holders (
    change BIGINT PRIMARY KEY,
    e164 BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    carrier_id BLOB,
    tenant_id BLOB,
    reference TEXT
);
CREATE INDEX holders_by_number ON holders (e164, from_ms);

-- What was ordered, as JSON, stands in `request`; where it stands in the work of the platform's switch, in `sequence`.
CREATE TABLE operations (
    id BLOB PRIMARY KEY,
    client_id TEXT NOT NULL,
    carrier_id BLOB,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    tenant_id BLOB,
    request TEXT NOT NULL DEFAULT '{}',
    total BIGINT NOT NULL DEFAULT 0,
    succeeded BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0,
    number_id BLOB,
    sequence BIGINT,
    expected_by BIGINT,
    reason TEXT,
    updated_at BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1,
    idempotency_key TEXT,
    digest BLOB
);
CREATE UNIQUE INDEX operations_by_key ON operations (client_id, idempotency_key);
CREATE UNIQUE INDEX operations_by_sequence ON operations (sequence);
CREATE INDEX operations_open ON operations (updated_at) WHERE status = 'notStarted' OR status = 'running';

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

CREATE TABLE uploads (
    id BLOB PRIMARY KEY,
    client_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    idempotency_key TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    counts TEXT NOT NULL,
    withdrawn_at BIGINT,
    withdrawn_reason TEXT,
    declared TEXT,
    UNIQUE (client_id, kind, idempotency_key)
);
CREATE INDEX uploads_by_client ON uploads (client_id, id);

CREATE TABLE reconciliation_runs (
    shard_key BIGINT NOT NULL,
    run BIGINT NOT NULL,
    day BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    items BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    rules TEXT NOT NULL,
    report TEXT NOT NULL,
    PRIMARY KEY (shard_key, run)
);
CREATE INDEX reconciliation_runs_by_day ON reconciliation_runs (shard_key, day, run);

-- lanes and blocks: shard_key first in every key, one shard key a transaction --------------------------------------------

CREATE TABLE lanes (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    next_sequence BIGINT NOT NULL,
    last_stored_at BIGINT NOT NULL,
    last_hash BLOB NOT NULL,
    PRIMARY KEY (shard_key, kind)
);

CREATE TABLE entries (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    stored_at BIGINT NOT NULL,
    writer TEXT NOT NULL,
    column_counts BLOB NOT NULL,
    content_hashes BLOB NOT NULL,
    previous_hash BLOB NOT NULL,
    own_hash BLOB NOT NULL,
    PRIMARY KEY (shard_key, kind, first_sequence)
);

CREATE TABLE blocks (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    day BIGINT NOT NULL,
    min_time BIGINT NOT NULL,
    max_time BIGINT NOT NULL,
    answered BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    superseded BLOB,
    calendar_days BIGINT,
    PRIMARY KEY (shard_key, kind, first_sequence)
);
CREATE INDEX blocks_by_time ON blocks (shard_key, kind, max_time);
CREATE INDEX blocks_without_calendar ON blocks (shard_key, kind, max_time) WHERE calendar_days IS NULL;

-- Which far-end numbers and signalling ids a block may hold, and in which rows an own number is. They lie beside the directory, whose
-- rows are changed whenever a record is superseded. `own_numbers`: 8 bytes of the first time and 8 of the length of a step, in milliseconds, lowest byte
-- first; then of all rows with an own number, sorted, the upper 16 bits of its hash, the row (16 bits) and the step of its time
-- (8 bits); null: not told.
CREATE TABLE block_filters (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    filter BLOB NOT NULL,
    own_numbers BLOB,
    PRIMARY KEY (shard_key, kind, first_sequence)
);

-- Figures of a lane's calls, worked out once, span by span: what the calls count by hour, as three record batches of Arrow. They hold
-- as long as `superseded_count` records of the span are superseded, for programs that work them out by the same `rules`; -1: none
-- can be kept of these calls, which are then read.
CREATE TABLE call_figures (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    min_time BIGINT NOT NULL,
    max_time BIGINT NOT NULL,
    superseded_count BIGINT NOT NULL,
    rules BIGINT NOT NULL,
    hours BLOB NOT NULL,
    figures BLOB NOT NULL,
    points BLOB NOT NULL,
    PRIMARY KEY (shard_key, kind, first_sequence)
);
CREATE INDEX call_figures_by_time ON call_figures (shard_key, kind, max_time);

-- In which minutes of which UTC days a block has calls, events or items: its calendar. `minutes`: how many bytes of the day's 180
-- are left out at the front, then those up to the last that is not zero; a bit a minute. A block whose calendar_days is null has
-- no calendar and is found by its first and last time.
CREATE TABLE block_days (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    day BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    minutes BLOB NOT NULL,
    PRIMARY KEY (shard_key, kind, day, first_sequence)
);

CREATE TABLE part_core (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    day BIGINT NOT NULL,
    checksum BIGINT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (shard_key, kind, first_sequence)
);
CREATE TABLE part_parties (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    day BIGINT NOT NULL,
    checksum BIGINT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (shard_key, kind, first_sequence)
);
CREATE TABLE part_network (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    day BIGINT NOT NULL,
    checksum BIGINT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (shard_key, kind, first_sequence)
);
CREATE TABLE part_internal (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    day BIGINT NOT NULL,
    checksum BIGINT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (shard_key, kind, first_sequence)
);

-- The exact key index: sorted runs of (hash, sequence, version, fingerprint) in pages, with a filter a run.
CREATE TABLE key_runs (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    run BIGINT NOT NULL,
    level BIGINT NOT NULL,
    entry_count BIGINT NOT NULL,
    filter BLOB NOT NULL,
    fences BLOB NOT NULL,
    PRIMARY KEY (shard_key, kind, run)
);
CREATE TABLE key_pages (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    run BIGINT NOT NULL,
    page BIGINT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (shard_key, kind, run, page)
);

-- What became of one chunk of an upload in one lane; written with the records themselves.
CREATE TABLE receipts (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    upload_id BLOB NOT NULL,
    chunk BIGINT NOT NULL,
    digest BLOB NOT NULL,
    outcomes TEXT NOT NULL,
    counts TEXT NOT NULL,
    problems TEXT NOT NULL,
    first_sequence BIGINT,
    stored_rows BIGINT NOT NULL DEFAULT 0,
    withdrawn BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (shard_key, kind, upload_id, chunk)
);
CREATE INDEX receipts_by_upload ON receipts (upload_id, chunk);

-- What the last transaction of each writer was, so that a commit whose answer was lost is settled by key. Stores with one writer
-- leave these tables empty.
CREATE TABLE ledger_marks (
    writer BLOB PRIMARY KEY,
    mark BIGINT NOT NULL
);
CREATE TABLE lane_marks (
    shard_key BIGINT NOT NULL,
    writer BLOB NOT NULL,
    mark BIGINT NOT NULL,
    PRIMARY KEY (shard_key, writer)
);

-- background work: one node at a time does a piece of it on a lane -------------------------------------------------------

-- Who holds which piece of work. `token` only ever rises; a row that stays as it is for `length_ms` is free to be taken.
CREATE TABLE leases (
    work TEXT NOT NULL,
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    holder BLOB,
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

-- webhooks: they lie beside the lanes that they read, so that an endpoint goes on in the transaction that notes down what is to be
-- delivered -----------------------------------------------------------------------------------------------------------------

-- Where a carrier wants to be told. `types` empty: of everything. `failing_since`: when the first attempt failed after the last
-- that did not.
CREATE TABLE webhook_endpoints (
    shard_key BIGINT NOT NULL,
    id BLOB NOT NULL,
    carrier_id BLOB NOT NULL,
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
    endpoint_id BLOB NOT NULL,
    kind BIGINT NOT NULL,
    next_sequence BIGINT NOT NULL,
    PRIMARY KEY (shard_key, endpoint_id, kind)
);

-- What deliveries are signed with; `sealed` is encrypted. `public_key` of asymmetric ones.
CREATE TABLE webhook_secrets (
    shard_key BIGINT NOT NULL,
    endpoint_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    sealed BLOB NOT NULL,
    public_key BLOB,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (shard_key, endpoint_id, id)
);

-- One event for one endpoint. `id` is its webhook-id; `kind` and `sequence` name the record, `data` is there where there is none.
-- `round_attempts` counts since it was last set going, `attempts` all.
CREATE TABLE webhook_deliveries (
    shard_key BIGINT NOT NULL,
    endpoint_id BLOB NOT NULL,
    position BIGINT NOT NULL,
    id BLOB NOT NULL,
    type TEXT NOT NULL,
    kind BIGINT,
    sequence BIGINT,
    event_id BLOB NOT NULL,
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
    endpoint_id BLOB NOT NULL,
    position BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status BIGINT,
    error TEXT,
    PRIMARY KEY (shard_key, endpoint_id, position, attempt)
);

-- delivery statements: what a feed held of each hour, beside the lane that it is read from -----------------------------------------

-- One hour in which something was stored, written once the lane has passed it. `content_hash`: 16 bytes, the sum over its records.
CREATE TABLE delivery_statements (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    last_sequence BIGINT NOT NULL,
    duration_ms BIGINT,
    content_hash BLOB NOT NULL,
    chain_head BLOB NOT NULL,
    PRIMARY KEY (shard_key, kind, hour)
);

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

-- alerts: rules and what they raised lie by the shard key of whose they are (the platform's by 0), beside the webhooks that tell
-- of them ----------------------------------------------------------------------------------------------------------------------

-- `carrier_id` null: the platform's. `definition`: JSON. Windows that end by `evaluated_until` were looked at, or are among
-- `missed_windows`; `problem`: why the last one was.
CREATE TABLE alert_rules (
    shard_key BIGINT NOT NULL,
    id BLOB NOT NULL,
    carrier_id BLOB,
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
    rule_id BLOB NOT NULL,
    group_id BLOB NOT NULL,
    group_key TEXT NOT NULL,
    streak BIGINT NOT NULL,
    last_known BIGINT NOT NULL,
    alert_id BLOB,
    PRIMARY KEY (shard_key, rule_id, group_id)
);

-- One alert from raising to clearing. `raised` and `cleared`: JSON, the windows that decided.
CREATE TABLE alerts (
    shard_key BIGINT NOT NULL,
    id BLOB NOT NULL,
    rule_id BLOB NOT NULL,
    carrier_id BLOB,
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

-- tickets between platform and carrier, by the carrier's shard key ---------------------------------------------------------------

-- `subject` and `settlement`: JSON. `owner_side`: which side has to act; `steps`: how many rows of ticket_steps it has.
CREATE TABLE tickets (
    shard_key BIGINT NOT NULL,
    id BLOB NOT NULL,
    carrier_id BLOB NOT NULL,
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
    ticket_id BLOB NOT NULL,
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
    ticket_id BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 BLOB NOT NULL,
    side TEXT NOT NULL,
    attached_at BIGINT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (shard_key, ticket_id, id)
);

-- The records that a dispute holds. `kind` 0: a call, by its id; 1: a duration, by its recordId. `item_id`, `day`: of the item in
-- which it stood when the dispute was opened.
CREATE TABLE ticket_records (
    shard_key BIGINT NOT NULL,
    ticket_id BLOB NOT NULL,
    kind BIGINT NOT NULL,
    record_key BLOB NOT NULL,
    item_id BLOB NOT NULL,
    day BIGINT NOT NULL,
    PRIMARY KEY (shard_key, ticket_id, kind, record_key)
);
CREATE INDEX ticket_records_by_day ON ticket_records (shard_key, day);
