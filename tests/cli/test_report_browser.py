"""The report in a real browser."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from browser import REQUIRED, chromium
from rapidsse.cli import main
from samples import completed, corpus, created, done, partial, response, sse, usage

if not REQUIRED:
    for needed in ("PIL", "jinja2", "pyarrow"):
        pytest.importorskip(needed, reason='the report needs "rapidsse[report]"')

from PIL import Image
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver import Chrome

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with chromium() as driver:
        yield driver


def show(browser: Chrome, page: Path, *, width: int = 1280, scheme: str = "light") -> None:
    """Opens a page in a window of this width, and reads it to its end."""
    browser.get("about:blank")
    for log in ("performance", "browser"):
        browser.get_log(log)
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    browser.get(page.as_uri())
    # Images far below load when they come into sight.
    run(browser, "document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    browser.execute_async_script(
        "const end = arguments[0];"
        "Promise.allSettled([...document.images].map(image => image.decode())).then(() => end())"
    )


def run(browser: Chrome, script: str) -> Any:
    return browser.execute_script(script)


def requests(browser: Chrome) -> list[str]:
    """The URLs that were asked for since the page was opened, but for `data:`."""
    found: list[str] = []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url: str = message["params"]["request"]["url"]
            if not url.startswith("data:"):
                found.append(url)
    return found


def complaints(browser: Chrome) -> list[str]:
    return [entry["message"] for entry in browser.get_log("browser")]


def picture(shade: int, format: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (640, 480), (shade, 90, 200)).save(file, format)
    return file.getvalue()


def report(log: Path, page: Path, status: int = 0) -> Path:
    assert main(["report", str(log), "-o", str(page)]) == status
    return page


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A page about a stream with images of all formats."""
    formats = ("PNG", "JPEG", "WEBP", "GIF")
    events = [partial("ig_1", picture(50 * n, format), n) for n, format in enumerate(formats)]
    end = completed(model="gpt-image-1", usage=usage(100, 200, 50, 20))
    log = tmp_path / "log.sse"
    log.write_bytes(sse(created(), *events, done("ig_1", picture(250)), end))
    return report(log, tmp_path / "page.html")


def test_the_images_load(browser: Chrome, good: Path) -> None:
    show(browser, good)
    assert run(
        browser, "return [...document.images].map(i => [i.complete, i.naturalWidth, i.alt])"
    ) == [
        *([True, 320, f"Partial {n} image of ig_1"] for n in range(4)),
        [True, 320, "Final image of ig_1"],
    ]
    # They stand side by side, in their order.
    lefts = run(browser, "return [...document.images].map(i => i.getBoundingClientRect().left)")
    assert lefts == sorted(set(lefts))


def test_nothing_is_requested_and_nothing_refused(browser: Chrome, good: Path) -> None:
    show(browser, good)
    assert requests(browser) == [good.as_uri()]
    assert complaints(browser) == []


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_fits_the_window(browser: Chrome, good: Path, width: int) -> None:
    show(browser, good, width=width)
    assert run(browser, "return document.documentElement.scrollWidth") <= width


def test_light_and_dark(browser: Chrome, good: Path) -> None:
    brightness = {}
    for scheme in ("light", "dark"):
        show(browser, good, scheme=scheme)
        for name in ("color", "backgroundColor"):
            script = f"return getComputedStyle(document.body).{name}.match(/\\d+/g).map(Number)"
            brightness[scheme, name] = sum(run(browser, script)[:3]) / 3
    assert brightness["light", "backgroundColor"] - brightness["light", "color"] > 180
    assert brightness["dark", "color"] - brightness["dark", "backgroundColor"] > 180


def test_the_bars_are_as_long_as_their_numbers_say(browser: Chrome, good: Path) -> None:
    show(browser, good)
    events, shares = run(
        browser,
        "const cells = [...document.querySelectorAll('#types td:nth-of-type(1)')];"
        "const width = e => e.getBoundingClientRect().width;"
        "return [cells.map(c => Number(c.innerText)), cells.map(c => "
        "width(c.querySelector('rect.events')) / width(c.querySelector('rect.track')))]",
    )
    assert events == [4, 1, 1, 1]
    assert shares == pytest.approx([1, 0.25, 0.25, 0.25], abs=0.01)


