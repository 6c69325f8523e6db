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
    "pydantic_core",
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


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("openai.accelerate(object())", "openai is not installed: pip install openai"),
        ("anthropic.accelerate(object())", "anthropic is not installed: pip install anthropic"),
        ("google.accelerate(object())", "google.genai is not installed: pip install google-genai"),
        ("install('openai')", "openai is not installed: pip install openai"),
        ("install('sseclient')", "sseclient is not installed: pip install sseclient-py"),
        ("install('httpx2')", "httpx2 is not installed: pip install httpx2"),
    ],
)
def test_a_missing_library_is_named(call: str, said: str) -> None:
    code = f"""
from rapidsse import compat
try:
    compat.{call}
except ImportError as error:
    print(error)
"""
    assert run(code) == f"{said}\n"


def test_what_a_library_misses_is_its_own_error() -> None:
    code = """
import os, sys, tempfile
from rapidsse import compat
sys.path.insert(0, folder := tempfile.mkdtemp())
del sys.modules["sseclient"]
open(os.path.join(folder, "sseclient.py"), "w").write("import nothing_of_this_name")
try:
    compat.install("sseclient")
except ImportError as error:
    print(error)
"""
    assert run(code) == "No module named 'nothing_of_this_name'\n"


def test_an_error_of_the_http_library_needs_one() -> None:
    code = """
from rapidsse.compat import httpx_sse
try:
    httpx_sse.SSEError
except ImportError as error:
    print(error)
"""
    assert "needs httpx or httpx2: install one of them" in run(code)
