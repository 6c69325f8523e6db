"""Names that a log may have, and that no file may get."""

from __future__ import annotations

__all__ = ["HOSTILE"]

HOSTILE = [
    "../../x",
    "/etc/passwd",
    "..",
    "..\\..\\x",
    "C:\\x",
    "\\\\host\\share\\x",
    "a\x00b",
    "x" * 10_000,
    "../" * 5000,
    "CON",
    "nul",
    "com1",
    "aux.png",
    "",
    " ",
    ".",
    ".hidden",
    "-rf",
    "~root",
    "a:stream",
    "line\nbreak",
    "\x1b[31m",
    "\u202egnp.exe",
    "日本語",
    "%2e%2e%2f",
    "$(rm -rf x)",
    "<b>&",
    "\n",
]
