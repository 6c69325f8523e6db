"""Circles among the modules of a crate or a package.

A folder and the modules in it may use each other, as a folder's own module is its face. Side by
side, neither two modules nor two folders may.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

Module = tuple[str, ...]
RUST_PATH = re.compile(r"\b(crate|super|self)((?:::\w+)*)(?:::\{([^{}]*)\})?")


def modules(root: Path, suffix: str, faces: tuple[str, ...]) -> dict[Module, Path]:
    """The files below a folder, by the names on the way to each; `faces` name a folder's own."""
    found = {}
    for path in sorted(root.rglob(f"*{suffix}")):
        name = path.relative_to(root).with_suffix("").parts
        found[name[:-1] if name[-1] in faces else name] = path
    return found


def nearest(name: Module, known: Mapping[Module, Path]) -> Module:
    """The module that a path names, or that has what it names."""
    while name not in known:
        name = name[:-1]
    return name


def rust_uses(name: Module, code: str) -> Iterator[Module]:
    """The paths in a module, but those of its tests and its documentation."""
    code = re.sub(r"//.*", "", code.partition("#[cfg(test)]")[0])
    for start, rest, group in RUST_PATH.findall(code):
        base = {"crate": (), "super": name[:-1], "self": name}[start]
        path = (*base, *rest.split("::")[1:])
        for last in group.split(",") if group else ["self"]:
            yield path if last.strip() == "self" else (*path, *last.strip().split("::"))


def python_uses(name: Module, path: Path, package: str) -> Iterator[Module]:
    """The modules of the package that a module imports, wherever it does."""
    here = name if path.stem == "__init__" else name[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first, *rest = alias.name.split(".")
                if first == package:
                    yield tuple(rest)
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) + 1 - node.level]
            if not node.level:
                first, *rest = (node.module or "").split(".")
                if first != package:
                    continue
                base, module = (), rest
            else:
                module = node.module.split(".") if node.module else []
            for alias in node.names:
                yield (*base, *module, alias.name)


def rust_circle(root: Path) -> list[Module]:
    """A circle among the modules of a crate; empty if there is none."""
    known = modules(root, ".rs", ("lib", "mod"))
    return circle(
        {
            name: {nearest(used, known) for used in rust_uses(name, path.read_text("utf-8"))}
            for name, path in known.items()
        }
    )


def python_circle(root: Path) -> list[Module]:
    """A circle among the modules of a package; empty if there is none."""
    known = modules(root, ".py", ("__init__",))
    return circle(
        {
            name: {nearest(used, known) for used in python_uses(name, path, root.name)}
            for name, path in known.items()
        }
    )


def circle(uses: Mapping[Module, set[Module]]) -> list[Module]:
    sorter: TopologicalSorter[Module] = TopologicalSorter()
    for module, others in uses.items():
        for other in others:
            shared = 0
            while module[:shared] == other[:shared] and shared < min(len(module), len(other)):
                shared += 1
            if module[:shared] != other[:shared]:
                sorter.add(module[:shared], other[:shared])
    try:
        sorter.prepare()
    except CycleError as error:
        found: list[Module] = error.args[1]
        return found
    return []
