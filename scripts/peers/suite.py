"""The description of a library and its tests, for the runner and the plugin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["LeftOut", "Reason", "Suite"]

Reason = Literal["private", "fixed", "limit", "network", "same"]


@dataclass(frozen=True)
class LeftOut:
    """Tests that are not run, by the beginnings of their ids, and the reason.

    - `private`: they use private names of the library
    - `fixed`: they expect behaviour that rapidsse fixes (a row of tests/compat/departures)
    - `limit`: they expect behaviour that rapidsse lacks (likewise)
    - `network`: they need a service
    - `same`: they fail without rapidsse, too, which the runner verifies
    """

    reason: Reason
    why: str
    tests: tuple[str, ...]

    def match(self, node_id: str) -> str | None:
        """Which of `tests` this test is, or is of: a file, a class, or a test's parameters."""
        for test in self.tests:
            if node_id == test or node_id.startswith((f"{test}::", f"{test}[")):
                return test
        return None


@dataclass(frozen=True)
class Suite:
    """The tests of one library that read streams."""

    library: str
    # The package, and the module of rapidsse that replaces it.
    package: str
    stand_in: str
    # The methods that read a stream, whose calls show that rapidsse is in use, and their class, if
    # they are not functions of the module.
    methods: tuple[str, ...]
    reader: str = ""
    # The name by which `rapidsse.compat.install` replaces it; otherwise the class is replaced.
    installed: str = ""
    # Where the package keeps its own reader, and its name, if it has another than ours.
    home: str = ""
    theirs: str = ""
    # Files and folders of the source distribution. Each must read streams with rapidsse.
    files: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    # What the tests need besides pytest.
    requirements: tuple[str, ...] = ()
    # pytest plugins that the library's own configuration loads.
    plugins: tuple[str, ...] = ()
    # Settings of pytest.
    settings: tuple[str, ...] = ()
    # Modules to import before any test runs.
    imports: tuple[str, ...] = ()
    # Environment variables that switch tests on.
    variables: tuple[tuple[str, str], ...] = ()
    left_out: tuple[LeftOut, ...] = ()
