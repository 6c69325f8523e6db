"""Reads the rest of a response body after the mark that ends its stream.

HTTP/1.1 reuses a connection only if the body was read to its end. Most servers have sent the
end together with the mark. Others are given a tenth of a second; then the connection is dropped.
HTTP/2 does not need this.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._bodies import Response

__all__ = ["adrain", "drain"]

_SECONDS = 0.1


def drain(response: Response, chunks: Iterator[bytes]) -> None:
    """Reads the rest of the body, if it arrives in time."""
    import socket
    import threading

    network = response.extensions.get("network_stream")
    connection = network and network.get_extra_info("socket")
    if not isinstance(connection, socket.socket) or response.http_version != "HTTP/1.1":
        return
    # Ends a read that is already blocked, which a timeout set now would not. Not the method of
    # the object: `SSLSocket.shutdown` drops the encryption first.
    timer = threading.Timer(_SECONDS, _end_reads, (connection,))
    timer.start()
    try:
        # The output is complete: an error here must not fail it.
        with suppress(Exception):
            for _ in chunks:
                pass
    finally:
        timer.cancel()
        timer.join()


def _end_reads(connection: object) -> None:
    import socket

    assert isinstance(connection, socket.socket)
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RD)


async def adrain(response: Response, chunks: AsyncIterator[bytes]) -> None:
    """Reads the rest of the body, if it arrives in time."""
    import anyio

    if response.http_version != "HTTP/1.1":
        return
    with suppress(Exception), anyio.move_on_after(_SECONDS):
        async for _ in chunks:
            pass
