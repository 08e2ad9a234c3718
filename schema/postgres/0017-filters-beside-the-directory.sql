-- programs of step 4 may go on
-- Filters of blocks in a table of their own, with the rows of own numbers. Blocks that an older program has written have their filter
-- in the directory, and rows of own numbers nowhere; what such a program leaves behind here names blocks that are not there any
-- more. Blocks that are written from now on have an empty filter in the directory, which excludes nothing.

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
