"""Every link of the documentation to a file of the repository leads to it, and to a heading of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benches").glob("*.md")]
)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
# What the address of a file of the repository begins with: PyPI shows the README, too.
OURS = re.compile(
    r"https://(?:github\.com/rapidsse/rapidsse/blob|raw\.githubusercontent\.com/rapidsse/rapidsse)/main/"
)
SOURCE = re.compile(r'\b(?:src|srcset)="([^"]+)"')
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)


def text_of(page: Path) -> str:
    """The page without its blocks of code, whose `#` and brackets mean other things."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> Iterator[str]:
    """The names that GitHub gives to the headings of a page."""
    seen: Counter[str] = Counter()
    for heading in HEADING.findall(text_of(page)):
        visible = LINK.sub(lambda link: link[0][1 : link[0].index("]")], heading)
        name = re.sub(r"[^\w\- ]", "", visible.lower()).replace(" ", "-")
        yield f"{name}-{seen[name]}" if seen[name] else name
        seen[name] += 1


def broken(page: Path) -> Iterator[str]:
    """The links of a page that lead nowhere."""
    text = text_of(page)
    for link in LINK.findall(text) + SOURCE.findall(text):
        path, _, anchor = link.partition("#")
        if ours := OURS.match(path):
            target = ROOT / path[ours.end() :]
        elif re.match(r"[a-z]+:", link):
            continue
        else:
            target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def missing_files(page: Path) -> list[str]:
    """The files and folders that a page names in code spans, and that are not there."""
    package = ROOT / "python" / "rapidsse"
    roots = [ROOT, ROOT / "rust", package, package / "logs"]
    named = re.findall(r"`([\w./-]+(?:\.(?:py|pyi|rs|toml)|/))`", text_of(page))
    return [name for name in named if not any((root / name).exists() for root in roots)]


def test_contributing_names_files_that_exist() -> None:
    page = ROOT / "CONTRIBUTING.md"
    # Not kept in the repository.
    assert set(missing_files(page)) <= {"build/"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    assert list(broken(page)) == []


def test_the_readme_has_no_relative_links() -> None:
    text = text_of(ROOT / "README.md")
    links = LINK.findall(text) + SOURCE.findall(text)
    assert [link for link in links if not link.startswith("https://")] == []
    assert any(OURS.match(link) for link in links)


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    docs = ROOT / "docs"
    pages = {page.relative_to(docs).as_posix() for page in docs.rglob("*.md")}
    # The page that lists the others has another name there.
    shown = re.findall(r": ([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    assert pages - {"README.md"} <= set(shown)
    assert len(set(shown)) == len(shown)


def test_a_missing_file_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("`_stream.py`, `core/src/lib.rs`, `logs/`, `logs/_gone.py`, `core/gone/`\n")
    assert missing_files(page) == ["logs/_gone.py", "core/gone/"]


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A `heading`, once\n\n## Twice\n\n## Twice\n")
    page = tmp_path / "page.md"
    ours = "https://github.com/rapidsse/rapidsse/blob/main"
    good = ["there.md", "there.md#a-heading-once", "there.md#twice-1", "#own", "https://x.org/#no"]
    good += [f"{ours}/SECURITY.md"]
    bad = ["gone.md", "there.md#a-heading", "there.md#twice-2", "#other", f"{ours}/gone.md"]
    links = "".join(f"[text]({link})\n" for link in good + bad)
    page.write_text(f"# Own\n\n{links}\n```python\nx = [1](gone)\n# Other\n```\n")
    assert list(broken(page)) == bad
