"""`Deliver`: which events are delivered to the handler."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..._api_items import ITEM_EVENTS
from ..._apis import FINAL_TEXTS, IMAGE_MARKS, IMAGE_URL, TEXT_DELTAS
from .._spans import Spans
from ._fields import Fields
from ._payload import contains

_KINDS = ("all", "state", "texts", "images", "contents", "items")
_IMAGE_MARKS = tuple(mark.encode() for mark in IMAGE_MARKS)
_URL = IMAGE_URL.encode()


@dataclass(frozen=True, slots=True)
class Delivery:
    """Of an event that is delivered, or is if it holds pictures."""

    may_hold_image: bool
    """Whether it may hold pictures, if events with pictures are delivered."""
    is_due: bool
    """Whether it is delivered even if it holds none."""


class Deliver:
    """The kinds of events that are delivered.

    - `all`: all events
    - `state`: those that say how their response began, went on and ended
    - `texts`: those that hold a text as a whole
    - `images`: those that hold pictures, which are passed with them
    - `contents`: with `images`, pictures under different keys are compared as well (only the
      compiled engine compares)
    - `items`: those that may hold items of the output as a whole
    """

    __slots__ = ("_all", "_images", "_state", "_texts", "keeps_items")

    def __init__(self, kinds: Iterable[str]) -> None:
        kinds = list(kinds)
        for kind in kinds:
            if kind not in _KINDS:
                known = "'all', 'state', 'texts', 'images', 'contents' and 'items'"
                raise ValueError(f"deliver takes {known}, not {kind!r}")
        self._all, self._state, self._texts, self._images, _, self.keeps_items = (
            kind in kinds for kind in _KINDS
        )

    @property
    def keeps_texts(self) -> bool:
        """Whether the texts of the streams are kept."""
        return self._all or self._state or self._texts

    def takes(
        self, fields: Fields, payload: bytes | memoryview, spans: Spans, *, is_edge: bool
    ) -> Delivery | None:
        """Why an event is delivered, if it is: its payload, the spans of a large one, and whether
        it is the first of its API in its stream, or comes after all of it."""
        may_hold_image = self._images and _may_hold_image(fields, payload, spans)
        is_due = (
            self._all
            or (self._state and fields.holds_state(is_edge=is_edge))
            or (self._texts and fields.type in FINAL_TEXTS)
            or (self.keeps_items and fields.type in ITEM_EVENTS)
        )
        return Delivery(may_hold_image, is_due) if may_hold_image or is_due else None


def _may_hold_image(fields: Fields, payload: bytes | memoryview, spans: Spans) -> bool:
    if fields.holds_image:
        return True
    # A delta of a text is too short to hold one.
    is_text = fields.type in TEXT_DELTAS and fields.delta is not None
    return not is_text and (
        any(contains(payload, spans, mark) for mark in _IMAGE_MARKS)
        or any(bytes(payload[start : start + len(_URL)]) == _URL for start, _ in spans)
    )
