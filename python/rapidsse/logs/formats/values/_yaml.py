"""YAML, read from event to event of libyaml's parser: cassettes, and other documents.

Of a cassette only the responses are built. Aliases are references: a document that would expand to
millions of objects takes no more memory than its text. Tags that stand for anything but plain data
are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sized
from typing import Any, cast

from ...._errors import InputError
from ..._limits import MAX_VALUES
from ...sources._content import Content
from ._base64 import from_base64

__all__ = ["documents_in_yaml", "responses_in_yaml"]

_MAX_DEPTH = 64
# Of what aliases refer to. Each is kept, wherever it is.
_MAX_KEPT = 1_000_000
_YAML = "tag:yaml.org,2002:"
# The second is how Ruby writes it.
_BINARY = (_YAML + "binary", "!binary")
_PARSED = "parsed_body"
_INTERACTIONS = ("interactions", "http_interactions")
_PLAIN_TAGS = frozenset(
    (
        "!",
        *_BINARY,
        *(_YAML + n for n in ("str", "int", "float", "bool", "null", "timestamp", "seq", "map")),
    )
)
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
# As numbers are written. Texts such as 09 and 1e5, which YAML 1.1 has for no numbers, are also
# written without quotes.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,299})")
_FLOAT = re.compile(r"[-+]?[0-9]*\.[0-9]+(?:[eE][-+][0-9]+)?")


def responses_in_yaml(content: Content) -> Iterator[Any]:
    """Each response of a cassette, as dicts, lists, `str`, `bytes` and `None`.

    Raises `InputError`: after the responses before, if the document breaks.
    """
    return _read(content, _Nodes.responses)


def documents_in_yaml(content: Content) -> Iterator[Any]:
    """Each document, as dicts, lists, scalars, `bytes` and `None`.

    Raises `InputError`: after the documents before, if one breaks.
    """
    return _read(content, _Nodes.documents)


def _read(content: Content, walk: Callable[[_Nodes], Iterator[Any]]) -> Iterator[Any]:
    try:
        import yaml
    except ImportError as error:
        raise InputError(content.source, "YAML needs PyYAML: install pyyaml") from error
    if not yaml.__with_libyaml__:
        raise InputError(
            content.source, "YAML needs PyYAML with libyaml: install one of its wheels"
        )
    nodes = _Nodes(yaml, yaml.CBaseLoader(_Text(content)))
    try:
        yield from walk(nodes)
    except yaml.YAMLError as error:
        raise InputError(content.source, f"its YAML is broken{_where(error)}") from error
    except _RefusedError as error:
        raise InputError(content.source, str(error)) from error


class _RefusedError(Exception):
    """YAML that is not read."""


class _Text:
    """The content as a file."""

    def __init__(self, content: Content) -> None:
        self._chunks = content.bounded()

    def read(self, size: int = -1) -> bytes:
        # The parser takes more than it asked for.
        return next(self._chunks, b"")


class _Nodes:
    """Walks over the events of a document."""

    def __init__(self, yaml: Any, parser: Any) -> None:
        self._next = parser.get_event
        self._alias = yaml.AliasEvent
        self._scalar = yaml.ScalarEvent
        self._mapping = yaml.MappingStartEvent
        self._sequence = yaml.SequenceStartEvent
        self._document = yaml.DocumentStartEvent
        self._ends = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
        self._kept: dict[str, Any] = {}
        self._kept_nodes = 0
        self._values = 0
        # In a cassette every scalar is text, as a body is.
        self._scalar_of: Callable[[Any], Any] = _scalar

    def documents(self) -> Iterator[Any]:
        """Each document."""
        self._scalar_of = _resolved
        self._next()
        while isinstance(self._next(), self._document):
            self._values = 0
            self._forget()
            yield self._value(self._next())
            self._next()

    def responses(self) -> Iterator[Any]:
        """The responses of the cassettes, one in each document."""
        self._next()
        is_document = isinstance(self._next(), self._document)
        while is_document:
            yield from self._responses()
            self._next()
            is_document = isinstance(self._next(), self._document)

    def _forget(self) -> None:
        """Anchors are those of a document."""
        self._kept.clear()
        self._kept_nodes = 0

    def _responses(self) -> Iterator[Any]:
        self._forget()
        is_cassette = False
        if isinstance(self._next(), self._mapping):
            while not isinstance(event := self._next(), self._ends):
                key = self._value(event)
                event = self._next()
                is_interaction = key in _INTERACTIONS
                if (is_interaction or key == "responses") and isinstance(event, self._sequence):
                    is_cassette = True
                    self._check(event)
                    self._values = 0
                    yield from self._members(is_interaction=is_interaction)
                else:
                    self._skip(event)
        if not is_cassette:
            raise _RefusedError("it is no cassette: it has no list of interactions or responses")

    def _members(self, *, is_interaction: bool) -> Iterator[Any]:
        while not isinstance(event := self._next(), self._ends):
            self._values = 0
            if not is_interaction:
                yield self._value(event)
            elif isinstance(event, self._mapping) and event.anchor is None:
                yield self._response()
            else:
                value = self._value(event)
                is_mapping = isinstance(value, dict)
                yield cast("Mapping[Any, Any]", value).get("response") if is_mapping else None

    def _response(self) -> Any:
        """The response of the interaction that has just begun; the request is not built."""
        response = None
        while not isinstance(event := self._next(), self._ends):
            key = self._value(event)
            event = self._next()
            if key == "response":
                response = self._value(event)
            else:
                self._skip(event)
        return response

    def _value(self, event: Any, depth: int = 0) -> Any:
        """Builds the node that begins with the event."""
        if isinstance(event, self._alias):
            if event.anchor not in self._kept:
                raise _RefusedError(f"its YAML refers to an unknown anchor{_place(event)}")
            return self._kept[event.anchor]
        self._check(event)
        self._values += 1
        if self._values > MAX_VALUES:
            raise _RefusedError(f"its YAML has more than {MAX_VALUES:,} values{_place(event)}")
        if depth > _MAX_DEPTH:
            raise _RefusedError(f"its YAML is nested too deeply{_place(event)}")
        value: Any
        if isinstance(event, self._scalar):
            value = self._scalar_of(event)
        elif isinstance(event, self._mapping):
            value = {}
            while not isinstance(part := self._next(), self._ends):
                key = self._value(part, depth + 1)
                # A key of another kind is none that is looked for.
                name = key if isinstance(key, (str, bytes)) else None
                build = self._parsed if name == _PARSED else self._value
                value[name] = build(self._next(), depth + 1)
        else:
            value = []
            while not isinstance(part := self._next(), self._ends):
                value.append(self._value(part, depth + 1))
        if event.anchor is not None:
            self._keep(event, value)
        return value

    def _parsed(self, event: Any, depth: int) -> Any:
        """A body that was parsed before it was recorded: its scalars have the types of JSON, so that
        it can be encoded again."""
        before, self._scalar_of = self._scalar_of, _resolved
        try:
            return self._value(event, depth)
        finally:
            self._scalar_of = before

    def _keep(self, event: Any, value: Any) -> None:
        parts = cast("Sized", value) if isinstance(value, (dict, list)) else ()
        self._kept_nodes += 1 + len(parts)
        if self._kept_nodes > _MAX_KEPT:
            raise _RefusedError(f"its YAML has too much under anchors{_place(event)}")
        self._kept[event.anchor] = value

    def _skip(self, event: Any) -> None:
        """Passes over the node that begins with the event, but for what is anchored in it."""
        depth = 0
        while True:
            if isinstance(event, self._ends):
                depth -= 1
            elif isinstance(event, self._alias):
                pass
            elif event.anchor is not None:
                self._value(event)
            else:
                self._check(event)
                depth += not isinstance(event, self._scalar)
            if depth == 0:
                return
            event = self._next()

    def _check(self, event: Any) -> None:
        tag = event.tag
        if tag is not None and tag not in _PLAIN_TAGS:
            name = tag.replace(_YAML, "!!", 1)[:200]
            raise _RefusedError(
                f"its YAML has the tag {name}{_place(event)}, and only plain data are read"
            )


def _scalar(event: Any) -> str | bytes | None:
    if event.tag in _BINARY:
        try:
            return from_base64(event.value)
        except ValueError as error:
            raise _RefusedError(f"its YAML has broken base64{_place(event)}: {error}") from error
    # A scalar without quotes and tag, which may be a null.
    is_plain = event.tag is None and event.implicit[0]
    return None if is_plain and event.value in _NULLS else str(event.value)


def _resolved(event: Any) -> Any:
    """A scalar as the core schema of YAML 1.2 has it, where it may not have been a text."""
    value = _scalar(event)
    if not isinstance(value, str) or event.tag is not None or not event.implicit[0]:
        return value
    if value in _BOOLEANS:
        return _BOOLEANS[value]
    if _INTEGER.fullmatch(value):
        return int(value)
    return float(value) if _FLOAT.fullmatch(value) else value


def _place(event: Any) -> str:
    return f" in line {event.start_mark.line + 1}"


def _where(error: Any) -> str:
    problem = getattr(error, "problem", None) or str(error)
    mark = getattr(error, "problem_mark", None)
    place = "" if mark is None else f" in line {mark.line + 1}"
    return f"{place}: {str(problem)[:200]}"
