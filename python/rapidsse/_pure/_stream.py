"""A stream from its chunks to its frames, which all readers share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from .._arguments import check_eof, check_max_event_size, check_source
from ._chunks import Chunk, Chunks
from ._frame import Item
from ._frames import FrameParser
from ._runs import MAX_EVENT, run
from ._spans import SpanFinder

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Stream:
    """One stream, whose chunks are pushed or come from `source`.

    Iterating gives the events that the chunks so far hold, each valid until the next is asked for,
    and raises what the source raises. All that was read is kept here: iterating again continues
    from there.
    """

    def __init__(
        self,
        source: Iterator[Buffer] | None,
        *,
        max_event_size: int | None,
        eof: Literal["discard", "dispatch"],
        dataless: bool = False,
        reports_cut: bool = False,
        also_data: bytes = b"",
        finder: SpanFinder | None = None,
    ) -> None:
        self.chunks = Chunks(check_source(source))
        check_eof(eof)
        limit = check_max_event_size(max_event_size)
        self.parser = FrameParser(limit=limit, dataless=dataless, also_data=also_data)
        self._is_limited = limit is not None
        self._has_runs = limit is None or limit >= MAX_EVENT
        self._finder = finder
        self._chunk = Chunk(b"", 0)
        self._eof = eof
        self._reports_cut = reports_cut

    @property
    def position(self) -> int:
        """The offset up to which the stream was read."""
        return self._chunk.offset + self._chunk.pos

    def __iter__(self) -> Iterator[Item]:
        while True:
            # Without this everything is the same, only slower.
            if self._has_runs and self.parser.is_between_events:
                yield from run(self._chunk, self._finder, is_limited=self._is_limited)
            item = self.parser.next(self._chunk)
            if item is None:
                # It may go while the next one is waited for.
                self._chunk.let_go()
                chunk = self.chunks.next()
                if chunk is not None:
                    self._chunk = chunk
                    continue
                item = self._end()
                if item is None:
                    return
            yield item

    def _end(self) -> Item | None:
        """What is left when there are no more chunks, if there never will be."""
        if not self.chunks.is_closed:
            return None
        if self._eof == "discard":
            self.parser.discard()
            return None
        return self.parser.finish(self.position, reports_cut=self._reports_cut)


class Items:
    """The events of a stream, one after another.

    Not part of the stream: one that kept its iterator would be a reference cycle.
    """

    __slots__ = ("_iterator", "_stream")

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._iterator = iter(stream)

    def next(self) -> Item | None:
        """The next event; `None` if the chunks so far hold no other. Raises what the source
        raises. The call after that goes on."""
        item = next(self._iterator, None)
        if item is None:
            # The iterator has come to an end, or has raised before.
            self._iterator = iter(self._stream)
            item = next(self._iterator, None)
        return item
