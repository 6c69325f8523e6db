"""The libraries that `install` knows: a line adds one."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from .._text import suggestion

if TYPE_CHECKING:
    from ._seams import Seam

__all__ = ["Library", "importable", "libraries_of"]


class Library(NamedTuple):
    """A library, and where its seams are."""

    # What `install` is given, and the package to import.
    name: str
    package: str
    distribution: str
    # Those that were tested.
    versions: str
    # The module of `rapidsse.compat` and its function that returns the seams.
    module: str
    function: str = "seams"
    # The package that it is a part of, if it is one that takes long to import: it is replaced when
    # other code imports it.
    part_of: str = ""

    def seams(self) -> list[Seam]:
        """Returns what to replace. Raises `ImportError` if a module of the library is not there."""
        module = import_module(f".{self.module}", __package__)
        # A family of libraries has one function for all of them.
        arguments = (self.package,) if self.function == "family_seams" else ()
        seams: list[Seam] = getattr(module, self.function)(*arguments)
        return seams


_LIBRARIES = (
    Library("httpx2", "httpx2", "httpx2", "2.12 to 2.16", "httpx2"),
    Library("httpx_sse", "httpx_sse", "httpx-sse", "0.4.3", "httpx_sse"),
    Library("sseclient", "sseclient", "sseclient-py", "1.9", "sseclient"),
    Library("openai", "openai", "openai", "3.14 to 3.57", "_clients", "openai_seams"),
    Library("anthropic", "anthropic", "anthropic", "2.0 to 2.14", "_clients", "anthropic_seams"),
    *(
        Library(package.partition(".")[0], package, name, versions, "_clients", "family_seams")
        for package, name, versions in (
            ("groq", "groq", "0.37 to 1.7"),
            ("together", "together", "2.0 to 3.1"),
            ("cerebras.cloud.sdk", "cerebras-cloud-sdk", "1.91"),
            ("perplexity", "perplexityai", "0.20 to 0.46"),
            ("fireworks", "fireworks-ai", "1.2"),
            ("writerai", "writer-sdk", "1.0 to 3.0"),
        )
    ),
    Library("google", "google.genai", "google-genai", "3.0 to 3.6", "google"),
    Library(
        "google",
        "google.genai._gaos.utils.eventstreaming",
        "google-genai",
        "3.0 to 3.6",
        "google",
        "interactions_seams",
        part_of="google.genai",
    ),
    Library("mistralai", "mistralai.client", "mistralai", "2.5 to 3.7", "mistralai"),
    Library("cohere", "cohere", "cohere", "7.0.6 to 7.3", "cohere"),
    Library("langfuse", "langfuse", "langfuse", "4.0 to 5.0", "langfuse"),
    Library("langgraph", "langgraph_sdk", "langgraph-sdk", "0.4.11 to 0.4.14", "langgraph"),
    Library("a2a", "a2a", "a2a-sdk", "1.2 to 1.3", "a2a"),
    Library("litellm", "litellm", "litellm", "1.110", "litellm"),
)


def libraries_of(name: str) -> list[Library]:
    """Returns what this name stands for. Raises `ValueError` if it is not known."""
    found = [library for library in _LIBRARIES if name in _names_of(library)]
    if not found:
        names = ", ".join(dict.fromkeys(library.name for library in _LIBRARIES))
        known = {known for library in _LIBRARIES for known in _names_of(library)}
        similar = suggestion(name, sorted(known))
        raise ValueError(f"no library {name!r} to install{similar}: use one of {names}")
    return found


def _names_of(library: Library) -> tuple[str, ...]:
    return library.name, library.package, library.distribution


def importable() -> list[Library]:
    """Returns the libraries that can be imported, without importing them."""
    return [library for library in _LIBRARIES if _is_importable(library.part_of or library.package)]


def _is_importable(package: str) -> bool:
    if sys.modules.get(package) is not None:
        return True
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        # What it is part of is not there.
        return False
