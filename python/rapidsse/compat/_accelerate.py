"""Clients of the official SDKs, accelerated.

The SDKs share a generator, and with it two seams on each client: a stream asks its client for a
decoder, and has it process the JSON of each event. An accelerated client has both as attributes,
and so have its copies. The SDK's stream stays in between.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import MethodType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ._frames import Handover, SDKDecoder

if TYPE_CHECKING:
    from ._models import Plans

__all__ = ["accelerated", "checked"]

ClientT = TypeVar("ClientT")

DECODER = "_make_sse_decoder"
PROCESS = "_process_response_data"


def checked(client: Any, common: type) -> None:
    """Raises `TypeError` for an argument that does not create its decoders like the class `common`.

    The clients of some clouds read streams of another format.
    """
    cls: type[Any] = client.__class__
    hook = getattr(cls, DECODER, None)
    if hook is None or hook is not getattr(common, DECODER, None):
        raise TypeError(
            f"expected a client of the SDK that reads event streams, as {common.__name__} does, "
            f"not {cls.__name__}"
        )


def accelerated(client: ClientT, decoder: type[SDKDecoder]) -> ClientT:
    """Makes a client, and every copy of it, decode with `decoder` and make its events quickly."""
    cls: Any = type(client)

    def copy(self: ClientT, *args: Any, **kwargs: Any) -> ClientT:
        copied: ClientT = cast("Any", type(self)).copy(self, *args, **kwargs)
        return accelerated(copied, decoder)

    handover = Handover()
    # Set on the client, not on a subclass: the SDKs check the exact type of a client.
    attributes = vars(client)
    attributes[DECODER] = lambda: decoder(handover)
    attributes["copy"] = attributes["with_options"] = MethodType(copy, client)
    plans = _plans(cls)
    if plans is not None:
        attributes[PROCESS] = _process(
            client, MethodType(getattr(cls, PROCESS), client), plans, handover
        )
    return client


def _process(client: Any, own: Callable[..., Any], plans: Plans, handover: Handover) -> Any:
    """Returns what processes the JSON of responses for a client, instead of the SDK's `own`."""

    strict = bool(client._strict_response_validation)
    # The last type, and what makes its events. One object, as threads may share the client.
    known: tuple[Any, Any] = (None, None)

    def process(*, data: Any, cast_to: Any, **more: Any) -> Any:
        nonlocal known
        if data is handover.data and type(data) is dict:
            # Not to hold on to an image.
            handover.data = None
            type_, event = known
            if cast_to is not type_:
                event = plans.event(cast_to, strict=strict)
                known = (cast_to, event)
            if event is not None:
                try:
                    return event(data)
                except Exception:  # noqa: BLE001, S110
                    # The SDK makes it, or raises its own error.
                    pass
        return own(data=data, cast_to=cast_to, **more)

    return process


def _plans(cls: Any) -> Plans | None:
    """Returns the plans of a client's SDK, if the client processes responses as that SDK does."""
    method = getattr(cls, PROCESS, None)
    package, _, module = getattr(method, "__module__", "").rpartition(".")
    return _plans_of(package) if module == "_base_client" else None


@cache
def _plans_of(package: str) -> Plans | None:
    # Imports pydantic, as the SDK has by now.
    from ._models import Library, Plans

    library = Library.of(package)
    return None if library is None else Plans(library)
