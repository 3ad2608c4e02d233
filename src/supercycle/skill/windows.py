"""The past as data for a fit: three windows that do not overlap, each from its own opening, and their likelihood.

    2022Q4 -> 2023Q1-2023Q4     2023Q4 -> 2024Q1-2024Q4     2024Q4 -> 2025Q1-2026Q2

so that every figure counts once. A block is a series in a window; its errors, the logs of outcome over path by quarter,
have the likelihood of ``discrepancy``, whose scales are unknowns of the fit. The world's own shocks are switched off
here: the discrepancy stands for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature

import numpy as np
from numpy.typing import NDArray

from supercycle.core.copula import correlate
from supercycle.core.errors import ModelError
from supercycle.core.normal import normal_cdf
from supercycle.core.params import Param, quantile
from supercycle.core.quarters import Quarter
from supercycle.engine.kernels import kernel_of
from supercycle.engine.sample import LANES
from supercycle.engine.subject import Subject
from supercycle.figures.known_from import CLOSED
from supercycle.service.the_world import subject
from supercycle.skill.chips import nvidia_now
from supercycle.skill.discrepancy import Scales, drawn, loglik, scales
from supercycle.skill.discrepancy import unknowns as discrepancy_unknowns
from supercycle.skill.known import Known
from supercycle.skill.past import possible, world_at
from supercycle.skill.predict import OUTPUTS, mapped, scatter
from supercycle.skill.series import NAMES, history, outcome

__all__ = ["WINDOWS", "Block", "Past", "past"]

Floats = NDArray[np.float64]
WINDOWS = (("2022Q4", "2023Q4"), ("2023Q4", "2024Q4"), ("2024Q4", "2026Q2"))
_SILENT = "shock_switch"
_OPENING = (
    "opening_captive_mh100e", "opening_desired_mh100e", "opening_elasticity", "other_build_share",
    "opening_enterprise_ceiling", "opening_newest_it_gw",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Block:
    """One series in one window: ``rows`` of the window's quarters, the logs of the outcomes there, reported scatter."""

    window: int
    name: str
    rows: tuple[int, ...]
    logs: Floats
    scatter: float

    def loglik(self, told: Floats, of: Scales) -> Floats:
        """Log likelihood [path] of told logs [row, path] under scales [.., path]."""
        return loglik(self.logs[:, None] - told, self.rows, of.of(NAMES.index(self.name)), self.scatter)

    def noise(self, of: Scales, generator: np.random.Generator) -> Floats:
        """Draws [row, path] of what the likelihood says lies between path and outcome."""
        return drawn(self.rows, of.of(NAMES.index(self.name)), self.scatter, generator)


