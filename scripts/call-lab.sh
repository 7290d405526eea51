#!/usr/bin/env bash
# A scripted caller on the running lab: asks the hotline for the net asset value of fund 000001 and checks what it
# hears against what the fund system says. The last line printed is the recording's path. LINE=analog: on an analog line.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lab.sh

fund=000001
declare -A numbers=([pri]=4008001234 [analog]=62345601)
line=${LINE:-pri}

fail() {
    echo "call: $*" >&2
    exit 1
}

# The body of a page of the fund system. No curl: a bare Debian has none.
fetch() {
    exec 3<>"/dev/tcp/${fund_listen%:*}/${fund_listen##*:}"
    printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$1" "$fund_listen" >&3
    sed '1,/^\r$/d' <&3
    exec 3<&-
}

is_up() {
    [ -e "$ready" ] && [ -e "$lock" ] && ! flock -n "$lock" true
}

to=${numbers[$line]:-}
[ -n "$to" ] || fail "LINE=$line: lines are ${!numbers[*]}"
is_up || fail "the box is not running: type 'make run' in another terminal and wait until it says what to open"
nav=$(fetch "/v1/funds/$fund" | sed -n 's/.*"nav" *: *"\([0-9.]*\)".*/\1/p')
[ -n "$nav" ] || fail "the fund system on $fund_listen gave no net asset value of fund $fund"

mkdir -p "$root/calls"
out=$root/calls/$(date +%Y%m%d-%H%M%S).wav
echo "call: a caller of $to asks for fund $fund; the fund system says $nav"
"$bin/fundline-exchange" call --control "$control" --to "$to" \
    --script lab/call-nav.txt --set "nav=$nav" --out "$out" --json ||
    fail "the caller did not hear what it should have; listen to $out"
echo "call: heard the net asset value $nav / 已听到基金净值 $nav"
echo "$out"
