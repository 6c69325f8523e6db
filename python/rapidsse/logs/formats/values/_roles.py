"""What the name of a member says of its value: whether it is a response, or a part of a request.

The names are those that recorders, proxies and log libraries use. Only whole words count:
`rawResponse`, `response_body` and `llm-output` are responses.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache

__all__ = ["Role", "is_request", "role_of"]


class Role(IntEnum):
    """What a value is, by the names that lead to it. A higher one is preferred."""

    PROMPT = -2
    """What was said to a model: it is never read, whatever it quotes."""
    REQUEST = -1
    """Part of a request, unless a name further in says otherwise."""
    UNKNOWN = 0
    BODY = 1
    RESPONSE = 2

    def inside(self, name: object) -> Role:
        """The role of a member of this name of a value of this role."""
        if self is Role.PROMPT or not isinstance(name, str):
            return self
        role = role_of(name)
        return (
            max(self, role)
            if role is Role.BODY and self is Role.UNKNOWN
            else (self if role in (Role.UNKNOWN, Role.BODY) else role)
        )


_WORDS = {
    Role.PROMPT: "prompt prompts messages input inputs contents",
    Role.RESPONSE: (
        "response responses output outputs completion completions result results reply answer "
        "then chunks events stream sse generation"
    ),
    Role.REQUEST: "request requests req query question when params args arguments",
    Role.BODY: "body content text payload data string raw",
}
# A name that ends in one of these says something of a response or a request, and is none.
_ABOUT = frozenset(
    [
        "id",
        "ids",
        "time",
        "at",
        "url",
        "uri",
        "method",
        "type",
        "name",
        "status",
        "code",
        "index",
        "count",
        "ms",
        "duration",
        "latency",
        "timestamp",
        "date",
        "size",
        "length",
        "model",
    ]
)
# What is only compared with a response, such as in a data set of an evaluation.
_COMPARED = frozenset(["expected", "reference", "golden", "ideal", "desired"])
_ROLES = {word: role for role, words in _WORDS.items() for word in words.split()}
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@lru_cache(maxsize=1024)
def role_of(name: str) -> Role:
    """The role that a name says: of its words, the last that says anything."""
    # A name may be of any length.
    words = _WORD.findall(name[-100:])
    if words and words[-1].lower() in _ABOUT:
        return Role.UNKNOWN
    roles = [_ROLES[word] for each in words if (word := each.lower()) in _ROLES]
    if Role.RESPONSE in roles and any(each.lower() in _COMPARED for each in words):
        return Role.BODY
    decisive = [role for role in roles if role is not Role.BODY]
    return (decisive or roles or [Role.UNKNOWN])[-1]


def is_request(name: object) -> bool:
    """Whether the member of this name is part of a request."""
    return Role.UNKNOWN.inside(name) < Role.UNKNOWN
