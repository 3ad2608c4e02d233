"""``supercycle deal`` as a stranger calls it: wrong input first, then what it prints and what --json holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from supercycle import cli
from supercycle.cli.render_deal import deal_tables
from supercycle.service.deal import check, examples_listed, size
from supercycle.service.deal_files import examples


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.chdir(tmp_path)

    def of(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(["deal", *words])
        said = capfd.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return of


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("run", "hyperoin"), 3, "unknown deal 'hyperoin': did you mean 'hyperion'"),
        (("run", "nothing.yaml"), 3, "nothing.yaml: cannot read the deal: expected a text file, got No such file"),
        (("run", "hyperion", "--paths", "0"), 3, "--paths: bad number of paths: expected 1 or more, got 0"),
        (("run", "hyperion", "--paths", "many"), 2, "paths"),
        (("run", "hyperion", "--agency", "fitch"), 2, "agency"),
        (("run", "hyperion", "--preset", "power-wal"), 3, "did you mean 'power-wall'"),
        (("run", "hyperion", "--world", "."), 3, "not a result folder: expected a folder with manifest.json"),
        (("run", "hyperion", "--world", "a", "--preset", "base"), 2, "two worlds"),
        (("run", "coreweave_ddtl", "--paths", "10"), 3, "every path would be the same"),
        (("run", "coreweave_ddtl", "--preset", "base"), 3, "every path would be the same"),
        (("run", "hyperion", "--set", "facilities.note.rate=7%"), 3, "did you mean 'notes'"),
        (("run", "hyperion", "--set", "facilities.notes.rate"), 2, "bad --set: expected path=value"),
        (("run", "hyperion", "--set", "facilities.notes.holder=bank"), 3, "did you mean 'banks'"),
        (("run", "hyperion", "--report", "no/such/a.html"), 5, "--report: cannot write"),
        (("run", "hyperion", "--xlsx", "."), 5, "it is a folder"),
        (("size", "hyperion", "--set", "facilities.notes.rate=$world.risk_free_rate"), 3, "a size needs one case"),
        (("check", "hyperion", "--set", "assets.campus.volatility=abc"), 3, "not a number: expected 12, 6.5 %"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line_and_a_code(call: Any, words: tuple[str, ...], code: int, message: str) -> None:
    left, out, err = call(*words)
    assert left == code
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert message in err


def test_a_name_that_is_an_example_and_a_file_is_refused(call: Any, tmp_path: Path) -> None:
    (tmp_path / "hyperion").write_text("x")
    assert "an example and a file" in call("run", "hyperion")[2]


def test_a_file_of_the_readers_own_comes_before_the_example_of_its_name(call: Any, tmp_path: Path) -> None:
    from supercycle.service.deal_files import examples

    (tmp_path / "hyperion.yaml").write_text(examples()["hyperion"].replace("title: Hyperion", "title: Mine"))
    assert "Mine" in call("run", "hyperion.yaml")[1]
    assert json.loads(call("check", "examples/hyperion.yaml", "--json")[1])["ok"] is True  # the shipped one


def test_json_holds_every_answer_of_hyperion_and_no_nan(call: Any) -> None:
    code, out, _ = call("run", "examples/hyperion.yaml", "--json")
    assert code == 0
    found = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))
    assert found["schema"] == "supercycle.deal-result/2"
    assert found["total_sources"] == pytest.approx(found["total_uses"], rel=1e-12)
    assert sum(found["sources"].values()) == pytest.approx(sum(found["uses"].values()), rel=1e-12)
    assert found["level_payment"]["notes"]["service_a_year"] == pytest.approx(2474.3, abs=0.1)
    notes = found["tranches"]["notes"]
    assert notes["wal_years"] == pytest.approx(17.63, abs=0.01)
    assert set(notes["yield_at_price"]) == {"100"}
    assert found["guarantees"][0]["debt_when_it_ends"] > 0
    for word in ("without_guarantee", "with_guarantee"):
        assert found["lessee"][word]["us_gaap"] in ("operating", "finance")
        assert found["lessee"][word]["ifrs"] == "right of use"
    assert found["non_renewal"][0]["years"] == 4
    assert set(found["non_renewal"][0]["holders"]) == {"bond_investors", "equity_holders"}
    assert found["held_still"] == ["utilisation"]


def test_paths_and_a_world_add_the_distribution_and_what_hurts(
    call: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call("run", "gpu_merchant", "--preset", "base", "--paths", "200", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["world"]["paths"] == 200
    assert {row["name"] for row in found["world"]["references"]} == {"contract_price", "utilisation"}
    assert "held" in found["world"]["rule"]
    assert set(found["distribution"]["tranches"]) == {"loan", "vendor"}
    assert found["distribution"]["holders"].keys() == {"private_credit", "vendors", "equity_holders"}
    assert found["what_hurts"]["variables"]
    assert "--preset base --paths 200 --seed 1" in found["manifest"]["command"]
    deal_tables(found)
    said = capfd.readouterr().out
    assert "what in the world hurts most" in said
    assert "without numbers" in said


def test_the_commands_again_line_gives_the_same_numbers(call: Any) -> None:
    import shlex

    words = ("run", "hyperion", "--paths", "30", "--seed", "4", "--set", "facilities.notes.rate=7 %")
    first = json.loads(call(*words, "--json")[1])
    again = shlex.split(first["manifest"]["command"])[2:]
    assert json.loads(call(*again, "--json")[1])["distribution"] == first["distribution"]
    scope: dict[str, Any] = {}
    exec(first["manifest"]["python"].rpartition("\n")[0], scope)
    assert scope["found"].body["distribution"] == first["distribution"]


@pytest.mark.parametrize("name", [one["name"] for one in examples_listed()])
def test_every_example_is_checked_sized_and_drawn(call: Any, name: str, tmp_path: Path) -> None:
    assert check(name)["ok"]
    assert size(name)["facilities"]
    code, out, _ = call("run", name, "--report", "a.html")
    assert code == 0
    assert "sources and uses" in out
    assert "break-even" in out
    page = (tmp_path / "a.html").read_text()
    assert (
        "NaN"
        not in page[page.index("supercycle-data") : page.index("</script>", page.index("supercycle-data"))]
    )


def test_size_check_schema_and_examples_print(call: Any) -> None:
    assert "notes" in call("size", "hyperion")[1]
    assert "utilisation" in call("check", "hyperion")[1]
    assert "supercycle.deal/2" in call("schema")[1]
    assert "gpu_merchant" in call("examples")[1]


@pytest.mark.parametrize("kind", list(examples()))
def test_new_writes_a_commented_file_of_each_kind_that_reads(kind: str, tmp_path: Path) -> None:
    """Each begins with comments, says what it rests on, and lies on its calendar under its own name."""
    from supercycle.deals.document.read import read_deal
    from supercycle.service.deal_files import new_file

    made = new_file(kind, tmp_path / "mine.yaml")
    text = made.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert sum(line.lstrip().startswith("#") for line in text.splitlines()) >= 5
    found = read_deal(text, origin="mine.yaml")
    assert found.name == "mine"
    assert "judgement" in found.rests_on
