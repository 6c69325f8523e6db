"""JSON that an SDK's models describe, and JSON that is wrong in every way; made at random.

For comparing what is made of it, `same` compares two objects at every depth, type by type.
"""

from __future__ import annotations

import json
import random
import types
from copy import deepcopy
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from typing_extensions import TypeAliasType

__all__ = ["bodies", "members", "mutated", "payload", "same"]

TEXTS = ["", "a", "é€𝄞", "line\nline", "5", "1.5", "true", "2024-01-02T03:04:05Z", "</x>"]
ANY: list[Any] = [None, True, 0, 7, -1.5, "x", [], ["x", {}], {}, {"type": "text", "x": [1]}]


def members(annotation: Any) -> list[Any]:
    """The members of a union, flat; of anything else, itself."""
    while get_origin(annotation) is Annotated or isinstance(annotation, TypeAliasType):
        alias = isinstance(annotation, TypeAliasType)
        annotation = annotation.__value__ if alias else get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        return [member for arg in get_args(annotation) for member in members(arg)]
    return [annotation]


def payload(annotation: Any, rng: random.Random, depth: int = 0) -> Any:
    """A value of a type."""
    kind = rng.choice(members(annotation))
    origin, args = get_origin(kind), get_args(kind)
    if hasattr(kind, "model_fields"):
        # Some classes have the names of others until they are built.
        kind.model_rebuild(raise_errors=False)
        return {
            field.alias or name: payload(field.annotation, rng, depth + 1)
            for name, field in kind.model_fields.items()
            if field.is_required() or (depth < 6 and rng.random() < 0.5)
        }
    if origin is Literal:
        return rng.choice(args)
    if origin is list:
        count = 0 if depth > 6 else rng.choice((0, 1, 1, 2))
        return [payload(args[0], rng, depth + 1) for _ in range(count)]
    if origin is dict or kind is dict:
        count = 0 if depth > 6 else rng.choice((0, 1, 2))
        return {f"key{n}": payload(args[1] if args else Any, rng, depth + 1) for n in range(count)}
    if kind in (datetime, date):
        return rng.choice(("2024-01-02T03:04:05Z", "2024-01-02", 1700000000))
    plain: dict[Any, list[Any]] = {
        str: TEXTS,
        int: [0, 1, -5, 2**31, 2**53 + 1],
        float: [0.0, -1.5, 1e300, 3, 0.1],
        bool: [True, False],
        type(None): [None],
    }
    if kind in plain:
        return rng.choice(plain[kind])
    assert kind in (object, Any) or isinstance(kind, TypeVar), kind
    return deepcopy(rng.choice(ANY))


# Wrong in every way -------------------------------------------------------------------------------

OTHERS: list[Any] = [
    *ANY,
    "5",
    "5.0",
    "true",
    1,
    1.0,
    10**30,
    10**400,
    float("nan"),
    float("inf"),
    "\ud83d",
    "\ud83d\ude00",
    [[]],
    [{"type": "output_text"}],
    {"role": "assistant"},
]
UNKNOWN = ["unknown", "error", "_fields_set", "_BaseModel__cls", "self", "type", "é", "model_extra"]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every member and every item: its container, and its key."""
    if isinstance(value, dict):
        keys: Any = list(value)
    elif isinstance(value, list):
        keys = range(len(value))
    else:
        return []
    below = [place for key in keys for place in places(value[key])]
    return [(value, key) for key in keys] + below


def mutated(value: Any, rng: random.Random) -> Any:
    """A changed copy of an object."""
    value = deepcopy(value)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        container, key = rng.choice(places(value) or [(value, None)])
        match rng.randrange(4):
            case 0 if isinstance(container, dict):
                container.pop(key, None)
            case 1 if isinstance(container, dict):
                name = rng.choice(UNKNOWN)
                # A stream that fails ends there.
                if name != "error" or container is not value:
                    container[name] = deepcopy(rng.choice(OTHERS))
            case 2 if key is not None:
                container[key] = None
            case _ if key is not None:
                container[key] = deepcopy(rng.choice(OTHERS))
            case _:
                pass
    return value


def bodies(value: Any, rng: random.Random) -> str:
    """The text of an object: compact or not, with or without escapes, with duplicate keys."""
    text = json.dumps(value, ensure_ascii=rng.random() < 0.7 or has_surrogates(value))
    if rng.random() < 0.1 and value:
        key = rng.choice(list(value))
        again = json.dumps({key: rng.choice(OTHERS)})[1:-1]
        text = rng.choice((f"{{{again}, {text[1:]}", f"{text[:-1]}, {again}}}"))
    if rng.random() < 0.05:
        text = text.replace('"type"', '"t\\u0079pe"')
    return text


def has_surrogates(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


# Comparing ----------------------------------------------------------------------------------------


def same(ours: Any, theirs: Any, at: str = "") -> None:
    """Asserts that two objects are the same, of the same types at every depth."""
    assert type(ours) is type(theirs), at
    if hasattr(theirs, "__pydantic_fields_set__"):
        # Of an event with a member `_fields_set`, `construct` makes it of that: any JSON.
        same(ours.model_fields_set, theirs.model_fields_set, f"{at}.model_fields_set")
        assert ours.__pydantic_private__ == theirs.__pydantic_private__, at
        same(vars(ours), vars(theirs), at)
        same(ours.model_extra, theirs.model_extra, f"{at}.model_extra")
    elif isinstance(theirs, dict):
        assert list(ours) == list(theirs), at
        for key, value in theirs.items():
            same(ours[key], value, f"{at}.{key}")
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), at
        for index, value in enumerate(theirs):
            same(ours[index], value, f"{at}[{index}]")
    elif isinstance(theirs, set):
        assert ours == theirs, at
    else:
        # The text tells 0 from -0.0, and takes one NaN for another.
        assert repr(ours) == repr(theirs), at
