"""Truncated JSON documents, as a killed recorder leaves them: what precedes the cut is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import msgspec

from ...._limits import MAX_DEPTH
from ...._values import members, parts
from ..values._json import check_values, decode_as, record_or_none
from ..values._pieces import is_event
from ..values._whole import is_whole

__all__ = ["decode_cut", "made_whole"]

T = TypeVar("T")

_TOKEN = re.compile(
    rb'[ \t\r\n]*+(?:(?P<string>"(?:[^"\\]++|\\.)*+")'
    rb'|(?P<cut>"(?:[^"\\]++|\\u[0-9A-Fa-f]{4}|\\[^u])*+)'
    rb'|(?P<mark>[\[\]{}:,])|(?P<scalar>[^\s\[\]{}:,"]++)(?=[\s\[\]{}:,]))',
    re.DOTALL,
)
_CLOSERS = {b"[": b"]", b"{": b"}"}


class _Opened(NamedTuple):
    """A list or an object that is not closed."""

    mark: bytes
    end: int
    """Where the document without it ends: it is valid once what is open there is closed,"""
    depth: int
    """which is this many lists and objects."""


def made_whole(text: bytes) -> bytes | None:
    """The document without the value that was cut; of a string the text up to the cut is kept. An
    event or a response of which a part is missing is left out.

    `None` if nothing is missing, something else is wrong, or what precedes the cut would not be
    read either: it is nested deeper than `MAX_DEPTH`, or has more than `MAX_VALUES` values.
    """
    try:
        check_values(text)
    except ValueError:
        return None
    opened = list[_Opened]()
    end = depth = at = 0
    last = b""
    while (match := _TOKEN.match(text, at)) is not None:
        at = match.end()
        mark = match["mark"]
        is_key = bool(opened) and opened[-1].mark == b"{" and last in (b"{", b",")
        if match["cut"] is not None:
            if is_key or not opened:
                break
            return _closed(text[:at] + b'"', opened)
        last = mark or b"x"
        if mark in _CLOSERS:
            opened.append(_Opened(mark, end, depth))
            if len(opened) > MAX_DEPTH:
                # With its ends, too, it would not be read.
                return None
        elif mark in (b"]", b"}"):
            if not opened or _CLOSERS[opened.pop().mark] != mark:
                return None
            if not opened:
                # Nothing is missing.
                return None
        elif mark is not None or is_key:
            continue
        end, depth = at, len(opened)
    return _closed(text[:end], opened[:depth]) if opened else None


def _closed(text: bytes, opened: Sequence[_Opened]) -> bytes | None:
    whole = _with_ends(text, opened)
    value = record_or_none(whole)
    for number, each in enumerate(opened):
        first = value
        if number:
            values = parts(value) or list(members(value).values())
            first, value = (values[0], values[-1]) if values else (None, None)
        # In a list of events it is one, although its type may be what was cut.
        if any(is_event(known) or is_whole(members(known)) for known in (first, value)):
            return _with_ends(text[: each.end], opened[: each.depth]) if each.depth else None
    return whole


def _with_ends(text: bytes, opened: Sequence[_Opened]) -> bytes:
    return text + b"".join(_CLOSERS[each.mark] for each in reversed(opened))


def decode_cut(
    text: bytearray, type: type[T], lists: Sequence[tuple[str, ...]]
) -> tuple[T, Exception | None]:
    """What `decode_as` gives, and no error; of a truncated document what precedes the cut, and the
    error. Raises `ValueError` or `RecursionError`."""
    try:
        return decode_as(text, type, lists), None
    except msgspec.ValidationError:
        raise
    except ValueError as error:
        whole = made_whole(bytes(text))
        if whole is None:
            raise
        return decode_as(whole, type, lists), error
