"""A pytest plugin that replaces a library by rapidsse, and proves that rapidsse is used.

Loaded by `-p peers.plugin`. The library's own reader fails every test that creates one.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Generator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import rapidsse.compat

from .libraries import SUITES
from .suite import Suite

__all__: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("peers")
    group.addoption("--peer", help="the library")
    group.addoption("--peer-report", help="the file to write the counts to, as JSON")
    group.addoption(
        "--peer-same",
        action="store_true",
        help="run the tests that are expected to fail, with the library's own classes",
    )


# Before any conftest.py can import the library's names.
@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    options = early_config.known_args_namespace
    suite = SUITES[options.peer]
    for name in suite.imports:
        import_module(name)
    run = _Run(suite, options.peer_same)
    if not options.peer_same:
        _put_in_place(suite, run.read)
    early_config.pluginmanager.register(run)


def _put_in_place(suite: Suite, read: Callable[[], None]) -> None:
    import_module(suite.package)
    stand_in = import_module(suite.stand_in)
    ours = getattr(stand_in, suite.reader) if suite.reader else stand_in
    for method in suite.methods:
        setattr(ours, method, _counted(getattr(ours, method), read))
    theirs = None
    if suite.home:
        theirs = getattr(import_module(suite.home), suite.theirs or suite.reader)
        theirs.__init__ = _must_not_be_made
    if suite.installed:
        # Where the library's internals are not known, it only warns.
        with warnings.catch_warnings(action="error", category=RuntimeWarning):
            rapidsse.compat.install(suite.installed)
    elif suite.home == suite.package:
        # The private modules stay in `sys.modules`, for files that test them among other things.
        sys.modules[suite.package] = stand_in
    else:
        _replace_decoder(suite, theirs, ours)


def _replace_decoder(suite: Suite, theirs: Any, ours: Any) -> None:
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == suite.package and vars(module).get(suite.reader) is theirs:
            setattr(module, suite.reader, ours)
    # The hook by which `accelerate` works; clients of other formats override it.
    client = import_module(f"{suite.package}._base_client").BaseClient
    assert hasattr(client, "_make_sse_decoder"), f"{suite.package} makes its decoders another way"
    client._make_sse_decoder = lambda self: ours()


def _counted(method: Callable[..., Any], read: Callable[[], None]) -> Callable[..., Any]:
    def counted(*arguments: Any, **options: Any) -> Any:
        read()
        return method(*arguments, **options)

    return counted


def _must_not_be_made(self: object, *arguments: object, **options: object) -> None:
    raise AssertionError(f"the library's own {type(self).__name__} is used, not rapidsse's")


class _Run:
    """One run of pytest: which tests are left out, and what the others come to."""

    def __init__(self, suite: Suite, same: bool) -> None:
        self._suite = suite
        self._same = same
        self._left_out: Counter[str] = Counter()
        self._outcomes: dict[str, str] = {}
        self._streams: Counter[str] = Counter()
        self._test = ""

    def read(self) -> None:
        """Notes that rapidsse has begun to read a stream."""
        self._streams[self._test] += 1

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        kept: list[pytest.Item] = []
        dropped: list[pytest.Item] = []
        for item in items:
            (kept if self._is_run(item.nodeid) else dropped).append(item)
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept

    def _is_run(self, node_id: str) -> bool:
        for row in self._suite.left_out:
            if (test := row.match(node_id)) is not None:
                self._left_out[test] += 1
                return self._same and row.reason == "same"
        return not self._same

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self._test = item.nodeid
        try:
            return (yield)
        finally:
            self._test = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed or self._outcomes.get(report.nodeid) is None:
            self._outcomes[report.nodeid] = report.outcome
        elif report.skipped:
            self._outcomes[report.nodeid] = "skipped"

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        outcomes = Counter(self._outcomes.values())
        report = {
            "engine": rapidsse.engine,
            "passed": outcomes["passed"],
            "failed": outcomes["failed"],
            "skipped": outcomes["skipped"],
            "left_out": dict(self._left_out),
            "streams": self._streams.total(),
            "readers": len([test for test in self._streams if test in self._outcomes]),
            "unused": [name for name in self._suite.files if not self._uses(name)],
        }
        Path(session.config.getoption("--peer-report")).write_text(json.dumps(report))

    def _uses(self, name: str) -> bool:
        """Whether a test of this file or folder read a stream with rapidsse."""
        return any(test.startswith((f"{name}::", f"{name}/")) for test in self._streams)
