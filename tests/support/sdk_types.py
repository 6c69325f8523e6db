"""The tests of a package of Structs that is generated from an SDK's models."""

from __future__ import annotations

import base64
import itertools
import json
import re
import subprocess
import sys
import types
import typing
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from rapidsse import Base64, Decoder

ODD_VALUES: tuple[Any, ...] = (
    7,
    7.5,
    True,
    "text",
    [7],
    [[]],
    {"x": 1},
    {"type": 7},
    {"type": "x"},
)
GENERATOR = Path(__file__).parents[2] / "scripts" / "generate_structs.py"


def _base64(type_: type, value: Any) -> Any:
    assert type_ is Base64
    return Base64(value)


def decode(payload: Any, type_: Any) -> Any:
    """With msgspec alone, so that a failure here is one of the types."""
    if not isinstance(payload, bytes):
        payload = json.dumps(payload).encode()
    return msgspec.json.decode(payload, type=type_, dec_hook=_base64)


def payloads(path: Path) -> list[bytes]:
    """The JSON of every event, for streams as plain as the recorded ones."""
    blocks = re.split(rb"\r?\n\r?\n", path.read_bytes())
    lines = [re.findall(rb"^data: ?(.*?)\r?$", block, re.MULTILINE) for block in blocks]
    return [b"\n".join(data) for data in lines if data and data != [b"[DONE]"]]


# Types --------------------------------------------------------------------------------------------


def members(annotation: Any) -> list[Any]:
    """The members of a union, flat and without None; of anything else, itself."""
    while get_origin(annotation) is typing.Annotated or hasattr(annotation, "__value__"):
        annotation = getattr(annotation, "__value__", None) or get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        return [m for arg in get_args(annotation) for m in members(arg)]
    return [] if annotation is type(None) else [annotation]


def is_struct(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)


def structs_of(package: Any) -> list[Any]:
    public = {getattr(package, name) for name in package.__all__}
    return sorted(filter(is_struct, public), key=lambda struct: struct.__name__)


def base64_fields(package: Any) -> set[str]:
    return {
        f"{struct.__name__}.{name}"
        for struct in structs_of(package)
        for name, hint in get_type_hints(struct).items()
        if Base64 in members(hint)
    }


def wire(struct: Any, **fields: Any) -> dict[str, Any]:
    config = struct.__struct_config__
    return fields if config.tag is None else {config.tag_field: config.tag, **fields}


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


# Against the installed SDK ------------------------------------------------------------------------


def import_sdk(name: str) -> Any:
    reason = f"compares with the models of the `{name}` package, which is not installed"
    return pytest.importorskip(name, reason=reason)


def sdk_type(packages: tuple[str, ...], name: str) -> Any:
    """The type that the first of the SDK's packages to know this name gives it."""
    for package in map(import_module, packages):
        if hasattr(package, name):
            return getattr(package, name)
    pytest.fail(f"the installed SDK has no {name}")


class Comparison:
    """What the SDK's types know and ours do not, found by walking both in step.

    `added` are fields of the SDK's, as `Model.field`, that no stream holds; models with a field
    `marks_unknown` are the SDK's own for what it does not know.
    """

    def __init__(
        self, added: frozenset[str] = frozenset(), marks_unknown: str | None = None
    ) -> None:
        self._added = added
        self._marks_unknown = marks_unknown
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
        if self._marks_unknown in getattr(theirs, "model_fields", ()):
            return
        if getattr(theirs, "model_fields", None) == {} and dict[str, Any] in mine:
            return
        if hasattr(theirs, "model_fields"):
            for tag in self._tags(theirs, mine):
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
            datetime: {datetime},
            bytes: {str, Base64},
        }
        for type_ in theirs:
            if issubclass(type_, str | Enum):
                type_ = str
            if not accepted[type_].intersection(m for m in mine if isinstance(m, type)):
                self.missing.append(f"{path}: {type_.__name__}")

    def _tags(self, model: Any, mine: list[Any]) -> tuple[str | None, ...]:
        fields = {m.__struct_config__.tag_field for m in mine if is_struct(m)} - {None}
        info = model.model_fields.get(fields.pop() if fields else "type")
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
            if here in self._added:
                continue
            if name == mine.__struct_config__.tag_field:
                assert getattr(mine, name) == tag
            elif encoded.get(info.alias or name) != name:
                self.missing.append(here)
            else:
                self.compare(info.annotation, hints[name], here)


def differences(theirs: Any, mine: Any, path: str) -> Iterator[str]:
    """Where a value that the SDK parsed differs from ours, in the fields that the SDK declares.

    A model that declares none is a dict, and base64 that the SDK decoded is still encoded.
    """
    if isinstance(theirs, bytes):
        theirs = base64.b64encode(theirs).decode()
    if getattr(type(theirs), "model_fields", None) == {}:
        theirs = theirs.model_extra
    if hasattr(type(theirs), "model_fields"):
        if not type(mine).__name__.endswith(type(theirs).__name__):
            yield f"{path}: {type(theirs)} {type(mine)}"
        for name in type(theirs).model_fields.keys() & theirs.model_fields_set:
            # Not `getattr`, which warns of fields that the SDK deprecates.
            yield from differences(vars(theirs)[name], getattr(mine, name), f"{path}.{name}")
    elif isinstance(theirs, list) and isinstance(mine, list) and len(theirs) == len(mine):
        for index, (a, b) in enumerate(zip(theirs, mine, strict=True)):
            yield from differences(a, b, f"{path}[{index}]")
    elif theirs != (str(mine) if isinstance(mine, Base64) else mine):
        yield f"{path}: {str(theirs)[:80]!r} {str(mine)[:80]!r}"


