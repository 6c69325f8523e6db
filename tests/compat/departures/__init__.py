"""Where the libraries that `rapidsse.compat` replaces depart from the event-stream grammar (WHATWG
HTML, section 9.2.6) or behave unexpectedly, and what the stand-ins do.

`kept`: working code may rely on it, so the stand-in does the same. `fixed`: the library loses or
corrupts data, or fails on a valid stream; the stand-in does not. `limit`: the stand-in does less
than the library. The pages of docs/compat have the same rows, by the same names.
"""

from __future__ import annotations

from swap_reading import SWAPS, is_there

from .a2a import A2A
from .anthropic import ANTHROPIC
from .fern import COHERE, LANGFUSE
from .google import GOOGLE
from .httpx2 import HTTPX2
from .httpx_sse import HTTPX_SSE
from .langgraph import LANGGRAPH
from .litellm import LITELLM
from .mistralai import MISTRALAI
from .openai import OPENAI
from .rows import Row, Use
from .sseclient import SSECLIENT

__all__ = ["PAGES", "TABLES", "Row", "Use"]

TABLES: dict[str, list[Row | Use]] = {
    "httpx-sse": HTTPX_SSE,
    "sseclient": SSECLIENT,
    "openai": OPENAI,
    "anthropic": ANTHROPIC,
}

# The libraries that `install` replaces, by the same names as in `SWAPS`.
_SWAPS: dict[str, list[Row | Use]] = {
    "httpx2": HTTPX2,
    "cohere": COHERE,
    "langfuse": LANGFUSE,
    "mistralai": MISTRALAI,
    "langgraph": LANGGRAPH,
    "a2a": A2A,
}

# Whose pages have the rows.
PAGES = TABLES | _SWAPS | {"litellm": LITELLM, "google": GOOGLE}
# Whose rows are run: only libraries that are installed.
TABLES |= {library: table for library, table in _SWAPS.items() if library in SWAPS}
if is_there("google.genai"):
    TABLES["google"] = GOOGLE
if is_there("litellm"):
    TABLES["litellm"] = LITELLM
