"""Stand-ins for popular parsers, one module per library.

- `httpx_sse`: `from rapidsse.compat import httpx_sse` instead of `import httpx_sse`
- `sseclient`: `from rapidsse.compat import sseclient` instead of `import sseclient`
- `openai`, `anthropic`: `SSEDecoder`, `accelerate(client)` and `events(stream)` for the SDKs

A module imports its library on first use. docs/compat lists where each differs from its library.
"""
