-- Filters of blocks in a table of their own, with the rows of own numbers; blocks that are there already are told no rows. And entries
-- of the key index name their keys by a check, which lies in the upper bits of their sequence; entries that are there already have
-- none. Stop older programs first: they know neither.

-- Which values a block may hold, and in which rows an own number is. They lie beside the directory, whose rows are changed whenever
-- a record is superseded. `own_numbers`: 8 bytes of the first time and 8 of the length of a step, in milliseconds, lowest byte
-- first; then of all rows with an own number, sorted, the upper 16 bits of its hash, the row (16 bits) and the step of its time
-- (8 bits); null: not told.
CREATE TABLE block_filters (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    filter BYTEA NOT NULL,
    own_numbers BYTEA,
    PRIMARY KEY (shard_key, kind, first_sequence)
);
-- Compressing them again would save nothing.
ALTER TABLE block_filters ALTER COLUMN filter SET STORAGE EXTERNAL;
ALTER TABLE block_filters ALTER COLUMN own_numbers SET STORAGE EXTERNAL;
INSERT INTO block_filters (shard_key, kind, first_sequence, row_count, filter)
    SELECT shard_key, kind, first_sequence, row_count, filter FROM blocks;
ALTER TABLE blocks DROP COLUMN filter;
