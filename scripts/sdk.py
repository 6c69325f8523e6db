"""The generator's description of an SDK, which the module of each SDK fills in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sdk:
    """One official SDK, under the name of its distribution."""

    name: str
    version: str
    # What streams hold: `module.Name` of the SDK → its model or union.
    roots: Mapping[str, Any]
    # File, its subject, and a pattern of what it covers: an SDK module, or `module.Name`. The first
    # match counts.
    subjects: tuple[tuple[str, str, str], ...]
    # The files in the order in which they may import each other: from those before only.
    layers: tuple[str, ...]
    # The generated package's docstring: its beginning, and the items of this SDK alone in the list
    # of what differs.
    doc: str
    differences: str
    # Field → the `type` of the models where it holds base64, None if it does in all models.
    base64_fields: Mapping[str, str | None]
    # What earlier versions gave a field and this one does not, for recordings of their time:
    # (model, field) → type.
    former_types: Mapping[tuple[str, str], type] = field(default_factory=dict)
    # What others that speak the same API send in a field: (model, field) → type.
    other_types: Mapping[tuple[str, str], type] = field(default_factory=dict)
    # The fields by whose value a union selects its model.
    tag_fields: tuple[str, ...] = ("type",)
    # The field of the SDK's own stand-ins for models that it does not know: those are left out.
    marks_unknown: str | None = None
    # What the SDK adds to its models and no stream holds, as `Model.field`.
    added_fields: frozenset[str] = frozenset()
