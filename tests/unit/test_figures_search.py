"""Search in plain words: what people type finds the series, and a word that describes nothing is named."""

from __future__ import annotations

import json
import re

import pytest

from supercycle import cli
from supercycle.core.errors import InputError, UnknownNameError
from supercycle.figures.load import all_series
from supercycle.figures.query import find, list_series
from supercycle.figures.search import label


@pytest.mark.parametrize(
    ("query", "series", "entity"),
    [
        ("capital expenditure oracle", "capex_cash", "Oracle"),
        ("what is the capital spending of Google", "capex_cash", "Alphabet"),
        ("capex_cash meta", "capex_cash", "Meta"),
        ("microsoft remaining performance obligations", "rpo", "Microsoft"),
        ("operating cash flow meta", "operating_cash_flow", "Meta"),
        ("nvidia data center revenue", "nvidia_data_center_revenue", "NVIDIA"),
        ("openai run rates", "run_rate_revenue", "OpenAI"),
        ("gas turbine lead times", "gas_turbine_lead_time", "new orders (JPM)"),
        ("pue china", "pue", "China average"),
    ],
)
def test_plain_words_find_the_series(query: str, series: str, entity: str) -> None:
    found = find(query)
    assert found["all_words"]
    best = found["matches"][0]
    assert (best["series"], best["entity"]) == (series, entity)


def test_the_newest_reading_comes_with_its_id() -> None:
    best = find("capital expenditure oracle")["matches"][0]
    assert (best["period"], best["value"], best["unit"]) == ("2026Q3", 28.499, "USD_bn")
    assert best["id"].startswith("prints_2026q3:capex_cash:Oracle:2026Q3:")


def test_rents_are_found_by_the_word_people_use() -> None:
    found = find("H100 rent")
    assert all(row["series"].startswith("rental") for row in found["matches"])
    assert found["count"] > 50


def test_where_nothing_has_all_the_words_the_closest_say_so() -> None:
    found = find("price of electricity texas")
    assert not found["all_words"]
    assert found["matches"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("capital expendture oracle", "'expendture'.*Nearest: expenditure"),
        ("the of a", "nothing to look for"),
        ("", "nothing to look for"),
    ],
)
def test_a_word_that_describes_nothing_is_named(query: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        find(query)


def test_every_series_has_a_label_in_words() -> None:
    for name in all_series():
        assert re.fullmatch(r"[^_]+", label(name)), name
    assert label("rpo") == "remaining performance obligations"
    assert label("dc_queue") == "data centre queue"


def test_the_list_understands_plain_words_too() -> None:
    names = {row["series"] for row in list_series(match="remaining performance obligations")["series"]}
    assert {"rpo", "commercial_rpo"} <= names
    with pytest.raises(UnknownNameError):
        list_series(match="xyzzy")


def test_the_command_prints_what_it_finds(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["figures", "find", "capital expenditure oracle", "--json"])
    assert stop.value.code == 0
    assert json.loads(capsys.readouterr().out)["matches"][0]["series"] == "capex_cash"
