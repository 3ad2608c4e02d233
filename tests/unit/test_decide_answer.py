"""The answer as a whole: limits that can be checked by hand, books that close, thresholds that hold when put back."""

from __future__ import annotations

import importlib
import json
import math
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from supercycle.core.errors import BooksError, InputError
from supercycle.core.ownership import HOURS_PER_MONTH, Ownership, break_even_utilisation
from supercycle.decisions.capacity.roofline import efficiencies
from supercycle.decisions.capacity.throughput import measured_points
from supercycle.decisions.choice import decision as decision_module
from supercycle.decisions.choice.breakeven import break_even, ownership_of
from supercycle.decisions.choice.decision import decide
from supercycle.decisions.choice.evaluate import evaluate, levelised
from supercycle.decisions.choice.record import record
from supercycle.decisions.choice.thresholds import Lever, Trial, flips, tornado
from supercycle.decisions.choice.waiting import waiting
from supercycle.decisions.money import statements as statements_module
from supercycle.decisions.money.prices import Background
from supercycle.decisions.money.residual import rental_value, residual_value
from supercycle.decisions.money.statements import statements

sys.path.append(str(Path(__file__).resolve().parents[1]))
cases = importlib.import_module("decide_cases")


def test_an_api_at_a_constant_price_costs_that_price() -> None:
    """Limit of the levelised cost: nothing falls, so 0.4436 per Mtok today is 0.4436 per Mtok, whatever tax and
    growth.
    """
    case = cases.certain(api__floor_usd_per_mtok=100.0)
    place = cases.placed(case, paths=2)
    found = evaluate(place, ("api",))
    today = place.load.api_usd_per_month / place.load.mtok_per_month
    assert levelised(place, found.options["api"]) == pytest.approx(np.full(2, today), rel=1e-9)
    assert found.best.levelised_usd_per_mtok == pytest.approx(today, rel=1e-9)


def test_the_orders_of_magnitude_are_those_of_the_figures() -> None:
    """An owned H100-hour 1.5-3 USD, rent 2-4.5, open weights 0.02-1 USD per Mtok."""
    hour = Ownership().hour()
    assert 1.5 < hour.total_usd < 3.0
    found = cases.evaluated()
    assert 0.02 < found.of("on_demand").levelised_usd_per_mtok < 1.0
    place = cases.placed(cases.case(hardware__gpu="H100"), paths=2)
    assert 1.5 < ownership_of(place, 0.7, 80.0).hour().total_usd < 3.0
    assert 2.0 < place.case.number("rental.on_demand_usd_per_gpu_hour") < 4.5


def test_on_demand_by_hand_in_the_first_month() -> None:
    """Hours x price x hidden share, engineers, and 5 % of the API's bill."""
    case = cases.certain(workload__growth_per_year=0.0)
    place = cases.placed(case, paths=1)
    option = evaluate(place, ("on_demand",)).options["on_demand"]
    machine = place.machines[0]
    loads = (
        machine.shape.load * machine.mean_busy
    )  # hour by hour: the replicas that each needs, and what is started
    needed = [machine.tables.ladder.rungs[machine.tables.ladder.needed(np.array([x]))[0]] for x in loads]
    started = [max(b - a, 0) for a, b in zip(needed, [*needed[1:], needed[0]], strict=True)]
    hired = (sum(needed) + 0.5 * sum(started)) / len(needed) * machine.rate.gpus_per_replica
    rent = hired * HOURS_PER_MONTH * case.number("rental.on_demand_usd_per_gpu_hour") * 1.15
    people = 0.5 * 200_000 / 12
    assert option.monthly[0, 0] == pytest.approx(
        rent + people + 0.05 * place.load.api_usd_per_month, rel=1e-6
    )


