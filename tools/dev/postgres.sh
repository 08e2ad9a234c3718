# A PostgreSQL for the tests of the cluster store, below build/. Sourced by ./dev.

# Starts one, names it in MEETPOINT_TEST_POSTGRES and stops it when ./dev ends; unless that names a server already.
start_test_postgres() {
    if [ -n "${MEETPOINT_TEST_POSTGRES:-}" ]; then
        say "the PostgreSQL tested is the one that MEETPOINT_TEST_POSTGRES names"
        return 0
    fi
    ensure_groups postgres
    # shellcheck source=/dev/null
    . tools/postgres/private.sh
    if ! can_run_postgres; then
        say "PostgreSQL's user cannot reach $postgres_bin here (is / closed to others?): the tests on PostgreSQL are skipped"
        return 0
    fi
    remove_abandoned_postgres
    test_postgres=$(folder_for_postgres)
    echo $$ >"$test_postgres/owner"
    trap 'stop_postgres "$test_postgres"; rm -rf "$test_postgres"' EXIT
    # A killed client loses nothing that fsync would save, and the cluster goes with the run.
    step start-postgres "starting a PostgreSQL of the tests' own" \
        start_postgres "$test_postgres" max_connections=200 fsync=off
    export MEETPOINT_TEST_POSTGRES="postgresql://meetpoint@/postgres?host=$test_postgres"
}

# A new folder that the server can use: below build/, or where its user may not go there or the path is too long for a
# socket (107 bytes), among the system's temporary files.
folder_for_postgres() {
    local folder
    mkdir -p build
    folder=$(mktemp -d "$PWD/build/postgres.XXXX")
    chmod 755 "$folder"
    if [ ${#folder} -gt 80 ] || ! as_postgres test -x "$folder" 2>/dev/null; then
        rmdir "$folder"
        folder=$(mktemp -d)
        chmod 755 "$folder"
    fi
    printf '%s\n' "$folder"
}

# Those of runs that were killed.
remove_abandoned_postgres() {
    local folder
    for folder in "$PWD"/build/postgres.*; do
        [ -f "$folder/owner" ] && ! kill -0 "$(cat "$folder/owner")" 2>/dev/null || continue
        stop_postgres "$folder" || true # it may not run any more
        rm -rf "$folder"
    done
}
