"""The table of formats: all that the package has to know of each. One entry adds a format.

Only what takes more than the first bytes to recognise is elsewhere: in `detect/_json` and
`detect/_text`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .._bodies import Body, Format, Framing, Part
from .values._streams import HEAD, has_field

if TYPE_CHECKING:
    from typing_extensions import Buffer

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
        chunks: Iterator[Buffer] = content.chunks(framing, options.max_event_size)
        # What of a log is behind an end mark belongs to the fields before it.
        if framing == "sse" and content.start == 0 and _begins_without_field(content):
            # Imported here, as few logs are such.
            from .lines._lines import text_ended

            chunks = text_ended(chunks)
        return iter((Body(content.start, chunks),))

    return bodies


def _begins_without_field(content: Content) -> bool:
    """Whether the content begins with text without a line of an event stream."""
    # A pipe may have more only later.
    head, _ = content.first(HEAD if content.is_plain else 1)
    return not has_field(head)


# Imported where they are used, with what they need.


def _requests(content: Content, options: ReadOptions) -> Iterator[Part]:
    from .documents._jsonl import record_bodies

    return record_bodies(content, options.body_field)


def _cassette(content: Content, options: ReadOptions) -> Iterator[Part]:
    from .documents._cassette import cassette_bodies

    return cassette_bodies(content)


def _har(content: Content, options: ReadOptions) -> Iterator[Part]:
    from .documents._har import har_bodies

    return har_bodies(content)


def _events(content: Content, options: ReadOptions) -> Iterator[Part]:
    from .lines._envelopes import event_bodies

    return event_bodies(content, options.event_field)


def _stripped(content: Content, options: ReadOptions) -> Iterator[Part]:
    from .lines._lines import with_blank_lines

    yield Body(content.start, with_blank_lines(content.chunks("sse", options.max_event_size)))


def _mixed(content: Content, options: ReadOptions) -> Iterator[Part]:
    from .lines._mixed import stream_bodies

    return stream_bodies(content, options.max_event_size)


def _mixed_lines(content: Content, options: ReadOptions) -> Iterator[Part]:
    from .lines._mixed import line_bodies

    return line_bodies(content)


def _json_document(content: Content, options: ReadOptions) -> Iterator[Part]:
    from .documents._document import json_bodies

    return json_bodies(content)


def _yaml_documents(content: Content, options: ReadOptions) -> Iterator[Part]:
    from .documents._document import yaml_bodies

    return yaml_bodies(content)


def _xml_document(content: Content, options: ReadOptions) -> Iterator[Part]:
    from .documents._document import xml_bodies

    return xml_bodies(content)


_YAML_CASSETTE = re.compile(
    rb"(?:(?:[#%][^\n]*|---[ \t\r]*|(?:version|recorded_with)[ \t]*:[^\n]*|[ \t\r]*)\n)*+"
    rb"(?:interactions|http_interactions|requests|responses)[ \t]*:"
)
_JSON_CASSETTE = re.compile(
    rb'\{\s*(?:"version"\s*:\s*\d+\s*,\s*)?'
    rb'(?:"interactions"\s*:\s*\[|"requests"\s*:\s*\[\s*\{(?=.*"responses"\s*:\s*\[)'
    rb'|"responses"\s*:\s*\[\s*\{)',
    re.DOTALL,
)
_HAR_LOG = re.compile(
    rb'\{\s*"log"\s*:\s*\{\s*"(?:version|creator|browser|pages|entries|comment|_)'
)

FORMAT_TABLE: dict[Format, LogFormat] = {
    "sse": LogFormat(_one_body("sse"), "sse", extensions=("sse",), cuts="sse"),
    "sse-lines": LogFormat(_stripped, "sse"),
    "sse-mixed": LogFormat(_mixed, "sse"),
    "jsonl": LogFormat(_one_body("lines"), "lines", extensions=("jsonl", "ndjson"), cuts="lines"),
    "jsonl-event": LogFormat(_events, "sse"),
    "jsonl-body": LogFormat(_requests, "sse", cuts="records"),
    "jsonl-mixed": LogFormat(_mixed_lines, "sse"),
    "json": LogFormat(_json_document, "sse"),
    "yaml": LogFormat(_yaml_documents, "sse", extensions=("yaml", "yml")),
    "xml": LogFormat(_xml_document, "sse"),
    "vcr": LogFormat(_cassette, "sse", begins=(_JSON_CASSETTE, _YAML_CASSETTE)),
    "har": LogFormat(_har, "sse", ("har",), (_HAR_LOG,)),
}
