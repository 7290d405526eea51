#!/usr/bin/env bash
# The page in headless Chromium: the real fundline-web against a box that a small program plays.
# PROFILE=release takes the release build. Screenshots are left in target/browser/.
set -euo pipefail
cd "$(dirname "$0")/../.."

profile=${PROFILE:-debug}
flags=()
[ "$profile" = debug ] || flags=(--release)
make --no-print-directory ui
scripts/cargo build --quiet "${flags[@]}" -p fundline-web --bin fundline-web --example lab_box

cd tests/browser
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --silent --no-fund --no-audit
    touch node_modules/.package-lock.json
fi
(cd ../../firmware/fundline-web/ui && npm run --silent check)
exec env FUNDLINE_TARGET="$PWD/../../target" FUNDLINE_PROFILE="$profile" node page.test.js
