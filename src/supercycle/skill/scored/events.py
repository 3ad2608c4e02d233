"""Events from past starts: did the odds mean anything? Brier and log score, beside a base rate known at the start.

Asked from every start, four and eight quarters ahead:

- *crash*: AI equity falls by 40 %. None on file to 2026Q2. Odds: share of paths with a bust. Base rate: 5 % a year.
  The window from each start to 2026Q2 is asked as well.
- *lab failure*: OpenAI, Anthropic or xAI fails. None on file. Odds: share of paths with one. Base rate: 5 % a year.
- *covenant*: the test of a neocloud's loan is put off (figures deal_terms, first amendment of DDTL 3.0). Odds: share of
  paths on which the class's cover falls below the covenant. Base rate: rule of succession, (events + 1) / (years + 2) a
  year over the years since the end of 2022 known at the start.
- *guidance raised*: a firm's last guidance of the year under way lies above the one that stands at the start (figures
  plans). Odds: share of paths that spend more than guided. Base rate: the share raised in years over by then.

Odds are (k + 1) / (n + 2) of n paths, so that no log score is infinite.

Nothing broke in these years, so alone they would crown whoever never calls a crash. Past manias stand beside them: of
the forty industries that doubled against the market in two years, 21 fell by 40 % within the next two (Greenwood,
Shleifer and You 2019). The model's odds there are what its own paths do after a doubling; its hazard was set by the
same study, so these forty are a check of the mechanism and no test out of sample.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.core.quarters import Quarter
from supercycle.engine.run import simulate
from supercycle.engine.scenario import Scenario
from supercycle.figures.load import rows_of
from supercycle.service.the_world import subject
from supercycle.skill.known import LAST, Known, day_of
from supercycle.skill.scored.guided import FIRMS, raised, raised_before, reported_part, stood
from supercycle.skill.scored.members import Paths

__all__ = [
    "CRASHED",
    "DOUBLED",
    "HORIZONS",
    "REFERENCE",
    "Odds",
    "after_a_doubling",
    "bust_summary",
    "manias",
    "odds_of",
    "scored",
]

Floats = NDArray[np.float64]
HORIZONS = (4, 8)
REFERENCE = 0.05  # a year, judged: a crash, a failure
DOUBLED, CRASHED = 40, 21  # episodes of the study (figures parameters: crash_prob_after_100pct)
_LABS = ("lab_failed:OpenAI", "lab_failed:Anthropic", "lab_failed:xAI")
_SINCE = "2022Q4"
_COVENANT = ("dscr_first_test", "CoreWeave DDTL 3.0 (CCAC VII)")


@dataclass(frozen=True, slots=True)
class Odds:
    """One question from one start: the model's odds, the base rate, and what happened."""

    event: str
    start: str
    by: str
    model: float
    reference: float
    happened: bool

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON, with both Brier scores."""
        fact = float(self.happened)
        return {
            "event": self.event, "start": self.start, "by": self.by, "model": self.model,
            "reference": self.reference, "happened": self.happened, "brier": (self.model - fact) ** 2,
            "brier_reference": (self.reference - fact) ** 2,
        }  # fmt: skip


def odds_of(paths: Paths) -> list[Odds]:
    """Every question that can be asked at a start and has been answered by 2026Q2."""
    found: list[Odds] = []
    last = Quarter.parse(LAST) - Quarter.parse(paths.start)
    for ahead in sorted({*[h for h in HORIZONS if h <= last], last}):
        by = str(Quarter.parse(paths.start) + ahead)
        years = ahead / 4.0
        busts = paths.values["busted"][ahead - 1] > 0
        event = "crash" if ahead in HORIZONS else "crash to the end"
        found.append(Odds(event, paths.start, by, _share(busts), 1.0 - (1.0 - REFERENCE) ** years, False))
        if ahead == last and event == "crash":  # the window to the end is asked of every start
            found.append(Odds("crash to the end", *_rest(found[-1])))
        if ahead not in HORIZONS:
            continue
        failed = np.zeros(busts.shape, dtype=np.bool_)
        for lab in _LABS:
            failed |= paths.values[lab][ahead - 1] > 0
        found.append(
            Odds("lab failure", paths.start, by, _share(failed), 1.0 - (1.0 - REFERENCE) ** years, False)
        )
        thin = paths.values["neocloud_cash_cover"][:ahead] < paths.params["covenant_cover"]
        put_off = _covenant_quarter()
        before = int(put_off <= paths.start)
        found.append(
            Odds(
                "covenant", paths.start, by, _share(np.logical_or.reduce(thin, axis=0)),
                _succession(paths.start, before, years), paths.start < put_off <= by,
            )
        )  # fmt: skip
    return found + _guidance(paths)


def _rest(one: Odds) -> tuple[str, str, float, float, bool]:
    return one.start, one.by, one.model, one.reference, one.happened


def _guidance(paths: Paths) -> list[Odds]:
    """Of each firm that had guided the year under way: whether its last word was higher, and what paths spend."""
    found: list[Odds] = []
    known = Known(day_of(paths.start))
    for firm in FIRMS:
        told = stood(firm, known, paths.start)
        answer = raised(firm, known, paths.start)
        if told is None or answer is None:
            continue
        reported, waiting = reported_part(firm, known, paths.start, told.year)
        if not waiting or len(waiting) > len(paths.quarters):
            continue
        spent = reported + paths.values[f"firm_capex_usd_bn:{firm}"][: len(waiting)].sum(axis=0)
        found.append(
            Odds(
                f"guidance raised:{firm}", paths.start, waiting[-1], _share(spent > told.middle),
                raised_before(known), answer,
            )
        )  # fmt: skip
    return found


def _share(happened: NDArray[np.bool_]) -> float:
    return float((int(happened.sum()) + 1) / (len(happened) + 2))


def _succession(start: str, events: int, years: float) -> float:
    past = (Quarter.parse(start) - Quarter.parse(_SINCE)) / 4.0
    return 1.0 - (1.0 - (events + 1.0) / (past + 2.0)) ** years


def _covenant_quarter() -> str:
    """The quarter in which a loan test was put off. Errors: InputError when the figures hold no such row any more."""
    rows = [row for row in rows_of(_COVENANT[0]) if row.entity == _COVENANT[1]]
    if not rows or rows[0].period.end is None:
        raise InputError("no figure resolves the event covenant", expected=": ".join(_COVENANT), got="no row")
    return str(Quarter.of(rows[0].period.end))


def scored(odds: Sequence[Odds]) -> dict[str, Any]:
    """Mean Brier and log scores by event, the model beside its base rate, and the crash of every start."""
    by: dict[str, list[Odds]] = {}
    for one in odds:
        by.setdefault(one.event.partition(":")[0], []).append(one)
    return {event: _means(mine) for event, mine in by.items()}


def _means(odds: Sequence[Odds]) -> dict[str, Any]:
    fact = np.array([float(one.happened) for one in odds])
    model, reference = np.array([one.model for one in odds]), np.array([one.reference for one in odds])
    return {
        "questions": len(odds),
        "happened": int(fact.sum()),
        "brier": float(np.mean((model - fact) ** 2)),
        "brier_reference": float(np.mean((reference - fact) ** 2)),
        "brier_never": float(np.mean(fact)),
        "log_score": _log(model, fact),
        "log_score_reference": _log(reference, fact),
    }


def _log(p: Floats, fact: Floats) -> float:
    return float(-np.mean(np.where(fact > 0, np.log(p), np.log1p(-p))))


def after_a_doubling(*, paths: int, seed: int) -> tuple[float, int]:
    """How often the base's paths break within two years of their first doubling; and how many doubled."""
    run = simulate(subject(), Scenario("base"), paths=paths, seed=seed, outputs=("runup", "crash"))
    runup, crash = run.value("runup")[:, run.ok], run.value("crash")[:, run.ok]
    high = runup >= math.log(2.0)
    first = np.argmax(high, axis=0)
    reached = high.any(axis=0) & (first + 8 < len(runup))
    broke = [bool((crash[t + 1 : t + 9, i] > 0).any()) for i, t in enumerate(first) if reached[i]]
    return float(np.mean(broke)) if broke else math.nan, len(broke)


