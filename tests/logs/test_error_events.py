"""Events that say that something failed, in the forms of frameworks, gateways and providers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rapidsse.logs import open_log
from rapidsse.logs.verify._problems import Problem
from rapidsse.logs.verify._verify import Verifier
from samples import choice, chunk, sse
from table_reading import table_of

START = [chunk(choices=[choice(role="assistant", content="Hi")])]
END = chunk(choices=[choice(finish="stop")])
ERRORS: list[tuple[dict[str, Any], str | None, str | None]] = [
    ({"detail": "Not authenticated"}, None, "Not authenticated"),
    ({"detail": [{"type": "missing", "loc": ["body"], "msg": "Field required"}]}, None,
     "Field required"),
    ({"detail": {"error": "x", "reason": "quota"}}, None, "quota"),
    ({"object": "error", "message": "too long", "type": "BadRequestError", "code": 400}, "400",
     "too long"),
    ({"object": "error", "message": {"detail": [{"msg": "bad"}]}, "type": "invalid", "code": None},
     None, "bad"),
    ({"message": "Too many requests", "code": 429}, "429", "Too many requests"),
    ({"code": "InvalidApiKey", "message": "Invalid API-key provided.", "request_id": "q"},
     "InvalidApiKey", "Invalid API-key provided."),
    ({"code": "1113", "message": "no balance"}, "1113", "no balance"),
    ({"code": -20003, "message": "Internal"}, "-20003", "Internal"),
    ({"success": False, "result": None, "errors": [{"code": 7009, "message": "no quota"}]}, None,
     "no quota"),
    ({"errors": ["broken"]}, None, "broken"),
    ({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
     "overloaded_error", "Overloaded"),
    ({"type": "error", "code": "c", "message": "m"}, "c", "m"),
]  # fmt: skip
NO_ERRORS: list[dict[str, Any]] = [
    {"type": "progress", "detail": "loading"},
    {"event_type": "progress", "errors": ["none yet"]},
    {"detail": ""},
    {"detail": None},
    {"detail": 5},
    {"errors": [], "success": True},
    {"errors": {}},
    {"message": "hello"},
    {"message": "hello", "code": 0},
    {"message": "hello", "code": "200"},
    {"message": "hello", "code": 200.5},
    {"message": "hello", "code": True},
    {"message": "hello", "code": ""},
    {"message": "", "code": 500},
    {"message": {"text": "hello"}, "code": 500},
    {"code": 500},
    {"object": "list", "message": "error"},
]


def checked(path: Path, log: bytes) -> list[Problem]:
    path.write_bytes(log)
    problems: list[Problem] = []
    with open_log(path) as opened:
        Verifier(problems.append).verify(opened)
    return problems


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.sse"


@pytest.mark.parametrize(("error", "code", "message"), ERRORS)
def test_an_error_where_no_response_is(
    log: Path, error: dict[str, Any], code: str | None, message: str
) -> None:
    (problem,) = checked(log, sse(error))
    assert (problem.kind, problem.detail) == ("error", message)


@pytest.mark.parametrize(("error", "code", "message"), ERRORS)
def test_an_error_within_a_response_ends_it(
    log: Path, error: dict[str, Any], code: str | None, message: str
) -> None:
    whole = [*START, END]
    for events in ([*START, error], [*whole, error], [*START, error, END]):
        (problem,) = checked(log, sse(*events))
        assert problem.kind == "no_end"
        assert problem.detail.endswith(f"after an error event: {message}")
        (row,) = table_of(log, "responses")
        assert (row["error_code"], row["error_message"]) == (code, message)
        assert not row["complete"]


@pytest.mark.parametrize("event", NO_ERRORS)
def test_what_is_no_error(log: Path, event: dict[str, Any]) -> None:
    assert [each.kind for each in checked(log, sse(event))] == ["no_response"]
    assert checked(log, sse(*START, END, event)) == []


def test_a_name_says_that_an_event_is_another(log: Path) -> None:
    event = sse({"detail": "loading"})
    assert [each.kind for each in checked(log, b"event: progress\n" + event)] == ["no_response"]
    assert [each.kind for each in checked(log, b"event: message\n" + event)] == ["error"]


def test_events_alike_of_which_some_are_errors(log: Path) -> None:
    """An engine compares an event with the one before it."""
    codes = [200, 200, 500, 200, "200", "500", "ok"]
    events = [sse({"message": "m", "code": code}) for code in codes]
    for number, (code, event) in enumerate(zip(codes, events, strict=True)):
        first = b"".join(events[:2]) + b"data: [DONE]\n\n" if number > 1 else b""
        found = [each.kind for each in checked(log, first + events[0] + event)]
        assert found == ["error" if code in (500, "500", "ok") else "no_response"], code
    named = b"event: progress\n" + sse({"detail": "loading"})
    assert [each.kind for each in checked(log, named + sse({"detail": "failed"}))] == ["error"]
