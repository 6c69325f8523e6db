"""A `type` that no union knows costs its own member and nothing else."""

import pickle
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta, Raw, Struct

import rapidsse
from rapidsse import Base64, DecodeError, DecodeFailure, Decoder, UnknownEvent, UnknownItem

LONG = b"QUJD" * 5000


class Text(Struct, tag="text"):
    text: str


class Image(Struct, tag="image"):
    result: Base64 | None = None
    size: Annotated[int, Meta(ge=0)] = 0


class Group(Struct, tag="group", rename="camel"):
    sub_items: list["Text | Image | Group"] = []


class Done(Struct, tag="done"):
    output: list[Text | Image | Group] = []
    named: dict[str, Text | Image] = {}
    pair: tuple[Text | Image, int] | None = None
    best: Text | Image | None = None
    two: Annotated[list[Text | Image], Meta(min_length=2)] | None = None
    sequence_number: int = 0


class Delta(Struct, tag="delta", forbid_unknown_fields=True):
    delta: Text | Image


class Needs(Struct, tag="needs"):
    first: Text | Image
    second: int


EVENTS = Done | Delta | Needs
DECODER: Decoder[Any] = Decoder(EVENTS)


def test_unknown_event() -> None:
    payload = b' {"sequence_number":4,"type":"new","x":["y"]} '
    event = DECODER.decode(payload)
    assert event == UnknownEvent("new", Raw(payload.strip()), 4)
    assert bytes(event.raw) == payload.strip()
    assert msgspec.json.decode(event.raw)["x"] == ["y"]


@pytest.mark.parametrize("text", ["QUJD", "QUJ\\u0044"])
@pytest.mark.parametrize("order", [1, -1])
def test_unknown_member_beside_base64(text: str, order: int) -> None:
    """Whichever comes first: in the one case base64 is met, in the other the member is refused."""
    members = ['{"type":"image","result":"%s"}' % text, '{"type":"new"}']  # noqa: UP031
    event = DECODER.decode(f'{{"type":"done","output":[{",".join(members[::order])}]}}')
    image, unknown = event.output[::order]
    assert image.result.decode() == b"ABC"
    assert unknown == UnknownItem("new", Raw(b'{"type":"new"}'))


@pytest.mark.parametrize("number", ["null", "1.5", '"4"', "true", "[]"])
def test_sequence_number_only_if_it_is_one(number: str) -> None:
    event = DECODER.decode(f'{{"type":"new","sequence_number":{number}}}')
    assert event.sequence_number is None


def test_large_unknown_event_stays_in_place() -> None:
    payload = b'{"type":"new","result":"' + b"QUJD" * 400_000 + b'"}'
    source = bytearray(b"data: " + payload + b"\n\n")
    (event,) = DECODER.iter(source)
    assert memoryview(event.raw) == payload
    source[30] = ord("*")
    assert bytes(memoryview(event.raw)[24:25]) == b"*"


@pytest.mark.parametrize("long", [b"QUJD", LONG], ids=["short", "long"])
def test_unknown_item_leaves_the_rest_typed(long: bytes) -> None:
    item = b'{"type":"new","result":"%b"}' % long
    image = b'{"result":"%b","type":"image"}' % long
    payload = (
        b'{"output":[%b, %b,{"type":"text","text":"t"}],"type":"done","sequence_number":7}'
        % (item, image)
    )
    event = DECODER.decode(payload)
    assert event == Done(
        output=[UnknownItem("new", Raw(item)), Image(Base64(long)), Text("t")], sequence_number=7
    )


