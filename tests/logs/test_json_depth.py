"""JSON that is nested too deep and wrong in another way as well: what comes first counts."""

from __future__ import annotations

import pytest

import json_oracle
import rapidsse
from rapidsse.logs import LogFailure

DEEP, ENDS = b"[" * 129, b"]" * 129
LEVELS = b"[" * 128


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        # That a property test found.
        (DEEP + b"\rNaN", "depth"),
        (DEEP + b"\rNaN" + ENDS, "depth"),
        (b"\r" + DEEP + b"NaN", "depth"),
        (LEVELS + b"\r[NaN", "depth"),
        (LEVELS + b"\rNaN", "json"),
        (b"[nope\r," + DEEP + ENDS + b"]", "json"),
        (b"[" + DEEP + ENDS + b"\r,NaN]", "depth"),
        (DEEP + ENDS + b"\rNaN", "depth"),
        # No faults, as the SDKs read them.
        (b'["\\ud800",' + DEEP, "depth"),
        (b"[" + DEEP + ENDS + b',"\\ud800"]', "depth"),
        (b"[1e999," + DEEP, "depth"),
        (b'{"type":nope,"a":' + DEEP, "json"),
        (b'{"type" ' + DEEP, "json"),
        (b"]" + DEEP, "json"),
        (b'{"a":"' + DEEP + b'"}', "ok"),
        (b'{"a":"' + DEEP, "json"),
        (LEVELS + b"]" * 128, "schema"),
    ],
)
def test_the_first_fault_counts(payload: bytes, kind: str) -> None:
    plain = json_oracle.decoded(payload)
    assert (plain if isinstance(plain, str) else "ok") == kind
    with rapidsse.open_log(payload + b"\n", format="jsonl", on_error="yield") as log:
        (found,) = log
    assert (found.kind if isinstance(found, LogFailure) else "ok") == kind
