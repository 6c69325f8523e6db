"""Each test that SECURITY.md names exists, and each promise names some."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROMISES = [
    line
    for line in (ROOT / "SECURITY.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| **")
]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_promise_names_its_tests() -> None:
    assert len(PROMISES) > 10
    for promise in PROMISES:
        _, _, tests, _ = promise.split("|")
        assert TEST.sub("", tests).strip(" ,") == "", promise
        assert TEST.search(tests), promise


def test_the_tests_exist() -> None:
    for path, name in TEST.findall("\n".join(PROMISES)):
        source = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^def {name}\(", source, re.MULTILINE), f"{path}::{name}"
