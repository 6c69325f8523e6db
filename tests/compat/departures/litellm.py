"""The lines of litellm."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from .rows import Row, Use

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")


def _lines(install: bool) -> Any:
    """The library's module, with rapidsse in place or without it."""
    from swap_reading import installed

    module = import_module("litellm.llms.custom_httpx.sse_lines")

    def split(*texts: str) -> list[str]:
        if not install:
            return list(module.iter_sse_lines(texts))
        with installed("litellm"):
            return list(module.iter_sse_lines(texts))

    return split


_SIDES = (False, True)

LITELLM: list[Row | Use] = [
    Use("BOM", lambda install: _lines(install)("\ufeffdata: a\n", "\ufeff\n"), _SIDES,
        ["\ufeffdata: a", "\ufeff"], ["data: a", "\ufeff"], "fixed"),
    Use("blocks of a stream, split one by one",
        lambda install: [_lines(install)(block) for block in ("data: a\n", "\ufeffx\n")], _SIDES,
        [["data: a"], ["\ufeffx"]], [["data: a"], ["x"]], "limit"),
]  # fmt: skip
