"""Renders the image of the demo stream: waves of bytes at dusk that turn into framed blocks.

Standard library only. `render()` returns rows of RGB bytes, `mosaic()` a coarse version of them,
`png()` the encoded file.
"""

from __future__ import annotations

import itertools
import math
import struct
import zlib

SIDE = 512

Colour = tuple[float, float, float]
Rows = list[bytearray]

# Sky, from the top down: (height 0..1, colour).
SKY: list[tuple[float, Colour]] = [
    (0.00, (18, 22, 58)),
    (0.22, (52, 42, 104)),
    (0.42, (142, 72, 134)),
    (0.58, (236, 124, 112)),
    (0.70, (255, 196, 128)),
    (1.00, (255, 226, 168)),
]
SUN: Colour = (255, 244, 208)
SUN_X, SUN_Y, SUN_RADIUS = 0.315, 0.535, 0.085

# Ridges, from the back to the front: (base height, amplitude, waves, phase, colour).
RIDGES: list[tuple[float, float, float, float, Colour]] = [
    (0.585, 0.040, 1.3, 0.4, (216, 122, 136)),
    (0.650, 0.048, 1.8, 2.3, (166, 88, 136)),
    (0.725, 0.052, 1.5, 4.4, (112, 62, 126)),
    (0.810, 0.050, 2.1, 1.2, (66, 44, 104)),
    (0.905, 0.040, 1.7, 3.5, (32, 28, 70)),
]
BLOCK = 32  # the width of a frame in pixels, a divisor of SIDE


def _mix(a: Colour, b: Colour, t: float) -> Colour:
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t)


def _smooth(low: float, high: float, x: float) -> float:
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3 - 2 * t)


def _sky(y: float) -> Colour:
    for (top, above), (bottom, below) in itertools.pairwise(SKY):
        if y <= bottom:
            return _mix(above, below, (y - top) / (bottom - top))
    return SKY[-1][1]


def _height(ridge: int, x: float) -> float:
    base, amplitude, waves, phase, _ = RIDGES[ridge]
    angle = 2 * math.pi * waves * x + phase
    return base + amplitude * (0.7 * math.sin(angle) + 0.3 * math.sin(2.3 * angle + 1.7 * phase))


def _framed(x: float) -> float:
    """How far the waves have become frames at `x`: 0 at the left, 1 at the right."""
    return _smooth(0.40, 0.66, x)


