"""Price as a market: the catalogue of hosts, ratings with dates, and what was paid over the cheapest good enough."""

from __future__ import annotations

import asyncio
import importlib
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.gateway.config.config import config_of
from supercycle.gateway.config.yaml_lines import read_yaml
from supercycle.gateway.door.market import Excess, excess_of
from supercycle.gateway.prices.catalogue import catalogue
from supercycle.gateway.prices.pricebook import PriceBook, with_entries
from supercycle.gateway.reports.overview import overview
from supercycle.gateway.routes.providers import Target, provider_of
from supercycle.gateway.speech.usage import Usage

sys.path.append(str(Path(__file__).resolve().parents[1]))
kit = importlib.import_module("gateway_server")
AT = datetime(2026, 11, 1, tzinfo=UTC)


def config(text: str, folder: Path = Path()) -> Any:
    return config_of(read_yaml(text, "gateway.yaml"), folder / "gateway.yaml")


def test_a_canonical_model_has_a_target_at_every_configured_host() -> None:
    found = config("""
providers: {groq: {}, together: {}, deepinfra: {kind: compatible, base_url: "https://api.deepinfra.com/v1/openai"}}
models:
  oss: {canonical: gpt-oss-120b, quality_floor: {arena: 1300}}
""")
    targets = {t.provider.name: t for t in found.models["oss"].targets}
    assert set(targets) == {"groq", "together", "deepinfra"}
    assert targets["groq"].model == "openai/gpt-oss-120b"
    assert targets["groq"].max_output_tokens == 65_536
    # Rated by the table of figures, with its day and source; the same weights are as good at every host.
    assert {t.quality for t in targets.values()} == {1351.8}
    assert targets["groq"].rated.startswith("arena 1351.8 as of 2026-10-20: Arena text rating")
    # The book's own price wins; the catalogue fills in for a host without a table, and says what it is.
    book = found.book()
    price = book.find("deepinfra", targets["deepinfra"].model).prices[0]
    assert price.status == "first observed"
    assert price.source.startswith("catalogue, tier D")


def test_variants_are_not_mixed_and_unknown_names_are_told() -> None:
    plain, batch = (
        catalogue().hosts("gpt-oss-120b"),
        catalogue().hosts("gpt-oss-120b", ("fp8", "turbo", "batch")),
    )
    assert {row.variant for row in plain} == {""}
    assert "" not in {row.variant for row in batch}
    with pytest.raises(UnknownNameError, match=r"gateway\.yaml:3.*did you mean 'gpt-oss-120b'"):
        config("providers: {groq: {}}\nmodels:\n  x: {canonical: gpt-os-120b}\n")
    with pytest.raises(UnknownNameError, match="scale of ratings"):
        config("providers: {groq: {}}\nmodels:\n  x: {targets: [groq/m], quality_floor: {areena: 1300}}\n")
    with pytest.raises(InputError, match="no targets"):
        config("providers: {mistral: {}}\nmodels:\n  x: {canonical: gpt-5-mini}\n")


def test_own_evaluations_are_ratings_too(tmp_path: Path) -> None:
    (tmp_path / "evals.csv").write_text(
        "model,scale,rating,dated,source\nqwen3-8b,support,71,2026-11-30,tickets of November\n"
        "qwen3-8b,support,64,2026-10-30,tickets of October\n"
    )
    text = """
ratings: evals.csv
providers: {rack: {kind: vllm}, openai: {}}
models:
  x: {targets: [rack/qwen3-8b, openai/gpt-5-mini], quality_floor: {support: 70}}
"""
    rated, unrated = config(text, tmp_path).models["x"].targets
    assert (rated.quality, rated.rated) == (71.0, "support 71 as of 2026-11-30: tickets of November")
    assert unrated.quality is None  # nobody evaluated it, so it passes no floor
    (tmp_path / "evals.csv").write_text("model,scale,rating,dated\nqwen3-8b,support,good,2026-11-30\n")
    with pytest.raises(InputError, match=r"evals\.csv:2"):
        config(text, tmp_path)


def test_the_catalogue_knows_how_long_a_model_can_answer() -> None:
    book = PriceBook()
    assert book.find("openai", "gpt-5-mini").max_output == 128_000
    assert book.find("anthropic", "claude-sonnet-4-5-20250929").max_output == 64_000
    assert catalogue().canonical("groq", "openai/gpt-oss-120b") == "gpt-oss-120b"
    assert catalogue().rating("gpt-oss-120b", "arena").dated == date(2026, 10, 20)


