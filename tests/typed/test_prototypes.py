"""Events that differ in a few members are made of one another: the values are msgspec's."""

from __future__ import annotations

import base64
import gc
import json
from collections.abc import Iterator
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from rapidsse import Base64, Decoder, engine, openai
from rapidsse._typed._policy import Handler, new_reader
from rapidsse._typed._prototype import prototype
from rapidsse._typed._stats import Counts

T = TypeVar("T")
MANY = 40
"""More events than are decoded together."""


class Plain(Struct, tag_field="type", tag="plain"):
    text: str
    number: int = 0
    either: str | int | None = None
    items: list[int] = []


class Renamed(Struct, rename="camel", tag="renamed"):
    some_text: str
    some_number: int | None = None


class Checked(Struct, tag="checked"):
    text: Annotated[str, Meta(max_length=3)] = ""
    number: Annotated[int, Meta(le=50)] = 0
    level: Literal["low", "high"] = "low"
    size: Literal[1, 2] = 1


class Floating(Struct, tag="floating"):
    text: float = 0.0
    number: float | int = 0


class Pictured(Struct, tag="pictured"):
    text: Base64 | None = None
    number: int = 0


class Frozen(Struct, frozen=True, tag="frozen"):
    text: str
    number: int = 0


class Counted(Struct, tag="counted"):
    text: str
    made: list[int] = msgspec.field(default_factory=lambda: [len(numbers), numbers.append(1) or 1])


class After(Struct, tag="after"):
    text: str

    def __post_init__(self) -> None:
        self.text = self.text.upper()


class Boxed(Struct, Generic[T], tag="boxed"):
    text: T
    number: int = 0


class WithDict(Struct, dict=True, tag="dict"):
    text: str


class Slots:
    """Has slots of the same names as fields."""

    __slots__ = ("number", "text")


class Mixed(Struct, Slots, tag="mixed"):
    number: int
    text: str


class Copied(Struct, frozen=True, cache_hash=True, weakref=True, tag="copied"):
    text: str
    number: int = 0

    def __copy__(self) -> Copied:
        raise AssertionError


class Hidden(Plain, tag="hidden"):
    @property
    def text(self) -> str:  # type: ignore[override]
        return "hidden"

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        return value + 1 if name == "number" else value


numbers: list[int] = []
TYPES: dict[str, Any] = {
    "plain": Plain,
    "renamed": Renamed,
    "checked": Checked,
    "floating": Floating,
    "frozen": Frozen,
    "after": After,
    "boxed": Boxed[str],
    "dict": WithDict,
    "mixed": Mixed,
    "copied": Copied,
}
UNION: Any = Plain | Renamed | Checked | After | Frozen

TEXTS = st.sampled_from(
    [
        "",
        "a",
        "abc",
        "four",
        "é",
        "東京",
        "😀",
        'a"b',
        "\n\\",
        "\x00",
        "low",
        "high",
        "error",
        "iVBO",
    ]
) | st.text(max_size=6)
NUMBERS = st.sampled_from([0, 1, 9, 10, 51, 2**53, 2**63 - 1, 2**63, 10**17, 10**18, 10**19, -1])
RAW = st.sampled_from(
    ["-0", "1.0", "1e2", "007", "null", "true", "[]", "[1]", '"\\ud800"', '"\\u00e9"']
)


@st.composite
def events(draw: st.DrawFn, tag: str) -> list[str]:
    """Payloads of one shape: many that decode, of which one or two members differ, and then others
    of which any values may."""
    names = {"renamed": "someText someNumber", "checked": "text number level size"}
    known = names.get(tag, "text number").split()
    keys = draw(st.permutations(["type", "more", *known]))
    keys += draw(st.sampled_from([[], [], ["text"], ["type"]]))
    changing = draw(st.sets(st.sampled_from([*known, "more"]), min_size=1, max_size=3))
    escaped = draw(st.booleans())

    def usual(key: str, number: int) -> str:
        if key == "type":
            return json.dumps(tag)
        if key in ("level", "size"):
            return {"level": '"low"', "size": "1"}[key]
        is_number = key in ("number", "someNumber") or (tag == "floating" and key == "text")
        changed = number if key in changing else 1
        return str(changed) if is_number else f'"{changed}"'

    def other(key: str, number: int) -> str:
        if key not in changing or draw(st.booleans()):
            return usual(key, number)
        if draw(st.integers(0, 3)) == 0:
            return draw(RAW)
        if usual(key, number).isdigit():
            return str(draw(NUMBERS))
        return json.dumps(draw(TEXTS), ensure_ascii=escaped)

    payloads = list[str]()
    for number in range(MANY + 12):
        value = usual if number < MANY else other
        members = [f'"{key}":{value(key, number)}' for key in keys]
        payloads.append("{" + ",".join(members) + "}")
    return payloads


