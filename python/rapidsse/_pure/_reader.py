"""One call of a reader at a time: not from its own source or hooks, nor from another thread."""

from __future__ import annotations

__all__ = ["OneAtATime"]


class OneAtATime:
    """A reader, which sets `_is_in_use` while it is iterated.

    It is set without a call between the question and the answer, so that neither another thread
    nor an interrupt comes between.
    """

    _is_in_use = False

    def _check_unused(self) -> None:
        if self._is_in_use:
            raise in_use()


def in_use() -> RuntimeError:
    """The error of a call while another one lasts."""
    return RuntimeError(
        "the reader is in use: its own source, its hooks and other threads must not use it meanwhile"
    )
