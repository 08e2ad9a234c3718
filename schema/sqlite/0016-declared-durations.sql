-- programs of step 4 may go on
-- What an upload of durations declares of all its records. Older programs look at none of it; they cannot read records that state a
-- rounding, so declare the first when they are gone.

-- `declared`: a JSON object of unit, basis and rounding, as far as they were declared.
ALTER TABLE uploads ADD COLUMN declared TEXT;