def test_base64_beside_an_unknown_item_stays_in_place() -> None:
    source = bytearray(
        b'data: {"type":"done","output":[{"type":"new"},{"type":"image","result":"%b"}]}\n\n' % LONG
    )
    (event,) = DECODER.iter(source)
    image = event.output[1].result
    assert image.decode() == b"ABC" * 5000
    source[source.index(b"QUJD")] = ord("R")
    assert image.decode()[:3] == b"\x41BC".replace(b"A", b"E")


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ('"named":{"a":{"type":"new"}}', {"named": {"a": UnknownItem("new", Raw(b'{"type":"new"}'))}}),
        ('"best":{"type":"new"}', {"best": UnknownItem("new", Raw(b'{"type":"new"}'))}),
        (
            '"output":[{"type":"group","subItems":[{"type":"new"},{"type":"group"}]}]',
            {"output": [Group([UnknownItem("new", Raw(b'{"type":"new"}')), Group()])]},
        ),
        (
            '"two":[{"type":"new"},{"type":"new"}]',
            {"two": [UnknownItem("new", Raw(b'{"type":"new"}'))] * 2},
        ),
    ],
    ids=["dict", "optional", "nested", "constrained"],
)  # fmt: skip
def test_unknown_items_in_structs_lists_and_dicts(member: str, expected: dict[str, Any]) -> None:
    assert DECODER.decode(f'{{"type":"done",{member},"unknown":1}}') == Done(**expected)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        # What is wrong besides the unknown member, and stands behind it.
        (
            '{"type":"done","output":[{"type":"new"},{"type":"image","size":-1}]}',
            "Expected `int` >= 0 - at `$.output[1].size`",
        ),
        ('{"type":"done","output":[{"type":"new"},3]}', "Expected `object`, got `int` - at `$.output[1]`"),
        (
            '{"type":"done","output":[{"type":"group","subItems":[{"type":"new"},3]}]}',
            "Expected `object`, got `int` - at `$.output[0].subItems[1]`",
        ),
        (
            '{"type":"done","output":[{"type":"new"}],"named":{"a":{"type":"text"}}}',
            "Object missing required field `text` - at `$.named[...]`",
        ),
        ('{"type":"needs","first":{"type":"new"}}', "Object missing required field `second`"),
        ('{"type":"delta","delta":{"type":"new"},"x":1}', "Object contains unknown field `x`"),
        (
            '{"type":"done","two":[{"type":"new"}]}',
            "Invalid value 'new' - at `$.two[0].type`",
        ),
        # It stands elsewhere than in a Struct, a list or a dict.
        ('{"type":"done","pair":[{"type":"new"},3]}', "Invalid value 'new' - at `$.pair[0].type`"),
        # In front of it: the message of the plain decode.
        (
            '{"type":"done","output":[{"type":"text","text":1},{"type":"new"}]}',
            "Expected `str`, got `int` - at `$.output[0].text`",
        ),
        # Tags that are not unknown but wrong.
        ('{"type":3}', "Expected `str` - at `$.type`"),
        ("{}", "Object missing required field `type`"),
        ('{"type":"done","best":{"type":null}}', "Expected `str` - at `$.best.type`"),
        (
            '{"type":"done","best":{"type":"new"},"best":null}',
            "Invalid value 'new' - at `$.best.type`",
        ),
        (
            '{"type":"done","best":{"type":"new"},"type":[]}',
            "Invalid value 'new' - at `$.best.type`",
        ),
        ('{"type":"done","output":[],"type":"delta"}', "Invalid value 'delta' - at `$.type`"),
    ],
)  # fmt: skip
def test_what_else_is_wrong_is_refused(payload: str, reason: str) -> None:
    with pytest.raises(DecodeError) as caught:
        DECODER.decode(payload)
    assert (caught.value.kind, caught.value.reason) == ("schema", reason)


@pytest.mark.parametrize(
    ("payload", "kind"),
    [(b'{"type":"new","x":}', "json"), (b'{"type":"done","best":{"type":"new"},"x":1', "json")],
)
def test_unknown_json_must_be_json(payload: bytes, kind: str) -> None:
    with pytest.raises(DecodeError) as caught:
        DECODER.decode(payload)
    assert caught.value.kind == kind


def test_one_struct_is_no_union() -> None:
    with pytest.raises(DecodeError, match="Invalid value 'new'"):
        Decoder(Text).decode(b'{"type":"new"}')


