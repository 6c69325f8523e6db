"""An MCP server on a free port of 127.0.0.1, with a tool that returns a large image.

    python tests/support/mcp_server.py streamable-http

prints the URL to connect to on one line and serves until stdin closes.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from typing import Any

import uvicorn
from mcp.server.mcpserver import Image, MCPServer

server = MCPServer("images")


@server.tool()
def picture(size: int) -> Image:
    """An image of `size` bytes that are not all the same."""
    return Image(data=bytes(range(256)) * (size // 256), format="png")


async def main(transport: str) -> None:
    app: Any = server.sse_app() if transport == "sse" else server.streamable_http_app()
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    uvicorn_server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))

    def stop() -> None:
        sys.stdin.read()
        uvicorn_server.should_exit = uvicorn_server.force_exit = True

    threading.Thread(target=stop, daemon=True).start()
    print(f"http://127.0.0.1:{port}/{'sse' if transport == 'sse' else 'mcp'}", flush=True)
    await uvicorn_server.serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
