-- programs of step 4 may go on
-- Uploads that are withdrawn. Older programs look at none of it; they cannot read what a withdrawal appends, so withdraw the first
-- upload when they are gone.

-- `withdrawn_at`: the sender took the upload back. Receipts say where in the lane lies what they stored (absent in older ones) and
-- whether it was taken back.
ALTER TABLE uploads ADD COLUMN withdrawn_at BIGINT;
ALTER TABLE uploads ADD COLUMN withdrawn_reason TEXT;
CREATE INDEX uploads_by_client ON uploads (client_id, id);
ALTER TABLE receipts ADD COLUMN first_sequence BIGINT;
ALTER TABLE receipts ADD COLUMN stored_rows BIGINT NOT NULL DEFAULT 0;
ALTER TABLE receipts ADD COLUMN withdrawn BIGINT NOT NULL DEFAULT 0;
