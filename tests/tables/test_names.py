"""File names for what a log names: whatever it says, one harmless component of a path."""

from __future__ import annotations

import re

import pytest

from hostile_names import HOSTILE
from rapidsse.logs.tables._names import image_name, safe_name

DEVICES = {"con", "prn", "aux", "nul", "com1", "lpt9"}


@pytest.mark.parametrize("text", [*HOSTILE, *DEVICES, "COM1", "a.b/c", "\u00fc", "_x_", "-"])
def test_any_text(text: str) -> None:
    name = safe_name(text)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{,100}", name)
    assert name.lower() not in DEVICES


def test_ordinary_names_are_kept() -> None:
    for name in ("ig_68471f54f620819dacf9f6229ef619c902fc4485fa5115d6", "Image-1"):
        assert safe_name(name) == name


def test_what_nothing_is_left_of() -> None:
    assert safe_name("../..") == safe_name("") == "image"
    assert safe_name("", "picture") == "picture"


def test_pictures_that_differ_in_anything_have_different_names() -> None:
    names = {
        image_name("b", 0, "ig", "final", None, 0, None),
        image_name("a", 1, "ig", "final", None, 0, None),
        image_name("a", 0, "ih", "final", None, 0, None),
        image_name("a", 0, "ig", "partial", None, 0, None),
        image_name("a", 0, "ig", "partial", 0, 0, None),
        image_name("a", 0, "ig", "final", None, 1, None),
    }
    assert len(names) == 6
    assert all(name.endswith(".bin") for name in names)
