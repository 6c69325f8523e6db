"""What `LogReader` delivers, made into the rows of images, responses, items and failures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..._engine import Place
from ._failures import Failures
from ._images import Images, ImageSink, Picture
from ._interleaved import Interleaved
from ._items import Items
from ._payloads import Payload
from ._response_rows import Responses
from ._responses import FROM_EVENTS, Response
from ._rows import Store, TableRows
from ._totals import Totals

if TYPE_CHECKING:
    import pyarrow as pa

    from ..._engine import Event, Failure, StreamEnd
    from ..._errors import Base64Error
    from .._bodies import Body, Damage
    from ._schemas import Table

__all__ = ["Collector"]


class Collector:
    """The `LogHandler` of one log: puts the rows of its tables into `store`.

    `totals` counts streams, responses, pictures, models and the failures that the engine does
    not know of: damage, broken pictures, and interleaved responses.
    """

    def __init__(
        self,
        store: Store,
        source: str,
        *,
        sink: ImageSink | None,
        max_event_size: int | None,
        in_memory: bool,
        count_all: bool,
    ) -> None:
        self.totals = Totals()
        self.deliver: set[str] = set()
        self._counts_models = count_all
        self._tables: list[tuple[Table, TableRows]] = []
        self._response = Response()
        # The event at hand: not itself, which would keep its chunk.
        self._at = Place(0, 0, 0, 0), ""

        tables = store.columns
        self._failures: Failures | None = None
        if "failures" in tables:
            rows = store.rows("failures", blob="data")
            self._failures = Failures(rows, tables["failures"], source, max_event_size)
            self._tables.append(("failures", rows))

        self._responses: Responses | None = None
        columns = frozenset(tables.get("responses", ()))
        if "responses" in tables:
            rows = store.rows("responses")
            self._responses = Responses(rows, source)
            self._tables.append(("responses", rows))

        self._items: Items | None = None
        if "items" in tables:
            rows = store.rows("items")
            self._items = Items(rows, source, self.totals)
            self._tables.append(("items", rows))
            self.deliver.add("items")

        self._images: Images | None = None
        if "images" in tables or self._failures or "n_images" in columns or count_all:
            pictures = store.rows("images", blob="bytes") if "images" in tables else None
            self._images = Images(
                pictures,
                tables.get("images", ()),
                source,
                in_memory=in_memory,
                decode=self._failures is not None,
                sink=sink,
                broken=self._broken,
            )
            self.deliver |= self._images.deliver
            if pictures is not None:
                self._tables.append(("images", pictures))

        self._understands = count_all or not FROM_EVENTS.isdisjoint(columns)
        self._interleaved = Interleaved() if self._failures or count_all else None
        if self._understands or self._interleaved is not None:
            self.deliver.add("state")

    def ready(self) -> Iterator[tuple[Table, pa.RecordBatch]]:
        """Takes the batches that are full."""
        for table, rows in self._tables:
            if rows.ready:
                for batch in rows.take():
                    yield table, batch

    def flush(self) -> None:
        """Makes batches of all rows."""
        for _, rows in self._tables:
            rows.flush()

    def began(self, body: Body) -> None:
        """A body begins, whose streams have ended before the next one."""
        if self._interleaved is not None:
            self._interleaved = Interleaved()
        if self._responses is not None:
            self._responses.custom_id = body.custom_id
        if self._items is not None:
            self._items.custom_id = body.custom_id

    def damage(self, damage: Damage) -> None:
        """A part of the log in which no event could be looked for."""
        self.totals.of_events.failures += 1
        if self._failures is not None:
            self._failures.damage(damage)

    def broken_input(self, offset: int, message: str) -> None:
        """The log itself broke, after so many bytes of its content."""
        self.totals.of_events.failures += 1
        if self._failures is not None:
            self._failures.broken_input(offset, message)

    def _broken(self, picture: Picture, error: Base64Error) -> None:
        self.totals.of_events.failures += 1
        if self._failures is not None:
            number = "" if picture.partial is None else f" {picture.partial}"
            name = "" if picture.item_id is None else f" of item {picture.item_id[:100]}"
            message = f"the {picture.kind} image{number}{name}: {error}"
            text = picture.data.encoded
            self._failures.broken_image(*self._at, message, text)

    # LogHandler.

    def event(self, event: Event) -> None:
        if self._understands or self._interleaved is not None or self._items is not None:
            value = Payload(event.payload, event.spans)
            if self._understands:
                self._response.add(value.fields, event.name, is_standard=value.is_standard)
            if self._interleaved is not None:
                self._interleaved.event(event.place.stream, value.fields, event.name)
            if self._items is not None:
                self._items.add(value, event)
        if self._images is not None and event.pictures:
            self._at = event.place, event.name
            self._images.add(event.pictures, event.place.stream, event.response_id)

    def failure(self, failure: Failure) -> None:
        if self._failures is not None:
            self._failures.event(failure)

    def stream(self, end: StreamEnd) -> None:
        counts, response = self.totals.of_streams, self._response
        self._response = Response()
        n_images = 0
        if self._images is not None:
            n_images = self._images.end_stream()
            counts.images, counts.image_bytes = self._images.count, self._images.nbytes
        if self._items is not None:
            self._items.end(end)
        counts.streams += 1
        if self._interleaved is not None and self._interleaved.end(end):
            self.totals.of_events.failures += 1
            if self._failures is not None:
                self._failures.interleaved(end.stream)
        if not end.api:
            counts.unknown_events += end.events
            if response.has_error:
                error = response.error
                self.totals.add_error(error.message or error.code or "an error event")
            return
        counts.responses += 1
        counts.complete += end.complete
        tokens = response.tokens
        if self._counts_models:
            total = tokens.total
            if total is None:
                total = (tokens.input or 0) + (tokens.output or 0)
            used = tokens.input, tokens.cached, tokens.output, tokens.reasoning, total
            self.totals.add_model(response.model or "-", (1, *(count or 0 for count in used)))
        if self._responses is not None:
            self._responses.add(end, response, n_images)
