"""Where the libraries that `rapidsse.compat` replaces depart from the event-stream grammar (WHATWG
HTML, section 9.2.6) or behave unexpectedly, and what the stand-ins do.

`kept`: working code may rely on it, so the stand-in does the same. `fixed`: the library loses or
corrupts data, or fails on a valid stream; the stand-in does not. `limit`: the stand-in does less
than the library. The pages of docs/compat have the same rows, by the same names.
"""

from __future__ import annotations

from .anthropic import ANTHROPIC
from .httpx_sse import HTTPX_SSE
from .openai import OPENAI
from .rows import Row, Use
from .sseclient import SSECLIENT

__all__ = ["TABLES", "Row", "Use"]

TABLES: dict[str, list[Row | Use]] = {
    "httpx-sse": HTTPX_SSE,
    "sseclient": SSECLIENT,
    "openai": OPENAI,
    "anthropic": ANTHROPIC,
}
