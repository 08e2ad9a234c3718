# A PostgreSQL server of one's own: in a folder, on a socket in that folder, no port, gone when it is stopped. Sourced.
# Nothing outside the folder is touched. PostgreSQL refuses to run as root, so root hands it to the user that Debian makes for it.

postgres_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)

as_postgres() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

# Whether that user can reach the server's program: not where a folder above it is closed, as the root of some chroots is.
can_run_postgres() { as_postgres test -x "$postgres_bin/initdb" 2>/dev/null; }

# start_postgres FOLDER [SETTING=VALUE…]: makes a cluster in the empty folder FOLDER and starts it.
start_postgres() {
    local folder=$1 setting
    shift
    [ -n "$postgres_bin" ] || { echo "PostgreSQL's server is not installed" >&2; return 3; }
    [ "$(id -u)" -ne 0 ] || chown postgres: "$folder"
    as_postgres "$postgres_bin/initdb" -D "$folder/data" -A trust -U meetpoint --no-instructions -E UTF8 --locale C >"$folder/initdb.log"
    local options="-c listen_addresses= -c unix_socket_directories=$folder"
    for setting in "$@"; do options="$options -c $setting"; done
    as_postgres "$postgres_bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -o "$options" -w -s start
}

# query_postgres FOLDER ARGUMENTS…: psql on that server.
query_postgres() {
    local folder=$1
    shift
    psql -X -q -v ON_ERROR_STOP=1 -h "$folder" -U meetpoint -d postgres "$@"
}

# As after a crash: nothing is flushed, and what the log holds is recovered.
restart_postgres() { as_postgres "$postgres_bin/pg_ctl" -D "$1/data" -l "$1/server.log" -m immediate -w -s restart; }

stop_postgres() { as_postgres "$postgres_bin/pg_ctl" -D "$1/data" -m immediate -w -s stop; }
