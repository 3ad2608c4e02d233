"""The gateway's dashboard in a real browser: equal to the ledger, live, by role and keyboard, dark, and alone."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from supercycle.core.profile import DemandProfile
from supercycle.gateway.config.config import Listen, mock_config
from supercycle.gateway.door.server import Running, start
from supercycle.gateway.prices.money import usd_text

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

CONTRAST = """(element) => {
    const parse = (text) => text.match(/[\\d.]+/g).map(Number);
    const linear = (v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const light = (rgb) => rgb.slice(0, 3).map((v) => linear(v / 255))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    let behind = element;
    while (behind && (parse(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) behind = behind.parentElement;
    const paper = getComputedStyle(behind ?? document.body).backgroundColor;
    return [light(parse(getComputedStyle(element).color)), light(parse(paper))];
}"""


class Live:
    """A gateway with the mock provider, on a loop of its own beside the browser."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        local = Listen("127.0.0.1", 0)
        self.gateway: Running = self.run(start(mock_config(str(folder), local, local), quick=False))
        self.ledger = self.gateway.gateway.ledger
        self.key_id, self.secret = self.run(self.ledger.keys.issue("ann", project="search"))

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def call(self, words: int = 1, model: str = "mock-large", tags: str = "team=search") -> dict[str, Any]:
        body = {"model": model, "max_tokens": 16, "messages": [{"role": "user", "content": "word " * words}]}
        headers = {"authorization": f"Bearer {self.secret}", "x-supercycle-tags": tags}
        url = f"{self.gateway.public_url}/v1/chat/completions"
        with urllib.request.urlopen(
            urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=20
        ) as got:
            usage = json.load(got)["usage"]
        # The answer does not wait for its settlement; a comparison with the books has to.
        deadline = time.monotonic() + 10
        while self.run(self.ledger.reads.in_flight())["attempts"]:
            assert time.monotonic() < deadline
        return usage

    def admin(self, path: str) -> bytes:
        headers = {"authorization": f"Bearer {self.gateway.admin_token}"}
        asked = urllib.request.Request(self.gateway.admin_url + path, headers=headers)
        with urllib.request.urlopen(asked, timeout=20) as got:
            return got.read()

    def spent(self) -> str:
        """What the postings say, in USD."""
        sql = "SELECT SUM(pico) AS net FROM posting WHERE kind IN ('charge', 'adjust')"
        return usd_text(self.run(self.ledger.store.fetch(sql))[0]["net"] or 0)

    def stop(self) -> float:
        begun = time.monotonic()
        self.run(self.gateway.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()
        return time.monotonic() - begun


@dataclass
class Opened:
    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    made = Live(tmp_path_factory.mktemp("gateway"))
    for words in range(1, 8):
        made.call(words, "mock-small" if words % 2 else "mock-large")
    yield made
    made.stop()


@pytest.fixture
def board(browser: Any, live: Live) -> Iterator[Callable[..., Opened]]:
    """Open the dashboard in a context of its own, by the link printed at start."""
    contexts: list[Any] = []

    def opening(width: int = 1280, scheme: str = "light", on: Live = live) -> Opened:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on("console", lambda message: opened.complaints.append(message.text))
        opened.page.goto(on.gateway.dashboard_url)
        expect(opened.page.get_by_role("status").first).to_have_text("live")
        expect(opened.page.locator("#ledger tbody button").first).to_be_visible()
        return opened

    yield opening
    for context in contexts:
        context.close()


def test_the_page_says_what_the_ledger_says_at_every_moment(board: Any, live: Live) -> None:
    opened = board()
    page = opened.page
    today, month = page.locator("#today-usd"), page.locator("#month-usd")
    expect(today).to_have_attribute("title", f"{live.spent()} USD")
    rows = page.locator("#ledger tbody tr[data-request]")
    before = rows.count()
    for words in (3, 30):
        live.call(words)
        # No click, no reload: it comes by itself, and equals the postings to the last pico-USD.
        expect(today).to_have_attribute("title", f"{live.spent()} USD", timeout=3000)
        expect(month).to_have_attribute("title", f"{live.spent()} USD")
    expect(rows).to_have_count(before + 2)
    expect(page.locator("#keys td").first).to_have_text("ann")
    expect(page.locator("#tags td").first).to_have_text("team=search")
    assert opened.complaints == []


def test_a_correction_shows_as_soon_as_it_is_posted(board: Any, live: Live) -> None:
    live.call(5)
    page = board().page
    request_id = page.locator("#ledger tbody tr[data-request]").first.get_attribute("data-request")
    live.run(live.ledger.adjust(request_id, 1, 10**9, "invoice 7"))
    row = page.locator(f"tr[data-request='{request_id}']")
    expect(row).to_contain_text("by invoice = 0.001 USD", timeout=15_000)
    expect(page.locator("#today-usd")).to_have_attribute("title", f"{live.spent()} USD")


def test_each_request_shows_its_arithmetic_and_who_says_the_price(board: Any, live: Live) -> None:
    used = live.call(4, "mock-large")
    into, out = used["prompt_tokens"], used["completion_tokens"]
    page = board().page
    first = page.locator("#ledger tbody tr[data-request]").first
    # 2.50 and 10.00 USD per million tokens
    cost = usd_text(into * 2_500_000 + out * 10_000_000)
    expect(first.locator("td").last).to_have_text(f"{into} input x 2.5/M + {out} output x 10/M = {cost} USD")
    opener = first.get_by_role("button")
    opener.focus()
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    detail = page.get_by_role("table", name="What attempt 1 used")
    expect(detail).to_contain_text("invented: made up for the mock provider")
    expect(page.get_by_role("table", name="How the route was chosen")).to_contain_text("mock/mock-large")
    page.keyboard.press("Space")
    expect(opener).to_have_attribute("aria-expanded", "false")
    expect(detail).to_be_hidden()


def test_what_a_client_names_is_text_and_never_markup(board: Any, live: Live) -> None:
    live.call(1, tags="team=<img src=x onerror=alert(1)>")
    opened = board()
    expect(opened.page.locator("#tags")).to_contain_text("team=<img src=x onerror=alert(1)>")
    assert opened.page.locator("#tags img").count() == 0
    assert opened.complaints == []


def test_it_asks_nobody_but_the_gateway(board: Any, live: Live) -> None:
    opened = board()
    assert {url.split("/")[2] for url in opened.requests} == {live.gateway.admin_url.split("/")[2]}
    with urllib.request.urlopen(
        urllib.request.Request(
            live.gateway.admin_url, headers={"authorization": f"Bearer {live.gateway.admin_token}"}
        )
    ) as page:
        policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/assets/app.js",
        "/api/dashboard/overview",
        "/api/dashboard/events",
        "/api/dashboard/requests",
        "/api/dashboard/profile.json",
    ],
)
def test_without_the_session_nothing_is_shown(live: Live, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(live.gateway.admin_url + path)
    refused.value.close()
    assert refused.value.code == 401


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/dashboard/overview?span=year", 400),
        ("/api/dashboard/events?span=", 400),
        ("/assets/..%2fmoney.py", 404),
        ("/assets/index.html", 404),
        ("/api/dashboard/requests?limit=0", 400),
        ("/api/dashboard/requests?state=lost", 400),
    ],
)
def test_odd_questions_are_refused(live: Live, path: str, code: int) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        live.admin(path)
    refused.value.close()
    assert refused.value.code == code


def test_words_of_sql_are_words(live: Live) -> None:
    before = live.spent()
    odd = "/api/dashboard/requests?limit=1&before=%27%3B%20DROP%20TABLE%20posting&model=%27%20OR%201%3D1"
    assert json.loads(live.admin(odd)) == {"requests": [], "before": None}
    assert live.spent() == before


def test_the_chart_by_keyboard(board: Any, live: Live) -> None:
    page = board().page
    chart = page.get_by_role("img", name="Spending by model")
    chart.focus()
    page.keyboard.press("End")
    reading = page.locator("#chart-reading")
    expect(reading).to_contain_text("mock-large $")
    page.keyboard.press("ArrowLeft")
    expect(reading).to_contain_text("UTC: $0.00")
    week = page.get_by_role("button", name="7 days")
    week.focus()
    page.keyboard.press("Enter")
    expect(week).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="24 hours")).to_have_attribute("aria-pressed", "false")
    page.get_by_text("The chart as a table").click()
    # 7 days of hours, and the last of them has everything.
    expect(page.locator("#chart-table tbody tr")).to_have_count(7 * 24)


