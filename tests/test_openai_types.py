"""`rapidsse.openai` against the official SDK's models, which are read here on their own terms."""

from __future__ import annotations

import functools
import itertools
import json
import os
import re
import subprocess
import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from rapidsse import Base64, Decoder, UnknownEvent
from rapidsse import openai as ours

ROOT = Path(__file__).parent.parent
GENERATOR = ROOT / "scripts" / "generate_structs.py"
CORPUS = Path(os.environ.get("RAPIDSSE_CORPUS", ROOT.parent / "shared" / "corpus"))
DOCUMENTED = "image_generation_documented.sse"
ROOTS = (
    "ResponseStreamEvent",
    "ImageGenStreamEvent",
    "ImageEditStreamEvent",
    "ChatCompletionChunk",
)
STRUCTS = sorted(
    {
        value
        for name in ours.__all__
        if isinstance(value := getattr(ours, name), type) and issubclass(value, msgspec.Struct)
    },
    key=lambda struct: struct.__name__,
)


def _base64(type_: type, value: Any) -> Any:
    assert type_ is Base64
    return Base64(value)


def decode(payload: Any, type_: Any) -> Any:
    """With msgspec alone, so that a failure here is one of the types."""
    if not isinstance(payload, bytes):
        payload = json.dumps(payload).encode()
    return msgspec.json.decode(payload, type=type_, dec_hook=_base64)


def members(annotation: Any) -> list[Any]:
    """The members of a union, flat and without None; of anything else, itself."""
    while get_origin(annotation) is typing.Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        return [m for arg in get_args(annotation) for m in members(arg)]
    return [] if annotation is type(None) else [annotation]


def is_struct(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)


# Against the installed SDK ------------------------------------------------------------------------


@pytest.fixture
def sdk() -> Any:
    reason = "compares with the models of the `openai` package, which is not installed"
    module = pytest.importorskip("openai", reason=reason)
    pytest.importorskip("openai.types.responses")
    pytest.importorskip("openai.types.chat")
    return module


def sdk_root(sdk: Any, name: str) -> Any:
    for package in (sdk.types.responses, sdk.types.chat, sdk.types):
        if hasattr(package, name):
            return getattr(package, name)
    pytest.fail(f"the installed SDK has no {name}")


class Comparison:
    """What the SDK's types know and ours do not, found by walking both in step."""

    def __init__(self) -> None:
        self.missing: list[str] = []
        self.pairs: list[tuple[Any, Any]] = []
        self._seen: set[tuple[Any, Any]] = set()

    def compare(self, theirs: Any, mine: Any, path: str) -> None:
        mine = members(mine)
        if mine == [Any]:
            return
        for member in members(theirs):
            self._member(member, mine, path)

    def _member(self, theirs: Any, mine: list[Any], path: str) -> None:
        origin, args = get_origin(theirs), get_args(theirs)
        if hasattr(theirs, "model_fields"):
            for tag in self._tags(theirs):
                self._model(theirs, tag, [m for m in mine if is_struct(m)], path)
        elif origin is Literal:
            self._scalars({type(value) for value in args}, mine, path)
        elif origin in (list, dict):
            containers = [m for m in mine if get_origin(m) is origin]
            if not containers:
                self.missing.append(f"{path}: {origin.__name__}")
            for container in containers:
                self.compare(args[-1], get_args(container)[-1], path + "[]")
        elif theirs is object:
            self.missing.append(f"{path}: arbitrary value")
        else:
            self._scalars({theirs}, mine, path)

    def _scalars(self, theirs: set[type], mine: list[Any], path: str) -> None:
        accepted: dict[type, set[type]] = {
            str: {str, Base64},
            int: {int, float},
            float: {float},
            bool: {bool},
        }
        for type_ in theirs:
            if not accepted[type_].intersection(m for m in mine if isinstance(m, type)):
                self.missing.append(f"{path}: {type_.__name__}")

    def _tags(self, model: Any) -> tuple[str | None, ...]:
        info = model.model_fields.get("type")
        literals = members(info.annotation) if info else []
        return get_args(literals[0]) if literals and get_origin(literals[0]) else (None,)

    def _model(self, theirs: Any, tag: str | None, structs: list[Any], path: str) -> None:
        tagged = [s for s in structs if s.__struct_config__.tag is not None]
        chosen = [s for s in tagged if s.__struct_config__.tag == tag] if tagged else structs
        if len(chosen) != 1:
            self.missing.append(f"{path}: {theirs.__name__}, type {tag!r}")
            return
        (mine,) = chosen
        if (theirs, mine) in self._seen:
            return
        self._seen.add((theirs, mine))
        self.pairs.append((theirs, mine))
        hints = get_type_hints(mine)
        encoded = dict(zip(mine.__struct_encode_fields__, mine.__struct_fields__, strict=True))
        for name, info in theirs.model_fields.items():
            here = f"{theirs.__name__}.{name}"
            if name == "type" and mine.__struct_config__.tag is not None:
                assert mine.type == tag
            elif encoded.get(info.alias or name) != name:
                self.missing.append(here)
            else:
                self.compare(info.annotation, hints[name], here)


