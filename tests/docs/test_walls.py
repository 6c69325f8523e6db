"""The walls of CONTRIBUTING that no linter knows."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.module_circles import python_circle, rust_circle

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "python" / "rapidsse"
# Structs with the members that an API has.
GENERATED = ("openai", "anthropic", "google")
# Data: they grow by an entry per API.
TABLES = ("_apis.py", "_api_items.py", "apis.rs")
RUST_FUNCTION = re.compile(
    r"(?P<indent> *)(?:pub(?:\([^)]*\))? )?(?:(?:async|const|unsafe) )*fn (?P<name>\w+)"
)
RUST_STRUCT = re.compile(
    r"^(?P<indent> *)(?:pub(?:\([^)]*\))? )?struct (?P<name>\w+)[^;({\n]*(?:\n[^{]*)?\{$",
    re.MULTILINE,
)
RUST_FIELD = re.compile(r"^ *(?:pub(?:\([^)]*\))? )?\w+: ", re.MULTILINE)

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not (ROOT / "rust").exists(), reason="the sources are not here"),
]


def dependencies(crate: str) -> set[str]:
    manifest = tomllib.loads((ROOT / "rust" / crate / "Cargo.toml").read_text("utf-8"))
    kinds = ("dependencies", "dev-dependencies", "build-dependencies")
    return {name for kind in kinds for name in manifest.get(kind, {})}


def test_python_is_known_to_the_binding_alone() -> None:
    crates = {path.parent.name for path in (ROOT / "rust").glob("*/Cargo.toml")}
    assert {crate for crate in crates if "pyo3" in dependencies(crate)} == {"python"}


def attributes(cls: ast.ClassDef) -> set[str]:
    """The attributes that the class declares, or that its methods set."""
    declared = {
        node.target.id
        for node in cls.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return declared | {
        node.attr
        for node in ast.walk(cls)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


def modules() -> Iterator[tuple[Path, str]]:
    """The modules of the package that are written by hand, and their code."""
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE)
        if place.parts[0] not in GENERATED:
            yield place, path.read_text("utf-8")


def classes() -> Iterator[tuple[str, ast.ClassDef]]:
    for place, code in modules():
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ClassDef):
                yield f"{place}: {node.name}", node


def test_no_class_has_more_than_a_dozen_attributes() -> None:
    sizes = {name: len(attributes(cls)) for name, cls in classes()}
    assert len(sizes) > 100
    assert {name: size for name, size in sizes.items() if size > 12} == {}


def rust_structs(code: str) -> Iterator[tuple[str, int]]:
    """The structs with named fields, as rustfmt writes them, and the number of these."""
    for match in RUST_STRUCT.finditer(code):
        body = code[match.end() : code.index(f"\n{match['indent']}}}", match.end())]
        yield match["name"], len(RUST_FIELD.findall(body))


def test_no_struct_has_more_than_a_dozen_fields() -> None:
    sizes = {
        f"{place}: {name}": size
        for place, code in crates()
        if not place.endswith(TABLES)
        for name, size in rust_structs(code)
    }
    assert len(sizes) > 100
    assert {name: size for name, size in sizes.items() if size > 12} == {}


def test_a_large_struct_would_be_found() -> None:
    code = (
        "pub(super) struct A<'a> {\n    /// b: c\n    pub(super) b: &'a u8,\n    c: D<E, F>,\n}\n"
    )
    assert list(rust_structs(code)) == [("A", 2)]


def functions() -> Iterator[tuple[str, int]]:
    """The functions, and the number of their lines without the documentation."""
    for place, code in modules():
        if place.name in TABLES:
            continue
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                doc = node.body[0] if ast.get_docstring(node) else None
                lines = (node.end_lineno or 0) - node.lineno + 1
                if doc is not None:
                    lines -= (doc.end_lineno or 0) - doc.lineno + 1
                yield f"{place}:{node.lineno}: {node.name}", lines


def test_functions_are_short() -> None:
    sizes = dict(functions())
    assert len(sizes) > 1000
    assert {name: size for name, size in sizes.items() if size > 60} == {}


def crates() -> Iterator[tuple[str, str]]:
    """The sources of the crates, and their code without the tests in it."""
    for path in sorted((ROOT / "rust").glob("*/src/**/*.rs")):
        yield str(path.relative_to(ROOT)), path.read_text("utf-8").partition("#[cfg(test)]")[0]


def rust_functions(code: str) -> Iterator[tuple[str, int]]:
    """The functions with a body, as rustfmt writes them, and the number of their lines."""
    lines = code.splitlines()
    for number, line in enumerate(lines):
        if (match := RUST_FUNCTION.match(line)) is None:
            continue
        head = next(at for at in range(number, len(lines)) if lines[at].endswith(("{", ";", "}")))
        if lines[head].endswith("{"):
            end = lines.index(f"{match['indent']}}}", head)
            yield f"{number + 1}: {match['name']}", end - number + 1


def test_functions_of_the_crates_are_short() -> None:
    sizes = {
        f"{place}:{name}": size for place, code in crates() for name, size in rust_functions(code)
    }
    assert len(sizes) > 500
    assert {name: size for name, size in sizes.items() if size > 60} == {}


def test_a_long_function_would_be_found() -> None:
    code = "trait A {\n    fn a(&self);\n}\n\nimpl B {\n    pub(super) fn b(\n        c: u8,\n    ) {\n"
    code += "        c();\n" * 60 + "    }\n}\n"
    assert list(rust_functions(code)) == [("6: b", 64)]


def test_files_are_short() -> None:
    sizes = {str(place): code.count("\n") for place, code in [*modules(), *crates()]}
    assert len(sizes) > 250
    long = {name for name, size in sizes.items() if size > 450}
    assert {name for name in long if not name.endswith(TABLES)} == set()


def test_files_of_tests_are_short() -> None:
    sizes = {
        str(path.relative_to(ROOT)): path.read_text("utf-8").count("\n")
        for path in (ROOT / "tests").rglob("*.py")
    }
    assert len(sizes) > 150
    assert {name: size for name, size in sizes.items() if size > 500} == {}


@pytest.mark.parametrize("crate", ["core", "python"])
def test_the_modules_of_a_crate_have_no_circle(crate: str) -> None:
    assert rust_circle(ROOT / "rust" / crate / "src") == []


def test_the_modules_of_the_package_have_no_circle() -> None:
    assert python_circle(PACKAGE) == []


def test_circles_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "lib.rs").write_text("mod logs;", "utf-8")
    (tmp_path / "frames.rs").write_text("use crate::{lines, logs::fields::Fields};", "utf-8")
    (tmp_path / "lines.rs").write_text("// use crate::frames;", "utf-8")
    (tmp_path / "logs" / "mod.rs").write_text("use self::fields::Fields;", "utf-8")
    fields = tmp_path / "logs" / "fields.rs"
    fields.write_text("use super::Log;", "utf-8")
    assert rust_circle(tmp_path) == []
    fields.write_text("use crate::frames::{Frame, Value};", "utf-8")
    assert set(rust_circle(tmp_path)) == {("frames",), ("logs",)}
    (tmp_path / "__init__.py").write_text("from .a import b", "utf-8")
    (tmp_path / "a.py").write_text("from . import b, c", "utf-8")
    (tmp_path / "b.py").write_text("def f():\n    import x\n", "utf-8")
    assert python_circle(tmp_path) == []
    (tmp_path / "b.py").write_text(f"def f():\n    from {tmp_path.name}.a import b\n", "utf-8")
    assert set(python_circle(tmp_path)) == {("a",), ("b",)}
