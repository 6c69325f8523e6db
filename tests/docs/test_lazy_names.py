"""Names and modules that packages import when they are first used: all are there, and nothing else
is loaded."""

from __future__ import annotations

import pydoc
from importlib import import_module

import pytest

import rapidsse
from child_python import run_code

PACKAGES = (
    "rapidsse",
    "rapidsse._pure",
    "rapidsse.anthropic",
    "rapidsse.compat",
    "rapidsse.google",
    "rapidsse.job",
    "rapidsse.logs",
    "rapidsse.openai",
)
# Those that need no more than the package, which an attribute's access may import.
MODULES = {
    "rapidsse": {"anthropic", "compat", "google", "logs", "openai", "splits"},
    "rapidsse.compat": {
        *("a2a", "anthropic", "cohere", "google", "httpx2", "httpx_sse", "langfuse"),
        *("langgraph", "litellm", "mistralai", "openai", "sseclient"),
    },
}


def loaded(code: str) -> set[str]:
    """The modules of rapidsse and msgspec that a fresh interpreter has after `code`."""
    code += "\nimport sys; print(*(m for m in sys.modules if m.split('.')[0] in "
    code += "('rapidsse', 'msgspec')))"
    run = run_code(code)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_there(package: str) -> None:
    module = import_module(package)
    assert all(getattr(module, name) is not None for name in module.__all__)
    assert dir(module) == sorted({*module.__all__, *MODULES.get(package, ())})


@pytest.mark.parametrize("package", MODULES)
def test_modules_are_attributes(package: str) -> None:
    """Without an import of theirs, and without the libraries that they stand in for."""
    libraries = (
        "anthropic",
        "cohere",
        "google",
        "httpx",
        "httpx2",
        "mistralai",
        "openai",
        "pyarrow",
    )
    code = f"import sys; sys.modules.update(dict.fromkeys({libraries})); import {package}"
    for name in MODULES[package]:
        code += f"; assert {package}.{name}.__name__ == '{package}.{name}'"
    assert {f"{package}.{name}" for name in MODULES[package]} <= loaded(code)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_name_that_is_not_there(package: str) -> None:
    with pytest.raises(AttributeError, match=f"^module '{package}' has no attribute 'nothing'$"):
        import_module(package).nothing  # noqa: B018


@pytest.mark.once
@pytest.mark.parametrize("package", PACKAGES)
def test_help_is_printed(package: str) -> None:
    """`help` asks each class for its signature, whose annotations must be there."""
    assert package in pydoc.render_doc(import_module(package))


def test_a_name_is_looked_up_once() -> None:
    code = (
        "import rapidsse; assert 'Decoder' not in vars(rapidsse); "
        "assert rapidsse.Decoder is vars(rapidsse)['Decoder']"
    )
    assert "rapidsse._typed._decoder" in loaded(code)


def test_the_package_alone_loads_its_engine_alone() -> None:
    engine = {"rapidsse._rust"} if rapidsse.engine == "rust" else {"rapidsse._pure"}
    assert loaded("import rapidsse") == engine | {
        "rapidsse",
        "rapidsse._engine",
        "rapidsse._lazy",
        "rapidsse._version",
    }


def test_frames_need_no_logs_and_compiled_ones_no_msgspec() -> None:
    modules = loaded("import rapidsse; list(rapidsse.iter_sse([b'data: x\\n\\n']))")
    assert not {m for m in modules if m.startswith("rapidsse._pure.logs")}
    # The events of the pure engine are Structs.
    assert ("msgspec" in modules) == (rapidsse.engine == "python")


def test_typed_events_need_no_logs() -> None:
    code = "from rapidsse import Decoder, openai; Decoder(openai.ResponseStreamEvent)"
    assert not {m for m in loaded(code) if "logs" in m or m == "rapidsse._apis"}


def test_structs_wait_for_their_use() -> None:
    before = loaded("import rapidsse.openai, rapidsse.anthropic, rapidsse.google")
    assert not {m for m in before if m.startswith("msgspec")}
    chat = loaded("from rapidsse.openai import ChatCompletionChunk")
    assert "rapidsse.openai._chat" in chat
    assert "rapidsse.openai._events" not in chat
