#!/usr/bin/env bash
# Installs what building (`build`) or testing (`test`) needs on Debian 12, and only what is missing.
# A second run finds everything in place and needs neither time nor network.
set -euo pipefail

oldest_cargo=1.90 # rust-version in Cargo.toml

usage() {
    echo "usage: scripts/setup-debian.sh build|test" >&2
    exit 2
}

# Each line: package, and the command that shows it is there by another way (- for none).
wanted() {
    cat <<-LIST
		ca-certificates -
		gcc gcc
		libc6-dev -
		make make
		pkg-config pkg-config
		libopus-dev -
		espeak-ng espeak-ng
		nodejs node
		npm npm
	LIST
    cargo_is_recent || printf '%s -\n' rustc-web cargo-web
    [ "$1" = test ] || return 0
    cat <<-LIST
		libpri-dev -
		libopenr2-dev -
		libspandsp-dev -
		libspeexdsp-dev -
		pocketsphinx pocketsphinx_continuous
		pocketsphinx-en-us -
		chromium chromium
		fonts-wqy-zenhei -
		valgrind valgrind
	LIST
    # With a cargo from elsewhere the two come from there, see `rust_tools`.
    cargo_is_debians && printf '%s -\n' rustfmt-web rust-web-clippy
    return 0
}

cargo_is_recent() {
    [ -n "${cargo_found:=$("$here/cargo" --which 2>/dev/null || true)}" ]
}

cargo_is_debians() {
    ! cargo_is_recent || [ "$cargo_found" = /usr/bin/cargo ]
}

missing() {
    local package command
    local -A installed=()
    while read -r package; do installed[$package]=1; done < <(
        dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
    while read -r package command; do
        [ -n "${installed[$package]:-}" ] && continue
        [ "$command" != - ] && command -v "$command" >/dev/null && continue
        echo "$package"
    done < <(wanted "$1")
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo --preserve-env=http_proxy,https_proxy,no_proxy,HTTP_PROXY,HTTPS_PROXY,NO_PROXY "$@"
    else
        fail "packages are missing (${packages[*]}) and there is no sudo: run 'scripts/setup-debian.sh $kind' as root once"
    fi
}

fail() {
    echo "setup: $*" >&2
    exit 1
}

# Runs a command with its output kept, shown only when it fails.
quietly() {
    local what=$1 began=$SECONDS
    shift
    printf 'setup: %s ... ' "$what"
    if as_root "$@" >"$log" 2>&1 </dev/null; then
        echo "$((SECONDS - began)) s"
    else
        echo failed
        tail -n 20 "$log" >&2
        return 1
    fi
}

candidate() {
    LC_ALL=C apt-cache policy "$1" | sed -n 's/^ *Candidate: //p'
}

# Debian 12 as released carries an older compiler; the recent one is in its security suite, which every installed
# system reads, but a system made by debootstrap does not. It lies beside the suite that this system reads already.
add_security_suite() {
    local mirror
    mirror=$(LC_ALL=C apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1)
    mirror=${mirror%/}
    [ -n "$mirror" ] || fail "no Debian mirror in /etc/apt; add bookworm-security to the sources, or install cargo $oldest_cargo"
    echo "deb $mirror-security bookworm-security main" >"$log.list"
    quietly "Debian's security suite, for a recent compiler" \
        install -m 644 "$log.list" /etc/apt/sources.list.d/bookworm-security.list
    rm -f "$log.list"
    quietly "package lists" apt-get update -q
}

needs_newer_compiler() {
    [[ " ${packages[*]} " == *" cargo-web "* ]] && dpkg --compare-versions "$(candidate cargo-web)" lt "$oldest_cargo"
}

install_missing() {
    command -v apt-get >/dev/null || fail "made for Debian 12; install by other means: ${packages[*]}"
    # apt reads and verifies its downloads as another user, who may not look into this one's folders.
    cd /
    quietly "package lists" apt-get update -q || echo "setup: going on with the lists at hand"
    if needs_newer_compiler; then add_security_suite; fi
    local n=0 package
    for package in "${packages[@]}"; do
        n=$((n + 1))
        quietly "[$n/${#packages[@]}] $package" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -q --no-install-recommends -o Dpkg::Use-Pty=0 "$package" ||
            fail "$package could not be installed"
    done
}

# A cargo that is not Debian's brings its own rustfmt and clippy.
rust_tools() {
    local tool
    for tool in fmt clippy; do
        "$here/cargo" "$tool" --version >/dev/null 2>&1 && continue
        [ "$tool" = fmt ] && tool=rustfmt
        command -v rustup >/dev/null || fail "this cargo has no $tool; install it the way cargo was installed"
        echo "setup: rustup component $tool"
        rustup component add "$tool" >"$log" 2>&1 || fail "rustup component add $tool: $(tail -n 1 "$log")"
    done
}

[ $# = 1 ] || usage
kind=$1
[ "$kind" = build ] || [ "$kind" = test ] || usage
here=$(cd "$(dirname "$0")" && pwd)
log=$(mktemp)
trap 'rm -f "$log" "$log.list"' EXIT

mapfile -t packages < <(missing "$kind")
if [ ${#packages[@]} -gt 0 ]; then install_missing; fi
if [ "$kind" = test ]; then rust_tools; fi
