#!/usr/bin/env bash
# PostgreSQL, matching both sides of a day, which are loaded and indexed before. Prints figures.
#   reconcile_postgres.sh FOLDER CALLS RUNS    FOLDER as reconcile_bench --write leaves it
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1 calls=$2 runs=$3
# shellcheck source=/dev/null
. "$here/postgres_peer.sh"

start_peer
for side in ours theirs; do
    query_postgres "$home" -c "CREATE TABLE $side (id text PRIMARY KEY, own text, far text, direction text, start bigint, talk bigint, sip_call_id text)"
    query_postgres "$home" -c "\\copy $side FROM '$folder/$side' CSV"
    query_postgres "$home" -c "CREATE INDEX ON $side (sip_call_id)" -c "CREATE INDEX ON $side (own, far, start)" -c "VACUUM ANALYZE $side"
done
node "$here/reconcile_postgres.mjs" "$home" "$calls" "$runs"