def expected(type: Any, payloads: list[str]) -> Iterator[Any]:
    """What msgspec makes of each payload; the payload of one that it refuses."""
    decoder = msgspec.json.Decoder(type)
    for payload in payloads:
        try:
            yield decoder.decode(payload)
        except (msgspec.DecodeError, RecursionError):
            yield payload.encode()


def seen(type: Any, stream: bytes) -> Iterator[Any]:
    for event in Decoder(type, on_error="yield").iter(stream):
        yield getattr(event, "data", None) or getattr(event, "raw", None) or event


@pytest.mark.parametrize("tag", TYPES)
@given(data=st.data(), is_union=st.booleans(), ending=st.sampled_from(["\n", "\r\n"]))
def test_the_values_are_those_of_msgspec(
    tag: str, data: st.DataObject, is_union: bool, ending: str
) -> None:
    kind = UNION if is_union else TYPES[tag]
    payloads = data.draw(events(tag))
    stream = "".join(f"event: e{ending}data: {payload}{ending * 2}" for payload in payloads)
    found = [*seen(kind, stream.encode())]
    for ours, theirs in zip(found, expected(kind, payloads), strict=True):
        if isinstance(theirs, bytes):
            assert bytes(ours) == theirs
        else:
            assert ours == theirs
            assert repr(ours) == repr(theirs)


def deltas(count: int, **more: Any) -> bytes:
    def event(number: int) -> bytes:
        values = {"type": "plain", "text": f"t{number}", "number": number, **more}
        return b"data: " + json.dumps(values).encode() + b"\n\n"

    return b"".join(map(event, range(count)))


def test_each_value_has_a_list_of_its_own() -> None:
    values = [*Decoder(Plain).iter(deltas(MANY, items=[]))]
    for number, value in enumerate(values):
        value.items.append(number)
        value.text = "changed"
    assert [value.items for value in values] == [[number] for number in range(MANY)]


@pytest.mark.parametrize("kind", [Plain, Frozen, Mixed, Copied])
def test_the_garbage_collector_tracks_the_same_values(kind: Any) -> None:
    payloads = [
        b'{"type":"%b","text":"t%d","number":%d}' % (kind.__name__.lower().encode(), n, n)
        for n in range(MANY)
    ]
    stream = b"".join(b"data: %b\n\n" % payload for payload in payloads)
    values = [*Decoder(kind).iter(stream)]
    expected = [msgspec.json.decode(payload, type=kind) for payload in payloads]
    assert values == expected
    if kind in (Frozen, Copied):
        assert [*map(hash, values)] == [*map(hash, expected)]
    assert [*map(gc.is_tracked, values)] == [*map(gc.is_tracked, expected)]


@pytest.mark.parametrize(
    "highest", ["a", "\x7f", "\x80", "é", "\xff", "\u0100", "\uffff", "🌊", "\U0010ffff"]
)
@pytest.mark.parametrize("is_escaped", [False, True])
def test_texts_of_every_width_and_length(highest: str, is_escaped: bool) -> None:
    texts = [highest * few + "a" * more for few in range(4) for more in (0, 1, 2, 60, 61, 62, 64)]
    texts += [text[::-1] for text in texts]
    values = [f"t{number}" for number in range(MANY)] + texts
    lines = [json.dumps({"type": "plain", "text": it}, ensure_ascii=is_escaped) for it in values]
    stream = "".join(f"data: {line}\n\n" for line in lines).encode()
    assert [value.text for value in Decoder(Plain).iter(stream)] == values


def test_what_a_user_changes_changes_no_later_value() -> None:
    texts = list[str]()
    for value in Decoder(Plain).iter(deltas(2 * MANY, items=[])):
        texts.append(value.text)
        assert value.items == []
        value.text, value.either = "changed", "changed"
        value.items.append(1)
    assert texts == [f"t{number}" for number in range(2 * MANY)]


def test_a_default_that_is_made_is_made_for_each() -> None:
    numbers.clear()
    stream = b"".join(b'data: {"type":"counted","text":"%d"}\n\n' % n for n in range(MANY))
    made = [value.made[0] for value in Decoder(Counted).iter(stream)]
    assert made == [*range(MANY)]


