"""The `mistralai` SDK on the engine of rapidsse.

`rapidsse.compat.install("mistralai")` accelerates all of its clients, those for Azure and Google
Cloud included. `stream_events` and `stream_events_async` replace the functions of
`mistralai.client.utils.eventstreaming`, and those of other SDKs that Speakeasy generated.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ._speakeasy import seams_of, stream_events, stream_events_async

if TYPE_CHECKING:
    from ._seams import Seam

__all__ = ["stream_events", "stream_events_async"]

# Each client has its own copy of the generated modules.
_CLIENTS = ("mistralai.client", "mistralai.azure.client", "mistralai.gcp.client")


def seams() -> list[Seam]:
    """What `install` replaces."""
    import_module(_CLIENTS[0])
    found: list[Seam] = []
    for client in _CLIENTS:
        # The clients of the clouds need packages of their own, which may not be there.
        if find_spec(client.rpartition(".")[0]) is None or find_spec(client) is None:
            continue
        modules = ("utils.eventstreaming", "utils.serializers", "types.basemodel")
        found += seams_of(*(import_module(f"{client}.{module}") for module in modules))
    return found
