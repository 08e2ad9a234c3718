-- programs of step 4 may go on
-- The calendar of blocks, by which a search finds those of a time. A block that an older program has written has none and is
-- found by its first and last time; rows that such a program leaves behind here name blocks that are not there any more.

-- In which minutes of which UTC days a block has calls, events or items. `minutes`: how many bytes of the day's 180 are left out
-- at the front, then those up to the last that is not zero; a bit a minute.
CREATE TABLE block_days (
    shard_key BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    day BIGINT NOT NULL,
    first_sequence BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    minutes BYTEA NOT NULL,
    PRIMARY KEY (shard_key, kind, day, first_sequence)
);

-- How many days of the calendar a block stands in; null: it is not in the calendar.
ALTER TABLE blocks ADD COLUMN calendar_days BIGINT;
CREATE INDEX blocks_without_calendar ON blocks (shard_key, kind, max_time) WHERE calendar_days IS NULL;
