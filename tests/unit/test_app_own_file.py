"""A reader's own deal or decision: its own name in errors, the levers in view in its numbers, nothing silent."""

from __future__ import annotations

import pytest

from supercycle.app.tools import deal, decide, decide_template
from supercycle.core.errors import InputError, SupercycleError, UsageError
from supercycle.service.deal import deal as run_deal
from supercycle.service.deal_files import examples


def test_an_error_names_the_reader_s_own_file() -> None:
    broken = examples()["hyperion"].replace("deal:", "deel:", 1) + "\nnonsense: 1\n"
    with pytest.raises(SupercycleError, match=r"mine\.yaml"):
        deal({"text": broken, "name": "mine.yaml"})


@pytest.mark.parametrize("name", ["../mine.yaml", "mine.txt", "a/b.yaml", "x\n.yaml", "c" * 200 + ".yaml"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="name"):
        deal({"text": examples()["hyperion"], "name": name})


def test_levers_reach_the_deal_and_are_named() -> None:
    text = examples()["hyperion"]
    body = {"text": text, "name": "hyperion.yaml", "preset": "base", "paths": 64}
    moved = {"imposed_crash_quarter": 5.0}
    still, hit = deal(body), deal({**body, "set": moved})
    assert still["report"]["sections"] != hit["report"]["sections"] or still["headline"] != hit["headline"]
    assert "imposed_crash_quarter = 5" in hit["report"]["notes"][0]
    with pytest.raises(UsageError, match="levers"):
        run_deal("hyperion", levers=moved)


def test_levers_reach_the_decision() -> None:
    body = {"text": decide_template()["decide"], "preset": "base"}
    still, hit = decide(body), decide({**body, "set": {"imposed_crash_quarter": 3.0}})
    assert still["report"]["sections"] != hit["report"]["sections"]
    assert "imposed_crash_quarter = 3" in hit["report"]["notes"][0]


def test_a_comparison_is_reproduced_as_one() -> None:
    from supercycle.app.routes import Answers
    from supercycle.app.session import Session

    answers = Answers(Session())
    told = answers.reproduce({"preset": "crunch-2027", "paths": 1000, "against": {"preset": "base"}})
    assert told["cli"] == "supercycle compare base crunch-2027 --paths 1000 --seed 1"
    moved = {"preset": "base", "set": {"hurdle_base": 0.11}, "paths": 64, "against": {"preset": "base"}}
    told = answers.reproduce(moved)
    assert told["cli"].splitlines() == [
        "supercycle run --preset base --paths 64 --seed 1 --out a",
        "supercycle run --preset base --paths 64 --seed 1 --set hurdle_base=0.11 --out b",
        "supercycle compare a b",
    ]
    scope: dict[str, object] = {}
    exec(told["python"], scope)
    assert "a" in scope
    assert "b" in scope
    assert "compare" not in answers.reproduce({"preset": "base", "paths": 64})["cli"]