def test_owning_by_hand_for_one_year() -> None:
    """One year, no growth, no tax, nothing random: servers at the start, bills, sale at the end, discounted."""
    case = cases.certain(workload__growth_per_year=0.0, finance__tax_rate=0.0)
    case = cases.build(
        {p: (line.value, "t") for p, line in case.ledger.items() if line.given},
        horizon_months=12,
        today=cases.TODAY,
    )
    place = cases.placed(case, paths=1, background=Background.still(9))
    own = evaluate(place, ("own_colo",)).options["own_colo"]
    gpus = own.gpus[0, 0]
    assert gpus == 16  # two whole servers for the peak; what is down is served on demand
    sale = float(own.proceeds[0, 0])
    monthly = own.monthly[:, 0]
    by_hand = 50_000 * gpus + sum(b * 1.1 ** (-(m + 1) / 12) for m, b in enumerate(monthly)) - sale / 1.1
    assert own.npv[0] == pytest.approx(by_hand, rel=1e-9)
    colocation = gpus * 14.3 / 8 * 194.95
    upkeep = gpus * 50_000 * 0.03 / 12
    assert own.parts["colocation"][0, 0] == pytest.approx(12 * colocation, rel=1e-9)
    assert own.parts["upkeep"][0, 0] == pytest.approx(12 * upkeep, rel=1e-9)
    assert 0 < sale < 0.8 * 50_000 * gpus


@pytest.mark.parametrize("income", [None, 200_000.0, 0.0])
@pytest.mark.parametrize("rule", ["bonus", "macrs", "straight_line"])
def test_statements_balance_to_the_cent_for_every_option_and_year(rule: str, income: float | None) -> None:
    case = (
        cases.template_case().with_value("finance.depreciation", rule).with_value("hardware.life_years", 3.0)
    )
    if income is not None:
        case = case.with_value("finance.taxable_income_usd_per_year", income)
    place = cases.placed(case, paths=50)
    for name, option in evaluate(place).options.items():
        made = statements(place.frame, option)  # raises when a balance fails
        assert made.cash["change in cash"] == [0] * 5, name
        for year in range(5):
            flow = sum(made.cash[row][year] for row in ("operating", "investing", "contributed"))
            assert flow == 0
            assert made.balance["assets"][year] == made.balance["liabilities and equity"][year], name
            assert made.balance["equipment"][year] >= 0
        spent = sum(sum(row) for key, row in made.cash.items() if key.startswith("paid: "))
        assert spent / -100 == pytest.approx(
            float(option.monthly.mean(axis=1).sum()), abs=0.3
        )  # a cent for each rounding


def test_books_that_do_not_close_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = cases.evaluated()
    levels = statements_module._levels

    def off(assets: object, years: int, which: str) -> tuple[list[float], list[float]]:
        before, after = levels(assets, years, which)
        return before, ([a + 1.0 for a in after] if which == "tax" else after)

    monkeypatch.setattr(statements_module, "_levels", off)
    with pytest.raises(BooksError):
        statements(found.place.frame, found.options["own_colo"])


def test_break_even_is_where_the_curves_meet() -> None:
    found = evaluate(cases.placed(cases.template_case(), paths=50))
    even = break_even(found)
    for _, usd, mtok, use in even.rivals:
        assert usd / even.mtok_per_busy_hour == pytest.approx(mtok)
        if use < 1:
            at = ownership_of(found.place, use, even.gpus).hour().used_usd
            assert at == pytest.approx(usd, rel=1e-6)
    assert break_even_utilisation(3.0, 2.0) == 1.5  # above 1 means never: not cut
    assert 0 < even.measured < 1


