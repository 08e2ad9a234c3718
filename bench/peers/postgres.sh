#!/usr/bin/env bash
# PostgreSQL over the same records: COPY of CSV, the way that it is fastest at, a commit a part, into a table with the indexes that the
# questions need (one call by id, a number's calls in order of time, calls of a time, the feed). Prints figures.
#   postgres.sh FOLDER RECORDS RUNS ingest|all    FOLDER as CallHistory::write leaves it; all: asks the questions too
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1 records=$2 runs=$3 what=$4
# shellcheck source=/dev/null
. "$here/postgres_peer.sh"

start_peer
for part in "$folder"/csv/*; do printf "\\\\copy calls (%s) FROM '%s' CSV\n" "$(cat "$folder/columns")" "$part"; done >"$home/load.sql"

seconds=()
for ((run = 0; run < runs; ++run)); do
    query_postgres "$home" <<'SQL'
SET client_min_messages = warning;
DROP TABLE IF EXISTS calls;
CREATE TABLE calls (
    sequence bigint GENERATED ALWAYS AS IDENTITY, carrier integer NOT NULL, own_number text NOT NULL, call_id uuid NOT NULL,
    version integer, completeness text, direction text, call_type text, caller_number text, callee_number text,
    invited_at timestamp, ringing_at timestamp, answered_at timestamp, ended_at timestamp, duration_ms bigint,
    final_sip_code integer, final_sip_code_phrase text, q850_cause integer, ended_by text, sip_call_id text, trunk text,
    region text, stream_direction text, codec text, packets bigint, jitter_ms_avg real, loss_ratio_avg real, mos real,
    PRIMARY KEY (call_id, version));
CREATE INDEX ON calls (carrier, own_number, invited_at);
CREATE INDEX ON calls (carrier, invited_at);
CREATE INDEX ON calls (carrier, sequence);
CHECKPOINT;
SQL
    start=$(date +%s%N)
    query_postgres "$home" -f "$home/load.sql"
    seconds+=($(($(date +%s%N) - start)))
    loaded=$(query_postgres "$home" -At -c 'SELECT count(*) FROM calls')
    [ "$loaded" = "$records" ] || { echo "PostgreSQL holds $loaded rows instead of $records" >&2; exit 3; }
done
bytes=$(query_postgres "$home" -At -c "SELECT pg_total_relation_size('calls')")
middle=$(printf '%s\n' "${seconds[@]}" | sort -n | sed -n "$((runs / 2 + 1))p")
awk -v n="$records" -v ns="$middle" -v bytes="$bytes" 'BEGIN {
    printf "{\"name\":\"calls.ingest-postgres\",\"value\":%.6g,\"unit\":\"records/s\"}\n", n / (ns / 1e9)
    printf "{\"name\":\"calls.bytes-per-record-postgres\",\"value\":%.6g,\"unit\":\"bytes\"}\n", bytes / n }'
if [ "$what" = all ]; then
    query_postgres "$home" -c 'VACUUM ANALYZE calls'
    node "$here/postgres.mjs" "$home" $((records / 2)) "$runs"
fi
