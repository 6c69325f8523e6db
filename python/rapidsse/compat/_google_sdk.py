"""The modules of `google-genai`, most of which are private: what is used of them is checked first."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["module", "version"]

SUPPORTED = "3.0 to 3.6"


def module(name: str) -> Any:
    """Imports a module of the SDK. Raises `ImportError`."""
    return import_module(f"google.genai.{name}")


def version() -> str:
    """Of the installed SDK and of those that are supported, for messages."""
    return f"google-genai {module('version').__version__} (rapidsse supports {SUPPORTED})"
