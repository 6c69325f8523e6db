"""`made_streams`: its payloads are what the SDKs declare, and hold every type that streams hold."""

from __future__ import annotations

import base64
import json
from random import Random
from typing import Any

import pytest

from made_streams import STREAMS, Made
from rapidsse import Decoder, UnknownEvent, UnknownItem, anthropic, google, iter_sse
from sdk_types import members, sdk_type

TYPES: dict[str, tuple[tuple[str, ...], str, Any]] = {
    "anthropic": (("anthropic.types",), "RawMessageStreamEvent", anthropic.RawMessageStreamEvent),
    "gemini": (("google.genai.types",), "GenerateContentResponse", google.GenerateContentResponse),
    "interactions": (
        ("google.genai.interactions",),
        "InteractionSSEEvent",
        google.InteractionSSEEvent,
    ),
}
each = pytest.mark.parametrize("api", TYPES)


def made(api: str, seed: int = 0) -> Made:
    pytest.importorskip(TYPES[api][0][0])
    return STREAMS[api](Random(seed))


def tags(value: Any) -> set[str]:
    """The types of all objects in a payload."""
    if isinstance(value, list):
        return {tag for item in value for tag in tags(item)}
    if not isinstance(value, dict):
        return set()
    own = {value[name] for name in ("type", "event_type") if isinstance(value.get(name), str)}
    return own.union(*map(tags, value.values()))


@each
def test_payloads_are_what_the_sdk_declares(api: str) -> None:
    payloads = made(api).payloads
    pydantic = pytest.importorskip("pydantic", reason="the SDKs need it")
    packages, root, _ = TYPES[api]
    theirs = pydantic.TypeAdapter(sdk_type(packages, root))
    for payload in payloads:
        # No member of the union, in the SDK too.
        if payload.get("type") != "ping":
            event = theirs.validate_python(payload)
            assert not getattr(event, "is_unknown", False)
            dumped = theirs.dump_python(event, mode="json", by_alias=True, exclude_unset=True)
            assert tags(dumped) == tags(payload)


@each
def test_streams_hold_every_type_and_nothing_unknown(api: str) -> None:
    stream = made(api)
    decoder = Decoder(TYPES[api][2])
    events = list(decoder.iter(stream.body()))
    assert len(events) == len(stream.payloads)
    unknown = [event for event in events if isinstance(event, UnknownEvent)]
    assert [event.type for event in unknown] == ["ping"] * (api == "anthropic")
    assert decoder.stats.unknown_items == 0
    assert UnknownItem not in map(type, events)
    if api != "gemini":
        known = {
            "anthropic": (anthropic.RawMessageStreamEvent, anthropic.ContentBlock),
            "interactions": (google.InteractionSSEEvent, google.Step, google.StepDeltaData),
        }
        skipped = {"error", "user_input"}
        for union in known[api]:
            expected = {struct.__struct_config__.tag for struct in members(union)}
            assert expected - tags(stream.payloads) <= skipped


@each
@pytest.mark.parametrize("seed", range(5))
def test_the_truth_is_what_the_payloads_say(api: str, seed: int) -> None:
    """Read once more, by nothing but `json`."""
    stream = made(api, seed)
    frames = [frame.data for frame in iter_sse(stream.body("\r\n"))]
    payloads = [json.loads(data) for data in frames if data != "[DONE]"]
    assert payloads == stream.payloads == json.loads(stream.array())
    text, images = "", []
    for payload in payloads:
        candidates = payload.get("candidates") or [{"content": {"parts": []}}]
        parts = candidates[0]["content"]["parts"]
        delta = payload.get("delta", {})
        if delta.get("type") in ("text", "text_delta"):
            text += delta["text"]
        if delta.get("type") == "image":
            images.append(base64.b64decode(delta["data"]))
        for part in parts:
            if not part.get("thought"):
                text += part.get("text", "")
            if "inlineData" in part:
                images.append(base64.b64decode(part["inlineData"]["data"]))
    assert (text, images) == (stream.text, stream.images)
    assert stream.complete and stream.tokens and stream.text
    assert made(api, seed + 100).body() != stream.body()