@pytest.fixture
def comparison(sdk: Any) -> Comparison:
    result = Comparison()
    for name in ROOTS:
        result.compare(sdk_root(sdk, name), getattr(ours, name), name)
    return result


def test_the_sdk_knows_no_event_or_field_that_ours_do_not(comparison: Comparison) -> None:
    assert comparison.missing == []
    assert len(comparison.pairs) > 300


def test_classes_have_the_names_that_the_sdk_gives_them(comparison: Comparison) -> None:
    exceptions = {("ResponseOutputMessage", ours.EasyInputMessage)}
    for theirs, mine in comparison.pairs:
        if (theirs.__name__, mine) in exceptions:
            continue
        module = theirs.__module__.rpartition(".")[2].title().replace("_", "")
        first_of_its_types = mine.__base__ if mine.__base__ in STRUCTS else mine
        names = [theirs.__name__, module + theirs.__name__]
        assert first_of_its_types in [getattr(ours, name, None) for name in names], theirs


def test_the_walk_notices_what_is_missing(sdk: Any) -> None:
    comparison = Comparison()
    theirs = sdk_root(sdk, "ResponseStreamEvent")
    comparison.compare(theirs, ours.ResponseTextDeltaEvent | ours.ResponseCreatedEvent, "x")
    assert any("response.completed" in line for line in comparison.missing)
    comparison.compare(sdk.types.responses.ResponseTextDeltaEvent, ours.ImageGenerationCall, "x")
    assert any("ResponseTextDeltaEvent" in line for line in comparison.missing)


