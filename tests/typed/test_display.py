"""What a notebook shows of a `Base64`, and a console of a `Decoder`."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from rapidsse import Base64, Decoder
from rapidsse.openai import ChatCompletionChunk, ResponseStreamEvent
from test_base64 import PICTURES, PNG


@pytest.mark.parametrize(("head", "media_type", "size"), PICTURES)
def test_shows_a_picture(head: bytes, media_type: str, size: tuple[int, int]) -> None:
    text = base64.b64encode(head).decode()
    image = Base64(text)
    assert image._repr_mimebundle_() == {media_type: text}
    assert image._repr_mimebundle_(include=["text/plain"], exclude=None) == {media_type: text}
    assert image._repr_png_() == (text if media_type == "image/png" else None)
    assert image._repr_jpeg_() == (text if media_type == "image/jpeg" else None)


@pytest.mark.parametrize("text", ["", "aGVsbG8=", base64.b64encode(PNG).decode() + "*"])
def test_shows_no_picture(text: str) -> None:
    image = Base64(text)
    assert image._repr_mimebundle_() == {}
    assert image._repr_png_() is None
    assert image._repr_jpeg_() is None


@pytest.mark.filterwarnings("ignore")
def test_ipython_takes_it() -> None:
    formatters = pytest.importorskip("IPython.core.formatters", reason="IPython is not installed")
    formatter = formatters.DisplayFormatter()
    formatter.active_types = ["text/plain", "image/png", "image/jpeg"]
    text = base64.b64encode(PNG).decode()
    data, _ = formatter.format(Base64(text))
    assert data["image/png"] == text
    assert data["text/plain"].startswith("<Base64 ")
    assert set(data) == {"text/plain", "image/png"}


@pytest.mark.parametrize(
    ("type", "options", "text"),
    [
        (ChatCompletionChunk, {}, "ChatCompletionChunk"),
        (
            ChatCompletionChunk,
            {"on_error": "skip", "max_event_size": 5, "eof": "dispatch"},
            "ChatCompletionChunk, on_error='skip', max_event_size=5",
        ),
        (list[int] | None, {"strict": False}, "list[int] | None, strict=False"),
        (int | str | float | None, {"eof": "discard"}, "int | str | float | None, eof='discard'"),
    ],
)
def test_a_decoder_says_what_it_decodes(type: Any, options: dict[str, Any], text: str) -> None:
    assert repr(Decoder(type, **options)) == f"Decoder({text})"


def test_a_decoder_of_a_long_union_is_readable() -> None:
    text = repr(Decoder(ResponseStreamEvent))
    assert text.startswith("Decoder(ResponseAudioDeltaEvent | ")
    assert text.endswith(" more types)")
    assert len(text) < 120
