"""The work whose instructions `count.py` counts, on small logs: run by valgrind's callgrind.

Each piece of work is done twice. The first pass imports and fills caches; before the second,
`os.getpgid` sets callgrind's counter to zero, after it `os.getsid` writes it to a file.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable
from typing import Any

import logs
from rapidsse import Decoder, iter_sse, open_log, openai, scan

CHUNK = 64 << 10

_TEXT, _IMAGE = logs.text_log(2), logs.image_log(1)
_text, _image = _TEXT.read_bytes(), _IMAGE.read_bytes()
_decoder = Decoder(openai.ResponseStreamEvent)


def _cut(data: bytes) -> list[bytes]:
    return [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]


_text_chunks, _image_chunks = _cut(_text), _cut(_image)

WORK: dict[str, Callable[[], Iterable[Any]]] = {
    "text log, frames, whole": lambda: iter_sse(_text),
    "text log, frames, in 64 KiB chunks": lambda: iter_sse(iter(_text_chunks)),
    "text log, typed, whole": lambda: _decoder.iter(_text),
    "text log, typed, in 64 KiB chunks": lambda: _decoder.iter(iter(_text_chunks)),
    "image log, typed, whole": lambda: _decoder.iter(_image),
    "image log, typed, in 64 KiB chunks": lambda: _decoder.iter(iter(_image_chunks)),
    "text log, open_log": lambda: open_log(_TEXT),
    "events table, text log": lambda: scan(_TEXT),
    "responses table, text log": lambda: scan(_TEXT, table="responses"),
    "responses table, image log": lambda: scan(_IMAGE, table="responses"),
    "items table, text log": lambda: scan(_TEXT, table="items"),
    "images table, image log": lambda: scan(_IMAGE, table="images"),
    "images table, image log, without decoding": lambda: scan(
        _IMAGE, table="images", columns=["kind", "media_type", "width", "height"]
    ),
}


def _drain(items: Iterable[Any]) -> None:
    for _ in items:
        pass


def main() -> None:
    gc.disable()  # a collection would come in one run and not in another
    for make in WORK.values():
        _drain(make())
        gc.collect()
        os.getpgid(0)
        _drain(make())
        os.getsid(0)


if __name__ == "__main__":
    main()
