"""Openings at past dates: nothing known later can enter, and everything says where it comes from."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from supercycle.core.errors import FigureError, InputError, UnknownNameError
from supercycle.figures import series as figure_series
from supercycle.figures.load import Figure, figures
from supercycle.service.the_world import subject
from supercycle.skill.chips import chips_then
from supercycle.skill.known import VARIANTS, Known, day_of, log_growth
from supercycle.skill.opening import opening_at
from supercycle.skill.origins import JUDGED, OPENED, judged_at
from supercycle.skill.past import world_at
from supercycle.skill.series import NAMES, STARTS, history, outcome

REGISTRY = subject().model.registry
CASES = [(start, variant) for start in STARTS for variant in VARIANTS]


def row(series: str, entity: str, quarter: str) -> Figure:
    return next(r for r in figures() if (r.series, r.entity, r.period.printed) == (series, entity, quarter))


def planted(monkeypatch: pytest.MonkeyPatch, known_from: date) -> None:
    """Put an absurd capex of Meta into the tables, known from a day; it would win over every other reading."""
    real = figure_series._by_entity
    old = row("capex_cash", "Meta", "2024Q4")
    fake = old._replace(value=1e6, tier="A", published="2026-11-20", known_from=known_from, note="planted")
    with_fake = {**real("capex_cash"), "Meta": (*real("capex_cash")["Meta"], fake)}
    monkeypatch.setattr(
        figure_series, "_by_entity", lambda series: with_fake if series == "capex_cash" else real(series)
    )


def test_a_figure_known_later_is_refused_by_name() -> None:
    day = day_of("2024Q4")
    late = row("capex_cash", "Meta", "2024Q4")._replace(known_from=day + timedelta(days=1), note="planted")
    with pytest.raises(
        FigureError,
        match=r"Meta:2024Q4:.* was not known then.*known by 2025-03-01.*known from 2025-03-02",
    ):
        Known(day).take(late)
    assert Known(day).take(late._replace(known_from=day)) == late.value


def test_a_planted_figure_does_not_move_an_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    before = opening_at("2024Q4", "published", REGISTRY).to_dict()
    planted(monkeypatch, day_of("2024Q4") + timedelta(days=1))
    assert opening_at("2024Q4", "published", REGISTRY).to_dict() == before


def test_the_plant_would_move_it_had_it_been_known(monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch, day_of("2024Q4"))
    moved = {e.id: e.central for e in opening_at("2024Q4", "published", REGISTRY).entries}
    assert moved["capex_open:Meta"] == 1e6


def test_what_was_rebuilt_later_needs_its_variant() -> None:
    counted = next(
        r for r in figures() if r.series == "ai_chips_cumulative_h100e" and "2024-12-31" in r.period.printed
    )
    with pytest.raises(FigureError, match="rebuilt after the fact"):
        Known(day_of("2024Q4")).take(counted)
    assert Known(day_of("2024Q4"), reconstructed=True).take(counted) == counted.value
    assert history("chips", Known(day_of("2024Q4"))) == {}


@pytest.mark.parametrize(("start", "variant"), CASES)
def test_every_row_an_opening_names_was_known_then(start: str, variant: str) -> None:
    by_id = {r.id: r for r in figures()}
    opening = opening_at(start, variant, REGISTRY)
    named = {id for entry in opening.entries for id in entry.rows}
    assert len(named) > 100
    for id in named:
        assert by_id[id].known_from <= day_of(start), id
        assert variant == "reconstructed" or by_id[id].vintage == "as published", id


@pytest.mark.parametrize(("start", "variant"), CASES)
def test_every_parameter_says_where_it_comes_from(start: str, variant: str) -> None:
    for entry in opening_at(start, variant, REGISTRY).entries:
        assert entry.reason.strip(), entry.id
        assert entry.low <= entry.central <= entry.high, entry.id
        if entry.basis == "figure":
            assert entry.rows, f"{entry.id} claims a figure and names none"


# Fixed numbers that describe no moment: places counted from the opening, book lives, rows that no equation reads,
# units in which a prior is stated, coefficients of a published approximation (Page 1977), the rise that counts as a
# boom (Greenwood, Shleifer and You 2019) and the two ratios of Cahn's question, which only a diagnostic reads.
TIMELESS = (
    "vintage_first:", "vintage_last:", "generation_release:", "book_life_years:", "openai_", "anthropic_",
    "lab_intents_open", "opening_ai_revenue_ttm", "lab_commitment_part:", "lab_is_largest:",
    "points_per_ten", "hundred_bn_per_year", "tenth", "normal_linear", "normal_cubic", "doubling",
    "datacentre_over_chips", "end_user_margin",
)  # fmt: skip


@pytest.mark.parametrize("start", STARTS)
def test_no_fixed_figure_of_2026_is_left(start: str) -> None:
    replaced = {entry.id for entry in opening_at(start, "published", REGISTRY).entries}
    left = [
        p.id
        for p in REGISTRY.values()
        if p.distribution == "fixed"
        and p.evidence in ("measured", "published")
        and p.default
        and p.id not in replaced
    ]
    assert [id for id in left if not id.startswith(TIMELESS)] == []


@pytest.mark.parametrize("start", OPENED)
def test_every_quarter_opens_on_rows_known_then_and_on_judgements_of_no_later_year(start: str) -> None:
    assert judged_at(start) <= start
    by_id = {r.id: r for r in figures()}
    for entry in opening_at(start, "published", REGISTRY).entries:
        assert all(by_id[id].known_from <= day_of(start) for id in entry.rows if id in by_id), entry.id
        later = [end for end in JUDGED if end > start and f"judged for {end}" in entry.reason]
        assert later == [], entry.id


def test_a_judged_amount_is_carried_with_its_figure_and_a_share_is_not() -> None:
    then, now = (opening_at(start, "published", REGISTRY) for start in ("2023Q4", "2024Q2"))
    before, after = ({e.id: e for e in opening.entries} for opening in (then, now))
    labs = [history("labs", Known(day_of(start))) for start in ("2023Q4", "2024Q2")]
    factor = labs[1][max(labs[1])] / labs[0][max(labs[0])]
    assert after["users_open"].central == pytest.approx(factor * before["users_open"].central)
    assert after["lab_share_open"].central == before["lab_share_open"].central
    assert "as judged for 2023Q4" in after["lab_share_open"].reason


def test_an_unknown_start_or_variant_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="2022Q4"):
        opening_at("2022Q3", "published", REGISTRY)
    with pytest.raises(UnknownNameError, match="reconstructed"):
        opening_at("2024Q4", "rebuilt", REGISTRY)


def test_a_parameter_the_model_lost_is_named() -> None:
    opening = opening_at("2024Q4", "published", REGISTRY)
    broken = replace(opening, entries=(replace(opening.entries[0], id="opening_it_cots"),))
    with pytest.raises(UnknownNameError, match="opening_it_cost"):
        broken.prior(REGISTRY)


def test_the_day_is_sixty_after_the_quarter() -> None:
    assert day_of("2023Q4") == date(2024, 2, 29)


def test_the_opening_starts_from_the_quarter_it_opens() -> None:
    capex = {
        e.id: e.central
        for e in opening_at("2023Q4", "published", REGISTRY).entries
        if e.id.startswith("capex_open")
    }
    assert sum(capex.values()) == pytest.approx(history("capex", Known(day_of("2023Q4")))["2023Q4"])
    assert "2024Q1" not in history("capex", Known(day_of("2023Q4")))


def test_reconstructed_chips_are_the_counts() -> None:
    chips = chips_then("2024Q4", "reconstructed", Known(day_of("2024Q4"), reconstructed=True))
    counts = history("chips", Known(day_of("2024Q4"), reconstructed=True))
    assert chips.h100e[2] == pytest.approx(counts["2024Q2"] - counts["2023Q2"])
    assert chips.flow_h100e == pytest.approx(counts["2024Q2"] - counts["2024Q1"])
    assert chips.stock_growth == pytest.approx(math.log(counts["2024Q4"] / counts["2023Q4"]) / 4)


@pytest.mark.parametrize("name", NAMES)
def test_outcomes_begin_after_the_start_and_end_in_time(name: str) -> None:
    for start in STARTS:
        quarters = list(outcome(name, start))
        assert quarters
        assert quarters == sorted(quarters)
        assert start < quarters[0]
        assert quarters[-1] <= "2026Q2"


def test_labs_lie_on_the_line_between_statements() -> None:
    # OpenAI 10.0 on 9 June and 12.0 on 30 July 2025, Anthropic 3.0 on 30 May and 4.0 on 1 July: 30 June lies between.
    openai = 10.0 * (12.0 / 10.0) ** (21 / 51)
    anthropic = 3.0 * (4.0 / 3.0) ** (31 / 32)
    assert outcome("labs", "2025Q1")["2025Q2"] == pytest.approx(openai + anthropic)


def test_growth_needs_its_span() -> None:
    with pytest.raises(FigureError, match="2023Q4"):
        log_growth({"2024Q4": 2.0}, 4)


def test_a_world_of_the_past_opens_and_its_books_close() -> None:
    from supercycle.engine.run import simulate
    from supercycle.skill.past import scenario_at

    world, opening = world_at("2024Q4", "published")
    run = simulate(
        world,
        scenario_at("2024Q4", "published"),
        paths=128,
        seed=3,
        until="2025Q2",
        outputs=["five_firm_capex_usd_bn"],
    )
    assert run.quarters == ("2025Q1", "2025Q2")
    assert run.residual_max < 1e-9
    spent = sum(e.central for e in opening.entries if e.id.startswith("capex_open"))
    assert abs(float(run.value(run.outputs[0])[0].mean()) / spent - 1.0) < 0.2
    ai_sales: Any = run.params[world.plan.param_slots["opening_ai_revenue"]]
    assert ai_sales.min() < 12.0
    assert 14.0 < ai_sales.max() < 20.0


def test_a_draw_out_of_order_is_refused() -> None:
    from supercycle.skill.opening import Draft

    draft = Draft("2024Q4", "published", Known(day_of("2024Q4")), REGISTRY)
    with pytest.raises(InputError, match="bad opening of it_per_tdp"):
        draft.add("it_per_tdp", (2.0, 1.0, 3.0), "judgement", "upside down")