def test_thresholds_hold_when_they_are_put_back() -> None:
    trial = Trial(cases.template_case(), cases.profile(), cases.STILL, paths=100, seed=1)
    levers = [
        Lever("load", "load", "x", 1.0, 0.02, 20.0, log=True),
        Lever("api price", "price", "x", 1.0, 0.02, 5.0, log=True),
        Lever("hardware.capital_usd_per_gpu", "capital", "USD", 50_000.0, 5_000.0, 90_000.0),
    ]
    for flip in flips(trial, levers):
        assert flip.status == "solved", flip.lever.name
        assert flip.residual is not None
        assert flip.residual < 1e-4
        name = flip.lever.name.replace(".", "__").replace(" ", "_")
        near, far = (trial(**{name: flip.value * f}) for f in (0.999, 1.001))
        assert {near.best.name, far.best.name} == {flip.best, flip.becomes}


def test_a_lever_without_a_flip_says_so_and_a_tornado_needs_two_options() -> None:
    trial = Trial(cases.template_case(), cases.profile(), cases.STILL, paths=50, seed=1)
    lever = Lever("site.electricity_usd_per_kwh", "power", "USD/kWh", 0.0859, 0.05, 0.1)
    (flip,) = flips(trial, [lever])
    assert (flip.value, flip.status) == (None, "no flip in the range")
    (bar,) = tornado(trial, [lever], "own_colo", "api")
    assert bar.at_low > bar.at_high  # dearer power, less saving
    with pytest.raises(InputError):
        tornado(trial, [lever], "api", "api")


def test_a_mixture_that_is_all_one_way_has_that_way_s_name() -> None:
    case = cases.case(api__input_usd_per_mtok=0.001, api__output_usd_per_mtok=0.002)
    found = decide(case, cases.profile(), {"calm": cases.STILL}, paths=60, changes=False)
    assert "mix" not in found.found.options
    assert found.found.best.name == "api"
    assert found.headline.startswith("EXAMPLE LOAD")
    assert "Keep calling the API in use" in found.headline
    assert any("No mixture is cheaper" in note for note in found.notes)


def test_what_fails_the_quality_gate_is_not_recommended() -> None:
    """However cheap: a gap above the accepted one, or one that nobody knows, leaves only the API in use."""
    for given, word in (
        ({"model__quality_gap": 105.0, "model__accepted_quality_gap": 0.0}, "gives up 105"),
        ({"model__open_weights": "mixtral-8x22b", "model__precision": "fp8"}, "gives up 40"),
    ):
        found = evaluate(cases.placed(cases.case(**given), paths=20))
        if word == "gives up 40":  # the gap as measured counts for whatever model is named
            assert found.best.barred == ""
            continue
        assert found.best.name == "api"
        assert all(word in m.barred for m in found.ranking if m.name != "api")
    unknown = cases.build(
        {**{k: v for k, v in cases.STATED.items() if k != "model.quality_gap"}}, today=cases.TODAY
    )
    found = evaluate(cases.placed(unknown, paths=20))
    assert found.best.name == "api"
    assert "no rating of the models in use" in found.ranking[1].barred


def test_break_even_and_ranking_cannot_disagree_about_staff() -> None:
    """The bank's case of the findings: at a few GPUs the least staff is paid in both."""
    found = evaluate(cases.placed(cases.case(people__owned_engineers=4.0), paths=20))
    even = break_even(found)
    assert even.hour.people_usd * even.gpus * 8760 == pytest.approx(4.0 * 200_000, rel=1e-6)


def test_equal_seeds_give_equal_answers_and_a_changed_input_the_same_draws() -> None:
    case = cases.template_case()
    a, b = (cases.placed(case, paths=20) for _ in range(2))
    c = cases.placed(case.with_value("finance.tax_rate", 0.1), paths=20)
    few = cases.placed(case, paths=10)
    assert np.array_equal(a.frame.paths.rent, b.frame.paths.rent)
    assert np.array_equal(a.frame.paths.rent, c.frame.paths.rent)
    assert np.array_equal(a.frame.paths.rent[:, :10], few.frame.paths.rent)


