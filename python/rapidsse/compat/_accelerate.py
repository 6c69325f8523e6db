"""Clients of the official SDKs, accelerated.

The SDKs share a generator, and with it two seams on each client: a stream asks its client for a
decoder, and has it process the JSON of each event. An accelerated client has both as attributes,
and so have its copies. The SDK's stream stays in between.
"""

from __future__ import annotations

import copyreg
import sys
from collections.abc import Callable, Iterable
from functools import cache, partial, wraps
from inspect import signature
from types import CodeType, MethodType
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakKeyDictionary, WeakSet

from ._frames import Given, Handover, SDKDecoder
from ._loops import is_known
from ._past import Past, lead_past

if TYPE_CHECKING:
    from ._models import Plans

__all__ = ["DECODER", "PARAMETERS", "PROCESS", "accelerated", "as_before", "checked", "process_of"]

ClientT = TypeVar("ClientT")

DECODER = "_make_sse_decoder"
PROCESS = "_process_response_data"
# Of the latter.
PARAMETERS = ("self", "data", "cast_to", "response")


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


class _Decoders:
    """Makes the decoders of a client's streams."""

    __slots__ = ("decoder", "handover", "own")

    def __init__(self, decoder: type[SDKDecoder]) -> None:
        self.decoder = decoder
        self.handover = Handover()
        # What the client was given, by its name.
        self.own: dict[str, Any] = {}

    def __call__(self) -> SDKDecoder:
        past = Past()
        made = self.decoder(self.handover, past)
        lead_past(past, made, sys._getframe(1))
        return made


def accelerated(client: ClientT, decoder: type[SDKDecoder]) -> ClientT:
    """Makes a client, and every copy of it, decode with `decoder` and make its events quickly."""
    cls: Any = type(client)

    def copy(self: ClientT, *args: Any, **kwargs: Any) -> ClientT:
        copied: ClientT = cast("Any", type(self)).copy(self, *args, **kwargs)
        return accelerated(copied, decoder)

    decoders = _Decoders(decoder)
    own = decoders.own
    # Set on the client, not on a subclass: the SDKs check the exact type of a client.
    own[DECODER] = decoders
    own["copy"] = own["with_options"] = MethodType(copy, client)
    process = process_of(cls, decoders.handover)
    if process is not None:
        own[PROCESS] = MethodType(process, client)
    vars(client).update(own)
    # `copy.copy` would copy these, which are of this client.
    copyreg.pickle(cls, _reduced)
    _copied.setdefault(cls, WeakSet()).add(client)
    return client


# The accelerated clients, by their class, whose copies `_reduced` makes.
_copied: WeakKeyDictionary[type[Any], WeakSet[Any]] = WeakKeyDictionary()


def as_before(accelerated: Iterable[tuple[Any, Iterable[str]]]) -> None:
    """Takes from clients the attributes with which they were accelerated."""
    for client, names in accelerated:
        for name in names:
            client.__dict__.pop(name, None)
        of: type[Any] = client.__class__
        _copied.get(of, WeakSet()).discard(client)
    for cls, clients in list(_copied.items()):
        if not clients and copyreg.dispatch_table.get(cls) is _reduced:
            del copyreg.dispatch_table[cls], _copied[cls]


def _reduced(client: Any) -> Any:
    """How `copy.copy` copies a client: what it was given, the copy is given anew."""
    attributes: dict[str, Any] = client.__dict__
    decoders = attributes.get(DECODER)
    if not isinstance(decoders, _Decoders):
        return client.__reduce_ex__(4)
    own = decoders.own
    others = {
        name: each for name, each in attributes.items() if name not in own or own[name] is not each
    }
    # After `install`, the copies make decoders by the method that it replaces.
    decoder = decoders.decoder if attributes.get("copy") is own["copy"] else None
    return _remade, (type(client), others, decoder)


def _remade(cls: Any, attributes: dict[str, Any], decoder: type[SDKDecoder] | None) -> Any:
    client: Any = cls.__new__(cls)
    client.__dict__.update(attributes)
    return client if decoder is None else accelerated(client, decoder)


def process_of(cls: Any, handover: Handover) -> Callable[..., Any] | None:
    """Returns the method that processes the JSON of responses for clients of a class.

    It is quick for what its decoders hand over. Returns `None` if the class does not process
    responses as its SDK does, or if the SDK is not built as expected.
    """
    own = getattr(cls, PROCESS, None)
    package, _, module = getattr(own, "__module__", "").rpartition(".")
    plans = _plans_of(package) if module == "_base_client" else None
    if own is None or plans is None or (*signature(own).parameters,) != PARAMETERS:
        return None
    # The last type, and what makes its events. One object, as threads may share a client.
    known: tuple[Any, Any, Any] = (None, None, None)
    # The types of what events have made of their text.
    made_at_once: set[type[Any]] = set()

    @wraps(own)
    def process(self: Any, *, data: Any, cast_to: Any, response: Any) -> Any:
        nonlocal known
        if type(data) in made_at_once:
            return data
        given = handover.take(data)
        if given is not None:
            strict = self._strict_response_validation
            type_, strict_, make = known
            if cast_to is not type_ or strict is not strict_:
                make = plans.event(cast_to, strict=bool(strict))
                known = (cast_to, strict, make)
            if make is not None:
                try:
                    made = make(data)
                except Exception:  # noqa: BLE001, S110
                    # The SDK makes it, or raises its own error.
                    pass
                else:
                    if not strict:
                        if given.body.is_due(given.event.event):
                            learn(given, cast_to, made, sys._getframe(1).f_code)
                        if given.body.keep(given.event, made):
                            made_at_once.add(made.__class__)
                    return made
        return own(self, data=data, cast_to=cast_to, response=response)

    def learn(given: Given, cast_to: Any, made: Any, caller: CodeType) -> None:
        """Has the next events of this name make themselves, where that is certain."""
        cls: Any = made.__class__
        make = None
        body = given.body
        # What asks for the JSON is the loop, and no wrapper of this method gets it.
        if body.loop is not None and caller is body.loop.code and is_known(body.loop, package):
            make = plans.from_text(cast_to, cls)
            body.part = partial(plans.part, cast_to)
        if make is not None:
            made_at_once.add(cls)
        body.makes[given.event.event] = make

    return process


@cache
def _plans_of(package: str) -> Plans | None:
    # Imports pydantic, as the SDK has by now.
    from ._models import Library, Plans

    library = Library.of(package)
    return None if library is None else Plans(library)
