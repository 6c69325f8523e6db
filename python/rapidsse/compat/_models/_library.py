"""What the plans use of an SDK."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import VERSION

__all__ = ["PYDANTIC", "Library", "OwnWay"]

PYDANTIC = tuple(map(int, VERSION.split(".")[:2]))


class OwnWay(Exception):
    """The SDK's own code must do this event.

    Not a `ValueError`, which pydantic would take for an invalid value.
    """


@dataclass(frozen=True)
class Library:
    """The functions of an SDK's `_models` that the plans stand in for, or call."""

    model: type[Any]
    construct_type: Callable[..., Any]
    discriminator: Callable[..., Any]
    default: Callable[[Any], Any]
    adapter: Callable[[Any], Any]

    @classmethod
    def of(cls, package: str) -> Library | None:
        """Returns those of the SDK in this package, or `None` if it is not built as expected."""
        models: Any = sys.modules.get(f"{package}._models")
        names = (
            "BaseModel",
            "construct_type",
            "_build_discriminated_union_meta",
            "field_get_default",
            "TypeAdapter",
        )
        parts: list[Any] = [getattr(models, name, None) for name in names]
        # The SDKs work with version 1 of pydantic, too, which has no schemas to build on. Version
        # 2.11 takes the validators of the classes in place of those that the plans make.
        if None in parts or not hasattr(parts[0], "__pydantic_fields_set__") or PYDANTIC == (2, 11):
            return None
        return cls(*parts)

    def constructed(self, value: Any, type: Any, metadata: Any) -> Any:
        """Returns what the SDK makes of a part of an event."""
        try:
            # Not a keyword of old versions, which have no use for it either.
            more = {"metadata": metadata} if metadata else {}
            return self.construct_type(value=value, type_=type, **more)
        except Exception as error:
            # What follows depends on where the SDK catches it.
            raise OwnWay from error