def test_older_requests_and_filters(board: Any, live: Live) -> None:
    for _ in range(45):
        live.call(1, "mock-small")
    page = board().page
    rows = page.locator("#ledger tbody tr[data-request]")
    expect(rows).to_have_count(50)
    page.get_by_role("button", name="Older").click()
    total = len(live.run(live.ledger.reads.requests(100)))
    expect(rows).to_have_count(total)
    assert total > 50
    expect(page.get_by_role("button", name="Older")).to_be_disabled()
    ids = rows.evaluate_all("(all) => all.map((row) => row.dataset.request)")
    assert ids == sorted(set(ids), reverse=True)
    page.get_by_role("combobox", name="Model").select_option("mock-large")
    expect(rows.first.locator("td").nth(1)).to_have_text("mock-large")
    assert "mock-small" not in page.locator("#ledger tbody").inner_text()
    page.get_by_role("combobox", name="State").select_option("orphaned")
    expect(page.locator("#ledger tbody")).to_contain_text("No requests yet.")


def test_the_traffic_goes_to_the_decision(board: Any, live: Live) -> None:
    page = board().page
    with page.expect_download() as download:
        page.get_by_role("button", name="Use this traffic in the own/lease/API decision").click()
    profile = DemandProfile.from_json(Path(download.value.path()).read_text(encoding="utf-8"))
    totals = live.run(live.ledger.reads.totals(0, 2**62))
    assert sum(hour.requests or 0 for hour in profile.hours) == totals["attempts"]
    assert sum(hour.output_tokens or 0 for hour in profile.hours) == totals["output"]
    assert {(hour.provider, hour.missing) for hour in profile.hours} == {("mock", False)}
    expect(page.locator("#decide-next")).to_contain_text("supercycle decide run --usage")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_and_can_be_read(board: Any, scheme: str, width: int) -> None:
    page = board(width, scheme).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    texts = (
        "h2",
        ".small",
        ".big",
        "#ledger td",
        "#ledger td:last-child",
        ".open",
        ".legend li",
        "#use-traffic",
    )
    for place in (*(f"{text} >> nth=0" for text in texts), "[aria-pressed=true]"):
        dark, light = sorted(page.locator(place).evaluate(CONTRAST))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, place
    # The chart's words stay inside it.
    cut = page.evaluate("""() => [...document.querySelectorAll("#chart svg text")].filter((text) => {
        const box = text.getBoundingClientRect(), frame = document.getElementById("chart").getBoundingClientRect();
        return box.left < frame.left - 2 || box.right > frame.right + 12 || box.bottom > frame.bottom + 2;
    }).map((text) => text.textContent)""")
    assert cut == []


def test_every_control_and_region_has_a_name(board: Any) -> None:
    page = board().page
    for role, names in (
        ("heading", ["Gateway supercycle", "Today", "Month to date", "Spending by model", "Request ledger"]),
        ("region", ["Spending", "Keys", "Tags", "Budgets", "Request ledger", "Requests, newest first"]),
        ("combobox", ["Model", "Key", "State"]), ("table", ["Spending by key", "Spending by tag"]),
    ):  # fmt: skip
        for name in names:
            assert page.get_by_role(role, name=name, exact=True).count() == 1, (role, name)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the request ledger")).to_be_focused()
    assert page.locator("button:not([type])").count() == 0


def test_an_open_dashboard_does_not_hold_up_the_stop(board: Any, tmp_path: Path) -> None:
    other = Live(tmp_path / "other")
    other.call()
    page = board(on=other).page
    assert other.stop() < 5
    expect(page.locator("#live")).to_have_text("reconnecting", timeout=5000)
