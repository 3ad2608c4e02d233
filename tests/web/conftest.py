"""A real browser on a real report, and the made-up data it shows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def synthetic() -> ModuleType:
    import synthetic_report

    return synthetic_report


@pytest.fixture(scope="session")
def data(synthetic: ModuleType) -> dict[str, Any]:
    """Made-up report data; tests read it and do not change it."""
    return synthetic.synthetic()


@pytest.fixture(scope="session")
def report_file(data: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    from supercycle.report import write

    return write(data, tmp_path_factory.mktemp("report") / "report.html")


@pytest.fixture(scope="session")
def cases(synthetic: ModuleType, report_file: Path) -> dict[str, Path]:
    """The usual report, and one of hard cases."""
    from supercycle.report import write

    hard = write(synthetic.extremes(), report_file.with_name("extremes.html"))
    return {"synthetic": report_file, "extremes": hard}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser a module: Playwright's own loop runs in this thread until it is closed, and a test of asyncio
    that came after it in the same process would find a loop running.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        fetched = playwright.chromium.executable_path  # where `make browser` puts one
        program = CHROMIUM or (fetched if Path(fetched).is_file() else None)
        if program is None:
            if os.environ.get("CI"):
                pytest.fail("Chromium is required in CI: install the package 'chromium'")
            pytest.skip("Chromium is not installed")
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def served() -> Iterator[Any]:
    """The app, served for the tests of one module."""
    from app_server import serving

    with serving() as running:
        yield running


@pytest.fixture
def visit(browser: Any, served: Any) -> Iterator[Any]:
    """A page of the app for one test."""
    from app_visit import Visit

    visit = Visit(browser, served.address)
    yield visit
    visit.context.close()


@dataclass
class Opened:
    """A page, and everything it asked for or complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def open_report(browser: Any, report_file: Path) -> Iterator[Callable[..., Opened]]:
    """Open a report (the synthetic one unless told) in a context of its own; all close with the module."""
    contexts: list[Any] = []

    def opening(
        path: Path = report_file, *, width: int = 1280, scheme: str = "light", part: str = ""
    ) -> Opened:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True
        )
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on(
            "console",
            lambda message: (
                opened.complaints.append(message.text) if message.type in {"error", "warning"} else None
            ),
        )
        opened.page.goto(path.as_uri() + part)
        opened.page.get_by_role("heading", level=1).wait_for()
        return opened

    yield opening
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def reading(open_report: Callable[..., Opened]) -> Any:
    """One page for all tests of a module that leave no trace on it."""
    return open_report().page


@pytest.fixture
def report(open_report: Callable[..., Opened]) -> Any:
    """The page of the synthetic report, 1280 pixels wide, light."""
    return open_report().page
