"""A visit to the app in a browser: a page of its own, what it asked for and complained of, and when it is at rest."""

from __future__ import annotations

from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

__all__ = ["SLOW_MS", "Visit", "expect", "settled"]

SLOW_MS = 90_000  # a whole page on a busy machine of two cores
expect.set_options(timeout=SLOW_MS)


class Visit:
    """A page of the app and everything it asked for or complained of."""

    def __init__(self, browser: Any, address: str, **context: Any) -> None:
        self.context = browser.new_context(
            viewport={"width": 1440, "height": 1000}, accept_downloads=True, **context
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(SLOW_MS)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda line: self.complaints.append(line.text) if line.type in {"error", "warning"} else None,
        )
        self.address = address

    def open(self, part: str = "") -> Any:
        self.page.goto(f"{self.address}/{part}")
        self.page.get_by_role("heading", level=1).first.wait_for()
        return self.page


def settled(page: Any) -> None:
    """The model has answered and the page is at rest."""
    page.locator(".answer[aria-busy=false] .numbers-row").first.wait_for(timeout=SLOW_MS)
    page.locator("[aria-busy=false] .chart-box[aria-busy=false] figure").first.wait_for(timeout=SLOW_MS)
