"""Where the libraries that `rapidsse.compat` stands in for depart from the event-stream grammar
(WHATWG HTML, section 9.2.6) or from what one would expect, and what becomes of it.

`kept`: working code may rely on it, ours does the same. `fixed`: it loses or corrupts data, or
fails where nothing is wrong; ours does not. `limit`: ours gives less than the library.
docs/compat tells users of the same rows, by the same names.
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