@dataclass(frozen=True, eq=False)
class Past:
    """The three windows as one map from standard normals to the logs of every block.

    The unknowns are the structural parameters, shared, then each window's opening parameters and random numbers (jumps,
    regimes, crashes), its own, and last the scales of the discrepancy. ``structural`` and ``openings`` name the
    parameters in the order of the normals.
    """

    base: Subject
    structural: tuple[str, ...]
    openings: tuple[tuple[str, ...], ...]
    priors: tuple[Mapping[str, Param], ...]
    blocks: tuple[Block, ...]
    quarters: tuple[int, ...]
    levels: tuple[tuple[float, float | None], ...]

    @property
    def unknowns(self) -> int:
        """How many standard normals a draw takes."""
        own = sum(len(ids) for ids in self.openings)
        events = self.base.plan.draw_count * sum(self.quarters)
        return len(self.structural) + own + events + discrepancy_unknowns(len(NAMES))

    def scales(self, z: Floats) -> Scales:
        """Scales of the discrepancy [.., particle] at normals [unknown, particle]."""
        return scales(z[-discrepancy_unknowns(len(NAMES)) :])

    def shared(self, z: Floats) -> dict[str, Floats]:
        """Structural parameters' normals [particle] with the copula's correlations."""
        free = dict(zip(self.structural, z, strict=False))
        pairs = [pair for pair in self.base.pairs if pair[0] in free and pair[1] in free]
        return correlate(free, pairs)

    def told(self, z: Floats) -> tuple[list[Floats], NDArray[np.bool_]]:
        """Logs [row, particle] of every block at normals [unknown, particle], and which draws are possible."""
        shared = {id: normal_cdf(values) for id, values in self.shared(z[: len(self.structural)]).items()}
        first, fine = len(self.structural), np.ones(z.shape[1], dtype=np.bool_)
        made: list[dict[str, Floats]] = []
        for window, ids in enumerate(self.openings):
            own = dict(zip(ids, normal_cdf(z[first : first + len(ids)]), strict=True))
            first += len(ids)
            count = self.base.plan.draw_count * self.quarters[window]
            values, good = self._window(window, shared | own, z[first : first + count])
            first += count
            made.append(values)
            fine &= good
        return [np.log(np.maximum(made[b.window][b.name][list(b.rows)], 1e-9)) for b in self.blocks], fine

    def loglik(self, z: Floats) -> Floats:
        """Log likelihood [particle]; -inf where the draw is impossible."""
        told, fine = self.told(z)
        of = self.scales(z)
        value = sum(
            (block.loglik(logs, of) for block, logs in zip(self.blocks, told, strict=True)),
            np.zeros(z.shape[1]),
        )
        return np.where(fine & np.isfinite(value), value, -np.inf)

    def history(self, z: Floats, generator: np.random.Generator) -> list[Floats] | None:
        """Synthetic outcomes [row] by block for one draw [unknown, 1]; None when the draw is impossible."""
        told, fine = self.told(z)
        if not fine[0] or not all(np.isfinite(logs).all() for logs in told):
            return None
        return [
            logs[:, 0] + block.noise(self.scales(z), generator)[:, 0]
            for block, logs in zip(self.blocks, told, strict=True)
        ]

    def loglik_of(self, history: list[Floats]) -> Callable[[Floats], Floats]:
        """The log likelihood against a synthetic history."""
        return self.against(history).loglik

    def against(self, outcomes: list[Floats]) -> Past:
        """The same past with other outcomes [row] by block: a synthetic history."""
        blocks = [
            Block(b.window, b.name, b.rows, logs, b.scatter)
            for b, logs in zip(self.blocks, outcomes, strict=True)
        ]
        return Past(
            self.base, self.structural, self.openings, self.priors, tuple(blocks), self.quarters, self.levels
        )

    def _window(
        self, window: int, levels: Mapping[str, Floats], events: Floats
    ) -> tuple[dict[str, Floats], NDArray[np.bool_]]:
        """The five series and which draws are possible, at probabilities by parameter id and normals of the events."""
        plan, registry, prior = self.base.plan, self.base.model.registry, self.priors[window]
        size = len(next(iter(levels.values())))
        wide = -(-size // LANES) * LANES
        params = np.empty((len(registry), wide))
        for row, id in enumerate(registry):
            param = prior[id]
            params[row, :size] = quantile(param, levels[id]) if id in levels else param.default
            if id == _SILENT:
                params[row, :size] = 0.0
        params[:, size:] = params[:, :1]
        draws = np.empty((plan.draw_count, self.quarters[window], wide))
        draws[:, :, :size] = events.reshape(plan.draw_count, self.quarters[window], size)
        for draw in plan.model.draws.values():
            if draw.kind == "uniform":
                rows = slice(
                    plan.draw_slots[draw.name],
                    plan.draw_slots[draw.name] + (len(draw.axis) if draw.axis else 1),
                )
                draws[rows, :, :size] = normal_cdf(draws[rows, :, :size])
        draws[:, :, size:] = draws[:, :, :1]
        keys = (*OUTPUTS, *_OPENING)
        record = np.array([plan.slot(key) for key in keys], dtype=np.int64)
        out, residual = kernel_of(self.base)(params, draws, record)
        by_id = dict(zip(registry, params[:, :size], strict=True))
        opened = {key: out[len(OUTPUTS) + i, 0, :size] for i, key in enumerate(_OPENING)}
        with np.errstate(all="ignore"):
            known = {**by_id, **opened}
            fits = possible(**{name: known[name] for name in signature(possible).parameters})
            fine = np.asarray(fits, dtype=np.bool_) & np.isfinite(residual[:size])
            values = {key: out[i, 1:, :size] for i, key in enumerate(OUTPUTS)}
            return mapped(values, by_id, *self.levels[window]), fine


def past(variant: str = "reconstructed", known: Known | None = None) -> Past:
    """The windows with the figures of tiers A, B and derived; ``known`` keeps what had come by a day.

    ``variant`` is that of the openings; as published there are no chip counts. A window of which nothing had come is
    left out. Errors: ModelError when nothing is left.
    """
    base, seen = subject(), known or Known(CLOSED, reconstructed=True)
    registry = base.model.registry
    priors: list[Mapping[str, Param]] = []
    owned: list[set[str]] = []
    blocks: list[Block] = []
    levels: list[tuple[float, float | None]] = []
    quarters: list[int] = []
    for start, last in WINDOWS:
        found = [_block(len(priors), name, start, last, seen, variant) for name in NAMES]
        made = [block for block in found if block is not None]
        if not made:
            continue
        opening = world_at(start, variant)[1].prior(registry).params
        priors.append({id: opening.get(id, registry[id]) for id in registry})
        owned.append(set(opening))
        blocks += made
        levels.append((_level("nvidia", start, seen) or nvidia_now(start, seen), _level("labs", start, seen)))
        quarters.append(max(max(block.rows) for block in made) + 1)
    if not blocks:
        raise ModelError("nothing of the past had come by then", expected="at least one outcome", got="none")
    opened = set[str]().union(*owned)
    structural = tuple(id for id in registry if id not in opened and _sampled(registry[id]))
    openings = tuple(tuple(id for id in registry if id in opened and _sampled(prior[id])) for prior in priors)
    return Past(base, structural, openings, tuple(priors), tuple(blocks), tuple(quarters), tuple(levels))


def _sampled(param: Param) -> bool:
    return param.distribution not in ("fixed", "switch") and param.low < param.high


def _level(name: str, start: str, known: Known) -> float | None:
    return history(name, known).get(start)


def _block(window: int, name: str, start: str, last: str, known: Known, variant: str) -> Block | None:
    if (name == "chips" and variant != "reconstructed") or (
        name == "labs" and _level("labs", start, known) is None
    ):
        return None
    found = {quarter: value for quarter, value in outcome(name, start, known).items() if quarter <= last}
    if not found:
        return None
    ahead = np.array([Quarter.parse(quarter) - Quarter.parse(start) for quarter in found], dtype=np.float64)
    rows = tuple(int(h) - 1 for h in ahead)
    return Block(window, name, rows, np.log(list(found.values())), scatter(history(name, known)))
