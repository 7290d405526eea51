#!/usr/bin/env bash
# The box on its lab board, with a telephone network and a fund system beside it, in one terminal.
# Everything it writes is below ./run (FUNDLINE_LAB_ROOT names another folder); Ctrl-C stops all of it.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lab.sh

declare -A programs=() # process id -> name
stopping=

say() { printf '%s\n' "$*"; }

fail() {
    say "run: $*" >&2
    exit 1
}

# Starts a program with its own log; `exec` makes the process id the program's own.
start() {
    local name=$1
    shift
    (exec "$@" >"$logs/$name.log" 2>&1 </dev/null) &
    programs[$!]=$name
}

stop_all() {
    [ -z "$stopping" ] || return 0
    stopping=1
    trap '' INT TERM
    rm -f "$ready"
    [ ${#programs[@]} -gt 0 ] || return 0
    say "" "run: stopping / 正在停止"
    kill -TERM "${!programs[@]}" 2>/dev/null || true
    local tries
    for tries in {1..100}; do
        kill -0 "${!programs[@]}" 2>/dev/null || break
        sleep 0.1
    done
    if [ "$tries" = 100 ]; then kill -KILL "${!programs[@]}" 2>/dev/null || true; fi
    wait
}

check_alive() {
    local pid
    for pid in "${!programs[@]}"; do
        kill -0 "$pid" 2>/dev/null && continue
        wait "$pid" || true
        say "run: ${programs[$pid]} has stopped; the end of $logs/${programs[$pid]}.log:" >&2
        tail -n 15 "$logs/${programs[$pid]}.log" >&2
        unset "programs[$pid]"
        exit 1
    done
}

# Waits for a condition, at most 30 s, while all programs live.
await() {
    local what=$1 tries
    shift
    for tries in {1..300}; do
        check_alive
        if "$@" 2>/dev/null; then return; fi
        sleep 0.1
    done
    fail "$what did not become ready in 30 s; see $logs"
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

# The example configuration is laid down once, and anew when the example changed and the copy did not.
lay_configuration() {
    local copy=$etc/fundline.toml laid=$etc/.laid.toml
    mkdir -p "$etc"
    if [ ! -e "$copy" ] || cmp -s "$copy" "$laid"; then
        cp lab/fundline.toml "$copy"
        cp lab/fundline.toml "$laid"
    elif ! cmp -s lab/fundline.toml "$laid"; then
        say "run: $copy was edited and is kept; lab/fundline.toml has changed since"
    fi
}

mkdir -p "$logs" "$state"
exec 9>"$lock"
flock -n 9 || fail "'make run' is up already in this folder; stop it with Ctrl-C in its terminal"
trap stop_all EXIT
trap 'exit 0' INT TERM
rm -f "$ready"
lay_configuration
"$bin/fundlined" --root "$root" --check || fail "the configuration is not usable, see above"

start fundsim "$bin/fundline-fundsim" --listen "$fund_listen" --data "$root/fundsim" --lab
start exchange "$bin/fundline-exchange" run "${exchange_spans[@]}" --control "$control"
await "the fund system" answers "${fund_listen##*:}"
start fundlined "$bin/fundlined" --root "$root"
await "the page" answers "$page_port"
await "the telephone network" test -S "$control"
touch "$ready"

cat <<TEXT

  Fundline is up.                            Fundline 已启动。
  Page       https://localhost:$page_port
             (its certificate is self-signed: accept the warning / 证书为自签名，请接受浏览器提示)
  User       admin
  Password   $(first_password)

  Next, in another terminal / 然后在另一个终端输入:
      make call      calls the hotline and plays a caller's keys / 拨打热线并按键查询净值
      $bin/fundlinectl --root $root line test all
                     says what is wrong with a line / 测试线路并给出处理办法

  Logs       $logs
  Ctrl-C stops everything / 按 Ctrl-C 全部停止

TEXT

while :; do
    check_alive
    sleep 1 &
    wait $! || true
done
