# Debian packages and npm packages: finds what is missing and installs that alone. Sourced by ./dev.

group_packages() { sed -nE "/^\[$1\]/,/^\[/{/^\[/d;s/ *#.*//;/./p}" tools/packages; }

# Those of the named packages that are not installed.
missing_of() {
    comm -23 <(printf '%s\n' "$@" | sort -u) \
        <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | sort -u)
}

ensure_groups() {
    command -v dpkg-query >/dev/null || return 0 # not Debian: CMake names what it does not find
    local group packages missing
    packages=$(for group in "$@"; do group_packages "$group"; done)
    # shellcheck disable=SC2086
    missing=$(missing_of $packages)
    [ -z "$missing" ] || install_packages $missing
}

install_packages() {
    can_install || die "these packages are missing, and this user can neither be root nor use sudo: $*. An administrator installs them with: apt-get install $*"
    update_lists
    step install "installing $# Debian packages: $(shortened "$*")" \
        as_root apt-get install -y -q --no-install-recommends "$@"
    rm -f build/*/build.ninja # what CMake did not find before may be there now: it looks again
}

shortened() { if [ ${#1} -le 100 ]; then printf '%s' "$1"; else printf '%s …' "${1:0:100}"; fi; }

can_install() { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

# Once a run, and only when something is missing: a new machine has no package lists, and an old one old lists.
update_lists() {
    [ -z "${lists_are_new:-}" ] || return 0
    # Asked here, where a terminal is: a step has none.
    [ "$(id -u)" -eq 0 ] || sudo -v || die "sudo did not let this user install packages"
    step update "reading the package lists" as_root apt-get update -q
    lists_are_new=yes
}

# libphonenumber's headers beside Boost 1.81: docs/decisions/0001.
ensure_phonenumber_headers() {
    local home=build/deps/libphonenumber header=phonenumbers/phonenumberutil.h
    if [ -f "$home/usr/include/$header" ] || [ -f "/usr/include/$header" ]; then return 0; fi
    command -v apt-get >/dev/null || die "libphonenumber's headers are missing: $header"
    [ -n "$(apt-cache madison libphonenumber-dev 2>/dev/null)" ] || { can_install && update_lists; }
    step headers "unpacking libphonenumber's headers" unpack_package libphonenumber-dev "$home"
}

unpack_package() {
    local package=$1 home=$2 folder
    folder=$(mktemp -d)
    # apt drops its rights to a user that could not write here; the file lands in a folder of ours.
    (cd "$folder" && apt-get download -q -o APT::Sandbox::User="$(id -un)" "$package") &&
        mkdir -p "$home" && dpkg-deb -x "$folder"/*.deb "$home"
    local status=$?
    rm -rf "$folder"
    return "$status"
}

ensure_node() {
    local version=0
    if command -v node >/dev/null; then version=$(node -p 'process.versions.node.split(".")[0]'); fi
    if [ "$version" -ge 18 ] && command -v npm >/dev/null; then return 0; fi
    ensure_groups node
}

# Installs what FOLDER/package-lock.json names into FOLDER/node_modules, unless it is there.
ensure_node_modules() {
    local folder=$1
    [ -f "$folder/package-lock.json" ] || return 0
    ensure_node
    [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && return 0
    step "npm-$(basename "$folder")" "installing npm packages for $folder" npm --prefix "$folder" ci --no-audit --no-fund
    touch "$folder/node_modules/.package-lock.json"
}
