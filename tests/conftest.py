"""One suite, run on either engine: `pytest --engine=rust` or `--engine=python`.

Without the option, `import rapidsse` selects the engine as usual.
"""

from __future__ import annotations

import functools
import gc
import os
import signal
import ssl
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis.strategies import none

from examples import choose_profile
from live_server import LiveServer

# A shell has its background jobs ignore Ctrl-C, and so would every program that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Its assertions are to be explained like those of the tests that inherit them.
pytest.register_assert_rewrite("sdk_types")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=("rust", "python"),
        help="the engine of rapidsse to test (default: the one it picks)",
    )
    parser.addoption(
        "--deep",
        action="store_true",
        help="property tests: ten times as many examples, from a fresh seed (default: a fixed one)",
    )


def pytest_configure(config: pytest.Config) -> None:
    choose_profile(deep=config.getoption("--deep"))
    chosen = config.getoption("--engine")
    if chosen is None:
        return
    loaded = sys.modules.get("rapidsse")
    if loaded is not None and loaded.engine != chosen:
        raise pytest.UsageError("rapidsse was imported before --engine could choose its engine")
    os.environ["RAPIDSSE_ENGINE"] = chosen


def pytest_collection() -> None:
    # Imports leave nothing to collect.
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    # The modules of dozens of libraries, which every `gc.collect()` of a test would go through.
    # Hypothesis asks once what refers to its random numbers, and nothing frozen would be found.
    given(none())(lambda _: None)()
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_report_header() -> str:
    import rapidsse

    return f"rapidsse: {rapidsse.__version__}, engine: {rapidsse.engine}"


@pytest.fixture(scope="module", autouse=True)
def _small_heap() -> None:
    """What earlier modules left, such as libraries, is not gone through again at each collection."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _one_ssl_context() -> Iterator[None]:
    """The servers of the tests have no TLS, for which every client loads all certificates."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", functools.cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session")
def live_server() -> Iterator[LiveServer]:
    """A server that responds to real clients with the scenarios that a test adds."""
    with LiveServer() as server:
        yield server