def _tops(column: int) -> list[float]:
    """The height of each ridge at a pixel column, in pixels: a curve that becomes steps."""
    x = (column + 0.5) / SIDE
    tops = []
    for ridge in range(len(RIDGES)):
        # Ridges take turns in where their steps begin, so that the gaps do not line up.
        shift = BLOCK // 2 * (ridge % 2)
        centre = ((column + shift) // BLOCK + 0.5) * BLOCK - shift
        step = round(_height(ridge, centre / SIDE) * SIDE / 8) * 8
        t = _framed(x)
        tops.append(_height(ridge, x) * SIDE * (1 - t) + step * t)
    return tops


def _inset(ridge: int, column: int, depth: float) -> float:
    """How much of a pixel of a ridge is on the border of its frame, 0 to 1."""
    shift = BLOCK // 2 * (ridge % 2)
    across = min((column + shift) % BLOCK, BLOCK - 1 - (column + shift) % BLOCK)
    down = depth % BLOCK
    down = min(down, BLOCK - 1 - down)
    nearest = min(across, down)
    return 1.0 if nearest < 1 else 0.35 if nearest < 2 else 0.0


def _stars() -> dict[tuple[int, int], float]:
    stars: dict[tuple[int, int], float] = {}
    state = 20260
    for _ in range(70):
        state = (state * 1103515245 + 12345) % 2**31
        x = (state >> 8) % SIDE
        state = (state * 1103515245 + 12345) % 2**31
        y = int(((state >> 8) % 1000 / 1000) ** 1.6 * SIDE * 0.36)
        stars[x, y] = 0.25 + 0.6 * ((state >> 18) % 100 / 100)
    return stars


def render() -> Rows:
    """The image: `SIDE` rows of `SIDE` RGB pixels."""
    rows = [bytearray(3 * SIDE) for _ in range(SIDE)]
    stars = _stars()
    for column in range(SIDE):
        x = (column + 0.5) / SIDE
        tops = _tops(column)
        framed = _framed(x)
        for row in range(SIDE):
            y = (row + 0.5) / SIDE
            colour = _sky(y)
            away = math.hypot(x - SUN_X, y - SUN_Y)
            colour = _mix(colour, SUN, 0.62 * math.exp(-((away / 0.2) ** 2)))
            disc = min(max((SUN_RADIUS - away) * SIDE + 0.5, 0.0), 1.0)
            colour = _mix(colour, SUN, disc)
            if (star := stars.get((column, row))) is not None:
                colour = _mix(colour, (255, 250, 240), star * (1 - _smooth(0.2, 0.4, y)))
            for ridge, top in enumerate(tops):
                # The share of the pixel that lies below the ridge's line: soft edges.
                cover = min(max(row + 1 - top, 0.0), 1.0)
                if cover == 0.0:
                    continue
                depth = row - top
                body = RIDGES[ridge][4]
                light = _mix(body, (255, 168, 150), 0.34 * math.exp(-max(depth, 0.0) / 20))
                glow = math.exp(-(((x - SUN_X) / 0.22) ** 2)) * math.exp(-max(depth, 0.0) / 34)
                light = _mix(light, (255, 200, 160), 0.20 * glow)
                border = _inset(ridge, column, max(depth, 0.0)) * framed
                light = _mix(light, (255, 226, 190), 0.30 * border)
                colour = _mix(colour, light, cover)
            at = 3 * column
            rows[row][at : at + 3] = bytes(min(max(round(c), 0), 255) for c in colour)
    return rows


def mosaic(rows: Rows, cell: int) -> Rows:
    """`rows` with each square of `cell` × `cell` pixels in its mean colour."""
    out = []
    for top in range(0, SIDE, cell):
        line = bytearray()
        for left in range(0, SIDE, cell):
            block = [rows[y][3 * left : 3 * (left + cell)] for y in range(top, top + cell)]
            mean = bytes(
                round(sum(sum(part[channel::3]) for part in block) / cell**2)
                for channel in range(3)
            )
            line += mean * cell
        out += [line] * cell
    return out


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    a, b, c = abs(guess - left), abs(guess - up), abs(guess - corner)
    return left if a <= b and a <= c else up if b <= c else corner


def _filtered(row: bytearray, above: bytearray) -> bytes:
    """One scan line with the filter whose residues are smallest (PNG specification, 12.7)."""
    left = bytes(3) + row[:-3]
    corner = bytes(3) + above[:-3]
    lines = [
        bytes(row),
        bytes((v - a) & 255 for v, a in zip(row, left, strict=True)),
        bytes((v - b) & 255 for v, b in zip(row, above, strict=True)),
        bytes((v - (a + b) // 2) & 255 for v, a, b in zip(row, left, above, strict=True)),
        bytes(
            (v - _paeth(a, b, c)) & 255 for v, a, b, c in zip(row, left, above, corner, strict=True)
        ),
    ]
    best = min(range(5), key=lambda kind: sum(min(v, 256 - v) for v in lines[kind]))
    return bytes([best]) + lines[best]


def png(rows: Rows) -> bytes:
    """`rows` as a PNG file: 8 bits per channel, RGB, no interlacing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    height, width = len(rows), len(rows[0]) // 3
    above = bytearray(3 * width)
    lines = []
    for row in rows:
        lines.append(_filtered(row, above))
        above = row
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"".join(lines), 9))
        + chunk(b"IEND", b"")
    )
