"""Lines: where they start and end in a chunk. LF, CR and CRLF end a line (WHATWG HTML, 9.2.6)."""

from __future__ import annotations

from collections.abc import Iterator

from ._chunks import Chunk
from ._search import first_eol

_LF = 0x0A
_CR = 0x0D


class Lines:
    """Splits the chunks of one stream into lines."""

    def __init__(self) -> None:
        # The last chunk ended in a CR: an LF that opens the next one belongs to it.
        self.is_after_cr = False

    def of(self, chunk: Chunk) -> Iterator[tuple[int, int, bool]]:
        """The lines from `chunk.pos` on: start, end, and whether the line ends in this chunk.

        The last line of a chunk may go on in the next chunk, whose first line is the rest of it.
        `chunk.pos` moves past each line as it is taken, so that reading can stop anywhere.
        """
        buf, end = chunk.buf, chunk.end
        if self.is_after_cr and chunk.pos < end:
            self.is_after_cr = False
            if buf[chunk.pos] == _LF:
                chunk.pos += 1
        while chunk.pos < end:
            start = chunk.pos
            eol = first_eol(buf, start, end)
            if eol < 0:
                chunk.pos = end
                yield start, end, False
                return
            chunk.pos = eol + 1
            if buf[eol] == _CR:
                if chunk.pos == end:
                    self.is_after_cr = True
                elif buf[chunk.pos] == _LF:
                    chunk.pos += 1
            yield start, eol, True
