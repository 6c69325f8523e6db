"""What `install` replaces in an SDK whose clients make a decoder for each stream."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ._seams import Seam

__all__ = ["anthropic_seams", "openai_seams"]


def _seams_of(package: str, decoder: type) -> list[Seam]:
    # Clients of other formats override the method, and keep theirs.
    client = import_module(f"{package}._base_client").BaseClient

    def make(self: Any) -> Any:
        return decoder()

    return [Seam(client, "_make_sse_decoder", make, ("self",))]


def openai_seams() -> list[Seam]:
    from .openai import SSEDecoder

    return _seams_of("openai", SSEDecoder)


def anthropic_seams() -> list[Seam]:
    from .anthropic import SSEDecoder

    return _seams_of("anthropic", SSEDecoder)
