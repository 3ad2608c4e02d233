"""The app's HTTP interface: every route described, every answer of the shape it says, kept files as made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import app_types
import pytest
from jsonschema import Draft202012Validator
from starlette.routing import Route
from starlette.testclient import TestClient

from supercycle.app import tools
from supercycle.app.interface.addresses import ADDRESSES, Address
from supercycle.app.interface.openapi import openapi
from supercycle.app.interface.schema import json_schema
from supercycle.app.routes import Answers, routes
from supercycle.app.server import application
from supercycle.app.session import Session

TYPED = [one for one in ADDRESSES if not isinstance(one.answer, str)]
PAGES = [one for one in ADDRESSES if isinstance(one.answer, str) and one.path != "/api/spend/events"]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    session = Session()
    session.compiled = True  # the shipped library is there
    with TestClient(application(session), base_url="http://127.0.0.1") as found:
        yield found
    found.app.state.answers.close()  # type: ignore[attr-defined]


def _validator(shape: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**shape, "components": openapi()["components"]})


def _asked(client: TestClient, one: Address) -> dict[str, Any]:
    if one.path == "/api/deal":
        return {"text": client.get("/api/deals").json()["texts"]["hyperion"], "name": "mine.yaml"}
    if one.path == "/api/decide":
        return {"text": client.get("/api/templates").json()["decide"]}
    return one.example


def test_every_route_is_in_the_document_and_nothing_else() -> None:
    served = {
        (method, route.path)
        for route in routes(Answers(Session()))
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"
    }
    said = {(m.upper(), path) for path, methods in openapi()["paths"].items() for m in methods}
    assert served == said == {(one.method, one.path) for one in ADDRESSES}


@pytest.mark.parametrize("one", TYPED, ids=lambda one: f"{one.method} {one.path}")
def test_an_example_is_of_its_shape_and_so_is_its_answer(
    client: TestClient, one: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "DECIDE_PATHS", 64)  # the shape is the same
    asked = _asked(client, one)
    operation = openapi()["paths"][one.path][one.method.lower()]
    if one.method == "POST":
        _validator(operation["requestBody"]["content"]["application/json"]["schema"]).validate(asked)
        answer = client.post(one.path, json=asked)
    else:
        answer = client.get(one.path, params=asked)
    assert answer.status_code == 200, answer.text
    said = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert json_schema(one.answer) in said.get("anyOf", [said])
    _validator(json_schema(one.answer)).validate(answer.json())


@pytest.mark.parametrize("one", [one for one in TYPED if one.method == "POST"], ids=lambda one: one.path)
def test_what_is_not_asked_for_so_is_refused(client: TestClient, one: Address) -> None:
    asked = _asked(client, one)
    for wrong in ({**asked, "pathss": 10}, {**asked, "turn": "1"}):
        answer = client.post(one.path, json=wrong)
        assert (answer.status_code, set(answer.json())) == (400, {"error", "kind"})
    for field in openapi()["components"]["schemas"][one.asks.__name__]["required"]:
        answer = client.post(one.path, json={k: v for k, v in asked.items() if k != field})
        assert (answer.status_code, answer.json()["error"].split(":")[0]) == (400, field)


def test_the_document_is_one_and_the_page_asks_for_nothing_from_elsewhere(client: TestClient) -> None:
    for one in PAGES:
        answer = client.get(one.path.replace("{name}", "app.css"))
        assert answer.status_code == 200, one.path
    page = client.get("/api").text
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert all(f"{one.method} {one.path}" in page for one in ADDRESSES)
    document = client.get("/api/openapi.json").json()
    assert document == json.loads(json.dumps(openapi()))
    for name, shape in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(shape)
        assert shape["description"], name
    refs = {part.split('"')[0] for part in json.dumps(document).split("#/components/schemas/")[1:]}
    assert refs <= set(document["components"]["schemas"])


@pytest.mark.parametrize("name", sorted(app_types.FILES))
def test_the_kept_file_is_what_the_types_make(name: str) -> None:
    kept = (Path(app_types.ROOT) / name).read_text(encoding="utf-8")
    assert kept == app_types.FILES[name](), f"python tools/app_types.py makes {name} again"
