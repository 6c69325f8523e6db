"""Names the generated classes.

An SDK class or alias keeps its name where that is unique. Where several differ, the one that the
SDK exports from a package (`openai.types.responses.Tool`) keeps it; every other one gets the name
of its SDK module in front (`response_output_text.Logprob` → `ResponseOutputTextLogprob`).
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from types import ModuleType

from sdk_models import Alias, Model, Schema, camel


class Names:
    """The public name of every model and alias, and what else is public under another name."""

    def __init__(self, schema: Schema) -> None:
        self.of: dict[Model | Alias, str] = {}
        self.synonyms: dict[str, str] = {}
        self.qualified: list[str] = []
        self.former: list[str] = []
        by_name: dict[str, list[Model | Alias]] = defaultdict(list)
        for thing in schema.things:
            by_name[thing.name].append(thing)
        for name, things in by_name.items():
            exported = [t for t in things if _is_exported(t)]
            for thing in things:
                if len(things) == 1 or exported == [thing]:
                    self.of[thing] = name
                    continue
                self.of[thing], *others = (_qualified(t) for t in schema.unified[thing])
                self.qualified += [self.of[thing], *others]
                self.synonyms |= dict.fromkeys(others, self.of[thing])
        for first, absorbed in schema.merged.items():
            self.synonyms |= {m.name: self.of[first] for m in absorbed if m not in self.of}
        for thing, name in self.of.items():
            for other in _other_names(thing):
                self.former.append(other)
                self.synonyms[other] = name
        public = [*self.of.values(), *self.synonyms]
        for model in schema.models:
            public += [name for _, name in self.variants(model)[1:]]
        if repeated := {name for name in public if public.count(name) > 1}:
            raise SystemExit(f"names used twice: {sorted(repeated)}")

    def variants(self, model: Model) -> list[tuple[str, str]]:
        """The tags of a model, each with the name of its class; an untagged one has no tag."""
        name = self.of[model]
        if not model.tagged:
            return [("", name)]
        first, *others = model.tags
        suffixes = [tag.removeprefix(first) for tag in others]
        return [(first, name), *zip(others, (name + camel(s) for s in suffixes), strict=True)]


def _is_exported(thing: Model | Alias) -> bool:
    """Whether the SDK offers this very class or union from the package of its module."""
    offered = getattr(_package(thing), thing.name, None)
    return offered is not None and offered is getattr(sys.modules[thing.module], thing.name, None)


def _other_names(thing: Model | Alias) -> Iterator[str]:
    """What else the package of its module calls this very class or union."""
    defined = getattr(sys.modules[thing.module], thing.name, None)
    for name, value in vars(_package(thing)).items():
        if defined is not None and value is defined and name != thing.name:
            yield name


def _package(thing: Model | Alias) -> ModuleType:
    return sys.modules[thing.module.rpartition(".")[0]]


def _qualified(thing: Model | Alias) -> str:
    return camel(thing.module.rpartition(".")[2]) + thing.name
