-- programs of step 4 may go on
-- Indexes that also hold the order in which their rows are read: SQLite else takes the index in that order, and reads through all of a
-- tenant's numbers for those of one target. Names are compared in any case, and so are they indexed.
DROP INDEX numbers_by_target;
CREATE INDEX numbers_by_target ON numbers (tenant_id, target_id, e164);
DROP INDEX targets_by_name;
CREATE INDEX targets_by_name ON targets (tenant_id, LOWER(user_principal_name), id);
CREATE INDEX targets_by_external_id ON targets (tenant_id, LOWER(external_id), id);
