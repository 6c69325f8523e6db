"""Classes of the engine's events that pass for those of a library.

The engine makes an event without running Python, if its class only adds methods. So an event of a
twin costs a tenth of the library's own, and still is one to `isinstance`, `match`, `==` and
`dataclasses`. Only `type(event)` and `vars(event)` show the difference.
"""

from __future__ import annotations

from functools import cache
from types import FunctionType
from typing import Any

from .._engine import ServerSentEvent

__all__ = ["nameless", "twin"]

# What would make or change an event as the library does, with attributes in a `__dict__`.
_OMITTED = (
    "__init__",
    "__new__",
    "__setattr__",
    "__delattr__",
    "__replace__",
    "__getstate__",
    "__setstate__",
)


@cache
def twin(theirs: type, event: property | None = None) -> type[ServerSentEvent]:
    """Returns the twin of a class whose arguments are `event`, `data`, `id` and `retry`.

    `event` replaces the engine's attribute.
    """
    methods: dict[str, Any] = {
        name: value
        for name, value in vars(theirs).items()
        if isinstance(value, FunctionType) and name not in _OMITTED
    }
    # A class without `__eq__` compares by identity; the engine's events do not.
    methods.setdefault("__eq__", object.__eq__)
    methods.setdefault("__hash__", object.__hash__)
    for name in ("__dataclass_fields__", "__dataclass_params__"):
        if hasattr(theirs, name):
            methods[name] = getattr(theirs, name)
    if event is not None:
        methods["event"] = event

    def reduce(self: Any) -> tuple[Any, ...]:
        return theirs, (self.event, self.data, self.id, self.retry)

    return type(
        theirs.__name__,
        (ServerSentEvent,),
        {
            "__slots__": (),
            "__module__": theirs.__module__,
            "__qualname__": theirs.__qualname__,
            "__doc__": theirs.__doc__,
            # What `isinstance` and the `__eq__` of a dataclass ask for.
            "__class__": property(lambda self: theirs),
            "__reduce__": reduce,
            **methods,
        },
    )


# The attribute of the engine's class, whose twins replace it.
_EVENT: Any = ServerSentEvent.__dict__["event"]


def _event_or_empty(self: Any) -> str:
    event: str = _EVENT.__get__(self) if self._is_named else ""
    return event


# `event` of libraries that have `""` instead of `"message"`.
nameless = property(_event_or_empty)
