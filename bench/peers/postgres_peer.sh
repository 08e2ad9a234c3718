# A PostgreSQL of the bench's own, as a peer: in the folder $home, started with start_peer, ended with the script that sources this.
# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/../../tools/postgres/private.sh"

home=$(mktemp -d)
chmod 755 "$home"
started=no
finish() {
    [ "$started" = no ] || stop_postgres "$home"
    rm -rf "$home"
}
trap finish EXIT

# What an administrator would set for loading and for large questions, durability untouched (fsync and synchronous_commit stay on).
start_peer() {
    start_postgres "$home" shared_buffers=1GB max_wal_size=4GB checkpoint_timeout=15min wal_compression=lz4 max_parallel_workers_per_gather=2
    started=yes
}
