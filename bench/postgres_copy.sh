#!/usr/bin/env bash
# Loads call records into PostgreSQL the way that PostgreSQL is fastest at: COPY of CSV, a commit a part, into a table with the two
# indexes that the same questions need (by id, by carrier and time). Prints figures.
#   postgres_copy.sh CSV_FOLDER RECORDS RUNS
set -euo pipefail
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/postgres_peer.sh"

# What an administrator would set for loading, durability untouched (fsync and synchronous_commit stay on).
start_peer shared_buffers=1GB max_wal_size=4GB checkpoint_timeout=15min wal_compression=lz4

seconds=()
for ((run = 0; run < runs; ++run)); do
    query_postgres "$home" <<'SQL'
SET client_min_messages = warning;
DROP TABLE IF EXISTS calls;
CREATE TABLE calls (
    carrier bigint NOT NULL DEFAULT 1, call_id uuid NOT NULL, version integer, completeness text, direction text, call_type text,
    caller_number text, callee_number text, invited_at timestamptz, ringing_at timestamptz, answered_at timestamptz, ended_at timestamptz,
    duration_ms bigint, final_sip_code integer, final_sip_code_phrase text, q850_cause integer, ended_by text, sip_call_id text, trunk text,
    region text, stream_direction text, codec text, packets bigint, jitter_ms_avg real, loss_ratio_avg real, mos real,
    PRIMARY KEY (carrier, call_id));
CREATE INDEX ON calls (carrier, invited_at);
CHECKPOINT;
SQL
    write_load
    start=$(date +%s%N)
    query_postgres "$home" -f "$home/load.sql"
    seconds+=($(($(date +%s%N) - start)))
    loaded=$(query_postgres "$home" -At -c 'SELECT count(*) FROM calls')
    [ "$loaded" = "$records" ] || { echo "PostgreSQL holds $loaded rows instead of $records" >&2; exit 3; }
done
bytes=$(query_postgres "$home" -At -c "SELECT pg_total_relation_size('calls')")
middle=$(printf '%s\n' "${seconds[@]}" | sort -n | sed -n "$((runs / 2 + 1))p")
awk -v n="$records" -v ns="$middle" -v bytes="$bytes" 'BEGIN {
    printf "{\"name\":\"ingest.postgres-copy\",\"value\":%.6g,\"unit\":\"records/s\"}\n", n / (ns / 1e9)
    printf "{\"name\":\"ingest.postgres-bytes-per-record\",\"value\":%.6g,\"unit\":\"bytes\"}\n", bytes / n }'
