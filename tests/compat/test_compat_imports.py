"""No stand-in imports its library before it is used, and none needs it to be installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.once

LIBRARIES = (
    "httpx",
    "httpx2",
    "httpx_sse",
    "sseclient",
    "openai",
    "anthropic",
    "anyio",
    "pydantic",
    "google.genai",
    "mistralai",
    "cohere",
    "langfuse",
    "langgraph_sdk",
    "a2a",
    "litellm",
)
ADAPTERS = (
    "httpx_sse",
    "sseclient",
    "openai",
    "anthropic",
    "google",
    "httpx2",
    "mistralai",
    "cohere",
    "langfuse",
    "langgraph",
    "a2a",
    "litellm",
)


def run(code: str) -> str:
    """What a fresh interpreter prints, in which none of the libraries can be imported."""
    barred = f"import sys; sys.modules.update(dict.fromkeys({LIBRARIES!r}))\n"
    command = [sys.executable, "-c", barred + code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("name", ADAPTERS)
def test_the_library_waits_for_its_use(name: str) -> None:
    assert run(f"from rapidsse.compat import {name}; print({name}.__name__)").strip() == (
        f"rapidsse.compat.{name}"
    )


def test_frames_need_no_http_library() -> None:
    code = """
from rapidsse.compat import httpx_sse, openai, sseclient
class Source(list):
    def close(self): pass
print([event.data for event in sseclient.SSEClient(Source([b"data: x\\n\\n"])).events()])
print([event.data for event in openai.SSEDecoder().iter_bytes(iter([b"data: y\\n\\n"]))])
print(httpx_sse.ServerSentEvent(data="z"))
"""
    assert run(code).split("\n")[:3] == [
        "['x']",
        "['y']",
        "ServerSentEvent(event='message', data='z')",
    ]


def test_a_missing_google_sdk_is_named() -> None:
    code = """
from rapidsse.compat import google
try:
    google.accelerate(object())
except ImportError as error:
    print(error)
"""
    assert "pip install google-genai" in run(code)


def test_an_error_of_the_http_library_needs_one() -> None:
    code = """
from rapidsse.compat import httpx_sse
try:
    httpx_sse.SSEError
except ImportError as error:
    print(error)
"""
    assert "needs httpx or httpx2: install one of them" in run(code)
