# Steps: one line when a step begins, its log when it fails. Sourced by ./dev.

presets="dev release asan tsan fuzz"
logs=build/logs

say() { printf 'dev: %s\n' "$*" >&2; }

die() {
    say "$*"
    exit 3
}

usage_error() {
    say "$*. See ./dev help."
    exit 2
}

is_preset() { [ -n "$1" ] && [[ " $presets " == *" $1 "* ]]; }

# step NAME WHAT COMMAND…: runs the command with its output in build/logs/NAME.log.
step() {
    local name=$1 what=$2 log=$logs/$1.log
    shift 2
    mkdir -p "$logs"
    say "$what"
    "$@" >"$log" 2>&1 </dev/null &
    local process=$!
    trap 'kill $process 2>/dev/null; exit 130' INT TERM
    follow "$process" "$log"
    local status=0
    wait "$process" || status=$?
    trap - INT TERM
    [ "$status" -eq 0 ] && return 0
    say "failed ($name, status $status). The end of the log:"
    tail -n 40 "$log" >&2
    say "the whole log: $log"
    exit 3
}

# Repeats how far a build is, "[120/300]", while the process runs: in place on a terminal, once a minute elsewhere.
follow() {
    local process=$1 log=$2 seen="" next=$((SECONDS + 60)) now
    while kill -0 "$process" 2>/dev/null; do
        sleep 0.3
        if [ ! -t 2 ] && [ "$SECONDS" -lt "$next" ]; then continue; fi
        next=$((SECONDS + 60))
        now=$(tail -c 4000 "$log" 2>/dev/null | grep -aoE '^\[[0-9]+/[0-9]+\]' | tail -n 1 || true)
        [ -n "$now" ] && [ "$now" != "$seen" ] || continue
        if [ -t 2 ]; then printf '\r     %s' "$now" >&2; else printf '     %s\n' "$now" >&2; fi
        seen=$now
    done
    if [ -t 2 ] && [ -n "$seen" ]; then printf '\r\033[K' >&2; fi
}

# build_preset PRESET [TARGET]
build_preset() {
    local preset=$1 target=${2:-all}
    ensure_groups build
    ensure_phonenumber_headers
    # Ninja configures again by itself when a CMake file changes.
    [ -f "build/$preset/build.ninja" ] || step "configure-$preset" "configuring $preset" cmake --preset "$preset"
    step "build-$preset" "building $preset" cmake --build --preset "$preset" --target "$target"
}

# Shows what fails and the summary; the lines of passing tests stay in the log.
run_ctest() {
    local preset=$1 pattern=$2 log=$logs/test-$1.log status=0 store cases
    mkdir -p "$logs"
    say "testing $preset"
    ctest --test-dir "build/$preset" -R "$pattern" -j 2 --output-on-failure --no-tests=error --no-label-summary 2>&1 |
        tee "$log" | grep -vE '^ *[0-9]+/[0-9]+ Test +#[0-9]+: .* +Passed|^ *Start +[0-9]+: |^Internal ctest changing|^Test project ' ||
        status=${PIPESTATUS[0]}
    for store in sqlite postgres; do
        cases=$(grep -cE "^ *[0-9]+/[0-9]+ Test +#[0-9]+: Stores/[^ ]*/$store .* Passed" "$log" || true)
        [ "$cases" -eq 0 ] || say "$cases cases passed that run on every store, on $store"
    done
    [ "$status" -eq 0 ] && grep -q 'tests passed, 0 tests failed' "$log" || status=1
    say "$(sed -nE 's/^[0-9]+% tests passed, ([0-9]+) tests failed out of ([0-9]+)$/\2 tests, \1 failed/p' "$log"); log: $log"
    return "$status"
}
