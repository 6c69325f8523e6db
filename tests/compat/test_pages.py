"""The code on the pages of docs/compat: it compiles, and what needs no server or model runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import rapidsse.compat
from live_server import LiveServer, Scenario
from rapidsse.compat._libraries import libraries_of
from swap_reading import is_there

PAGES = Path(__file__).parents[2] / "docs" / "compat"
BLOCK = re.compile(r"^```(python|diff)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[Any]:
    return [
        pytest.param(code, id=f"{page.stem}-{number}")
        for page in sorted(PAGES.glob("*.md"))
        for number, (kind, code) in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")))
        if kind == language
    ]


@pytest.fixture(autouse=True)
def _uninstalled() -> Iterator[None]:
    yield
    rapidsse.compat.uninstall()


def compiled(code: str) -> Any:
    """With `await` as in the body of a coroutine."""
    return compile(code, "page", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def run(code: str, names: dict[str, Any] | None = None) -> None:
    exec(code, {} if names is None else names)  # noqa: S102 - the pages' code


def side(diff: str, sign: str) -> str:
    """The lines before or after a change. A loop that ends them has a body elsewhere."""
    lines = [line[1:] for line in diff.splitlines() if line[:1] in (sign, " ")]
    return "\n".join([*lines, "    pass"] if lines and lines[-1].endswith(":") else lines)


@pytest.mark.parametrize("diff", blocks("diff"))
def test_changes_to_a_program_compile(diff: str) -> None:
    for sign in "-+":
        assert side(diff, sign)
        compiled(side(diff, sign))
    imports = [line for line in side(diff, "+").splitlines() if "import" in line]
    run("\n".join(imports))
    assert imports


@pytest.mark.parametrize("code", blocks("python"))
def test_code_compiles(code: str) -> None:
    compiled(code)


INSTALLS = [block for block in blocks("python") if "compat.install(" in block.values[0]]


@pytest.mark.parametrize("code", INSTALLS)
def test_code_that_installs(code: str) -> None:
    from rapidsse.compat import _install

    names = re.findall(r'"(\w+)"', code)
    libraries = [library for name in names for library in libraries_of(name)]
    if not all(is_there(library.part_of or library.package) for library in libraries):
        pytest.skip("a library is not installed")
    before, undo, after = code.partition("rapidsse.compat.uninstall()")
    names: dict[str, Any] = {}
    run(before, names)
    assert {library.package for library in libraries} <= _install._installed.keys()
    run(undo + after, names)
    assert not undo or not (_install._installed or _install._awaited)


def test_code_of_httpx2(live_server: LiveServer, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = (
        block.values[0] for block in blocks("python") if "httpx2.Client()" in block.values[0]
    )
    url = live_server.add(Scenario(b"data: a\n\ndata: b\n\n"))
    names: dict[str, Any] = {}
    run(code.replace("http://localhost/events", url), names)
    assert capsys.readouterr().out == "a\nb\n"
    names["client"].close()
