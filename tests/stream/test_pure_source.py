"""The pure engine's search in buffers that cannot search themselves."""

from __future__ import annotations

import pytest

from rapidsse._pure._source import Blocks


@pytest.mark.parametrize("size", [10, 65_535, 65_536, 65_537, 200_000])
def test_blocks_find_what_bytes_find(size: int) -> None:
    data = (b"abcdefghi\n" * (size // 10 + 1))[: size - 1] + b"!"
    blocks = Blocks(memoryview(data))
    places = [0, 1, 9, 10, size // 2, 65_535, 65_536, 65_537, size - 1, size, size + 5]
    for start in places:
        for end in places:
            for byte in (b"\n", b"a", b"!", b"?"):
                assert blocks.find(byte, start, end) == data.find(byte, start, end)
            assert blocks[start:end] == data[start:end]
    assert blocks[size - 1] == ord("!")
