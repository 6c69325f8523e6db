"""The same types twice: once with `Base64` for base64 values, once with `str`.

No `from __future__ import annotations` here: msgspec looks names up in a module, and these
are local.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, TypeAlias, TypedDict

import msgspec
from msgspec import Meta, Raw, Struct
from msgspec import inspect as types

# Decoding is recursive here, so each family gets a module-like namespace of its own.
Roots: TypeAlias = dict[str, Any]


def family(image: Any) -> Roots:
    """Types that hold `image` in every way that msgspec allows, by name."""

    class Call(Struct, tag="call"):
        id: str = ""
        result: image | None = None
        note: str | None = None

    class Output(Struct, tag="output"):
        id: str = ""
        result: str | None = None

    class Loose(Struct, tag="loose"):
        result: Any = None

    class Unread(Struct, tag="unread"):
        id: int = 0

    class Kept(Struct, tag="kept"):
        result: Raw = Raw(b"null")

    class Exact(Struct, tag="exact", forbid_unknown_fields=True, rename="camel"):
        big_image: image
        code: Annotated[str, Meta(max_length=600)] = ""

    item = Call | Output | Loose | Unread | Kept | Exact

    class Done(Struct, tag_field="type", tag="done"):
        output: list[item]
        result: image | None = None
        usage: dict[str, int] | None = None

    class Partial(Struct, tag_field="type", tag="partial"):
        partial_image_b64: image
        index: int

    class Typed(TypedDict, total=False):
        result: image
        b64: str

    @dataclass
    class Data:
        result: image
        n: float = 0.0

    class Mixed(Struct, omit_defaults=True):
        """`result` allows null in one type and not in the other."""

        typed: Typed | None = None
        call: Call | None = None
        data: Data | None = None
        b64: list[str] | None = None

    class Row(Struct, array_like=True):
        kind: str
        b64: image
        n: int = 0

    class Pair(NamedTuple):
        b64: image | None
        note: str

    class Anywhere(Struct):
        """`Base64` where no key tells it."""

        images: list[image] | None = None
        named: dict[str, image | None] | None = None
        row: Row | None = None
        pair: Pair | None = None
        fixed: tuple[image, str] | None = None
        text: str | None = None
        any: Any = None

    return {
        "event": Done | Partial,
        "mixed": Mixed,
        "anywhere": Anywhere,
        "item": item,
        "list": list[image],
        "bare": image,
    }


class JsonWriter:
    """Writes JSON that mostly fits a type: keys in any order, twice, escaped, or unknown;
    strings of all sorts and lengths; now and then a value of another type."""

    LENGTHS = (0, 1, 4, 40, 510, 511, 512, 513, 700, 3000, 17000)
    TEXTS = ("", "a", "call", "QUJD", "a b", "é", "€", "😀", "null", "1", "\x7f", "a/b", 'q"q')
    KEYS = ("result", "id", "b64", "type", "note", "output", "bigImage", "partial_image_b64", "x")

    def __init__(self, rng: random.Random, noise: float) -> None:
        self._rng = rng
        self._noise = noise

    def value(self, node: types.Type, depth: int = 0) -> str:
        if self._rng.random() < self._noise:
            return self.anything(depth)
        match node:
            case types.Metadata():
                return self.value(node.type, depth)
            case types.UnionType():
                return self.value(self._rng.choice(node.types), depth)
            case types.StructType() if node.array_like:
                return self._array([self.value(f.type, depth + 1) for f in node.fields])
            case types.StructType() | types.TypedDictType() | types.DataclassType():
                return self._object(node, depth)
            case types.NamedTupleType():
                return self._array([self.value(f.type, depth + 1) for f in node.fields])
            case types.TupleType():
                return self._array([self.value(t, depth + 1) for t in node.item_types])
            case types.ListType():
                count = self._rng.randrange(4)
                return self._array([self.value(node.item_type, depth + 1) for _ in range(count)])
            case types.DictType():
                count = self._rng.randrange(3)
                return self._members(
                    [(self._key(), self.value(node.value_type, depth + 1)) for _ in range(count)]
                )
            case types.IntType():
                return str(self._rng.choice((0, 7, -1, 2**70)))
            case types.FloatType():
                return self._rng.choice(("0.5", "1e3"))
            case types.NoneType():
                return "null"
            case types.AnyType() | types.RawType():
                return self.anything(depth)
            case _:
                return self.string()

    def anything(self, depth: int) -> str:
        scalars: list[Callable[[], str]] = [
            self.string,
            self.string,
            lambda: self._rng.choice(("null", "true", "false", "0", "-1.5", "1e999", "9" * 30)),
        ]
        if depth > 3 or self._rng.random() < 0.5:
            return self._rng.choice(scalars)()
        count = self._rng.randrange(3)
        if self._rng.random() < 0.5:
            return self._array([self.anything(depth + 1) for _ in range(count)])
        return self._members([(self._key(), self.anything(depth + 1)) for _ in range(count)])

    def string(self) -> str:
        text = self._rng.choice(self.TEXTS)
        if self._rng.random() < 0.5:
            text = (self._rng.choice("QA+é") * self._rng.choice(self.LENGTHS)) + text
        return self._quoted(text)

    def _quoted(self, text: str) -> str:
        match self._rng.randrange(8):
            case 0:
                return '"' + text.replace('"', '\\"').replace("/", "\\/") + '"'
            case 1:
                return '"' + "".join(f"\\u{ord(c):04x}" for c in text if ord(c) < 65536) + '"'
            case _:
                return msgspec.json.encode(text).decode()

    def _key(self) -> str:
        return self._rng.choice(self.KEYS)

    def _object(self, node: Any, depth: int) -> str:
        members = [
            (field.encode_name, self.value(field.type, depth + 1))
            for field in node.fields
            if field.required or self._rng.random() < 0.7
        ]
        if getattr(node, "tag_field", None):
            members.append((node.tag_field, msgspec.json.encode(node.tag).decode()))
        if self._rng.random() < self._noise * 2:
            members.append((self._key(), self.anything(depth + 1)))
        if members and self._rng.random() < self._noise * 2:
            name, _ = self._rng.choice(members)
            members.append((name, self.anything(depth + 1)))
        self._rng.shuffle(members)
        return self._members(members)

    def _members(self, members: list[tuple[str, str]]) -> str:
        written = []
        for name, value in members:
            key = self._quoted(name) if self._rng.random() < 0.3 else f'"{name}"'
            written.append(f"{key}{self._space()}:{self._space()}{value}")
        return "{" + f"{self._space()},".join(written) + "}"

    def _array(self, items: list[str]) -> str:
        return "[" + f",{self._space()}".join(items) + "]"

    def _space(self) -> str:
        return self._rng.choice(("", "", "", " ", "\n", " \t"))
