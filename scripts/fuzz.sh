#!/usr/bin/env bash
# Fuzzes every target of rust/fuzz in turn: scripts/fuzz.sh SECONDS-EACH
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1

export PATH="$PWD/build/tools/bin:$PATH"
command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked --root build/tools
# The sanitizers are nightly flags; this lets the stable compiler take them.
export RUSTC_BOOTSTRAP=1
for target in $(cargo fuzz list --fuzz-dir rust/fuzz); do
    echo "== $target"
    cargo fuzz run --fuzz-dir rust/fuzz "$target" -- -max_total_time="$seconds"
done
