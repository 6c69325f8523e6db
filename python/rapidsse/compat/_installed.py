"""Imports a library that users install themselves."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["imported"]


def imported(package: str, distribution: str) -> Any:
    """Returns the package. Raises `ModuleNotFoundError`, with what to install, if it is not there."""
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        # Of another module that is missing, the library's own error says more.
        if error.name is None or not f"{package}.".startswith(f"{error.name}."):
            raise
        message = f"{package} is not installed: pip install {distribution}"
        raise ModuleNotFoundError(message, name=error.name) from error