def test_generated_files_are_what_the_generator_writes(sdk: Any) -> None:
    if not GENERATOR.exists():
        pytest.skip("needs scripts/generate_structs.py, which only a checkout has")
    if sdk.__version__ != ours.SDK_VERSION:
        pytest.skip(f"written from openai {ours.SDK_VERSION}, {sdk.__version__} is installed")
    command = [sys.executable, str(GENERATOR), "openai", "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


# What old and new recordings may hold -------------------------------------------------------------


def wire(struct: Any, **fields: Any) -> dict[str, Any]:
    tag = struct.__struct_config__.tag
    return fields if tag is None else {"type": tag, **fields}


def test_every_field_may_be_lacking_or_null() -> None:
    for struct in STRUCTS:
        nothing = decode(wire(struct), struct)
        null = decode(wire(struct, **dict.fromkeys(struct.__struct_encode_fields__)), struct)
        assert nothing == null == struct()
        assert all(getattr(nothing, name) is None for name in struct.__struct_fields__), struct
        assert decode(wire(struct, a_new_field={"x": [1]}), struct) == nothing


def test_type_reads_as_the_tag() -> None:
    for struct in STRUCTS:
        tag = struct.__struct_config__.tag
        if tag is not None:
            assert struct.__struct_config__.tag_field == "type"
            assert getattr(struct(), "type", None) == tag
            assert msgspec.to_builtins(struct()) == {"type": tag}


def type_graph(type_: Any, seen: set[int]) -> Iterator[Any]:
    """Every type below a `msgspec.inspect` type."""
    if id(type_) in seen:
        return
    seen.add(id(type_))
    yield type_
    below = [field.type for field in getattr(type_, "fields", ()) if hasattr(field, "type")]
    below += getattr(type_, "types", ())
    below += [getattr(type_, name) for name in ("item_type", "value_type") if hasattr(type_, name)]
    for inner in below:
        yield from type_graph(inner, seen)


def test_no_set_of_allowed_values_can_fail_an_event() -> None:
    for info in msgspec.inspect.multi_type_info(STRUCTS):
        for type_ in type_graph(info, set()):
            assert not isinstance(type_, msgspec.inspect.LiteralType | msgspec.inspect.EnumType)


def test_a_new_value_is_kept() -> None:
    item = {"type": "message", "status": "paused", "role": "butler", "content": []}
    event = decode(
        {"type": "response.output_item.done", "item": item}, ours.ResponseStreamEvent
    ).item
    assert (event.status, event.role) == ("paused", "butler")


def test_structs_outside_garbage_collection_hold_no_containers() -> None:
    for struct, info in zip(STRUCTS, msgspec.inspect.multi_type_info(STRUCTS), strict=True):
        if struct.__struct_config__.gc:
            continue
        for type_ in type_graph(info, set()):
            containers = (msgspec.inspect.ListType, msgspec.inspect.DictType)
            assert not isinstance(type_, (*containers, msgspec.inspect.AnyType)), struct
            if isinstance(type_, msgspec.inspect.StructType):
                assert not type_.cls.__struct_config__.gc


def test_events_match_by_class_and_by_type() -> None:
    event = decode(
        {"type": "response.output_text.delta", "delta": "hi", "sequence_number": 3},
        ours.ResponseStreamEvent,
    )
    match event:
        case ours.ResponseTextDeltaEvent(type="response.output_text.delta", delta=text):
            assert text == "hi"
        case _:
            pytest.fail(repr(event))
    assert repr(event) == "ResponseTextDeltaEvent(delta='hi', sequence_number=3)"


def test_a_class_with_several_types_has_a_subclass_for_each_further_one() -> None:
    tools = decode(
        [{"type": "web_search"}, {"type": "web_search_2025_08_26", "search_context_size": "low"}],
        list[ours.Tool],
    )
    assert [type(tool) for tool in tools] == [ours.WebSearchTool, ours.WebSearchTool20250826]
    assert all(isinstance(tool, ours.WebSearchTool) for tool in tools)
    assert [tool.type for tool in tools] == ["web_search", "web_search_2025_08_26"]
    assert tools[1].search_context_size == "low"


def test_messages_of_all_kinds_in_instructions_are_one_class() -> None:
    instructions = [
        {"type": "message", "role": "user", "content": "hi"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]},
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "hi", "annotations": []}],
        },
    ]
    easy, plain, output = decode({"instructions": instructions}, ours.Response).instructions
    assert ours.Message is ours.EasyInputMessage
    assert easy.content == "hi"
    assert plain.content == [ours.ResponseInputText(text="hi")]
    assert (output.id, output.status) == ("msg_1", "completed")
    assert output.content == [ours.ResponseOutputText(text="hi", annotations=[])]


def test_what_a_field_was_in_earlier_sdks_still_reads() -> None:
    call = decode({"type": "mcp_call", "error": "no such tool"}, ours.ResponseOutputItem)
    assert call.error == "no such tool"
    error = {"type": "http_error", "code": 404, "message": "no such tool"}
    call = decode({"type": "mcp_call", "error": error}, ours.ResponseOutputItem)
    assert call.error == ours.HTTPError(code=404, message="no such tool")
    screen = {"type": "computer_use_preview", "display_width": 1024.0, "display_height": 768}
    tool = decode(screen, ours.Tool)
    assert (tool.display_width, tool.display_height) == (1024, 768)


def test_renamed_fields_read_and_write_the_sdks_json_names() -> None:
    call = decode({"type": "function_call", "async": True}, ours.ResponseFunctionToolCall)
    assert call.async_ is True
    assert msgspec.to_builtins(call) == {"type": "function_call", "async": True}
    config = decode({"type": "json_schema", "schema": {"a": 1}}, ours.ResponseFormatTextConfig)
    assert config.schema_ == {"a": 1}


