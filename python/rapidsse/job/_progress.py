"""How far a job is."""

from __future__ import annotations

import threading
from typing import Protocol

__all__ = ["Progress"]


class _Reader(Protocol):
    @property
    def position(self) -> int: ...
    @property
    def events(self) -> int: ...


class Progress:
    """Counts what workers read, while they read it.

    `size` is the bytes of the logs as stored; `None` where it is unknown.
    """

    def __init__(self, size: int | None, position: int) -> None:
        self.size = size
        self._position = position
        self._events = 0
        self._reading: set[_Reader] = set()
        self._lock = threading.Lock()

    def start(self, reader: _Reader) -> None:
        """Counts what this reader reads, too."""
        with self._lock:
            self._reading.add(reader)

    def stop(self, reader: _Reader) -> None:
        """Keeps what this reader has read."""
        with self._lock:
            self._reading.remove(reader)
            self._position += reader.position
            self._events += reader.events

    @property
    def position(self) -> int:
        """Bytes read so far, of the logs as stored."""
        with self._lock:
            return self._position + sum(reader.position for reader in self._reading)

    @property
    def events(self) -> int:
        """Events decoded so far in this run."""
        with self._lock:
            return self._events + sum(reader.events for reader in self._reading)
