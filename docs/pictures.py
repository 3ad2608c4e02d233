"""Make the pictures of reports again: ``python docs/pictures.py [NAME ...]``. Needs Chromium; CI runs it.

Each is the first screens of a report that a command writes, so no picture can be of an older product than the command.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
RUN = [sys.executable, "-m", "supercycle"]
# What writes the report, and how many pixels of it are shown, wide and high.
PICTURES: Mapping[str, tuple[tuple[str, ...], tuple[int, int]]] = {
    "report": (("run", "--preset", "base", "--paths", "10000", "--seed", "1"), (1280, 1500)),
    "deal-hyperion": (("deal", "run", "hyperion"), (1200, 1500)),
    "deal-terawulf": (("deal", "run", "terawulf"), (1200, 1500)),
    "deal-abs": (("deal", "run", "datacentre_abs"), (1200, 1500)),
    "decide-developers": (("decide", "run", "docs/decisions/developers.yaml"), (1200, 1500)),
    "decide-bank": (("decide", "run", "docs/decisions/bank.yaml"), (1200, 1500)),
    "decide-chat": (("decide", "run", "docs/decisions/chat.yaml"), (1200, 1500)),
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def browser() -> str:
    """The path of a Chromium of this machine. Errors: SystemExit when there is none."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit(f"no browser found: expected one of {', '.join(BROWSERS)} on PATH")
    return found


def main(names: list[str]) -> None:
    """Write the reports in a temporary folder and photograph them."""
    from playwright.sync_api import sync_playwright

    unknown = sorted(set(names) - set(PICTURES))
    if unknown:
        raise SystemExit(f"unknown pictures {', '.join(unknown)}: expected {', '.join(PICTURES)}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        for name in names or list(PICTURES):
            words, (wide, high) = PICTURES[name]
            report = Path(folder) / f"{name}.html"
            subprocess.run(
                [*RUN, *words, "--report", str(report)], check=True, cwd=HERE.parent, capture_output=True
            )
            page = opened.new_page(viewport={"width": wide, "height": high}, color_scheme="light")
            page.goto(report.as_uri())
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(500)  # charts are drawn
            page.screenshot(path=HERE / "img" / f"{name}.png", animations="disabled")
            page.close()
            print(f"wrote img/{name}.png")
        opened.close()


if __name__ == "__main__":
    main(sys.argv[1:])
