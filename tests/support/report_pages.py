"""Pages of `rapidsse report`, and pictures for them."""

from __future__ import annotations

import io
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from PIL import Image

from rapidsse.cli import main


class Parsed(HTMLParser):
    """The elements of a page with their attributes, and the text in each section."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._section = ""
        self._is_style = False
        self.feed(html)
        self.close()
        self.text = " ".join(self.texts.values())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._is_style = tag == "style"
        if tag == "section":
            self._section = dict(attrs)["id"] or ""

    def handle_endtag(self, tag: str) -> None:
        self._is_style = False
        self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        if not self._is_style:
            self.texts[self._section] = self.texts.get(self._section, "") + data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def shape(self) -> list[tuple[str, list[str]]]:
        """The page without its words."""
        return [(tag, list(attributes)) for tag, attributes in self.elements if tag != "wbr"]


def report(*arguments: str | Path) -> int:
    return main(["report", *map(str, arguments)])


def made(tmp_path: Path, log: bytes, *options: str, status: int = 0) -> Parsed:
    """The page about a log."""
    path, out = tmp_path / "log.sse", tmp_path / "page.html"
    path.write_bytes(log)
    assert report(path, "-o", out, *options) == status
    return Parsed(out.read_text(encoding="utf-8"))


def picture(
    format: str, mode: str = "RGB", size: tuple[int, int] = (640, 480), color: int = 0, **how: Any
) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, color).save(file, format, **how)
    return file.getvalue()
