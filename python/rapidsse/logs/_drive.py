"""`drive`: the one loop of a `LogReader` over the bodies of a log."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator

from .._engine import LogReader
from .._errors import InputError
from ._bodies import Body, Damage

__all__ = ["drive"]


def drive(
    reader: LogReader,
    bodies: Iterable[Body | Damage],
    damaged: Callable[[Damage], object],
    began: Callable[[Body], object] | None = None,
) -> Generator[bool]:
    """Reads the bodies. After each step the reader's handler may have been called, and where it
    gives `True` there is a batch to take.

    `damaged` is called for records without a readable body, `began` for each body. Where the log
    breaks, `InputError` is raised after all that is good and the unfinished event.
    """
    for body in bodies:
        if isinstance(body, Damage):
            damaged(body)
            yield False
            continue
        if began is not None:
            began(body)
        reader.begin(body.offset, one_response=body.is_response)
        broken: InputError | None = None
        try:
            for chunk in body.chunks:
                reader.push(chunk)
                # What is referred to cannot be filled again.
                del chunk
                yield from _advance(reader)
        except InputError as error:
            broken = error
        reader.finish()
        yield from _advance(reader)
        if broken is not None:
            raise broken


def _advance(reader: LogReader) -> Iterator[bool]:
    while reader.advance():
        yield True
    yield False
