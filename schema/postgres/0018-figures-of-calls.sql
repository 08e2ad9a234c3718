-- Figures of calls, kept. And from here on filters of blocks hold no own numbers, which block_filters.own_numbers tells better, and pages
-- of the key index are packed. Stop older programs first: they look for own numbers in filters, and can read neither such pages nor
-- streams that state the highest concealed ratio or degradation.

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
    hours BYTEA NOT NULL,
    figures BYTEA NOT NULL,
    points BYTEA NOT NULL,
    PRIMARY KEY (shard_key, kind, first_sequence)
);
CREATE INDEX call_figures_by_time ON call_figures (shard_key, kind, max_time);
ALTER TABLE call_figures ALTER COLUMN hours SET STORAGE EXTERNAL;
ALTER TABLE call_figures ALTER COLUMN figures SET STORAGE EXTERNAL;
ALTER TABLE call_figures ALTER COLUMN points SET STORAGE EXTERNAL;
