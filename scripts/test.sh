#!/usr/bin/env bash
# The whole gate: every part runs, whatever came of the others, and says how long it took.
set -uo pipefail
cd "$(dirname "$0")/.."

cargo=scripts/cargo
log=$(mktemp)
lints=$(mktemp)
trap 'rm -f "$log" "$lints"' EXIT
times=()
failed=()

part() {
    local name=$1 began=$SECONDS result=ok
    shift
    echo "== $name"
    "$@" 2>&1 | tee -a "$log"
    if [ "${PIPESTATUS[0]}" != 0 ]; then
        result=FAILED
        failed+=("$name")
    fi
    times+=("$(printf '%-28s %5d s  %s' "$name" $((SECONDS - began)) "$result")")
}

# A part that ran beside another: what it said and how it ended.
ended() {
    cat "$1"
    return "$2"
}

part "page" make --no-print-directory ui
part "format" "$cargo" fmt --all --check
# All targets: the stories of tests/system start the real programs.
part "build" "$cargo" build --workspace --all-targets --quiet
# Nothing else runs beside the stories: they are told in real time, to the millisecond. Most of that time they wait.
cores=$(nproc)
part "tests" env RUST_TEST_THREADS=$((cores > 4 ? cores : 4)) "$cargo" test --workspace --no-fail-fast
# The lints run beside the browser, which mostly waits; after the build, of which they use the libraries' own programs.
nice -n 19 "$cargo" clippy --workspace --all-targets --quiet -- -D warnings >"$lints" 2>&1 &
linting=$!
part "page in a browser" tests/browser/run.sh
wait "$linting"
part "lints" ended "$lints" $?

# One line a test program: "test result: ok. 12 passed; 0 failed; 1 ignored; ..."
read -r passed broken skipped < <(sed -n 's/^test result: [^.]*\. \([0-9]*\) passed; \([0-9]*\) failed; \([0-9]*\) ignored.*/\1 \2 \3/p' "$log" |
    awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }')

echo
echo "part                          time"
printf '%s\n' "${times[@]}"
printf '%-28s %5d s\n' "all" "$SECONDS"
echo
[ ${#failed[@]} = 0 ] || echo "FAILED: $(IFS=,; echo "${failed[*]}")"
echo "$passed passed, $broken failed, $skipped skipped"
[ ${#failed[@]} = 0 ]
