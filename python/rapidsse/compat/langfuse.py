"""The `langfuse` SDK on the engine of rapidsse, by `rapidsse.compat.install("langfuse")`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ._fern import seams_of

if TYPE_CHECKING:
    from ._seams import Seam

__all__: list[str] = []


def seams() -> list[Seam]:
    """What `install` replaces."""
    return seams_of(import_module("langfuse.api.core.http_sse._api"))