def orders(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for keys in itertools.permutations(item):
        yield {key: item[key] for key in keys}


def test_result_is_base64_in_an_image_generation_call_and_text_in_a_program_output() -> None:
    image = {"type": "image_generation_call", "id": "ig_1", "result": "aGk="}
    program = {"type": "program_output", "id": "po_1", "result": "aGk="}
    for first, second in itertools.product(orders(image), orders(program)):
        event = {"type": "response.completed", "response": {"output": [first, second, first]}}
        output = decoder_of("ResponseStreamEvent").decode(json.dumps(event)).response.output
        assert [type(item.result) for item in output] == [Base64, str, Base64]
        assert [str(item.result) for item in output] == ["aGk="] * 3


def test_images_are_base64_wherever_they_stand() -> None:
    hints = {
        f"{struct.__name__}.{name}"
        for struct in STRUCTS
        for name, hint in get_type_hints(struct).items()
        if Base64 in members(hint)
    }
    assert hints == {
        "ImageEditCompletedEvent.b64_json",
        "ImageEditPartialImageEvent.b64_json",
        "ImageGenCompletedEvent.b64_json",
        "ImageGenPartialImageEvent.b64_json",
        "ImageGenerationCall.result",
        "ResponseImageGenCallPartialImageEvent.partial_image_b64",
    }


# Recorded streams ---------------------------------------------------------------------------------


def payloads(path: Path) -> list[bytes]:
    """The JSON of every event, for streams as plain as the corpus's."""
    blocks = re.split(rb"\r?\n\r?\n", path.read_bytes())
    lines = [re.findall(rb"^data: ?(.*?)\r?$", block, re.MULTILINE) for block in blocks]
    return [b"\n".join(data) for data in lines if data and data != [b"[DONE]"]]


def stream_type(payload: dict[str, Any]) -> str:
    if payload.get("object") == "chat.completion.chunk":
        return "ChatCompletionChunk"
    return "ResponseStreamEvent"


def corpus_files() -> list[Any]:
    files = sorted(CORPUS.glob("**/*.sse"))
    if files:
        return [pytest.param(path, id=path.name) for path in files]
    reason = f"recorded streams are not in {CORPUS}: set RAPIDSSE_CORPUS to their folder"
    return [pytest.param(None, marks=pytest.mark.skip(reason=reason), id="corpus")]


def differences(theirs: Any, mine: Any, path: str) -> Iterator[str]:
    """Where a value that the SDK parsed differs from ours, in the fields that the SDK declares."""
    if hasattr(type(theirs), "model_fields"):
        if not type(mine).__name__.endswith(type(theirs).__name__):
            yield f"{path}: {type(theirs)} {type(mine)}"
        for name in type(theirs).model_fields.keys() & theirs.model_fields_set:
            yield from differences(getattr(theirs, name), getattr(mine, name), f"{path}.{name}")
    elif isinstance(theirs, list) and isinstance(mine, list) and len(theirs) == len(mine):
        for index, (a, b) in enumerate(zip(theirs, mine, strict=True)):
            yield from differences(a, b, f"{path}[{index}]")
    elif theirs != (str(mine) if isinstance(mine, Base64) else mine):
        yield f"{path}: {str(theirs)[:80]!r} {str(mine)[:80]!r}"


@functools.cache
def decoder_of(root: str) -> Decoder[Any]:
    return Decoder(getattr(ours, root))


def read(path: Path) -> tuple[str, list[Any]]:
    """The name of the union that the events of `path` belong to, and the events."""
    root = stream_type(json.loads(payloads(path)[0]))
    return root, list(decoder_of(root).iter(path.read_bytes()))


@pytest.mark.parametrize("path", corpus_files())
def test_recorded_streams_read_like_the_sdk(path: Path, sdk: Any) -> None:
    from openai._models import construct_type

    root, events = read(path)
    type_ = sdk_root(sdk, root)
    for index, (payload, event) in enumerate(zip(payloads(path), events, strict=True)):
        if not isinstance(event, UnknownEvent):
            theirs = construct_type(type_=type_, value=json.loads(payload))
            assert list(differences(theirs, event, f"{path.name} event {index}")) == []


@pytest.mark.parametrize("path", corpus_files())
def test_recorded_streams_hold_no_unknown_events(path: Path) -> None:
    _, events = read(path)
    unknown = {event.type for event in events if isinstance(event, UnknownEvent)}
    if path.name == "test_apply_patch.1.sse":
        assert unknown == {
            "response.apply_patch_call_operation_diff.delta",
            "response.apply_patch_call_operation_diff.done",
        }
    else:
        assert unknown == set()


@pytest.mark.parametrize("path", [p for p in corpus_files() if p.id in ("corpus", DOCUMENTED)])
def test_the_documented_stream_is_whole(path: Path) -> None:
    _, events = read(path)
    assert len(events) == 17
    assert isinstance(events[-1], ours.ResponseCompletedEvent)
    (partial,) = [e for e in events if isinstance(e, ours.ResponseImageGenCallPartialImageEvent)]
    assert isinstance(partial.partial_image_b64, Base64)
