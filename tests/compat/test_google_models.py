"""What `compat.google` makes of an event of `generateContent` equals what the SDK makes, for events of
every class that a response has, valid and not."""

from __future__ import annotations

import base64
import copy
import json
import warnings
from collections.abc import Iterator
from enum import EnumMeta
from random import Random
from typing import Any, Union, get_args, get_origin

import pytest

types: Any = pytest.importorskip("google.genai.types", reason="needs the `google-genai` package")

from google.genai import models
from pydantic import BaseModel

from rapidsse.compat import _google_models
from rapidsse.compat._google_models import OwnWay, response_plan

APIS = {"mldev": False, "vertex": True}
ODD: list[Any] = [None, 7, -0.5, 2**70, "", "x", "\ud800", True, [], {}, [None], {"a": 1}, [[1]]]


@pytest.fixture(autouse=True)
def _new_plans() -> Iterator[None]:
    response_plan.cache_clear()
    _google_models._plan.cache_clear()
    yield
    response_plan.cache_clear()
    _google_models._plan.cache_clear()


class Payloads:
    """JSON of a class: some of its fields; a few of another type, unknown or under other names."""

    def __init__(self, random: Random, odd: float) -> None:
        self._random = random
        self._odd = odd

    def model(self, cls: Any, depth: int) -> Any:
        cls.model_rebuild(raise_errors=False)
        fields = list(cls.model_fields.items())
        chosen = self._random.sample(fields, min(len(fields), self._random.choice((1, 2, 4))))
        payload: dict[str, Any] = {}
        for name, field in chosen:
            key = name if self._is_odd() else field.alias or name
            value = self._value(field.annotation, depth)
            if value is not None or self._is_odd():
                payload[key] = value
        if self._is_odd():
            payload[self._random.choice(("novelty", "error", "value", "self"))] = "x"
        return payload

    def _is_odd(self) -> bool:
        return self._random.random() < self._odd

    def _value(self, annotation: Any, depth: int) -> Any:
        if self._is_odd():
            return self._random.choice(ODD)
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Union:
            return self._value(arguments[0], depth)
        if origin is list:
            return [self._value(arguments[0], depth) for _ in range(self._random.randint(0, 2))]
        if origin is dict or annotation in (dict, Any):
            return {"a": [1, {"b": 0.5}]}
        if isinstance(annotation, EnumMeta):
            return self._random.choice(list(annotation)).value  # type: ignore[var-annotated]
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            has_fields = depth and annotation is not BaseModel
            return self.model(annotation, depth - 1) if has_fields else None
        values: dict[Any, Any] = {
            str: self._random.choice(("", "Zwölf", "€")),
            int: self._random.randint(-1, 2**40),
            float: self._random.choice((0.5, 3, 1e300)),
            bool: self._random.random() < 0.5,
            bytes: base64.b64encode(self._random.randbytes(5)).decode(),
        }
        return values.get(annotation)


def of_the_sdk(data: Any, api: str) -> Any:
    convert = getattr(models, f"_GenerateContentResponse_from_{api}")
    response: Any = types.GenerateContentResponse
    return response._from_response(response=convert(data), kwargs={})


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("odd", [0, 0.03])
def test_what_is_made_is_what_the_sdk_makes(api: str, odd: float) -> None:
    plan = response_plan(APIS[api])
    payloads = Payloads(Random(f"{api}{odd}"), odd)
    made = 0
    for _ in range(1500):
        data = payloads.model(types.GenerateContentResponse, depth=5)
        text = json.dumps(data)
        with warnings.catch_warnings():
            # The SDK's, of enum values that it does not know.
            warnings.simplefilter("ignore")
            try:
                ours = plan.make(copy.deepcopy(data))
            except OwnWay:
                continue
            theirs = of_the_sdk(json.loads(text), api)
        made += 1
        assert ours == theirs, text
        # Types at every depth, and fields that were set.
        assert repr(ours) == repr(theirs), text
        assert ours.model_dump() == theirs.model_dump(), text
        assert kinds(ours) == kinds(theirs), text
    # Those that are left to the SDK are few, or nothing has been tested.
    assert made > (900 if not odd else 400)


def kinds(value: Any) -> Any:
    match value:
        case BaseModel():
            members = {name: kinds(item) for name, item in vars(value).items()}
            private = value.__pydantic_private__
            return type(value), members, value.model_fields_set, value.__pydantic_extra__, private
        case list():
            return [kinds(item) for item in value]
        case _:
            return type(value)


TEXT: dict[str, Any] = {
    "candidates": [{"content": {"parts": [{"text": "a"}], "role": "model"}, "index": 0}],
    "usageMetadata": {"promptTokenCount": 7},
    "modelVersion": "gemini",
}


@pytest.mark.parametrize("api", APIS.values(), ids=APIS)
def test_objects_share_nothing(api: bool) -> None:
    plan = response_plan(api)
    first, second, third = (plan.make(copy.deepcopy(TEXT)) for _ in range(3))
    second.candidates[0].content.parts[0].text = "b"
    second.usage_metadata.total_token_count = 5
    second.model_fields_set.add("parsed")
    assert first == third != second
    assert "total_token_count" not in third.usage_metadata.model_fields_set


def test_sets_of_members_are_not_learnt_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_google_models, "_MAX_SHAPES", 3)
    plan = response_plan(False)
    names = ["responseId", "modelVersion", "createTime", "usageMetadata", "a", "b", "c"]
    for number in range(3):
        plan.make({name: "x" for name in ("responseId", *names[4 : 4 + number])})
    with pytest.raises(OwnWay):
        plan.make({"modelVersion": "x"})
    assert plan.make({"responseId": "x"}).response_id == "x"


def test_a_class_that_the_sdk_makes_otherwise_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs = types.Part.model_validate

    def validate(data: Any) -> Any:
        part = theirs(data)
        part.text = f"{part.text}!"
        return part

    monkeypatch.setattr(types.Part, "model_validate", validate)
    plan = response_plan(False)
    for _ in range(2):
        with pytest.raises(OwnWay):
            plan.make(copy.deepcopy(TEXT))