def test_waiting_is_for_nothing_when_owning_cannot_pay_and_not_needed_when_it_always_does() -> None:
    dear = evaluate(cases.placed(cases.case(hardware__capital_usd_per_gpu=500_000.0), paths=400))
    never = waiting(dear)
    assert never.verdict == "do not buy"
    assert never.never_share == 1.0
    assert never.rule.value == 0.0
    cheap = evaluate(
        cases.placed(
            cases.case(hardware__capital_usd_per_gpu=2_000.0, people__owned_engineers=0.5), paths=400
        )
    )
    now = waiting(cheap)
    assert now.verdict == "act now"
    assert now.act_now.value > 0
    assert now.act_now == now.rule
    assert now.rule.value <= now.upper.value
    with pytest.raises(InputError, match="400 or more"):
        waiting(evaluate(cases.placed(cases.case(), paths=50)))


def test_rents_and_resale_fall_together_in_an_unwind() -> None:
    fall = np.minimum(np.arange(25)[:, None] / 8, 1.0) * -0.7
    bust = Background("bust", fall, 0 * fall, 0 * fall, 0.0)
    case = cases.certain(workload__growth_per_year=0.0)
    calm, hit = (evaluate(cases.placed(case, paths=1, background=b)) for b in (Background.still(25), bust))
    assert hit.of("on_demand").mean < calm.of("on_demand").mean
    assert hit.options["own_colo"].proceeds[-1, 0] < 0.8 * calm.options["own_colo"].proceeds[-1, 0]
    advantage = [f.of("own_colo").mean - f.of("on_demand").mean for f in (calm, hit)]
    assert advantage[1] > advantage[0]  # owning looks worse when rents fall


def test_residual_value_has_its_limits_and_its_cap() -> None:
    rents = np.array([0.0, 10.0, 20.0])
    assert rental_value(rents, 10.0, 5.0, decay=0.2, rate=0.1).tolist()[:2] == [
        0.0,
        0.0,
    ]  # no more than running costs
    s = math.log(2) / 0.2  # 20 e^(-0.2 s) = 10
    by_hand = 20 * (1 - math.exp(-0.3 * s)) / 0.3 - 10 * (1 - math.exp(-0.1 * s)) / 0.1
    assert rental_value(rents, 10.0, 50.0, decay=0.2, rate=0.1)[2] == pytest.approx(by_hand)
    capped = residual_value(rents, 10.0, 50.0, 5.0, decay=0.2, rate=0.1, selling_cost_share=0.2)
    assert capped[2] == pytest.approx(5.0 * 0.8)


def test_the_tables_of_throughput_cover_what_is_promised() -> None:
    points = measured_points()
    assert {p.gpu for p in points} >= {"H100", "H200", "B200"}
    assert {"llama-3.1-70b", "gpt-oss-120b", "deepseek-r1"} <= {p.model for p in points}
    for point in points[::50]:  # Little's law, as the table was made
        rate = point.concurrency * point.osl / (point.ttft_s + point.tpot_s * (point.osl - 1)) / point.gpus
        assert point.output_tok_s_gpu == pytest.approx(rate, rel=2e-3)
    fits = efficiencies()
    assert {(f.family, f.precision) for f in fits} >= {
        (a, b) for a in ("dense", "moe") for b in ("fp4", "fp8", "bf16")
    }
    held = {family: [f for f in fits if f.family == family] for family in ("dense", "moe")}
    error = {
        k: sum(f.held_out * f.median_error for f in v) / sum(f.held_out for f in v) for k, v in held.items()
    }
    assert error["dense"] < 0.13
    assert error["moe"] < 0.17
    assert all(0 < e <= 1 for f in fits for e in (f.weights, f.compute, f.cache))


@pytest.fixture(scope="module")
def decision():
    worlds = {"calm": Background.still(25, -0.13), "glut": Background.still(25, -0.45)}
    return decide(cases.template_case(), cases.profile(), worlds, paths=400, changes=False)