def test_the_links_lead_to_sections(browser: Chrome, good: Path) -> None:
    show(browser, good)
    targets = run(
        browser,
        "return [...document.links].map(a => document.querySelector(a.getAttribute('href'))?.tagName)",
    )
    assert len(targets) >= 7
    assert set(targets) == {"SECTION"}


def test_the_recorded_streams(browser: Chrome, tmp_path: Path) -> None:
    page = report(corpus() / "responses", tmp_path / "page.html")
    show(browser, page)
    assert run(browser, "return [...document.images].map(i => i.naturalWidth)") == [320] * 3
    assert requests(browser) == [page.as_uri()]
    assert complaints(browser) == []


class Trap(BaseHTTPRequestHandler):
    """Notes whatever is requested of it."""

    seen: list[str]

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.send_error(404)

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def trap() -> Iterator[tuple[str, list[str]]]:
    """A server's address, and the paths that were requested of it."""
    seen: list[str] = []
    # Threads of their own: the browser may connect and say nothing.
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Noting", (Trap,), {"seen": seen})) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", seen
        finally:
            server.shutdown()
            thread.join()


def attacks(address: str) -> str:
    return (
        '"><script>window.hit=1;alert(1)</script>'
        f"<img src={address}/img onerror=window.hit=2>"
        f"<link rel=stylesheet href={address}/css><iframe src={address}/frame></iframe>"
        f"<style>body{{background:url({address}/url)}}</style>"
        "<svg onload=window.hit=3></svg><a href=javascript:window.hit=4>x</a>"
    )


def assert_unharmed(browser: Chrome, page: Path, seen: list[str]) -> None:
    show(browser, page)
    with pytest.raises(NoAlertPresentException):
        _ = browser.switch_to.alert.text
    assert run(browser, "return window.hit") is None
    assert requests(browser) == [page.as_uri()]
    assert seen == []


def test_a_hostile_log_does_nothing(
    browser: Chrome, tmp_path: Path, trap: tuple[str, list[str]]
) -> None:
    address, seen = trap
    evil = attacks(address)
    events = [
        {"type": "response.created", "response": response(evil, model=evil)},
        {"type": evil, "delta": evil},
        partial(evil, picture(1)),
        partial(evil, evil.encode(), 1),
        {"type": "error", "code": evil, "message": evil},
        {"type": "response.failed", "response": response(evil, model=evil, status=evil)},
        {"type": "response.created", "response": response(evil, model=evil)},
        completed(evil, model=evil, usage=usage(3, 4)),
    ]
    log = tmp_path / "<img src=x onerror=window.hit=5>.sse"
    log.write_bytes(sse(*events) + f"event: {evil}\ndata: {evil}\n\n".encode())
    page = report(log, tmp_path / "page.html", status=1)
    assert_unharmed(browser, page, seen)
    assert complaints(browser) == []
    assert (
        run(
            browser,
            "return document.scripts.length + document.querySelectorAll('a[href^=j]').length",
        )
        == 0
    )
    assert "<script>" in run(browser, "return document.body.innerText")
    for width in (360, 1280):
        show(browser, page, width=width)
        assert run(browser, "return document.documentElement.scrollWidth") <= width


def test_the_policy_holds_where_escaping_would_fail(
    browser: Chrome, good: Path, trap: tuple[str, list[str]]
) -> None:
    address, seen = trap
    html = good.read_text().replace("<main", attacks(address)[2:] + "<main", 1)
    good.write_text(html)
    # The requests are refused before they are made.
    show(browser, good)
    assert run(browser, "return window.hit") is None
    assert run(browser, "return document.scripts.length") == 1
    assert seen == []
    assert any("Content Security Policy" in complaint for complaint in complaints(browser))
