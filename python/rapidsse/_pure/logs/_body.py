"""`Body`: the body of a log that is being read, and the order of the calls that feed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._frames import Frame, Frames

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Body:
    """The events of a body that begins at `offset`."""

    __slots__ = ("_frames", "_is_used_up", "_offset", "position")

    def __init__(self, frames: Frames, offset: int) -> None:
        self._frames = frames
        self._offset = offset
        self._is_used_up = True
        # The offset up to which events were taken.
        self.position = offset

    @property
    def size(self) -> int:
        """The bytes of it that were read."""
        return self.position - self._offset

    @property
    def unknown_lines(self) -> int:
        """The lines of it that are no comment and no field."""
        return self._frames.unknown_lines

    @property
    def is_finished(self) -> bool:
        """No more chunks come."""
        return self._frames.is_finished

    def push(self, chunk: Buffer) -> None:
        """Takes the next chunk."""
        self._check_open()
        if not self._is_used_up:
            raise ValueError("the last chunk is not used up: advance() until it returns False")
        self._is_used_up = False
        self._frames.push(chunk)

    def finish(self) -> None:
        """No more chunks come."""
        self._check_open()
        self._frames.finish()

    def _check_open(self) -> None:
        if self.is_finished:
            raise ValueError("the body is finished: advance() to its end and begin() another")

    def find_next(self, frame: Frame) -> bool:
        """Goes on to the next event; false when what was pushed is used up."""
        found = self._frames.find_next(frame)
        self._is_used_up = not found
        self.position = self._frames.position
        return found
