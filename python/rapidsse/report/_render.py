"""Renders the HTML of the page.

Text from logs goes through `plain`, which returns one printable line of bounded length, and through
autoescaping. In any case the page's Content-Security-Policy forbids scripts and loading: it allows
one style sheet, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import partial
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from .._text import many, plain, shown
from ..logs.tables._totals import Totals
from ._charts import token_bars, type_bars
from ._page import Page

__all__ = ["render"]

_PARTS = re.compile(r"[^._/:-]*[._/:-]?", re.DOTALL)

_TOKENS = {"input": 1, "output": 3, "total": 5}
"""Indexes into a row of `Totals.models`."""


def render(page: Page) -> str:
    """Returns the page as HTML."""
    style = _file("page.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        plain=plain,
        breakable=_breakable,
        source=partial(_source, page.folder),
        count=_count,
        size=_size,
        short=_short,
        length=_length,
    )
    return environment.from_string(_file("page.html")).render(
        page=page,
        many=many,
        totals=page.totals,
        policy=policy,
        style=Markup(style),
        types=type_bars(page.totals.types),
        models=token_bars(page.totals.models),
        items=sorted(page.totals.items.items(), key=lambda item: (-item[1][0], item[0])),
        n_types=len(page.totals.types),
        tokens=_sum(page.totals),
    )


def _sum(totals: Totals) -> dict[str, int]:
    models = totals.models.values()
    return {name: sum(row[n] for row in models) for name, n in _TOKENS.items()}


def _file(name: str) -> str:
    return (files("rapidsse.report") / name).read_text(encoding="utf-8").replace("\r\n", "\n")


def _breakable(text: str | None, limit: int = 200) -> Markup:
    """Returns a name in which lines may break after each part."""
    return Markup("<wbr>").join(_PARTS.findall(plain(text, limit)))


def _source(folder: str, source: str) -> Markup:
    """Returns the name of a log, without the common folder of all logs."""
    return _breakable(shown(source).removeprefix(folder), 300)


def _count(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


def _size(nbytes: int | None) -> str:
    """Formats a size: three digits and a unit."""
    if nbytes is None:
        return "–"
    if nbytes < 1024:
        return many(nbytes, "byte")
    size, unit = nbytes / 1024, "KiB"
    for larger in ("MiB", "GiB", "TiB", "PiB"):
        if size < 999.5:
            break
        size, unit = size / 1024, larger
    return f"{_three_digits(size)} {unit}"


def _short(number: int) -> str:
    """Formats a count: three digits and a suffix."""
    if number < 10_000:
        return f"{number:,}"
    size, suffix = float(number), ""
    for larger in ("k", "M", "G", "T"):
        if size < 999.5:
            break
        size, suffix = size / 1000, larger
    return f"{_three_digits(size)}{suffix}"


def _three_digits(number: float) -> str:
    return f"{number:.0f}" if number >= 99.95 else f"{number:.3g}"


def _length(percent: float) -> str:
    """Formats the length of a bar. If it is not zero, it is visible."""
    return f"{max(percent, 0.4) if percent else 0:.2f}%"
