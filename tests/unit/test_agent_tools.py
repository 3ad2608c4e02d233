"""An assistant's client, the SDK's own, lists the tools, compares two scenarios and cites a number's source."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

import supercycle
from supercycle.agent import bounded as bounds
from supercycle.agent import tools
from supercycle.core.errors import InputError, UnknownNameError

mcp = pytest.importorskip("mcp", reason="the extra agent is not installed")
SOURCE = str(Path(supercycle.__file__).parents[1])


def asked(*calls: tuple[str, dict[str, Any]]) -> tuple[list[str], list[Any]]:
    """Start ``supercycle mcp`` as a client would, and call tools in order."""
    from mcp import ClientSession, StdioServerParameters, stdio_client

    async def go() -> tuple[list[str], list[Any]]:
        command = StdioServerParameters(
            command=sys.executable, args=["-m", "supercycle", "mcp"], env={**os.environ, "PYTHONPATH": SOURCE}
        )
        async with stdio_client(command) as (read, write), ClientSession(read, write) as session:
            await session.initialize()
            names = [tool.name for tool in (await session.list_tools()).tools]
            return names, [await session.call_tool(name, options) for name, options in calls]

    return asyncio.run(go())


def body(answer: Any) -> Any:
    return json.loads(answer.content[0].text)


def test_a_client_compares_two_scenarios_and_cites_a_number() -> None:
    rests = supercycle.explain("five_firm_capex_usd_bn")["rests_on"]
    row = next(iter(rests["by_tier"].values()))[0]
    names, answers = asked(
        ("compare", {"a": "base", "b": "crunch-2027", "paths": 64}),
        ("explain", {"name": "Five-firm cash capex"}),
        ("cite", {"id": row["id"]}),
        ("run", {"preset": "bse"}),
        ("run", {"preset": "base", "paths": 10_000_000}),
    )
    assert set(names) == set(tools.TOOLS)
    compared, explained, cited, unknown, too_many = answers
    capex = body(compared)["outputs"]["world_ai_capex_usd_bn"]["by_year"]["2030Q4"]
    assert capex["b"] != capex["a"]
    assert body(explained)["rests_on"]["rows"] == rests["rows"]
    assert body(cited)["citation"] == row["citation"]
    assert unknown.is_error
    assert "did you mean 'base'" in unknown.content[0].text
    assert too_many.is_error
    assert "paths: out of range" in too_many.content[0].text


def test_the_run_says_what_its_numbers_rest_on() -> None:
    answer = tools.run(paths=32, outputs=["World AI capex"], until="2028Q4")
    assert list(answer["outputs"]) == ["world_ai_capex_usd_bn"]
    assert answer["sources"]["world_ai_capex_usd_bn"]["first_rows"][0]["citation"]
    assert "supercycle run" in answer["reproduce"]["command"]


@pytest.mark.parametrize(
    "call",
    [
        tools.presets,
        lambda: tools.explain("required_user_cost"),
        tools.claims,
        lambda: tools.find_figures("capex"),
        lambda: tools.deal("hyperion"),
        lambda: tools.run(paths=32, until="2028Q4"),
    ],
)
def test_every_answer_fits_a_conversation(call: Any) -> None:
    answer = call()
    assert bounds.size(answer) <= bounds.LARGEST + 3_000  # the list of what was cut comes on top
    assert "error" not in answer


def test_what_is_cut_is_said() -> None:
    answer = bounds.bounded({"rows": [{"x": i / 3} for i in range(5000)]})
    assert answer["cut"] == [f"rows: {len(answer['rows'])} of 5000"]
    assert answer["rows"][1]["x"] == pytest.approx(1 / 3, rel=1e-5)


def test_no_number_that_is_not_finite_leaves() -> None:
    assert bounds.bounded({"a": float("nan"), "b": [float("inf"), 1.0]}) == {"a": None, "b": [None, 1.0]}


def test_files_of_the_machine_are_not_read() -> None:
    with pytest.raises(InputError, match="only deals that come with the model"):
        tools.deal("/etc/passwd")
    with pytest.raises(UnknownNameError):
        tools.cite("no-such-row")