class PackageTests:
    """The tests that every generated package passes: a test class of its own inherits them.

    They need the fixture `sdk`, the installed SDK.
    """

    package: Any
    # Where the SDK exports the roots of its streams, and their names.
    sdk_packages: tuple[str, ...]
    roots: tuple[str, ...]
    # How many classes the walk from the roots must meet, so that it can't pass by meeting none.
    fewest_pairs: int
    # A class of the SDK and the one of ours that absorbed it.
    merged: frozenset[tuple[str, Any]] = frozenset()
    tag_fields: tuple[str, ...] = ("type",)
    # Those of `Comparison`.
    added: frozenset[str] = frozenset()
    marks_unknown: str | None = None

    @pytest.fixture
    def comparison(self, sdk: Any) -> Comparison:
        result = Comparison(self.added, self.marks_unknown)
        for name in self.roots:
            result.compare(sdk_type(self.sdk_packages, name), getattr(self.package, name), name)
        return result

    @pytest.mark.once
    def test_the_sdk_knows_no_event_or_field_that_ours_do_not(self, comparison: Comparison) -> None:
        assert comparison.missing == []
        assert len(comparison.pairs) >= self.fewest_pairs

    @pytest.mark.once
    def test_classes_have_the_names_that_the_sdk_gives_them(self, comparison: Comparison) -> None:
        structs = structs_of(self.package)
        for theirs, mine in comparison.pairs:
            if (theirs.__name__, mine) in self.merged:
                continue
            module = theirs.__module__.rpartition(".")[2].title().replace("_", "")
            first_of_its_types = mine.__base__ if mine.__base__ in structs else mine
            names = [theirs.__name__, module + theirs.__name__]
            assert first_of_its_types in [getattr(self.package, n, None) for n in names], theirs

    @pytest.mark.once
    def test_generated_files_are_what_the_generator_writes(self, sdk: Any) -> None:
        if not GENERATOR.exists():
            pytest.skip("needs scripts/generate_structs.py, which only a checkout has")
        name, version = self.package.__name__.rpartition(".")[2], self.package.SDK_VERSION
        if sdk.__version__ != version:
            pytest.skip(f"written from {name} {version}, {sdk.__version__} is installed")
        command = [sys.executable, str(GENERATOR), name, "--check"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")

    def test_every_field_may_be_lacking_or_null(self) -> None:
        for struct in structs_of(self.package):
            nothing = decode(wire(struct), struct)
            null = decode(wire(struct, **dict.fromkeys(struct.__struct_encode_fields__)), struct)
            assert nothing == null == struct()
            assert all(getattr(nothing, name) is None for name in struct.__struct_fields__), struct
            assert decode(wire(struct, a_new_field={"x": [1]}), struct) == nothing

    def test_a_field_of_another_type_costs_that_field(self) -> None:
        for struct in structs_of(self.package):
            decoder = Decoder(struct)
            names = zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True)
            for (name, encoded), value in itertools.product(names, ODD_VALUES):
                read = decoder.decode(json.dumps(wire(struct, **{encoded: value})))
                assert type(read) is struct
                kept = getattr(read, name)
                if kept is None:
                    assert read == struct()
                elif not isinstance(value, dict | list):
                    assert (str(kept) if isinstance(kept, Base64) else kept) == value, name
            assert decoder.stats.failures == {}

    def test_type_reads_as_the_tag(self) -> None:
        for struct in structs_of(self.package):
            tag, field = struct.__struct_config__.tag, struct.__struct_config__.tag_field
            if tag is not None:
                assert field in self.tag_fields
                assert getattr(struct(), field, None) == tag
                assert msgspec.to_builtins(struct()) == {field: tag}

    def test_no_set_of_allowed_values_can_fail_an_event(self) -> None:
        for info in msgspec.inspect.multi_type_info(structs_of(self.package)):
            for type_ in type_graph(info, set()):
                assert not isinstance(type_, msgspec.inspect.LiteralType | msgspec.inspect.EnumType)

    def test_structs_outside_garbage_collection_hold_no_containers(self) -> None:
        structs = structs_of(self.package)
        for struct, info in zip(structs, msgspec.inspect.multi_type_info(structs), strict=True):
            if struct.__struct_config__.gc:
                continue
            for type_ in type_graph(info, set()):
                containers = (msgspec.inspect.ListType, msgspec.inspect.DictType)
                assert not isinstance(type_, (*containers, msgspec.inspect.AnyType)), struct
                if isinstance(type_, msgspec.inspect.StructType):
                    assert not type_.cls.__struct_config__.gc

    def test_importing_the_package_leaves_the_sdk_alone(self) -> None:
        name = self.package.__name__
        program = (
            f"import sys, {name}\n"
            "print({'openai', 'anthropic', 'google', 'pydantic'} & {*sys.modules})"
        )
        command = [sys.executable, "-c", program]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        assert result.stdout == "set()\n"
