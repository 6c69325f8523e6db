"""VCR cassettes, as YAML or JSON: interactions, or lists of requests and responses."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, cast

from msgspec import Raw, Struct

from ...._errors import InputError
from ...._json import encode_json
from ..._bodies import Part
from ...sources._content import Content
from ..values._base64 import from_base64
from ..values._json import decode_as, decode_record, utf8
from ._archive import Recorded, Unreadable, bodies_in_a_row
from ._cut_json import decode_cut
from ._search import header

__all__ = ["cassette_bodies"]


class _Cassette(Struct):
    # Each is decoded alone: one of another shape costs only itself.
    interactions: list[Raw] | None = None
    responses: list[Raw] | None = None


class _Interaction(Struct):
    response: dict[str, Any] | None = None


def cassette_bodies(content: Content) -> Iterator[Part]:
    """The bodies of a cassette's responses. Raises `InputError` if it is none."""
    head, _ = content.head(64)
    if head.removeprefix(BOM_UTF8).lstrip()[:1] == b"{":
        return bodies_in_a_row(_in_json(content))
    # Imported here, as PyYAML is: few logs are YAML.
    from ..values._yaml import responses_in_yaml

    return bodies_in_a_row(map(_recorded, responses_in_yaml(content)))


def _in_json(content: Content) -> Iterator[Recorded | Unreadable]:
    try:
        lists = (("interactions",), ("responses",))
        cassette, broken = decode_cut(content.document(), _Cassette, lists)
    except (ValueError, RecursionError) as error:
        raise InputError(content.source, f"it is no whole cassette ({error})") from error
    if cassette.interactions is None and cassette.responses is None:
        raise InputError(
            content.source, "it is no cassette: it has no list of interactions or responses"
        )
    for raw in chain(cassette.interactions or (), cassette.responses or ()):
        try:
            if cassette.interactions is None:
                response = decode_record(raw)
            else:
                response = decode_as(raw, _Interaction).response
        except (ValueError, RecursionError) as error:
            yield Unreadable(f"the interaction is not a cassette's ({error})", bytes(raw))
        else:
            yield _recorded(response)
    if broken is not None:
        raise InputError(content.source, f"it is no whole cassette ({broken})") from broken


def _recorded(response: Any) -> Recorded | Unreadable:
    if not isinstance(response, dict):
        return Unreadable("the interaction has no response")
    fields = cast("Mapping[Any, Any]", response)
    if "body" not in fields and isinstance(inner := fields.get("response"), dict):
        # The library `responses` records a list of them.
        fields = cast("Mapping[Any, Any]", inner)
    try:
        data = _body(fields)
    except ValueError as error:
        return Unreadable(f"the response has no readable body ({error})")
    headers = fields.get("headers")
    return Recorded(data, header(headers, "content-encoding"), header(headers, "content-type"))


def _body(response: Mapping[Any, Any]) -> bytes:
    """The body: bytes or text under `body` (`string`, `base64_string`) or `content`, or JSON under
    `parsed_body`."""
    if "body" not in response and isinstance(parsed := response.get("parsed_body"), (dict, list)):
        return encode_json(cast("object", parsed))
    body = response.get("body", response.get("content"))
    if isinstance(body, dict):
        parts = cast("Mapping[Any, Any]", body)
        if (encoded := parts.get("base64_string")) is not None:
            if not isinstance(encoded, (str, bytes)):
                raise ValueError("base64_string is no text")
            return from_base64(encoded)
        body = parts.get("string")
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return utf8(body)
    raise ValueError("it is neither text nor bytes")
