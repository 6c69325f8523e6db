"""Draws what one text event costs, as the README shows it: docs/pictures/speed-{light,dark}.svg."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from results import Results
from rows import Figure

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"

ACCELERATED = ("compat.openai.accelerate, text log, in 64 KiB chunks", "openai SDK, typed")
STRUCTS = ("compat.openai.events, text log, in 64 KiB chunks", "openai SDK, typed")
FRAMES = ("text log, frames, in 64 KiB chunks", "httpx-sse, frames")

WIDTH, LABELS, BARS, LINE, BAR = 760, 290, 330, 30, 18


@dataclass(frozen=True)
class Theme:
    """The colours of one of the two pictures."""

    text: str
    faint: str
    theirs: str
    ours: str


THEMES = {
    "light": Theme(text="#1f2328", faint="#59636e", theirs="#afb8c1", ours="#0969da"),
    "dark": Theme(text="#f0f6fc", faint="#9198a1", theirs="#656c76", ours="#4493f8"),
}


@dataclass(frozen=True)
class Bar:
    """One bar: microseconds of CPU an event; `times` is empty for the library compared with."""

    label: str
    microseconds: float
    times: str = ""


def figure(results: Results, name: tuple[str, str]) -> Figure:
    """Returns the compiled engine's figure of a row, given its subject and baseline."""
    for found in results.figures:
        if found.engine == "rust" and (found.row.subject, found.row.baseline) == name:
            return found
    raise SystemExit(f"no row {name!r} in RESULTS.json: run `make bench` with the compiled engine")


def bars(results: Results) -> Iterator[tuple[str, list[Bar]]]:
    """Yields the groups of bars, each with its heading."""

    def ours(label: str, found: Figure) -> Bar:
        assert found.seconds is not None
        assert found.events
        times = f"{found.median:.3g} × the speed"
        return Bar(label, found.seconds / found.events * 1e6, times)

    def theirs(label: str, found: Figure, bar: Bar) -> Bar:
        return Bar(label, bar.microseconds * found.median)

    accelerated, structs = figure(results, ACCELERATED), figure(results, STRUCTS)
    same = ours("accelerate(client): the same types", accelerated)
    typed = ours("events(stream): rapidsse's Structs", structs)
    yield (
        "Typed events of the Responses API",
        [theirs("openai SDK", accelerated, same), same, typed],
    )
    frames = figure(results, FRAMES)
    fast = ours("rapidsse", frames)
    yield "Frames alone", [theirs("httpx-sse", frames, fast), fast]


def drawn(results: Results, theme: Theme) -> str:
    """Returns the picture as SVG."""
    parts, y = list[str](), 30
    title = "CPU time for one event of a text stream, in microseconds; shorter is better"
    parts.append(text(0, 16, title, theme.faint, size=13))
    for heading, group in bars(results):
        y += 22
        parts.append(text(0, y, heading, theme.text, weight="bold"))
        y += 12
        longest = max(bar.microseconds for bar in group)
        for bar in group:
            width = max(2.0, bar.microseconds / longest * BARS)
            color = theme.ours if bar.times else theme.theirs
            parts.append(text(LABELS - 12, y + BAR - 4, bar.label, theme.text, anchor="end"))
            parts.append(
                f'<rect x="{LABELS}" y="{y}" width="{width:.1f}" height="{BAR}" rx="3" '
                f'fill="{color}"/>'
            )
            amount = f"{bar.microseconds:.3g} µs" + (f", {bar.times}" if bar.times else "")
            parts.append(text(LABELS + width + 8, y + BAR - 4, amount, theme.text))
            y += LINE
    run = results.runs["rust"]
    processor = f"{run.machine}; {run.python}"
    parts.append(text(0, y + 16, processor, theme.faint, size=12))
    height = y + 26
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" font-size="14" '
        'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">\n'
        f"<title>{title}</title>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def text(
    x: float,
    y: float,
    words: str,
    color: str,
    *,
    size: int = 14,
    anchor: str = "start",
    weight: str = "normal",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y}" fill="{color}" font-size="{size}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{words}</text>'
    )


def pictures(results: Results) -> dict[Path, str]:
    """Returns the text of each picture."""
    return {FOLDER / f"speed-{name}.svg": drawn(results, theme) for name, theme in THEMES.items()}
