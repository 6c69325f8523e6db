"""Hooks of mkdocs: pages from elsewhere in the repository, links, and the reference.

The pages of docs/ link to files of the repository, as GitHub shows them; the README, which PyPI shows
too, links to the same by their addresses. A link to a file that is a page or a picture of the site
becomes a link to that; any other leads to the repository. The reference has a
page for each public module, with every name of its `__all__`; one without a docstring is an error.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import griffe
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "python" / "rapidsse"

ELSEWHERE = {
    "README.md": "index.md",
    "docs/README.md": "overview.md",
    "benches/RESULTS.md": "performance.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""Files of the repository, and the pages that they become."""

MODULES = {
    "rapidsse": "Streams, events and logs",
    "rapidsse.logs": "Logs and tables",
    "rapidsse.splits": "Splits of logs",
    "rapidsse.ray": "Ray",
    "rapidsse.spark": "Spark",
    "rapidsse.compat": "For the whole process",
}
"""The modules of the reference beside those of `compat`, and the titles of their pages."""

STRUCTS = ("openai", "anthropic", "google")
"""Packages of generated classes: the page has the module's text and the names of the classes."""

IMAGES = (".svg", ".png", ".jpg")
OURS = re.compile(
    r"https://(?:github\.com/rapidsse/rapidsse/blob|raw\.githubusercontent\.com/rapidsse/rapidsse)/main/"
)
"""What the address of a file of the repository begins with."""
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r'(?<=\]\()[^)\s]+(?=\))|(?<=\ssrc=")[^"]+|(?<=\ssrcset=")[^"]+')


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Puts the pages of the reference into the navigation."""
    for section in config.nav or []:
        if "Reference" in section:
            section["Reference"] = [{title: page} for page, title, _ in reference()]
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Adds the pages that are not in docs/, and leads every link to its page."""
    sources = {f"docs/{file.src_uri}": file.src_uri for file in files.documentation_pages()}
    sources |= ELSEWHERE
    pictures: set[str] = set()
    for source, page in sources.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        replace(files, config, page, linked(text, source, page, sources, config, pictures))
    for picture in pictures:
        files.append(File.generated(config, picture, abs_src_path=str(ROOT / picture)))
    if (old := files.get_file_from_path("README.md")) is not None:
        files.remove(old)
    for page, _, text in reference():
        replace(files, config, page, text)
    return files


def replace(files: Files, config: MkDocsConfig, page: str, text: str) -> None:
    """Gives a page this text."""
    if (old := files.get_file_from_path(page)) is not None:
        files.remove(old)
    files.append(File.generated(config, page, content=text))


def linked(
    text: str,
    source: str,
    page: str,
    pages: dict[str, str],
    config: MkDocsConfig,
    pictures: set[str],
) -> str:
    """Returns the text of a page with its links as the site has them."""

    def target(match: re.Match[str]) -> str:
        path, _, anchor = match[0].partition("#")
        if ours := OURS.match(path):
            file = path[ours.end() :]
        elif not path or re.match(r"[a-z]+:", path):
            return match[0]
        else:
            file = os.path.normpath(PurePosixPath(source).parent / path)
        if file in pages:
            place = os.path.relpath(pages[file], PurePosixPath(page).parent)
        elif file.startswith("docs/") and file.endswith(IMAGES):
            place = os.path.relpath(file.removeprefix("docs/"), PurePosixPath(page).parent)
        elif file.endswith(IMAGES):
            pictures.add(file)
            place = os.path.relpath(file, PurePosixPath(page).parent)
        else:
            kind = "tree" if (ROOT / file).is_dir() else "blob"
            repository = (config.repo_url or "").rstrip("/")
            place = f"{repository}/{kind}/main/{file}"
        return f"{place}#{anchor}" if anchor else place

    parts = re.split(f"({FENCE.pattern})", text, flags=FENCE.flags)
    return "".join(part if part.startswith("```") else TARGET.sub(target, part) for part in parts)


def reference() -> Iterator[tuple[str, str, str]]:
    """Yields the pages of the reference: path, title, text."""
    package = griffe.load("rapidsse", search_paths=[str(ROOT / "python")], allow_inspection=False)
    compat = {
        f"rapidsse.compat.{path.stem}": f"compat.{path.stem}"
        for path in sorted((PACKAGE / "compat").glob("[a-z]*.py"))
    }
    for module, title in (MODULES | compat).items():
        names = public(module)
        if not names:
            continue
        blocks, missing = "", list[str]()
        for name in names:
            path = f"{module}.{name}"
            if (found := own(package, path)) is None:
                blocks += f"\n## `{name}`\n\nThe library's own.\n"
            else:
                blocks += f"\n::: {path}\n"
                missing += undocumented(found, path)
        if missing:
            raise PluginError(f"no docstring: {', '.join(missing)}")
        yield f"reference/{module}.md", title, f"# {module}\n\n{summary(module)}\n{blocks}"
    for name in STRUCTS:
        module = f"rapidsse.{name}"
        listed = "".join(f"- `{each}`\n" for each in public(module))
        text = f"# {module}\n\n{summary(module)}\n\n## Names\n\n{listed}"
        yield f"reference/{module}.md", f"Structs of {name}", text


def tree_of(module: str) -> ast.Module:
    """Returns the syntax of a module of the package."""
    path = PACKAGE.parent.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def summary(module: str) -> str:
    """Returns the docstring of a module."""
    text = ast.get_docstring(tree_of(module))
    if not text:
        raise PluginError(f"no docstring: {module}")
    return text


def public(module: str) -> list[str]:
    """Returns the names of a module's `__all__` but `__version__`."""
    for node in tree_of(module).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(each, ast.Name) and each.id == "__all__" for each in targets):
            names: list[str] = ast.literal_eval(node.value)  # type: ignore[attr-defined]
            return [name for name in names if name != "__version__"]
    raise PluginError(f"{module} has no __all__")


def own(package: Any, path: str) -> Any:
    """Returns what the package defines under a name; `None` for the name of another library."""
    try:
        found = package[path.removeprefix("rapidsse.")]
        return found.final_target if found.is_alias else found
    except (KeyError, griffe.AliasResolutionError):
        return None


def undocumented(found: Any, path: str) -> Iterator[str]:
    """Yields the object, and the public methods and properties of a class, without a docstring."""
    if not found.has_docstring:
        yield path
    if not found.is_class:
        return
    for name, member in found.members.items():
        is_method = member.is_function or "property" in member.labels
        if not name.startswith("_") and is_method and not member.has_docstring:
            yield f"{path}.{name}"
