"""The site: where its links lead, and what of the reference is missing."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("mkdocs", reason="mkdocs is not installed")
griffe: Any = pytest.importorskip("griffe", reason="griffe is not installed")

ROOT = Path(__file__).parents[2]
PAGES = {
    "README.md": "index.md",
    "docs/README.md": "overview.md",
    "docs/compat/x.md": "compat/x.md",
}


@pytest.fixture(scope="module")
def hooks() -> Any:
    spec = importlib.util.spec_from_file_location("docs_site", ROOT / "scripts" / "docs_site.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("../../README.md#install", "../index.md#install"),
        ("../README.md", "../overview.md"),
        ("x.md#here", "x.md#here"),
        ("#here", "#here"),
        ("https://example.org/README.md", "https://example.org/README.md"),
        ("../../Makefile", "https://host/repo/blob/main/Makefile"),
        ("../../examples", "https://host/repo/tree/main/examples"),
        ("../picture.svg", "../picture.svg"),
        ("../../benches/picture.svg", "../benches/picture.svg"),
        ("https://github.com/rapidsse/rapidsse/blob/main/README.md#a", "../index.md#a"),
        (
            "https://raw.githubusercontent.com/rapidsse/rapidsse/main/docs/picture.svg",
            "../picture.svg",
        ),
    ],
)
def test_links_lead_to_pages_or_to_the_repository(hooks: Any, link: str, target: str) -> None:
    pictures: set[str] = set()
    config = SimpleNamespace(repo_url="https://host/repo")
    code = f"```\n[kept]({link})\n```\n"
    text = hooks.linked(
        f"[text]({link})\n{code}", "docs/compat/x.md", "compat/x.md", PAGES, config, pictures
    )
    assert text == f"[text]({target})\n{code}"
    assert pictures == ({"benches/picture.svg"} if "benches/" in link else set())


def test_a_missing_docstring_is_found(hooks: Any) -> None:
    code = """
class Bare:
    def method(self): ...
    @property
    def value(self): ...
    def _private(self): ...

class Full:
    '''Has one.'''
    def method(self):
        '''Has one.'''
"""
    with griffe.temporary_visited_module(code) as module:
        found = [*hooks.undocumented(module["Bare"], "Bare")]
        assert found == ["Bare", "Bare.method", "Bare.value"]
        assert [*hooks.undocumented(module["Full"], "Full")] == []


def test_every_public_name_is_in_the_reference(hooks: Any) -> None:
    import rapidsse

    pages = {page: text for page, _, text in hooks.reference()}
    names = set(rapidsse.__all__) - {"__version__"}
    assert all(f"::: rapidsse.{name}\n" in pages["reference/rapidsse.md"] for name in names)
    assert "- `ResponseTextDeltaEvent`\n" in pages["reference/rapidsse.openai.md"]
