"""An iterator that runs ahead in a thread of its own, so that decompression and decoding
take two cores."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator

__all__ = ["Ahead"]

# Chunks of 4 MiB at most, mostly of 1: enough to bridge the moments in which the GIL is taken.
_DEPTH = 8


class Ahead:
    """Gives what `chunks` gives, errors included, which is fetched while the last is in use."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._ready: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="rapidsse read-ahead", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        error: Exception | None = None
        try:
            for chunk in self._chunks:
                with self._changed:
                    self._changed.wait_for(lambda: self._ended or len(self._ready) < _DEPTH)
                    if self._ended:
                        return
                    self._ready.append(chunk)
                    self._changed.notify()
        except Exception as caught:  # noqa: BLE001
            # It is raised where the chunk was to be taken.
            error = caught
        finally:
            with self._changed:
                self._error = error
                self._ended = True
                self._changed.notify()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with self._changed:
            self._changed.wait_for(lambda: self._ended or bool(self._ready))
            if self._ready:
                chunk = self._ready.popleft()
                self._changed.notify()
                return chunk
            if self._error is not None:
                error, self._error = self._error, None
                raise error
        raise StopIteration

    def close(self) -> None:
        """Stops the thread and waits for it: what it reads may be closed then."""
        with self._changed:
            self._ended = True
            self._ready.clear()
            self._changed.notify()
        self._thread.join()
