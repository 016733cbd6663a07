# SPDX-License-Identifier: GPL-2.0-only
"""A browser without a display, and what it complained of: errors on its console, and requests that leave the machine.

No name but 127.0.0.1 is ever looked up, so that a page which asks for another host is found out and gets nothing.
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

#: What Debian calls the two, and what others call them.
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
DRIVER: Final = "chromedriver"
WIDE, PHONE = (1280, 900), (390, 844)
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
