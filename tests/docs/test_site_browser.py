"""The site in a real browser: every link and picture, on a wide and a narrow screen, light and dark."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

import pytest

pytest.importorskip("mkdocs", reason="mkdocs is not installed")

from selenium.webdriver import Chrome

from browser import chromium

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
FILES = (".css", ".inv", ".js", ".png", ".svg", ".xml")
"""How the addresses end that are no pages."""


class Quiet(SimpleHTTPRequestHandler):
    """Serves the files of a folder, and says nothing."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site, which is made anew."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True)
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with chromium("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1") as driver:
        yield driver


def ask(browser: Chrome, expression: str) -> Any:
    return browser.execute_script(f"return {expression}")


@dataclass
class Page:
    """What the browser shows of a page."""

    title: str
    anchors: set[str]
    links: list[str]
    broken_pictures: list[str]
    widths: dict[int, int]
    """How wide it is on a screen of a width, in pixels."""


def width(browser: Chrome, screen: int) -> int:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": screen, "height": 900, "deviceScaleFactor": 1, "mobile": screen < 500},
    )
    shown: int = ask(browser, "document.documentElement.scrollWidth")
    return shown


@pytest.fixture(scope="module")
def pages(browser: Chrome, site: str) -> dict[str, Page]:
    """Every page that a link of another leads to, by its address."""
    found: dict[str, Page] = {}
    waiting = [site]
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        browser.get(address)
        page = found[address] = Page(
            title=browser.title,
            anchors={*ask(browser, "[...document.querySelectorAll('[id]')].map(e => e.id)")},
            links=ask(browser, "[...document.querySelectorAll('a[href]')].map(a => a.href)"),
            broken_pictures=ask(
                browser, "[...document.images].filter(i => !i.naturalWidth).map(i => i.currentSrc)"
            ),
            widths={screen: width(browser, screen) for screen in (390, 1280)},
        )
        page.links = [link for link in page.links if link.startswith(site)]
        targets = (urldefrag(link).url for link in page.links)
        waiting += [target for target in targets if not target.endswith(FILES)]
    assert len(found) > 40
    return found


def test_every_link_leads_to_a_page_and_a_heading(pages: dict[str, Page]) -> None:
    assert [address for address, page in pages.items() if "rapidsse" not in page.title] == []
    broken = [
        (address, link)
        for address, page in pages.items()
        for target, anchor in map(urldefrag, page.links)
        if anchor and anchor not in pages[target].anchors
        for link in [f"{target}#{anchor}"]
    ]
    assert broken == []


def test_every_picture_is_there(pages: dict[str, Page], site: str) -> None:
    pictures = [each for page in pages.values() for each in page.broken_pictures]
    # Badges and the like are other servers', which this browser does not reach.
    assert [each for each in pictures if each.startswith(site)] == []


def test_no_page_is_wider_than_the_screen(pages: dict[str, Page]) -> None:
    wider = {
        (address, screen): shown
        for address, page in pages.items()
        for screen, shown in page.widths.items()
        if shown > screen
    }
    assert wider == {}


def test_it_is_dark_where_the_reader_wants_that(browser: Chrome, site: str) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )
        # The theme keeps what was chosen before.
        browser.get(site)
        browser.execute_script("localStorage.clear()")
        browser.get(site)
        background = ask(browser, "getComputedStyle(document.body).backgroundColor")
        colours[scheme] = sum(int(each) for each in background.strip("rgb()").split(",")[:3])
        assert [
            each
            for each in ask(browser, "[...document.images].map(i => i.currentSrc)")
            if f"speed-{scheme}" in each
        ]
    assert colours["dark"] < 200
    assert colours["light"] > 600
