"""The JSON of the events of one response: for the SDK, and for what is made without it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from itertools import chain
from typing import TYPE_CHECKING, Any

from .._apis import DONE
from .._engine import TypedReader
from .._source import owned
from ._google_body import Body, Plain, json_texts
from ._google_images import KEYS, Images
from ._heap import keep_freed

if TYPE_CHECKING:
    from .._engine import Deferred

__all__ = ["Source"]


class Source:
    """The events of a response that is opened later. Images are cut out if `images` is given."""

    def __init__(self, images: Images | None) -> None:
        self.images = images
        # An event that is left to the SDK.
        self.kept: str | None = None
        self._plain = Plain()
        keys = frozenset[str]() if images is None else KEYS
        self._reader = TypedReader(decode=_text, handler=_Texts(images), keys=keys)
        # What the chunks so far have completed.
        self._texts: Iterator[str] = iter(())
        self._chunks: Any = None
        self._stack = ExitStack()
        self._astack = AsyncExitStack()

    def open(self, response: Any) -> Iterator[str]:
        """Returns the JSON of the events, for the SDK."""
        self._chunks = self._stack.enter_context(Body(response))
        return self._for_the_sdk()

    def aopen(self, response: Any) -> AsyncIterator[str]:
        """Like `open`, for a response of an async client."""
        return _ForTheSDK(self, response)

    async def _aopen(self, response: Any) -> None:
        self._chunks = await self._astack.enter_async_context(Body(response))

    def close(self) -> None:
        """Closes the response."""
        self._stack.close()

    async def aclose(self) -> None:
        """Closes the response of an async client."""
        await self._astack.aclose()

    def made(self, make: Callable[[str], Any]) -> Iterator[Any]:
        """Yields what `make` makes of the events that have come.

        Ends at one of which it makes `None`, which is left to the SDK.
        """
        for text in self._texts:
            event = make(text)
            if event is None:
                self.kept = text
                return
            yield event

    def more(self) -> bool:
        """Reads a chunk. Returns whether there may be more events."""
        if self._chunks is None:
            return False
        self._add(next(self._chunks, None))
        return True

    async def amore(self) -> bool:
        """Like `more`, for a response of an async client."""
        if self._chunks is None:
            return False
        self._add(await anext(self._chunks, None))
        return True

    def next_text(self) -> str | None:
        """The JSON of the next event that has come."""
        if self.kept is None:
            return next(self._texts, None)
        kept, self.kept = self.kept, None
        return kept

    def _for_the_sdk(self) -> Iterator[str]:
        while True:
            while (text := self.next_text()) is not None:
                yield text
            if not self.more():
                return

    def _add(self, chunk: bytes | None) -> None:
        if chunk is None:
            self._chunks = None
            self._reader.finish()
            self._texts = chain(self._reader, json_texts(self._plain.text))
        else:
            self._reader.push(owned(self._plain.events(chunk)))
            self._texts = self._reader


class _Texts:
    """The JSON of the payloads that `_text` is not given: those with images."""

    def __init__(self, images: Images | None) -> None:
        self._images = images

    def deferred(self, event: Deferred) -> Any:
        payload = event.payload
        keep_freed(len(payload))
        # An event without data is no JSON.
        if not len(payload):
            return NotImplemented
        return _text(payload) if self._images is None else self._images.cut(payload, event.spans)

    def done(self) -> str:
        return DONE.decode()

    def too_large(self, error: Exception) -> Any:
        raise AssertionError("there is no limit") from error


def _text(payload: Any) -> str:
    if not len(payload):
        raise ValueError("no data")
    return str(payload, "utf-8", "replace")


class _ForTheSDK:
    """No generator: an event loop that ends closes those that are left in any order."""

    def __init__(self, source: Source, response: Any) -> None:
        self._source = source
        self._response = response
        self._is_open = False

    def __aiter__(self) -> _ForTheSDK:
        return self

    async def __anext__(self) -> str:
        source = self._source
        if not self._is_open:
            self._is_open = True
            await source._aopen(self._response)
        while (text := source.next_text()) is None:
            if not await source.amore():
                raise StopAsyncIteration
        return text