BOOK = with_entries(
    PriceBook(),
    [(n, "m", {"input": i, "output": o}, "test") for n, i, o in (("a", "1", "4"), ("b", "2", "8"))],
)
A, B = (Target(provider_of(n, "vllm", base_url="http://x/v1", prices=n), "m") for n in "ab")
USED = Usage({"input": 1000, "output": 100})
ROW = {"out": None, "resting": False, "seconds": 2.0, "load": 0.0, "failure_share": 0.01, "warm_tokens": 0}


def record(**changed: Any) -> dict[str, Any]:
    cheap = {**ROW, "target": "a/m", "cost_usd": 0.0014, **changed.pop("cheap", {})}
    dear = {**ROW, "target": "b/m", "cost_usd": 0.0028, **changed.pop("dear", {})}
    policy = {"value_of_second_usd": 2e-5, "retry_usd": 5e-5}
    return {"policy": policy, "sort": None, "order": (), "candidates": [cheap, dear], **changed}


@pytest.mark.parametrize(
    ("changed", "attempt", "reason"),
    [
        ({}, 2, "fallback after a failure"),
        ({"explored": "b/m"}, 1, "finding out"),
        ({"sort": "latency"}, 1, "the caller's preference"),
        ({"strategy": "chain"}, 1, "strategy chain"),
        ({"cheap": {"resting": True}}, 1, "the cheaper one asked for time"),
        ({"cheap": {"failure_share": 0.98}}, 1, "the cheaper one was failing"),
        ({"cheap": {"seconds": 200.0}}, 1, "waiting"),
        ({"cheap": {"cost_usd": 0.0030}}, 1, "the call was not what was expected"),
    ],
)
def test_each_cent_above_the_cheapest_has_its_reason(
    changed: dict[str, Any], attempt: int, reason: str
) -> None:
    # At b 1,000 x 2 + 100 x 8 = 2,800 uUSD were paid; at a they cost 1,400.
    found = excess_of(BOOK, record(**changed), (A, B), B, USED, 2800 * 10**6, AT, attempt=attempt)
    assert found == Excess(1400 * 10**6, reason)


def test_what_was_not_good_enough_is_no_market() -> None:
    below = record(cheap={"out": "quality 50 is below 60"})
    assert excess_of(BOOK, below, (A, B), B, USED, 2800 * 10**6, AT, attempt=1) is None
    assert excess_of(BOOK, record(), (A, B), A, USED, 1400 * 10**6, AT, attempt=1) is None
    # What was read from a cache here would be read afresh there.
    cached = Usage({"cached": 1000, "output": 100})
    assert excess_of(BOOK, record(), (A, B), B, cached, 1300 * 10**6, AT, attempt=1) is None


TWO = """
providers:
  one: {kind: mock, prices: one}
  two: {kind: mock, prices: two}
models:
  both:
    - {provider: one, model: m, max_output_tokens: 100, price: {input: "1", output: "1"}}
    - {provider: two, model: m, max_output_tokens: 100, price: {input: "3", output: "3"}}
"""


def test_the_first_number_of_the_dashboard(tmp_path: Path) -> None:
    async def go() -> None:
        async with kit.serving(tmp_path, TWO) as served:
            for n in range(4):
                await served.ask(body=kit.question(f"{n}", model="both"))
            await served.ask(body=kit.question("x", model="both", provider={"order": ["two"]}))
            rows = await served.attempts(5)
            gateway = served.running.gateway
            page = (await overview(served.ledger, gateway.book, gateway.config, "day"))["market"]
            paid = [row["cost_pico"] for row in rows]
            # Four at the cheapest; the fifth at three times its price, because the caller wished so.
            assert page["ratio"] == pytest.approx(sum(paid) / (sum(paid) - paid[4] * 2 // 3))
            (reason,) = page["reasons"]
            assert (reason["reason"], reason["calls"]) == ("the caller's preference", 1)
            assert [row["label"] for row in page["keys"]] == ["test"]
            assert page["hours"][0]["ratio"] == page["ratio"]
            from supercycle.gateway.ledger.invariants import check

            assert await check(served.ledger.store) == []

    asyncio.run(go())
