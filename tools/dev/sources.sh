# Which sources changed, and what is checked in them. Sourced by ./dev.

# sources [--all]: our C++ files, those that differ from main (and, on main, from its last commit), or all.
sources() {
    local -a files
    if [ "${1:-}" = --all ]; then
        mapfile -t files < <(git ls-files -- '*.cc' '*.h')
    else
        mapfile -t files < <({
            git diff --name-only --diff-filter=d "$(base_commit)" -- '*.cc' '*.h'
            git ls-files --others --exclude-standard -- '*.cc' '*.h'
        } | sort -u)
    fi
    [ ${#files[@]} -eq 0 ] || printf '%s\n' "${files[@]}"
}

base_commit() {
    local main
    for main in main origin/main; do
        if git rev-parse -q --verify "$main" >/dev/null && [ "$(git rev-parse HEAD)" != "$(git rev-parse "$main")" ]; then
            git merge-base HEAD "$main" && return
        fi
    done
    git rev-parse -q --verify HEAD~1 || git rev-parse HEAD
}

check_format() {
    local -a changed
    mapfile -t changed < <(sources)
    [ ${#changed[@]} -eq 0 ] && say "no source changed" && return 0
    step check-format "checking the format of ${#changed[@]} files (./dev format repairs it)" \
        clang-format --dry-run -Werror "${changed[@]}"
}

check_tidy() {
    local -a changed
    mapfile -t changed < <(sources | grep -E '^src/.*\.cc$' || true)
    [ ${#changed[@]} -eq 0 ] && return 0
    ensure_groups build test
    ensure_phonenumber_headers
    # A build folder that clang can read: no precompiled headers, no flags of g++ alone. Only its made sources are built.
    step configure-tidy "configuring tidy" cmake --preset tidy
    step build-tidy "making the generated sources" cmake --build build/tidy --target src/columns/arrow_generated.h
    step tidy "running clang-tidy on ${#changed[@]} files" clang-tidy-16 -p build/tidy --quiet "${changed[@]}"
}
