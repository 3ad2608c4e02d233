"""The app's routes without a browser: foreign hosts, sizes, names, the newest question, provisional answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from supercycle.app.asked import asked, scenario_of
from supercycle.app.gauges import Gauge
from supercycle.app.guard import MOST_BYTES
from supercycle.app.session import PROVISIONAL_PATHS, Session, Superseded
from supercycle.app.spend import Spending
from supercycle.core.errors import InputError, UnknownNameError
from supercycle.figures.tiers import TIERS

testclient = pytest.importorskip("starlette.testclient")


@pytest.fixture(scope="module")
def client() -> Any:
    from supercycle.app.server import application

    return testclient.TestClient(application(Session()), base_url="http://127.0.0.1")


def test_the_first_answer_comes_before_the_kernels(client: Any) -> None:
    body = client.post("/api/run", json={"outputs": ["fleet_it_gw"], "paths": 1000, "samples": 3}).json()
    assert body["provisional"] is True
    assert (body["kernel"], body["paths"]) == ("numpy", PROVISIONAL_PATHS)
    assert len(body["outputs"]["fleet_it_gw"]["samples"]) == 3
    assert body["outputs"]["fleet_it_gw"]["q05"][-1] <= body["outputs"]["fleet_it_gw"]["q95"][-1]
    assert {light["id"] for light in body["lights"]} == {
        "books",
        "paths",
        "power",
        "cover",
        "funding",
        "bust",
    }
    assert body["headline"].startswith("By 2030Q4")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "supercycle.example"}, 421),
        ({"host": "127.0.0.1.example"}, 421),
        ({"origin": "http://supercycle.example"}, 403),
        ({"origin": "null"}, 403),
        ({"content-length": str(MOST_BYTES + 1)}, 413),
    ],
)
def test_what_is_not_this_machine_is_refused(client: Any, headers: dict[str, str], status: int) -> None:
    answer = client.post("/api/run", content=b"{}", headers=headers)
    assert answer.status_code == status
    assert "error" in answer.json()


def test_every_answer_carries_the_policy(client: Any) -> None:
    for path in ("/", "/api/status", "/static/app.js", "/static/nothing.js"):
        answer = client.get(path)
        assert answer.headers["content-security-policy"].startswith(
            "default-src 'self'; img-src 'self' data: blob:"
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/static/../server.py").status_code == 404


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"outputs": ["fleet_it_gww"]}, "did you mean 'fleet_it_gw'"),
        ({"set": {"hurdle_bas": 0.1}}, "did you mean 'hurdle_base'"),
        ({"set": {"hurdle_base": 9}}, "expected 0.085 to 0.12"),
        ({"paths": 10**9}, "a whole number from 1 to 20000"),
        ({"preset": "/etc/passwd"}, "the name of a preset"),
        ({"preset": "bse"}, "did you mean 'base'"),
        ({"outputs": "fleet_it_gw"}, "a list"),
        ({"pathz": 3}, "did you mean 'paths'"),
    ],
)
def test_a_bad_question_is_answered_in_one_line(client: Any, body: dict[str, Any], told: str) -> None:
    answer = client.post("/api/run", json=body)
    assert answer.status_code == 400
    assert told in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


def test_a_fault_is_one_line_too(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supercycle.app.routes.asked", lambda *_, **__: 1 / 0)
    answer = client.post("/api/reproduce", json={})
    assert answer.status_code == 500
    assert "a fault in supercycle itself: ZeroDivisionError" in answer.json()["error"]


def test_medians_are_of_what_a_run_holds(client: Any) -> None:
    names = ["fleet_it_gw", "firm_capex_usd_bn", "vintage_it_gw", "nothing"]
    answer = client.post("/api/medians", json={"names": names, "quarter": "2030Q4"}).json()
    found = answer["values"]
    assert sum(answer["evidence"].values()) == pytest.approx(1.0)
    assert found["fleet_it_gw"] > 10.0
    assert found["firm_capex_usd_bn:Microsoft"] > 0.0
    assert not [key for key in found if key.startswith(("vintage", "nothing"))]
    assert "2026Q3 to" in client.post("/api/medians", json={"names": [], "quarter": "1999Q1"}).json()["error"]


def test_what_a_chart_rests_on_has_grade_and_licence(client: Any) -> None:
    both = client.post(
        "/api/sources", json={"outputs": ["fleet_it_gw", "firm_capex_usd_bn:Microsoft"]}
    ).json()
    one = client.post("/api/sources", json={"outputs": ["fleet_it_gw"]}).json()
    assert len(both["rows"]) >= len(one["rows"]) > 10
    assert {row["tier"] for row in one["rows"]} <= {*TIERS, ""}
    assert all(row["licence"] for row in one["rows"] if row["tier"])
    assert 0 < len(one["judgements"]) < one["assumptions"]
    assert "did you mean" in client.post("/api/sources", json={"outputs": ["flet_it_gw"]}).json()["error"]


def test_what_the_base_case_presses_by_design_is_no_warning() -> None:
    light = Gauge("x", "X", "x", "last", "{share}", warn=0.3, bad=0.7)
    assert light.state(0.9, 0.9) == "note"
    assert light.state(0.9, 0.85) == "note"
    assert light.state(0.9, 0.75) == "bad"
    assert [light.state(share, 0.1) for share in (0.2, 0.5, 0.8)] == ["good", "warn", "bad"]
    paths = np.array([[0.0, 1.0], [1.0, 1.0]])
    assert light.share(paths, ["2026Q3", "2026Q4"]) == 1.0
    assert (
        Gauge("y", "Y", "y", "mean", "", 0.5, 2.0, until="2026Q3").share(paths, ["2026Q3", "2026Q4"]) == 0.5
    )
    assert Gauge("z", "Z", "z", "below", "", 0.5, 2.0, level=1.0).share(paths, ["2026Q3", "2026Q4"]) == 0.5


def test_a_gateway_can_be_named_while_the_app_runs(client: Any) -> None:
    assert "expected" in client.post("/api/spend/link", json={"link": "nonsense"}).json()["error"]
    told = client.post("/api/spend/link", json={"link": "http://127.0.0.1:9/login?token=abc"}).json()
    assert (told["named"], told["address"]) == (True, "http://127.0.0.1:9")
    assert "abc" not in str(told)
    client.app.state.answers.spending = Spending(None)


def test_losses_reach_their_holders(client: Any) -> None:
    flow = client.post("/api/losses", json={"preset": "crunch-2027", "paths": 64}).json()["losses"]
    into: dict[str, float] = {}
    out: dict[str, float] = {}
    for link in flow["links"]:
        into[link["target"]] = into.get(link["target"], 0.0) + link["value"]
        out[link["source"]] = out.get(link["source"], 0.0) + link["value"]
    between = set(into) & set(out)
    assert len(between) >= 4
    for node in between:
        assert into[node] == pytest.approx(out[node], rel=1e-4), node


def test_a_lever_that_moves_ends_longer_work() -> None:
    session = Session()
    session.newest("tab/rest", 3)
    session.still("tab/rest", 3)
    session.newest("tab/live", 4)
    session.still("other/rest", 1)
    with pytest.raises(Superseded):
        session.still("tab/rest", 3)
    session.ended = True
    with pytest.raises(Superseded):
        session.still("other/rest", 1)


def test_no_json_is_said(client: Any) -> None:
    assert "no JSON" in client.post("/api/run", content=b"[1").json()["error"]
    assert "JSON object" in client.post("/api/run", content=b"[1]").json()["error"]


def test_an_older_question_is_dropped() -> None:
    session = Session()
    session.newest("tab", 5)
    with pytest.raises(Superseded):
        session.run(asked({"outputs": ["fleet_it_gw"]}), "tab", 4)
    assert session.run(asked({"outputs": ["fleet_it_gw"], "paths": 16}), "other tab", 1)["paths"] == 16


def test_a_scenario_is_a_preset_and_numbers() -> None:
    found = scenario_of({"preset": "crunch-2027", "set": {"hurdle_base": 0.11}})
    assert found.set["hurdle_base"] == 0.11
    assert found.set["imposed_crash_quarter"] == 5.0
    with pytest.raises(InputError):
        scenario_of({"set": {"hurdle_base": True}})
    with pytest.raises(UnknownNameError):
        asked({"nonsense": 1})
    for no_switch in ("no", 0, None, []):
        with pytest.raises(InputError, match="whole: expected true or false"):
            asked({"whole": no_switch})


def test_flows_add_up(client: Any) -> None:
    power = client.post("/api/flows", json={"quarter": "2030Q4", "paths": 64}).json()["power"]
    into: dict[str, float] = {}
    out: dict[str, float] = {}
    for link in power["links"]:
        into[link["target"]] = into.get(link["target"], 0.0) + link["value"]
        out[link["source"]] = out.get(link["source"], 0.0) + link["value"]
    for node in set(into) & set(out):
        assert into[node] == pytest.approx(out[node], rel=1e-5), node


def test_explain_claim_figures_and_reproduce(client: Any) -> None:
    assert client.get("/api/explain", params={"name": "fleet_it_gw"}).json()["unit"] == "GW_it"
    assert "did you mean" in client.get("/api/explain", params={"name": "flet_it_gw"}).json()["error"]
    claim = client.post("/api/claim", json={"id": "required_revenue", "set": {"return_share": 0.13}}).json()
    assert claim["changed"]["value"] == 650.0
    assert client.get("/api/figure", params={"series": "capex_cash"}).status_code == 200
    scenario = {"preset": "power-wall", "set": {"hurdle_base": 0.11}, "paths": 500}
    told = client.post("/api/reproduce", json=scenario).json()
    assert told["cli"] == "supercycle run --preset power-wall --paths 500 --seed 1 --set hurdle_base=0.11"
    assert client.get("/api/spend").json()["named"] is False