def manias(odds: float) -> Mapping[str, float]:
    """Brier scores over the forty past manias: the model's odds, the reference rate over two years, and "never".

    >>> {key: round(value, 3) for key, value in manias(0.53).items()}
    {'brier': 0.249, 'brier_reference': 0.432, 'brier_never': 0.525}
    """
    share = CRASHED / DOUBLED
    reference = 1.0 - (1.0 - REFERENCE) ** 2
    return {
        name: share * (1.0 - p) ** 2 + (1.0 - share) * p**2
        for name, p in (("brier", odds), ("brier_reference", reference), ("brier_never", 0.0))
    }


def bust_summary(odds: Sequence[Odds], doubled: float) -> dict[str, float]:
    """Brier scores of a crash: over all starts to 2026Q2, and over these and the forty manias together.

    ``doubled`` is the model's chance of a crash within two years of a doubling.
    """
    ours = _means([one for one in odds if one.event == "crash to the end"])
    past = manias(doubled)
    n = ours["questions"]

    def both(key: str) -> float:
        return (n * ours[key] + DOUBLED * past[key]) / (n + DOUBLED)

    return {
        "bust_brier": ours["brier"],
        "bust_brier_reference": ours["brier_reference"],
        "bust_brier_never": ours["brier_never"],
        "bust_brier_with_manias": both("brier"),
        "bust_brier_reference_with_manias": both("brier_reference"),
        "bust_brier_never_with_manias": both("brier_never"),
    }
