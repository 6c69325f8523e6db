"""What `install("mistralai")` replaces beside the reading: how the SDK makes its objects."""

from __future__ import annotations

import copy
import json
from importlib import import_module
from typing import Any

import httpx2
import pytest

from rapidsse.compat import _speakeasy
from swap_reading import installed

pytest.importorskip("mistralai.client", reason="needs the `mistralai` package")

EVENT = {
    "data": {
        "id": "c",
        "model": "m",
        "choices": [
            {"index": 0, "delta": {"content": "Zwölf", "extra": [1]}, "finish_reason": None}
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
    }
}


def made() -> list[Any]:
    """The SDK's objects for an event, twice."""
    unmarshal = import_module("mistralai.client.utils.serializers").unmarshal_json
    kind = import_module("mistralai.client.models").CompletionEvent
    return [unmarshal(json.dumps(EVENT), kind) for _ in range(2)]


def described(value: Any) -> Any:
    """The types of a value and of all in it, and which fields were set."""
    if hasattr(value, "__pydantic_fields_set__"):
        members = {name: described(member) for name, member in vars(value).items()}
        extra, private = value.__pydantic_extra__, value.__pydantic_private__
        return type(value), members, value.__pydantic_fields_set__, described(extra), private
    if isinstance(value, list):
        return [described(item) for item in value]
    if isinstance(value, dict):
        return {key: described(item) for key, item in value.items()}
    return type(value), repr(value)


def models(value: Any) -> list[Any]:
    """The objects of the SDK's classes in a value."""
    if hasattr(value, "__pydantic_fields_set__"):
        return [value, *models(list(vars(value).values()))]
    return [model for item in value for model in models(item)] if isinstance(value, list) else []


def test_the_objects_are_the_same_and_share_nothing() -> None:
    theirs = made()
    with installed("mistralai"):
        ours = made()
    assert ours == theirs
    assert described(ours) == described(theirs)
    # Those that mark fields without a value, too.
    unset = import_module("mistralai.client.types.basemodel").Unset
    each = models(ours)
    assert sum(isinstance(model, unset) for model in each) > 5
    assert len({id(model) for model in each}) == len(each) == len(models(theirs))


def test_copies_of_what_marks_a_field_without_a_value() -> None:
    unset = import_module("mistralai.client.types.basemodel").UNSET
    theirs = copy.deepcopy(unset)
    with installed("mistralai"):
        ours = copy.deepcopy(unset)
        assert "__deepcopy__" in vars(type(unset))
    assert "__deepcopy__" not in vars(type(unset))
    assert ours is not unset
    assert ours == theirs == unset
    assert described(ours) == described(theirs)
    ours.__pydantic_fields_set__.add("changed")
    assert not unset.__pydantic_fields_set__


def test_an_object_that_holds_something_is_copied_as_before() -> None:
    from pydantic import BaseModel

    class Model(BaseModel):
        items: list[int] = []

    class Open(BaseModel, extra="allow"):
        pass

    model = Model(items=[1])
    copied = _speakeasy.copied(Model)(model)
    copied.items.append(2)
    assert (model.items, copied.items) == ([1], [1, 2])
    assert copied.model_fields_set == {"items"}
    assert _speakeasy.copied(Open)(Open()).__pydantic_extra__ == {}


def test_models_are_made_once_for_a_type(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def create_model(name: str, /, **options: Any) -> object:
        calls.append(name)
        return object()

    monkeypatch.setattr(_speakeasy, "_MAX_MODELS", 2)
    create = _speakeasy.cached(create_model)
    config = {"populate_by_name": True, "arbitrary_types_allowed": True}

    def of(kind: Any, **more: Any) -> Any:
        return create("Unmarshaller", body=(kind, ...), __config__=config, **more)

    assert of(int) is of(int) is not of(str)
    assert of(int | str) is not of(str | int)
    assert len(calls) == 4
    # All are forgotten when there are too many; what is made otherwise is not kept.
    of(int)
    assert len(calls) == 5
    assert of(int, more=1) is not of(int, more=1)


def test_a_model_that_is_used_often_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_speakeasy, "_WORTH_A_CHANGE", 3)
    create = _speakeasy.cached(lambda name, **_: [name], lambda model: [*model, "changed"])
    config = {"populate_by_name": True, "arbitrary_types_allowed": True}
    made = [create("Unmarshaller", body=(int, ...), __config__=config) for _ in range(5)]
    assert made == [["Unmarshaller"]] * 2 + [["Unmarshaller", "changed"]] * 3


def test_fields_without_a_value_are_made_anew() -> None:
    """By the model of an SDK's type: what it makes is what copies would be, each an own object."""
    from pydantic import create_model

    from rapidsse.compat._unset import made_anew

    event = import_module("mistralai.client.models").CompletionEvent
    unset = import_module("mistralai.client.types.basemodel").Unset
    theirs = create_model("Unmarshaller", body=(event, ...))
    ours = made_anew(unset, create_model("Unmarshaller", body=(event, ...)))
    choice = {"index": 0, "delta": {"content": "a"}, "finish_reason": None}
    data = {"data": {"id": "c", "model": "m", "choices": [choice]}}
    made, same = ours(body=data).body, theirs(body=data).body
    assert made == same
    assert described(made) == described(same)
    each = models(made)
    assert sum(isinstance(model, unset) for model in each) > 5
    assert len({id(model) for model in each}) == len(each) == len(models(same))
    for broken in ({}, {"data": 1}, {"data": {"choices": [{"delta": {"role": 1}}]}}):
        with pytest.raises(ValueError, match="Unmarshaller") as refused:
            ours(body=broken)
        with pytest.raises(ValueError, match="Unmarshaller") as as_before:
            theirs(body=broken)
        assert str(refused.value) == str(as_before.value)


def test_a_mark_that_holds_something_is_copied_as_before() -> None:
    from pydantic import BaseModel, Field

    from rapidsse.compat._unset import made_anew

    class Mark(BaseModel):
        items: list[int] = []

    class Model(BaseModel):
        empty: Mark = Field(default=Mark())
        full: Mark = Field(default=Mark(items=[1]))

    validator = Model.__pydantic_validator__
    assert made_anew(Mark, Model) is Model
    assert Model.__pydantic_validator__ is validator
    assert Model() == Model(empty=Mark(), full=Mark(items=[1]))


PAYLOADS = [
    '{"a": [1, {"b": null}], "a": 2}',
    "12",
    "",
    " ",
    # Valid where the payload stands in another object, but no JSON.
    '1, "data": 2',
    '{"a": 1}, "event": {"b": 2}',
    "1], [2",
    "[1], [2]",
    "1}",
    '"a" "b"',
    "\ufeff1",
    "NaN",
    "[-Infinity, 1e400, -0, 0.1, 123456789012345678901234567890]",
    '"\\ud800"',
    # Around what this module calls shallow, and around the decoder's limit.
    *("[" * depth + "]" * depth for depth in (49, 50, 51, 197, 198, 199, 200, 201)),
    *('{"a":' * depth + "1" + "}" * depth for depth in (50, 51, 198, 199, 200)),
    *("null", "0", "false", '""', "[]", "{}"),
    json.dumps([[]] * 200),
    f"{json.dumps([[]] * 200)}, 1",
    f'{json.dumps([{}] * 200)}, "data": 1',
    json.dumps([{}] * 200),
    json.dumps("x" * 2**20),
]


def decoded(payload: str) -> tuple[list[Any], str]:
    """The type and the value of each event that the SDK decodes, its text included, and the error."""
    streaming = import_module("mistralai.client.utils.eventstreaming")
    unmarshal = import_module("mistralai.client.utils.serializers").unmarshal_json

    def decoder(text: str) -> Any:
        values = [unmarshal(text, Any), unmarshal(text, Any)]
        shared = isinstance(values[0], (list, dict)) and values[0] is values[1]
        return text.__class__, json.loads(text), values[0], shared

    body = f"id: 1\nevent: a\ndata: {payload}\nretry: 5\n\ndata: {payload}\n\ndata: 1\n\n".encode()
    chunks = [body[at : at + 65536] for at in range(0, len(body), 65536)]
    request = httpx2.Request("GET", "http://localhost")
    response = httpx2.Response(200, content=iter(chunks), request=request)
    events = list[Any]()
    try:
        events.extend(streaming.EventStream(response, decoder))
    except Exception as error:  # noqa: BLE001
        return events, repr(error).partition(" at line")[0]
    return events, ""


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_what_a_payload_decodes_to(payload: str) -> None:
    theirs = decoded(payload)
    with installed("mistralai"):
        ours = decoded(payload)
    assert repr(ours) == repr(theirs)
    assert not _speakeasy._values, "what is kept for a decoder goes when it returns"
