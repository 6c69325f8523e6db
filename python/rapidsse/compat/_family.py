"""Clients of any SDK of the generator that `openai` and `anthropic` come from.

They are recognized by what their code has, not by name: a stream that asks its client for a decoder
(`_make_sse_decoder`), and has it process the JSON of each event (`_process_response_data`).
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, TypeVar

from ._accelerate import DECODER, PROCESS, accelerated
from ._frames import SDKDecoder, SDKEvent

__all__ = ["accelerate"]

ClientT = TypeVar("ClientT")

_READS = ("iter_bytes", "aiter_bytes")
# SDKs whose streams have a module of their own here.
_OWN = ("openai", "anthropic")


class _Event(SDKEvent, frozen=True, eq=False, gc=False):
    @property
    def raw(self) -> list[str]:
        """The lines of the event, which some SDKs keep. An event of this decoder keeps none."""
        return []


class _Decoder(SDKDecoder):
    _event_type = _Event
    # Some streams end at a name alone, or report errors so.
    _skips = "unnamed"


def accelerate(client: ClientT) -> ClientT:
    """Makes the streams of a client, sync or async, and of its copies (`with_options`) fast.

    `client` is one of `openai`, `anthropic`, `groq`, `together`, `cerebras-cloud-sdk`,
    `perplexityai`, `fireworks-ai`, `writer-sdk`, or of any SDK built like them. All that the SDK
    returns is equal to what it was, and of the same type. Returns the client.

    Raises `TypeError`, which says what is missing, for any other argument.
    """
    package = _package_of(client)
    if package in _OWN:
        own: ClientT = import_module(f".{package}", __package__).accelerate(client)
        return own
    return accelerated(client, _Decoder)


def _package_of(client: Any) -> str:
    """Returns the name of the package of a client's SDK."""
    cls: type[Any] = client.__class__
    for name in (PROCESS, DECODER, "copy"):
        if not hasattr(cls, name):
            raise _refusal(cls, f"has no {name}")
    module = str(getattr(getattr(cls, PROCESS), "__module__", ""))
    package, _, last = module.rpartition(".")
    base = getattr(sys.modules.get(module), "BaseClient", None)
    for name in (PROCESS, DECODER):
        # Clients of other formats override them. Those of the SDK may be replaced by `install`.
        if last != "_base_client" or getattr(base, name, None) is not getattr(cls, name):
            raise _refusal(cls, f"has a {name} of its own")
    decoder = getattr(client, DECODER)()
    for name in _READS:
        if not hasattr(decoder, name):
            raise _refusal(cls, f"has a decoder without {name}")
    return package


def _refusal(cls: type[Any], found: str) -> TypeError:
    return TypeError(
        f"expected a client of an SDK built like openai's, with {DECODER} and {PROCESS} of its "
        f"_base_client, and with decoders that have {' and '.join(_READS)}: "
        f"{cls.__name__} {found}"
    )
