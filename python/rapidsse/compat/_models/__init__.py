"""The SDKs' own types, made quickly: from the JSON of an event to what the SDK makes of it.

The official SDKs share a generator, and so one way from JSON to objects: `construct_type` of
their `_models`. It validates the JSON, for a union against every variant; what is not valid it
constructs unchecked, field by field. Here a plan for each type, made at its first event, does the
same and gives an equal object. Where a plan is not certain to, the SDK's function is called: for
the event, or for the part of it.

    `_library`    what is used of the SDK, and whether it is there
    `_variants`   which variant of a union JSON can be
    `_tagged`     validation that selects variants instead of trying all
    `_text`       validation of an event's text, without its JSON in between
    `_like`       objects that are like another one, but for some strings and numbers
    `_construct`  unchecked construction, as a schema of pydantic's
    `_plan`       the plans
"""

from __future__ import annotations

from ._library import Library
from ._plan import Plans

__all__ = ["Library", "Plans"]