def test_base64_is_decoded_in_each() -> None:
    stream = b"".join(
        b'data: {"type":"pictured","text":"%d","number":%d}\n\n' % (n, n)
        for n in range(1000, 1000 + MANY)
    )
    values = [*Decoder(Pictured).iter(stream)]
    assert [(value.text.decode(), value.number) for value in values if value.text] == [
        (base64.b64decode(str(n)), n) for n in range(1000, 1000 + MANY)
    ]


def test_errors_between_have_their_index_and_offset() -> None:
    bad = b'data: {"type": "plain", "text": 7, "number": 1}\n\n'
    stream = deltas(MANY) + bad + deltas(3)
    *values, failure, a, b, c = Decoder(Plain, on_error="yield").iter(stream)
    assert [value.number for value in values] == [*range(MANY)]
    assert (failure.index, failure.offset) == (MANY, len(deltas(MANY)))
    assert [a.number, b.number, c.number] == [0, 1, 2]


def test_the_compiled_engine_decodes_the_first_events_alone() -> None:
    decoder = Decoder(Plain)
    payloads, decoded = decoder._payloads, list[int]()
    one, many = payloads.fast, payloads.fast_lines
    assert many is not None

    def decode(payload: Any) -> Any:
        decoded.append(1)
        return one(payload)

    def decode_lines(lines: Any) -> list[Any]:
        decoded.append(bytes(lines).count(b"\n"))
        return many(lines)

    payloads.fast, payloads.fast_lines = decode, decode_lines
    reader = new_reader(payloads, Handler(payloads, Counts(), "raise"))
    assert len([*reader.another(iter([deltas(10 * MANY)]))]) == 10 * MANY
    # The first of a stream, and those that are decoded together.
    assert sum(decoded) == (1 + 32 if engine == "rust" else 10 * MANY)


def test_without_strict_everything_is_decoded() -> None:
    stream = b"".join(b'data: {"text":"1","number":"%d"}\n\n' % n for n in range(MANY))
    values = [*Decoder(Lax, strict=False).iter(stream)]
    assert [value.number for value in values] == [*range(MANY)]


class Lax(Struct):
    text: str
    number: int


MEMBERS = (((b"text",), str), ((b"number",), int))


def test_a_prototype_of_a_plain_value() -> None:
    made = prototype(Plain("a", 1), MEMBERS)
    assert made is not None
    assert (made.places, made.parts) == ((0, 1), ((3, ("list", ())),))
    made = prototype(Plain("a", 1), (((b"unknown",), str), ((b"either",), int)))
    assert made is not None
    assert made.places == (None, 2)


def test_deltas_have_a_prototype() -> None:
    event = openai.ResponseTextDeltaEvent(delta="a", sequence_number=1, logprobs=[])
    assert prototype(event, (((b"delta",), str), ((b"sequence_number",), int))) is not None


@pytest.mark.parametrize(
    "value",
    [
        Checked(),
        Floating(),
        Pictured(),
        Counted("a"),
        After("a"),
        Boxed("a"),
        WithDict("a"),
        {"text": "a", "number": 1},
        ["a"],
        Plain("a", items=[1]),
        Plain("a", either=b"a"),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_no_prototype_of_others(value: Any) -> None:
    assert prototype(value, MEMBERS) is None


def test_what_the_fields_hold_counts() -> None:
    decoded = msgspec.json.decode('{"type":"hidden","text":"a","number":1}', type=Hidden)
    made = prototype(decoded, (((b"either",), str),))
    assert made is not None
    assert made.values[:2] == ("a", 1)
    value = {"type": "hidden", "text": "a", "number": 1}
    payloads = [json.dumps(value | {"either": str(n)}) for n in range(MANY)]
    stream = "".join(f"data: {payload}\n\n" for payload in payloads).encode()
    values = [*Decoder(Hidden).iter(stream)]
    assert [*map(repr, values)] == [*map(repr, expected(Hidden, payloads))]
    assert values == [*expected(Hidden, payloads)]


def test_no_prototype_where_an_annotation_names_what_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(globals(), "Gone", Plain)
    kind: Any = msgspec.defstruct("Late", [("text", str), ("gone", "Gone | None", None)])
    kind.__module__ = __name__
    decoder = Decoder(kind)
    monkeypatch.delitem(globals(), "Gone")
    stream = b"".join(b'data: {"text":"%d"}\n\n' % n for n in range(MANY))
    assert [value.text for value in decoder.iter(stream)] == [str(n) for n in range(MANY)]


def test_no_prototype_where_the_type_changes() -> None:
    assert prototype(Plain("a", 1), (((b"type",), str),)) is None


def test_members_of_members_have_none() -> None:
    assert prototype(Plain("a", 1), (((b"items", 0), int),)) is None
