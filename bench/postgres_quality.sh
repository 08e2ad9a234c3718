#!/usr/bin/env bash
# The key figures of all calls by carrier and hour in PostgreSQL, from a table of rows that was loaded before: the same figures that
# /v1/quality gives. Prints figures.
#   postgres_quality.sh CSV_FOLDER RECORDS RUNS
set -euo pipefail
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/postgres_peer.sh"

# What an administrator would set for such questions.
start_peer shared_buffers=1GB work_mem=512MB max_wal_size=4GB checkpoint_timeout=15min max_parallel_workers_per_gather=2 jit=on

query_postgres "$home" <<'SQL'
CREATE TABLE calls (
    call_id uuid NOT NULL, version integer, completeness text, direction text, call_type text, caller_number text, callee_number text,
    invited_at timestamptz, ringing_at timestamptz, answered_at timestamptz, ended_at timestamptz, duration_ms bigint,
    final_sip_code integer, final_sip_code_phrase text, q850_cause integer, ended_by text, sip_call_id text, trunk text, region text,
    stream_direction text, codec text, packets bigint, jitter_ms_avg real, loss_ratio_avg real, mos real,
    carrier integer GENERATED ALWAYS AS
        (right(CASE WHEN direction = 'outbound' THEN caller_number ELSE callee_number END, 4)::integer / 1250) STORED);
SQL
write_load
query_postgres "$home" -f "$home/load.sql"
query_postgres "$home" -c 'VACUUM ANALYZE calls'

figure() {
    echo "count($1), avg($1), min($1), max($1), percentile_disc(ARRAY[0.01, 0.05, 0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY $1)"
}
cat >"$home/question.sql" <<SQL
WITH ends AS (
    SELECT carrier, date_trunc('hour', invited_at) AS hour, duration_ms, final_sip_code AS sip, q850_cause AS cause, packets,
        jitter_ms_avg AS jitter, loss_ratio_avg AS loss, CASE WHEN packets > 0 THEN mos END AS mos,
        extract(epoch FROM ringing_at - invited_at)::real * 1000 AS post_dial_ms,
        answered_at IS NOT NULL OR duration_ms > 0 AS answered,
        CASE WHEN packets = 0 THEN NULL WHEN jitter_ms_avg > 30 OR loss_ratio_avg > 0.1 THEN true
             WHEN jitter_ms_avg IS NOT NULL OR loss_ratio_avg IS NOT NULL THEN false END AS poor
    FROM calls)
SELECT carrier, hour, count(*), count(*) FILTER (WHERE NOT (cause IN (34, 44) AND sip IS NULL)), count(*) FILTER (WHERE answered),
    count(*) FILTER (WHERE answered OR cause IN (17, 18, 19, 20, 21) OR sip IN (480, 486, 600, 603)),
    sum(duration_ms) FILTER (WHERE answered),
    count(*) FILTER (WHERE answered OR NOT (sip BETWEEN 300 AND 399 OR sip IN (401, 402, 407))),
    count(*) FILTER (WHERE answered OR sip IN (480, 486, 600, 603)),
    count(*) FILTER (WHERE poor), count(*) FILTER (WHERE NOT poor), count(packets) FILTER (WHERE packets = 0),
    $(figure post_dial_ms), $(figure jitter), $(figure loss), $(figure mos)
FROM ends GROUP BY carrier, hour ORDER BY carrier, hour;
SQL
counted=$(query_postgres "$home" -At -F' ' -f "$home/question.sql" | awk '{ sum += $4 } END { print sum }')
[ "$counted" = "$records" ] || { echo "PostgreSQL counted $counted calls instead of $records" >&2; exit 3; }
nanoseconds=()
for ((run = 0; run < runs; ++run)); do
    start=$(date +%s%N)
    query_postgres "$home" -o /dev/null -f "$home/question.sql"
    nanoseconds+=($(($(date +%s%N) - start)))
done
middle=$(printf '%s\n' "${nanoseconds[@]}" | sort -n | sed -n "$((runs / 2 + 1))p")
awk -v ns="$middle" 'BEGIN { printf "{\"name\":\"quality.postgres\",\"value\":%.6g,\"unit\":\"ms\"}\n", ns / 1e6 }'
