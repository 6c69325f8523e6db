"""The official `google-genai` SDK on the engine of rapidsse.

- `events(stream)` yields the events of a stream as `rapidsse.google` Structs.
- `accelerate(client)` keeps the SDK's types and iteration, and reads its streams faster.

`rapidsse.compat.install("google")` accelerates all clients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from . import _google_content as _content
from . import _google_events as _events
from . import _google_interactions as _interactions
from ._installed import imported

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from google.genai.interactions import InteractionSSEEvent as SDKInteractionEvent
    from google.genai.types import GenerateContentResponse as SDKResponse

    from .._typed._unknown import UnknownEvent
    from ..google import GenerateContentResponse, InteractionSSEEvent
    from ._seams import Seam

ClientT = TypeVar("ClientT")

__all__ = ["accelerate", "events"]


def accelerate(client: ClientT) -> ClientT:
    """Makes a `google.genai.Client`, and its `aio`, read streams with this package's engine.

    That is `models.generate_content_stream`, chats and the Interactions API, with the Developer API
    and with Vertex. Returns the client. All that the SDK returns keeps its type. Raises `TypeError`
    for an argument that is no such client, or one whose SDK has other internals than the versions
    that are supported.
    """
    if not isinstance(client, imported("google.genai", "google-genai").Client):
        raise TypeError(f"expected a google.genai.Client, not {type(client).__name__}")
    _content.accelerate(client)
    _interactions.accelerate(client)
    return client


@overload
def events(stream: Iterator[SDKResponse]) -> Iterator[GenerateContentResponse]: ...
@overload
def events(stream: AsyncIterator[SDKResponse]) -> AsyncIterator[GenerateContentResponse]: ...
@overload
def events(  # type: ignore[overload-cannot-match, unused-ignore]
    stream: Iterator[SDKInteractionEvent],
) -> Iterator[InteractionSSEEvent | UnknownEvent]: ...
@overload
def events(  # type: ignore[overload-cannot-match, unused-ignore]
    stream: AsyncIterator[SDKInteractionEvent],
) -> AsyncIterator[InteractionSSEEvent | UnknownEvent]: ...
def events(stream: Any) -> Any:
    """Yields the events of a stream as `rapidsse.google` Structs; sync or async, like the stream.

    `stream` is what `generate_content_stream` of an accelerated client returns, or what
    `interactions.create(stream=True)` of any client does. It must be unread. Its response is always
    closed: at the end, after an error, and when the caller stops (an async stream later, by the
    event loop, or at once with `contextlib.aclosing`). It holds one response: functions are not
    called, and a response that the API breaks off is not continued.

    Raises the SDK's errors: `errors.APIError` for an error that the API reports in the stream, and
    `errors.UnknownApiResponseError` with a `rapidsse.DecodeError` as its cause for an event that
    does not decode. Raises `TypeError` for an argument that is no stream, or one that the SDK has
    begun to read.
    """
    if hasattr(stream, "response"):
        return _interactions.events(stream)
    return _events.events(stream)


def seams() -> list[Seam]:
    """What `install` replaces."""
    return _content.seams()


def interactions_seams() -> list[Seam]:
    """What `install` replaces when the Interactions API is first used."""
    return _interactions.seams()
