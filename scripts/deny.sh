#!/usr/bin/env bash
# Checks the crates in the wheels, by deny.toml: licences, sources, duplicates, advisories.
set -euo pipefail
cd "$(dirname "$0")/.."

export PATH="$PWD/build/tools/bin:$PATH"
command -v cargo-deny >/dev/null || cargo install cargo-deny --locked --root build/tools
cargo deny --locked check licenses bans sources
if cargo deny fetch db 2>/dev/null; then
    cargo deny --locked check advisories
elif [ -n "${CI:-}" ]; then
    echo "The advisories of RustSec cannot be fetched." >&2
    exit 1
else
    echo "The advisories of RustSec cannot be fetched, so none was looked for." >&2
fi