def test_unknown_counts() -> None:
    decoder: Decoder[Any] = Decoder(EVENTS)
    item = '{"type":"new"}'
    decoder.decode(item)
    decoder.decode(f'{{"type":"done","output":[{item},{item}]}}')
    with pytest.raises(DecodeError):
        decoder.decode(f'{{"type":"done","output":[{item},3]}}')
    stats = decoder.stats
    assert (stats.unknown_events, stats.unknown_items) == (1, 2)
    assert stats.failures == {"schema": 1}


class Row(Struct, array_like=True, tag="row"):
    item: Text | Image
    n: int = 1


class Cell(Struct, array_like=True, tag="cell", forbid_unknown_fields=True):
    item: Text | Image


@pytest.mark.parametrize("payload", ['["new",1]', '["row",{"type":"new"},4]', '["cell",[]]'])
def test_array_like_structs_are_not_rebuilt(payload: str) -> None:
    decoder: Decoder[Any] = Decoder(Row | Cell)
    with pytest.raises(DecodeError) as caught:
        decoder.decode(payload)
    assert caught.value.kind == "schema"
    with pytest.raises(msgspec.ValidationError) as plain:
        msgspec.json.decode(payload, type=Row | Cell)
    assert caught.value.reason == str(plain.value)


class One(Struct, tag=1):
    pass


class Two(Struct, tag=2):
    best: Text | None = None


class Checked(Struct, tag="checked"):
    items: list[Text | Image]
    n: int = 0

    def __post_init__(self) -> None:
        if len(self.items) != self.n:
            raise ValueError("n is wrong")


def test_integer_tags() -> None:
    assert Decoder(One | Two).decode(b'{"type":3}') == UnknownEvent(3, Raw(b'{"type":3}'))


def test_post_init_runs() -> None:
    decoder: Decoder[Any] = Decoder(Checked | Text)
    item = '{"type":"new"}'
    assert decoder.decode(f'{{"type":"checked","items":[{item}],"n":1}}').n == 1
    with pytest.raises(DecodeError, match="n is wrong"):
        decoder.decode(f'{{"type":"checked","items":[{item}]}}')


VALUES = [
    UnknownEvent("t", Raw(b'{"type":"t"}'), 3),
    UnknownItem("t", Raw(b'{"type":"t"}')),
    DecodeFailure("json", "reason", 1, 2, "e", b"data"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values(value: Any) -> None:
    kind = type(value)
    assert kind is getattr(rapidsse, kind.__name__)
    assert kind.__module__ == "rapidsse"
    assert pickle.loads(pickle.dumps(value)) == value
    assert hash(pickle.loads(pickle.dumps(value))) == hash(value)
    fields = {name: getattr(value, name) for name in kind.__struct_fields__}
    assert kind(**fields) == value
    for name, field in fields.items():
        with pytest.raises(AttributeError):
            setattr(value, name, field)
        other = Raw(b"0") if name == "raw" else b"0" if name == "data" else "0"
        assert kind(**{**fields, name: other}) != value


def test_reprs_are_short() -> None:
    raw = Raw(b'{"type":"%b"}' % LONG)
    values = (
        UnknownEvent("t", raw),
        UnknownItem("t", raw),
        DecodeFailure("schema", "r" * 9999, 1, 2, "e" * 9999, LONG),
    )
    for value in values:
        assert len(repr(value)) < 800
        assert "bytes: b'" in repr(value)
    assert repr(VALUES[0]) == (
        "UnknownEvent(type='t', raw=<12 bytes: b'{\"type\":\"t\"}'>, sequence_number=3)"
    )


def test_unknown_json_is_encoded_unchanged() -> None:
    event = DECODER.decode('{"type":"done","output":[{"type":"new", "x":1}]}')
    assert b'[{"type":"new","raw":{"type":"new", "x":1}}]' in msgspec.json.encode(event)
