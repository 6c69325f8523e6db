"""Stand-ins for the parsers that people use: one module a library.

- `httpx_sse`: `from rapidsse.compat import httpx_sse` in place of `import httpx_sse`
- `sseclient`: `from rapidsse.compat import sseclient` in place of `import sseclient`
- `openai`, `anthropic`: `SSEDecoder`, `accelerate(client)` and `events(stream)` for the SDKs

No module imports its library before it is used. What each keeps of its library's behaviour
and what it mends is told in docs/compat.
"""
