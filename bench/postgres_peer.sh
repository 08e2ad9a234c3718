# A PostgreSQL of the bench's own, as a peer: started with start_peer, ended with the script that sources this.
#   csv, records, runs: the script's arguments; home: a folder of its own
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/../tools/postgres/private.sh"
csv=$1 records=$2 runs=$3

home=$(mktemp -d)
chmod 755 "$home"
started=no
finish() {
    [ "$started" = no ] || stop_postgres "$home"
    rm -rf "$home"
}
trap finish EXIT

# start_peer SETTING=VALUE…
start_peer() {
    start_postgres "$home" "$@"
    started=yes
}

# write_load: load.sql in $home, a COPY and a commit for every part, into the table calls.
write_load() {
    for part in "$csv"/part-*.csv; do printf "\\\\copy calls (%s) FROM '%s' CSV\n" "$(cat "$csv/columns")" "$part"; done >"$home/load.sql"
}
