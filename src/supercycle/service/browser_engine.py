"""The compiled world for a browser: the module, what its host must know, and whether both are of these sources.

The build writes ``world.wasm`` and ``world.json`` (``service/ship.py``); the driver in ``web/src/engine`` makes jobs
from the facts here. Nothing in the driver names an output or a parameter: a changed world needs no changed driver.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.engine.books import TOLERANCE
from supercycle.engine.laws import drawing_of
from supercycle.engine.run import EXPLODED, UNTIL
from supercycle.engine.sample import ATTEMPTS
from supercycle.engine.scenario import Scenario
from supercycle.engine.subject import Subject
from supercycle.equations.ledger import STOCKS_OVER_FLOWS
from supercycle.equations.machine.job import SCRATCH, WORDS
from supercycle.equations.machine.laws import CONSTANT, TABLE
from supercycle.equations.machine.layout import TILE
from supercycle.equations.machine.program import Facts
from supercycle.service.kept_world import PACKAGE, fingerprint

__all__ = ["STATIC", "WEB", "Engine", "engine", "engine_facts", "laws_beside"]

STATIC = PACKAGE / "app" / "_static"
WEB = ("world.wasm", "world.json")


@dataclass(frozen=True)
class Engine:
    """The module's bytes and its facts."""

    module: bytes
    facts: dict[str, Any]


def engine_facts(world: Subject, facts: Facts, key: str) -> dict[str, Any]:
    """What a page must know to make jobs for the module; the types are in ``web/src/engine/facts.ts``."""
    ids = list(world.model.registry)
    drawing = drawing_of(world, Scenario("base"), [ids[slot] for slot in facts.param_rows])
    watched = (
        {"slot": STOCKS_OVER_FLOWS, "most": EXPLODED} if STOCKS_OVER_FLOWS in world.model.variables else None
    )
    return {
        "key": key, "model_hash": world.model_hash, "start": world.start, "until": UNTIL, "tile": TILE,
        "scratch": SCRATCH, "words": list(WORDS), "row_count": facts.row_count, "test_row": facts.test_row,
        "attempts": ATTEMPTS, "slots": dict(zip(facts.names, facts.rows, strict=False)),
        "params": {ids[slot]: row for slot, row in facts.param_rows.items()},
        "test_params": [ids[slot] for slot in facts.test_params],
        "laws": {id: [kind, *numbers] for id, (kind, numbers) in drawing.laws.items()},
        "ties": {id: [list(term) for term in terms] for id, terms in drawing.ties.items()},
        "tables": list(drawing.tables), "constant": CONSTANT, "tolerance": TOLERANCE, "watched": watched,
        "draws": [
            {"name": d.name, "members": len(d.axis) if d.axis else 1} for d in world.model.draws.values()
        ],
    }  # fmt: skip


def laws_beside(world: Subject, scenario: Scenario, facts: dict[str, Any]) -> dict[str, list[float]]:
    """The laws in which a scenario's ranges differ from the base case.

    Errors: InputError for a scenario with a fitted prior, whose tables the page does not hold.
    """
    if scenario.prior != "judged":
        raise InputError(
            f"the scenario {scenario.name!r} draws from the prior {scenario.prior!r}",
            expected="the prior judged: a page holds no fitted tables yet",
            got=scenario.prior,
        )
    ids = [id for id in scenario.ranges if id in facts["params"]]
    laws = drawing_of(world, scenario, ids).laws
    assert all(kind != TABLE for kind, _ in laws.values())
    return {id: [kind, *numbers] for id, (kind, numbers) in laws.items() if id not in scenario.set}


def engine() -> Engine:
    """The module and its facts, of these very sources.

    Errors: EnvironmentProblem when they were not built, or were built from other sources.
    """
    build = "In a checkout: python hatch_build.py (llvmlite and ziglang make them); a wheel carries them."
    try:
        module, facts = (STATIC / WEB[0]).read_bytes(), json.loads((STATIC / WEB[1]).read_text("utf-8"))
    except (OSError, ValueError):
        raise EnvironmentProblem(
            "the model for the browser is not built", where=STATIC / WEB[0], hint=build
        ) from None
    if facts.get("key") != fingerprint() or "laws" not in facts:
        raise EnvironmentProblem(
            "the model for the browser was built from other sources",
            expected=f"key {fingerprint()[:12]}",
            got=f"key {str(facts.get('key', 'none'))[:12]}",
            where=STATIC / WEB[1],
            hint=build,
        )
    return Engine(module, facts)
