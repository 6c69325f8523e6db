"""Large buffers, freed and allocated again for each event."""

from __future__ import annotations

__all__ = ["keep_freed"]

_LARGE = 2**19
# The allocator learns no more than 32 MiB, with what it adds to a block.
_LARGEST = 2**25 - 2**16
_kept = _LARGE


def keep_freed(size: int) -> None:
    """Has the allocator keep what several buffers of this size take, when they are freed.

    glibc returns memory at the end of its heap to the system, once that is more than twice the
    largest buffer that was ever freed. An event of 1 MB takes three buffers, whose pages the system
    then clears anew for each event: that takes as long as all the rest. What is allocated here is
    not touched, so it takes no memory.
    """
    global _kept
    if size > _kept and _kept < _LARGEST:
        _kept = min(max(4 * size, 2 * _kept), _LARGEST)
        bytes(_kept)
