"""Writes `rust/core/src/logs/apis.rs` from `python/rapidsse/_apis.py`.

    python scripts/generate_apis.py             # write the file
    python scripts/generate_apis.py --check     # exit status 1 if it differs

The compiled engine has no other knowledge of an API.
"""

from __future__ import annotations

import argparse
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "python" / "rapidsse" / "_apis.py"
FILE = ROOT / "rust" / "core" / "src" / "logs" / "apis.rs"

HEAD = """\
//! What the events of each API mean, as data. Written by `scripts/generate_apis.py`, from
//! `python/rapidsse/_apis.py`: change that.

/// An API, by what its events look like.
#[derive(Debug)]
pub struct Api {
    /// As `StreamEnd.api` gives it.
    pub name: &'static str,
    /// Its events have a `type` that begins with one of these,
    pub prefixes: &'static [&'static str],
    /// or this `object`; empty if none does.
    pub object: &'static str,
    /// Whether each event is a chunk of the response, which adds to its `choices`.
    pub has_chunks: bool,
    /// Whether a member of the event, one of [`RESPONSES`], holds the response object.
    pub has_response: bool,
    /// The types of events that always begin a stream,
    pub begins: &'static [&'static str],
    /// that end one,
    pub ends: &'static [&'static str],
    /// that add the text in `delta`,
    pub text_deltas: &'static [&'static str],
    /// and that hold a text as a whole.
    pub final_texts: &'static [&'static str],
}

/// The APIs that are known.
pub const APIS: &[Api] = &[
"""


def strings(values: Sequence[str]) -> str:
    return "&[" + ", ".join(f'"{value}"' for value in values) + "]"


def fields(api: Any) -> list[str]:
    return [
        f'name: "{api.name}"',
        f"prefixes: {strings(api.prefixes)}",
        f'object: "{api.object}"',
        f"has_chunks: {str(api.chunks).lower()}",
        f"has_response: {str(bool(api.response.member)).lower()}",
        f"begins: {strings(api.begins)}",
        f"ends: {strings(api.ends)}",
        f"text_deltas: {strings(api.text_deltas)}",
        f"final_texts: {strings(api.final_texts)}",
    ]


def line(field: str) -> str:
    """A field as rustfmt writes it."""
    text = f"        {field},\n"
    name, _, values = field.partition(": &[")
    if len(text) <= 101 and len(values) <= 61:
        return text
    each = "".join(f"            {value},\n" for value in values.removesuffix("]").split(", "))
    return f"        {name}: &[\n{each}        ],\n"


def rust(table: dict[str, Any]) -> str:
    apis = "".join(
        "    Api {\n" + "".join(map(line, fields(api))) + "    },\n" for api in table["APIS"]
    )
    lists = [
        ("The members of an event that hold the response object.", "RESPONSES"),
        ("The members of an event that are an image.", "IMAGE_FIELDS"),
        ("The types of items that are an image.", "IMAGE_ITEMS"),
        ("The keys of strings that are base64.", "BASE64_KEYS"),
    ]
    constants = "".join(
        f"\n/// {doc}\npub const {name}: &[&str] = {strings(list(table[name]))};\n"
        for doc, name in lists
    )
    error = f"""
/// The `type` of an event that says that something failed, of any API.
pub const ERROR: &str = "{table["ERROR"]}";
"""
    return HEAD + apis + "];\n" + error + constants


def main() -> int:
    parser = argparse.ArgumentParser(description="Write what the compiled engine knows of APIs.")
    parser.add_argument("--check", action="store_true", help="write nothing, report a difference")
    options = parser.parse_args()
    text = rust(runpy.run_path(str(TABLE), run_name="rapidsse._apis"))
    is_current = FILE.exists() and FILE.read_text("utf-8") == text
    if not is_current:
        print(f"{FILE}: out of date")
    if not options.check:
        FILE.write_text(text, "utf-8", newline="\n")
    return 0 if is_current or not options.check else 1


if __name__ == "__main__":
    sys.exit(main())
