"""A real browser: Debian's chromium, or any Chromium with its chromedriver.

A test of it skips where there is none, and fails instead where RAPIDSSE_BROWSER is "required".
RAPIDSSE_CHROMIUM and RAPIDSSE_CHROMEDRIVER name others than those on the PATH.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

REQUIRED = os.environ.get("RAPIDSSE_BROWSER") == "required"

if not REQUIRED:
    pytest.importorskip("selenium", reason="drives the browser")

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service


def program(variable: str, *names: str) -> str:
    """The path of a program; skips, or fails, where it is not installed."""
    found = os.environ.get(variable) or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        reason = f"no {names[0]} on the PATH: install Debian's chromium and chromium-driver"
        if REQUIRED:
            pytest.fail(f"RAPIDSSE_BROWSER is required, and there is {reason}")
        pytest.skip(reason)
    return found


@contextmanager
def chromium(*arguments: str) -> Iterator[Chrome]:
    """A browser without a window, which keeps what it asked for and what it complained of."""
    options = ChromeOptions()
    options.binary_location = program(
        "RAPIDSSE_CHROMIUM", "chromium", "chromium-browser", "google-chrome"
    )
    # Without a sandbox: a container has no privileges for one, and the pages are our own.
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", *arguments):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    service = Service(program("RAPIDSSE_CHROMEDRIVER", "chromedriver"))
    driver = Chrome(options=options, service=service)
    try:
        yield driver
    finally:
        driver.quit()
