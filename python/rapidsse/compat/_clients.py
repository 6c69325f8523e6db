"""What `install` replaces in an SDK whose clients make a decoder for each stream.

The first stream of a client accelerates it as `accelerate(client)` does. Clients for streams of
another format override the method that is replaced, and are left as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any
from weakref import WeakKeyDictionary

from ._accelerate import DECODER, PARAMETERS, PROCESS, as_before
from ._seams import Seam

__all__ = ["anthropic_seams", "family_seams", "openai_seams"]

# Copies make decoders of their own, by the method that is replaced.
_OF_COPIES = ("copy", "with_options")


def _seams_of(package: str, accelerate: Callable[[Any], Any], decoder: type) -> list[Seam]:
    base = import_module(f"{package}._base_client").BaseClient
    # Names and not values, which refer to the client and would keep it.
    accelerated: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()

    def make(self: Any) -> Any:
        if getattr(self.__class__, DECODER) is not make:
            # A subclass whose decoder is more than this one.
            return decoder()
        attributes = self.__dict__
        before = dict(attributes)
        accelerate(self)
        for name in _OF_COPIES:
            if name not in before:
                attributes.pop(name, None)
        accelerated[self] = attributes.keys() - before.keys()
        return attributes[DECODER]()

    def undo() -> None:
        as_before(list(accelerated.items()))
        accelerated.clear()

    return [
        Seam(base, PROCESS, None, PARAMETERS),
        Seam(base, DECODER, make, ("self",), undo=undo),
    ]


def openai_seams() -> list[Seam]:
    from .openai import SSEDecoder, accelerate

    return _seams_of("openai", accelerate, SSEDecoder)


def anthropic_seams() -> list[Seam]:
    from .anthropic import SSEDecoder, accelerate

    return _seams_of("anthropic", accelerate, SSEDecoder)


def family_seams(package: str) -> list[Seam]:
    """What is replaced in another SDK of the generator that both come from."""
    from ._accelerate import accelerated
    from ._family import _Decoder

    return _seams_of(package, lambda client: accelerated(client, _Decoder), _Decoder)
