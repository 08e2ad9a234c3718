-- programs of step 4 may go on
-- Agreements. Older programs reconcile without them: sign none before all nodes are new.

-- What platform and one carrier agree on. `terms`: JSON; `valid_from`: days since 1970-01-01. Once signed a row never changes;
-- of those that are signed, the one that is valid from the latest day counts.
CREATE TABLE agreements (
    id BYTEA PRIMARY KEY,
    carrier_id BYTEA NOT NULL REFERENCES carriers (id),
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
    agreement_id BYTEA NOT NULL REFERENCES agreements (id),
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
