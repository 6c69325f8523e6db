"""JSON5, as some recorders write it (talkback), and JSON with comments, as JSON."""

from __future__ import annotations

import re

__all__ = ["json_of_json5"]

_COMMENT = r"//[^\r\n]*+|/\*.*?\*/"
_TOKEN = re.compile(
    rf"""(?P<text>"(?:[^"\\]++|\\.)*+"|'(?:[^'\\]++|\\.)*+')|(?P<comment>{_COMMENT})"""
    rf"|(?P<comma>,(?=(?:\s|{_COMMENT})*+[\]}}]))|(?P<name>(?<![\w$])[A-Za-z_$][\w$]*+(?=\s*+:))"
    # A text or a comment without an end is all the rest, which is looked at once.
    r"|(?P<rest>(?:[\"']|/\*).*+)",
    re.DOTALL,
)
_ESCAPE = re.compile(
    r"""\\(?:(?P<line>\r\n|[\r\n])|x(?P<hex>[0-9A-Fa-f]{2})|(?P<quote>')|(?P<other>.))|(?P<bare>")""",
    re.DOTALL,
)


def json_of_json5(text: str) -> str:
    """The text with its names and strings in double quotes, without comments and trailing commas."""
    return _TOKEN.sub(_token, text)


def _token(match: re.Match[str]) -> str:
    if (text := match["text"]) is not None:
        return f'"{_ESCAPE.sub(_escape, text[1:-1])}"' if _needs_change(text) else text
    if match["name"] is not None:
        return f'"{match["name"]}"'
    return match["rest"] or ""


def _needs_change(text: str) -> bool:
    return text[0] == "'" or "\\'" in text or "\\x" in text or "\\\n" in text or "\\\r" in text


def _escape(match: re.Match[str]) -> str:
    if match["line"] is not None:
        return ""
    if match["hex"] is not None:
        return rf"\u00{match['hex']}"
    if match["quote"] is not None:
        return "'"
    return r"\"" if match["bare"] is not None else match[0]
