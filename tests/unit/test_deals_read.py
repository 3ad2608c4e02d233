"""A deal file is read whole or refused, with the line and the nearest name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from supercycle import cli
from supercycle.core.errors import InputError
from supercycle.deals.document.json_schema import json_schema
from supercycle.deals.document.read import read_deal

DEAL = """schema: supercycle.deal/2
name: small
money: USD_m
calendar: {start: 2026-01-01, periods: 8}
contracts:
  - {name: rent, kind: lease, start: 2026-01-01, term_years: 2, rent: 100}
facilities:
  - name: loan
    kind: term
    amount: 100
    rate: 8 %
    maturity: 2028-01-01
    amortisation: {type: level_payment}
reserves:
  - {name: held, kind: trap}
tests:
  - {name: cover, measure: dscr, trap: 1.2, cure: 1}
waterfall:
  - {do: pay, what: interest, of: loan}
  - {do: pay, what: principal, of: loan}
  - {do: trap, of: held}
  - {do: release, of: held}
  - {do: distribute}
"""


def test_the_deal_below_is_read() -> None:
    assert read_deal(DEAL).facilities[0].rate.value == 0.08


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    rate: 8 %", "    rat: 8 %", r"d\.yaml:11: unknown key of .*'rat'.*rate"),
        ("amount: 100", "amount: -5", r"d\.yaml:10: a sum of money is too small: expected 0 or more, got -5"),
        ("kind: term", "kind: revolver", r"d\.yaml:13: a revolver is not repaid by level_payment"),
        ("kind: term", "kind: tern", r"d\.yaml:9: .*'tern'.*term"),
        ("of: held}\n  - {do: rel", "of: hold}\n  - {do: rel", r"d\.yaml:21: unknown account 'hold'.*held"),
        (", measure: dscr", "", r"d\.yaml:17: .*lacks 'measure'"),
        ("maturity: 2028-01-01", "maturity: 2025-01-01", r"d\.yaml:12: maturity before closing"),
        ("maturity: 2028-01-01", "maturity: soon", r"d\.yaml:12: bad date"),
        ("rent: 100}", "rent: {curve: {2027-01-01: 1, 2026-01-01: 2}}}", r"d\.yaml:6: dates out of order"),
        ("rent: 100}", "rent: many}", r"d\.yaml:6: not a number"),
        ("rent: 100}", "rent: {value: 1, sauce: x}}", r"d\.yaml:6: .*'sauce'.*source"),
        ("rent: 100}", "rent: {value: 1, tier: Z}}", r"d\.yaml:6: unknown tier"),
        ("type: level_payment", "type: ard", r"d\.yaml:13: ard lacks 'date'"),
        ("type: level_payment", "type: bullet, dscr: 1.3", r"d\.yaml:13: 'dscr' does nothing under bullet"),
        ("  - {do: pay, what: principal, of: loan}\n", "", r"d\.yaml:8: the waterfall never pays the principal"),
        ("  - {do: release, of: held}\n", "", r"d\.yaml:17: a trap level needs"),
        ("deal/2", "deal/3", r"d\.yaml:1: unknown schema"),
        ("deal/2", "deal/1", r"d\.yaml:1: a deal of the first schema.*supercycle deal upgrade d\.yaml"),
        ("name: small\n", "name: small\npower_hedges: []\n", r"d\.yaml:3: block 'power_hedges' is not built yet"),
        ("waterfall:", "waterfall: [", r"d\.yaml:\d+: not YAML"),
        ("tests:", "tests: 3\nnote:", r"d\.yaml:16: deal\.tests is not a list"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_line(old: str, new: str, message: str) -> None:
    assert old in DEAL
    with pytest.raises(InputError, match=message):
        read_deal(DEAL.replace(old, new, 1), origin="d.yaml")


def test_a_world_reference_needs_values() -> None:
    from supercycle.deals.run import prepare

    deal = read_deal(DEAL.replace("rent: 100", "rent: $world.rent"))
    with pytest.raises(InputError, match=r"deal:6: no values for \$world\.rent"):
        prepare(deal)


def test_settings_lie_over_the_file() -> None:
    assert read_deal(DEAL, settings={"facilities.loan.rate": "9 %"}).facilities[0].rate.value == 0.09
    with pytest.raises(InputError, match=r"'lone'.*loan"):
        read_deal(DEAL, settings={"facilities.lone.rate": "9 %"})
    with pytest.raises(InputError, match="unknown key"):
        read_deal(DEAL, settings={"facilities.loan.rat": "9 %"})


def test_the_json_schema_refuses_unknown_keys_everywhere() -> None:
    def closed(node: Any) -> bool:
        if isinstance(node, dict):
            if "properties" in node and node.get("additionalProperties") is not False:
                return False
            return all(closed(v) for v in node.values())
        return all(closed(v) for v in node) if isinstance(node, list) else True

    schema = json_schema()
    assert closed(schema)
    assert set(schema["required"]) >= {"schema", "facilities", "waterfall"}


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Any:
    def of(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(("deal", *words))
        out, err = capfd.readouterr()
        return int(left.value.code or 0), out, err

    return of


@pytest.mark.parametrize(
    "name", ["hyperion", "terawulf", "coreweave_ddtl", "datacentre_abs", "solar_sculpted"]
)
def test_every_example_runs_and_its_sources_are_its_uses(call: Any, name: str) -> None:
    code, out, err = call("run", name, "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert sum(found["sources"].values()) == pytest.approx(sum(found["uses"].values()), rel=1e-9)
    assert call("run", name)[0] == call("size", name)[0] == call("check", name)[0] == 0


def test_commands_refuse_in_one_line(call: Any, tmp_path: Any) -> None:
    code, _, err = call("run", "hyperior")
    assert code == 3
    assert "hyperion" in err
    assert call("run", "hyperion", "--set", "rate")[0] == 2
    bad = tmp_path / "bad.yaml"
    bad.write_text(DEAL.replace("amount", "amuont"), encoding="utf-8")
    code, _, err = call("check", str(bad))
    assert code == 3
    assert f"{bad}:10: unknown key" in err
    assert "supercycle.deal/2" in call("schema")[1]
    assert "hyperion" in call("examples")[1]
