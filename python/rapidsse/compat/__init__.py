"""Stand-ins for popular parsers, one module per library.

- `install(*libraries)` replaces the parsers of libraries for the whole process, and `uninstall()`
  undoes it: for frameworks that make their own clients
- `accelerate(client)` makes the streams of one client fast, of `openai`, `anthropic`, `groq` and
  any other SDK of their generator; what they yield stays the same
- `httpx_sse`: `from rapidsse.compat import httpx_sse` instead of `import httpx_sse`
- `sseclient`: `from rapidsse.compat import sseclient` instead of `import sseclient`
- `openai`, `anthropic`: `SSEDecoder`, `accelerate(client)` and `events(stream)` for the SDKs
- `google`: `accelerate(client)` and `events(stream)` for `google-genai`
- `httpx2`: `EventSource`, and `accelerate(client)` for `client.sse()`
- `mistralai`, `cohere`, `langfuse`, `langgraph`, `a2a`, `litellm`: what `install` replaces in these

A module imports its library on first use. docs/compat lists where each differs from its library.
"""

from typing import TYPE_CHECKING

from .._lazy import lazy
from ._family import accelerate
from ._install import install, uninstall

__all__ = ["accelerate", "install", "uninstall"]

if TYPE_CHECKING:
    from . import (
        a2a as a2a,
    )
    from . import (
        anthropic as anthropic,
    )
    from . import (
        cohere as cohere,
    )
    from . import (
        google as google,
    )
    from . import (
        httpx2 as httpx2,
    )
    from . import (
        httpx_sse as httpx_sse,
    )
    from . import (
        langfuse as langfuse,
    )
    from . import (
        langgraph as langgraph,
    )
    from . import (
        litellm as litellm,
    )
    from . import (
        mistralai as mistralai,
    )
    from . import (
        openai as openai,
    )
    from . import (
        sseclient as sseclient,
    )
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {},
        (
            *("a2a", "anthropic", "cohere", "google", "httpx2", "httpx_sse", "langfuse"),
            *("langgraph", "litellm", "mistralai", "openai", "sseclient"),
        ),
    )