def test_the_record_is_json_without_nan_and_complete(decision: object) -> None:
    body = record(decision)
    text = json.dumps(body, allow_nan=False)
    assert len(text) > 10_000
    assert set(body) >= {
        "ranking",
        "break_even",
        "plan",
        "quality",
        "act_or_wait",
        "worlds",
        "statements",
        "assumptions",
        "notes",
        "forward",
    }
    assert [one["score"] for one in body["ranking"]] == sorted(one["score"] for one in body["ranking"])
    assert body["load"]["example"]
    assert "synthetic" in body["load"]["words"]
    assert any("Quality:" in note for note in body["notes"])
    assert "rents -" in body["worlds"][1]["because"]


def test_the_report_says_what_evidence_carries_the_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    from supercycle.story.decide import decide_report_data

    few = decision_module.levers_of
    monkeypatch.setattr(decision_module, "levers_of", lambda case: few(case)[:6])
    found = decide(cases.template_case(), cases.profile(), {"calm": cases.STILL}, paths=60)
    body = record(found)
    assert sum(body["evidence"]["shares"].values()) == pytest.approx(1.0)
    report = decide_report_data(body, {"cli": "x", "python": "y"})["report"]
    assert report["evidence_share"]["judgement"] > 0
    assert report["judgements"][0]["share_of_variance"] == max(body["evidence"]["inputs"].values())
    assert len(body["flips"]) == 6
    assert len(body["map"]["best"]) == len(body["map"]["rows"])


def test_the_workbook_has_live_formulas_that_give_the_model_s_numbers(
    decision: object, tmp_path: Path
) -> None:
    from supercycle.service.decide_workbook import SHEETS, write

    body = record(decision)
    place = write(body, tmp_path / "d.xlsx")
    book = openpyxl.load_workbook(place)
    assert book.sheetnames == list(SHEETS)
    formulas = [
        cell.value
        for row in book["Answer"].iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value[:1] == "="
    ]
    assert len(formulas) == 4 * len(body["ranking"]) + 2  # and the two rates, read from the assumptions
    live = [str(c.value) for row in book["Flows"].iter_rows() for c in row if str(c.value)[:1] == "="]
    assert any("/" in f and "Assumptions!" in f for f in live)
    cells = {row[0].value: row[1] for row in book["Assumptions"].iter_rows() if row[0].value}
    assert f"Assumptions!$B${cells['finance.tax_rate'].row}" in " ".join(
        live
    )  # the tax cell moves the tax saved
    words = " ".join(
        str(c.value) for row in book["Answer"].iter_rows() for c in row if isinstance(c.value, str)
    )
    for part in ("gpt-oss-120b", "B200", "tokens/s to each user", "synthetic", "Buy 8"):
        assert part in words
    rate = 0.10
    for one in body["ranking"]:  # the sheet's formula, by hand
        cash = body["statements"][one["name"]]["cash"]

        def npv(values: list[float]) -> float:
            return sum(v / (1 + rate) ** (n + 1) for n, v in enumerate(values))

        bills = [-sum(row[n] for key, row in cash.items() if key.startswith("paid: ")) for n in range(5)]
        found = (
            (1 + rate) ** 0.5 * npv(bills)
            - (1 + rate) * npv(cash["capital"])
            - npv(cash["tax saved"])
            - npv(cash["sales"])
        )
        assert found == pytest.approx(one["mean"], rel=0.015)  # mid-year against monthly


def test_the_report_is_one_file_that_draws(decision: object, tmp_path: Path) -> None:
    from supercycle.report import write
    from supercycle.story.decide import decide_report_data

    data = decide_report_data(record(decision), {"cli": "supercycle decide run", "python": "pass"})
    kinds = {chart["kind"] for section in data["report"]["sections"] for chart in section["charts"]}
    assert {"bars", "fan", "lines", "table"} <= kinds
    page = write(data, tmp_path / "d.html").read_text(encoding="utf-8")
    assert "Content-Security-Policy" in page
    assert "Buy 8 B200 now" in page
