#!/usr/bin/env bash
# Takes the figures, prints a table, writes target/bench.json. ONLY=name takes those whose names hold it.
set -euo pipefail
cd "$(dirname "$0")/.."

# The peers' libraries and callgrind are what the tests need, too.
scripts/setup-debian.sh test
scripts/cargo build --release --quiet -p bench
exec target/release/bench ${ONLY:+--only "$ONLY"}
