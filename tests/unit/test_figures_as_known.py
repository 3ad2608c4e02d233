"""What was published later stays out of the opening: held, read otherwise, not known, overtaken by a newer print."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from supercycle import cli, service
from supercycle.core.errors import InputError, UnknownNameError
from supercycle.engine.scenario import Scenario
from supercycle.figures.as_known import Input, inputs_as_known
from supercycle.figures.load import figures, rows_of
from supercycle.figures.series import choose, rivals
from supercycle.service.as_known import inputs, opening_as_known, scenario_as_known
from supercycle.service.the_world import subject


def test_everything_is_held_while_it_is_known() -> None:
    row = choose("capex_cash", "Meta", "2026Q2")
    item = Input("capex_open:Meta", 30.116, "USD_bn", (row.id,))
    found = inputs_as_known([item], row.known_from)
    assert (found.held, found.changed, found.unknown) == (("capex_open:Meta",), (), ())
    before = inputs_as_known([item], row.known_from - timedelta(days=1))
    assert [one.id for one in before.unknown] == ["capex_open:Meta"]
    assert before.unknown[0].known_from == row.known_from


def test_a_point_with_an_older_reading_moves_in_proportion_to_it() -> None:
    # OpenAI's run rate of December 2025: readings that differ, known on different days
    rows = [row for row in rivals("run_rate_revenue", "OpenAI", "2025-12") if row.value]
    later = max(rows, key=lambda row: row.known_from)
    earlier = min(rows, key=lambda row: row.known_from)
    assert later.known_from > earlier.known_from
    assert later.value
    assert earlier.value
    item = Input("x", 2.0 * later.value, "USD_bn/year", (later.id,))  # twice the row: a factor stays
    (changed,) = inputs_as_known([item], earlier.known_from).changed
    assert changed.then == pytest.approx(2.0 * earlier.value)
    assert changed.row == earlier.id
    both = Input("sum", 1.0, "USD_bn/year", (later.id, choose("capex_cash", "Meta", "2018Q4").id))
    (unknown,) = inputs_as_known([both], earlier.known_from).unknown
    assert "several rows" in unknown.why


def test_a_newer_print_is_told_and_does_not_move_the_opening() -> None:
    row = choose("capex_cash", "Oracle", "2026Q2")
    newer = choose("capex_cash", "Oracle", "2026Q3")
    item = Input("capex_open:Oracle", 16.493, "USD_bn", (row.id,))
    assert inputs_as_known([item], newer.known_from - timedelta(days=1)).stale == ()
    (stale,) = inputs_as_known([item], newer.known_from).stale
    assert (stale.period, stale.newest, stale.row) == ("2026Q2", "2026Q3", newer.id)
    history = Input("before", 1.0, "USD_bn", (choose("capex_cash", "Oracle", "2024Q2").id,))
    assert [one.id for one in inputs_as_known([item, history], newer.known_from).stale] == [
        "capex_open:Oracle"
    ]


def test_judgements_and_priors_have_no_day_and_an_unknown_row_is_named() -> None:
    found = inputs_as_known(
        [Input("a", 1.0, "1", ()), Input("b", 1.0, "month", ("leadtime_grid",))], date(2020, 1, 1)
    )
    assert (found.held, found.unknown) == ((), ())
    with pytest.raises(UnknownNameError, match="did you mean"):
        inputs_as_known(
            [Input("c", 1.0, "USD_bn", ("companies:capex_cash:Meta:2026Q2:0000",))], date(2026, 12, 1)
        )


def test_the_opening_rests_on_rows_that_all_exist() -> None:
    found = opening_as_known(date.max)
    assert found.unknown == found.changed == ()
    ids = {row.id for row in figures()}
    assert all(one.row in ids for one in found.stale)
    assert inputs()["held"] == len(found.held) > 25


def test_a_run_as_of_a_day_withholds_what_came_later() -> None:
    day = opening_as_known(date.max).newest
    run = service.run(
        "base", paths=20, until="2027Q4", as_of=day.isoformat(), outputs=["five_firm_capex_usd_bn"]
    )
    plain = service.run("base", paths=20, until="2027Q4", outputs=["five_firm_capex_usd_bn"])
    key = "five_firm_capex_usd_bn"
    assert (run.run.value(key) == plain.run.value(key)).all()  # all was known by then: the same run
    with pytest.raises(InputError, match=r"not known by 2026-08-01.*expected a day from"):
        service.run("base", paths=20, as_of="2026-08-01")
    with pytest.raises(InputError, match="not a day"):
        service.run("base", paths=20, as_of="August")
    with pytest.raises(InputError, match="a day to come"):
        service.run("base", paths=20, as_of="2999-01-01")
    with pytest.raises(InputError, match="knows later figures"):
        scenario_as_known(Scenario("base", prior="posterior"), day.isoformat(), subject().model.registry)


def test_the_command_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["figures", "inputs", "--as-of", "2026-08-01"])
    assert stop.value.code == 0
    said = capsys.readouterr().out
    assert "capex_open:Meta" in said
    assert "not known then" in said
    assert rows_of("capex_cash")
