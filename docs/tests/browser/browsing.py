# SPDX-License-Identifier: GPL-2.0-only
"""A browser without a display: what a reader sees and does in it, and what it complained of.

It complains of errors on its console, and of requests that leave the machine.  No name but 127.0.0.1 is ever looked
up, so that a page which asks for another host is found out and gets nothing.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

#: What Debian calls the two, and what others call them.
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
DRIVER: Final = "chromedriver"
WIDE, PHONE = (1280, 900), (390, 844)
#: How long something that was asked for may take to be there.
SECONDS: Final = 10
SWITCHES: Final = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip


def installed(*names: str) -> str:
    """The first of these programs that there is.  Errors: LookupError; what is missing is no reason to skip a test."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise LookupError(f"{names[0]} is not installed: apt-get install chromium chromium-driver")
    return found


class Browser:
    """A browser at one look: a theme that the system wishes for, and a size."""

    def __init__(self) -> None:
        options = Options()
        options.binary_location = installed(*BROWSERS)
        for switch in SWITCHES:
            options.add_argument(switch)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(installed(DRIVER)))
        self.driver.set_page_load_timeout(30)

    def look(self, theme: str, size: tuple[int, int]) -> None:
        """From here on the system wishes for this theme, and the window has this size."""
        wish = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", wish)
        metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def js(self, script: str, *arguments: object) -> Any:
        """What a script in the page returns."""
        return self.driver.execute_script(script, *arguments)

    def complaints(self) -> list[str]:
        """What went wrong since this was asked last: errors, and requests to elsewhere."""
        said = [each["message"] for each in self.driver.get_log("browser") if each["level"] == "SEVERE"]  # type: ignore[no-untyped-call]  # the library's own
        for entry in self.driver.get_log("performance"):  # type: ignore[no-untyped-call]  # the library's own
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if not stays(url):
                    said.append(f"asks for {url}")
        return said


def stays(url: str) -> bool:
    """Whether a request does not leave the machine."""
    parts = urlsplit(url)
    return parts.scheme in ("file", "data", "blob", "about") or parts.hostname == "127.0.0.1"


def by(browser: Browser, selector: str) -> WebElement:
    """The first element of a selector, once it is there."""
    return WebDriverWait(browser.driver, SECONDS).until(lambda driver: driver.find_element(By.CSS_SELECTOR, selector))


def all_by(browser: Browser, selector: str) -> list[WebElement]:
    """Those elements of a selector that can be seen."""
    return [each for each in browser.driver.find_elements(By.CSS_SELECTOR, selector) if each.is_displayed()]


def click(browser: Browser, element: WebElement) -> None:
    """Bring it to the middle, away from what sticks to the edges, and click it as a reader does."""
    browser.js("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
    element.click()


def brightness(browser: Browser) -> float:
    """How bright the page's ground is, from 0 to 255."""
    return float(
        browser.js("""
        const colours = getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number);
        return colours.reduce((sum, each) => sum + each, 0) / 3;
    """)
    )


def fits(browser: Browser) -> bool:
    """Whether nobody has to scroll the page sideways."""
    return bool(browser.js("return document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1"))


def is_dark(browser: Browser) -> bool:
    """Whether the system wishes for the dark theme."""
    return bool(browser.js("return matchMedia('(prefers-color-scheme: dark)').matches"))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing is said of a request that is answered."""

    def do_GET(self) -> None:
        if self.path == "/favicon.ico":  # the browser asks for it by itself
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder, served to this machine alone: a site's search does not work from files."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
