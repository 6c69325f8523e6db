"""The table of formats: all that the package has to know of each. One entry adds a format.

Only what tells JSON lines of events, JSON lines of requests and event streams apart is in
`_detect`: it takes more than the first bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .._bodies import Body, Format, Framing, Part

if TYPE_CHECKING:
    from .._options import ReadOptions
    from ..sources._content import Content
    from ._boundaries import Cuts

__all__ = ["FORMAT_TABLE", "LogFormat"]


@dataclass(frozen=True, slots=True)
class LogFormat:
    """A format of logs."""

    bodies: Callable[[Content, ReadOptions], Iterator[Part]]
    """Opens the bodies of a log."""
    framing: Framing
    """Whether the bodies are event streams, or one event per line."""
    extensions: tuple[str, ...] = ()
    """What names of files end with; only a fallback, where the content says nothing."""
    begins: tuple[re.Pattern[bytes], ...] = ()
    """What the content begins with, behind a BOM and white space."""
    cuts: Cuts | None = None
    """How a log is cut into ranges; `None`: it is one document, which is read as a whole."""


def _one_body(framing: Framing) -> Callable[[Content, ReadOptions], Iterator[Part]]:
    def bodies(content: Content, options: ReadOptions) -> Iterator[Part]:
        return iter((Body(content.start, content.chunks(framing, options.max_event_size)),))

    return bodies


# Imported where they are used, with what they need.


def _requests(content: Content, options: ReadOptions) -> Iterator[Part]:
    from ._jsonl import record_bodies

    return record_bodies(content, options.body_field)


def _cassette(content: Content, options: ReadOptions) -> Iterator[Part]:
    from ._cassette import cassette_bodies

    return cassette_bodies(content)


def _har(content: Content, options: ReadOptions) -> Iterator[Part]:
    from ._har import har_bodies

    return har_bodies(content)


_YAML_CASSETTE = re.compile(
    rb"(?:(?:[#%][^\n]*|---[ \t\r]*|version[ \t]*:[^\n]*|[ \t\r]*)\n)*+"
    rb"(?:interactions|requests|responses)[ \t]*:"
)
_JSON_CASSETTE = re.compile(
    rb'\{\s*(?:"version"\s*:\s*\d+\s*,\s*)?'
    rb'(?:"interactions"\s*:\s*\[|"(?:requests|responses)"\s*:\s*\[\s*\{)'
)
_HAR_LOG = re.compile(
    rb'\{\s*"log"\s*:\s*\{\s*"(?:version|creator|browser|pages|entries|comment|_)'
)

FORMAT_TABLE: dict[Format, LogFormat] = {
    "sse": LogFormat(_one_body("sse"), "sse", extensions=("sse",), cuts="sse"),
    "jsonl": LogFormat(_one_body("lines"), "lines", extensions=("jsonl", "ndjson"), cuts="lines"),
    "jsonl-body": LogFormat(_requests, "sse", cuts="records"),
    "vcr": LogFormat(_cassette, "sse", ("yaml", "yml"), (_JSON_CASSETTE, _YAML_CASSETTE)),
    "har": LogFormat(_har, "sse", ("har",), (_HAR_LOG,)),
}
