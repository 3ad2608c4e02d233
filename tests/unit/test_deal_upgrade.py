"""``deal upgrade`` and ``deal new``: an old deal is refused, rewritten, and what changed is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from supercycle.core.errors import InputError, UsageError
from supercycle.deals.document.read import read_deal
from supercycle.service.deal import deal
from supercycle.service.deal_files import examples, new_file, read_file, upgrade_file

OLD = """# kept: a comment of the author
schema: supercycle.deal/1
name: old
money: USD_m
calendar: {start: 2026-01-01, periods: 8, months: 12}
contracts:
  - {name: rent, kind: lease, start: 2026-01-01, term_years: 8, rent: 100}
facilities:
  - name: loan  # the only one
    kind: term
    amount: 100
    rate: RATE
    maturity: 2031-01-01
    amortisation: {type: schedule, payments: {amounts: {2028-01-01: 20}}}
reserves:
  - {name: dsra, months: 12, funded_at_close: true}
waterfall:
  - {do: pay, what: interest, of: loan}
  - {do: pay, what: principal, of: loan}
  - {do: fund, of: dsra}
  - {do: release, of: dsra}
  - {do: distribute}
"""


def test_an_old_deal_is_refused_and_rewritten(tmp_path: Path) -> None:
    place = tmp_path / "old.yaml"
    place.write_text(OLD.replace("RATE", "7 %"), encoding="utf-8")
    with pytest.raises(InputError, match=r"old\.yaml:2: a deal of the first schema.*deal upgrade"):
        read_file(str(place))
    where, told = upgrade_file(place, tmp_path / "new.yaml")
    found, text = read_file(str(where))
    assert (found.schema, found.reserves[0].funded) == ("supercycle.deal/2", "closing")
    assert "# kept: a comment of the author" in text
    assert "# the only one" in text
    said = "\n".join(told)
    assert "payments of 'loan' on 2028-01-01 falls on it; the first schema paid it one period later" in said
    assert "funded_at_close is now funded: closing" in said
    assert "left to decide" not in said
    with pytest.raises(InputError, match=r"not a deal of the first schema: expected supercycle\.deal/1"):
        upgrade_file(where)


@pytest.mark.parametrize(
    ("rate", "message"), [("'6,581 %'", "was read as 6581 %"), ("7", "a rate a year without its sign")]
)
def test_what_needs_a_decision_is_told(rate: str, message: str, tmp_path: Path) -> None:
    place = tmp_path / "old.yaml"
    place.write_text(OLD.replace("RATE", rate), encoding="utf-8")
    _, told = upgrade_file(place)
    assert any(message in line for line in told)
    assert told[-1].startswith("left to decide: ")
    with pytest.raises(InputError):
        read_deal(place.read_text(encoding="utf-8"))


def test_a_new_deal_is_the_example_of_its_kind(tmp_path: Path) -> None:
    for kind in examples():
        place = new_file(kind, tmp_path / f"my_{kind}.yaml")
        assert read_file(str(place))[0].name == f"my_{kind}"
        assert place.read_text(encoding="utf-8").count("#") > 3
    place = new_file("solar_sculpted", tmp_path / "mine.yaml")
    assert deal(str(place)).body["tranches"] == deal("solar_sculpted").body["tranches"]
    with pytest.raises(UsageError, match="exists"):
        new_file("solar_sculpted", place)
