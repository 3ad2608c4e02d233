"""Calibration: the posterior of the structural parameters given three windows of the past, and how it is kept.

The cloud of particles is reduced to what a draw can be made from by its own name (seed, stream, path): per parameter a
table of quantiles where the data moved it, and named rank correlations where they tied two together. What is lost is
shown: predictions of the windows are made from the prior, from the cloud's parameters and from the reduced form, each
with fresh openings, and their fit is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.copula import correlate, correlation_matrix
from supercycle.core.normal import normal_cdf, normal_quantile
from supercycle.core.params import Param, quantile
from supercycle.engine.prior import Pair, Prior, pairs_of, ranged_as
from supercycle.skill.discrepancy import unknowns as discrepancy_unknowns
from supercycle.skill.series import NAMES
from supercycle.skill.smc import Cloud, temper
from supercycle.skill.windows import WINDOWS, Past, past

__all__ = ["LEVELS", "PARTICLES", "SEED", "calibrate", "divergence", "reduced"]

Floats = NDArray[np.float64]
Told = Callable[[str, int, int], None]
PARTICLES, SEED = 16384, 1
MOVES, LAST_MOVES = 8, 120
LEVELS = (0.0, 0.005, 0.01, 0.025, *(round(0.05 * i, 2) for i in range(1, 20)), 0.975, 0.99, 0.995, 1.0)
BINS = 20
SHOCK_LEVELS = (0.05, 0.5, 0.95)
MOVED = 0.02  # nats, and
NOISES = (
    8.0  # times the median over parameters (the noise), since particles that share ancestors stray further
)
TIED = 0.10  # rank correlation beyond the prior's that is kept
_MOST_PAIRS = 12


def calibrate(
    *,
    particles: int = PARTICLES,
    seed: int = SEED,
    moves: int = MOVES,
    last_moves: int = LAST_MOVES,
    told: Told | None = None,
) -> dict[str, Any]:
    """Fit, reduce, check and report; a plain dictionary ready for JSON whose "posterior" is what is kept.

    Deterministic in its arguments. Errors: those of ``temper`` and of the openings.
    """
    data = past()
    cloud = temper(data.loglik, data.unknowns, particles, seed, moves=moves, last_moves=last_moves, told=told)
    report, prior = reduced(data, cloud)
    moved = [row for row in report if row["moved"]]
    fits = _fits(data, cloud, prior, seed)
    figures = sum(len(block.rows) for block in data.blocks)
    manifest = {
        "model_hash": data.base.bare_hash,
        "tables": data.base.tables,
        "windows": [list(window) for window in WINDOWS],
        "figures": figures,
        "blocks": [
            {"window": WINDOWS[b.window][0], "series": b.name, "quarters": len(b.rows)} for b in data.blocks
        ],
        "discrepancy": _scales(data, cloud.z),
        "seed": seed,
        "particles": particles,
        "structural": len(data.structural),
        "unknowns": data.unknowns,
        "powers": list(cloud.powers),
        "effective": [round(size, 1) for size in cloud.effective],
        "distinct": len(np.unique(cloud.loglik)),
        "acceptance": round(float(np.mean(cloud.accepted[-last_moves:])), 4),
        "short_paths": cloud.evaluations * len(WINDOWS),
        "noise": float(np.median([row["divergence"] for row in report])),
    }
    return {
        "schema": "supercycle.calibration/1",
        "manifest": manifest,
        "moved": len(moved),
        "parameters": report,
        "pairs": [list(pair) for pair in prior.pairs],
        "fit": fits,
        "posterior": {
            "schema": "supercycle.posterior/1",
            "manifest": manifest,
            "levels": list(prior.levels),
            "tables": {id: list(values) for id, values in prior.tables.items()},
            "shocks": {id: [p.low, p.default, p.high] for id, p in prior.params.items()},
            "pairs": [list(pair) for pair in prior.pairs],
            "moved": moved,
        },
    }


def _scales(data: Past, z: Floats) -> dict[str, Any]:
    """5, 50 and 95 % points of the discrepancy's scales by series, and of its memory."""
    found = data.scales(z)
    fitted = sorted({NAMES.index(block.name) for block in data.blocks})
    by = {NAMES[i]: {"level": _summary(found.level[i]), "growth": _summary(found.growth[i])} for i in fitted}
    return {"memory": _summary(found.memory), "series": by}


def divergence(u: Floats) -> float:
    """Kullback-Leibler divergence, in nats, of probabilities [particle] from the uniform, over twenty bins.

    Nothing learned gives about (bins - 1) / (2 particles). Everything in one bin gives log 20.

    >>> round(divergence(np.full(1000, 0.5)), 4) == round(float(np.log(20)), 4)
    True
    """
    share = np.histogram(u, BINS, (0.0, 1.0))[0] / len(u)
    filled = share[share > 0]
    return float(np.sum(filled * np.log(filled * BINS)))


def reduced(data: Past, cloud: Cloud) -> tuple[list[dict[str, Any]], Prior]:
    """What the data did to each structural parameter, and the prior that draws from it by name."""
    shared = data.shared(cloud.z[: len(data.structural)])
    before = data.shared(np.random.default_rng(0).standard_normal((len(data.structural), cloud.z.shape[1])))
    registry = data.base.model.registry
    rows: list[dict[str, Any]] = []
    values: dict[str, Floats] = {}
    for id in data.structural:
        param, u = registry[id], normal_cdf(shared[id])
        first, after = quantile(param, normal_cdf(before[id])), quantile(param, u)
        size, values[id] = divergence(u), after
        rows.append(
            {
                "id": id,
                "label": param.label,
                "unit": param.unit,
                "block": param.block,
                "evidence": param.evidence,
                "divergence": size,
                "prior": _summary(first),
                "posterior": _summary(after),
                "sd_ratio": float(after.std() / first.std()) if first.std() > 0 else None,
                "overlap": float(np.minimum(np.histogram(u, BINS, (0.0, 1.0))[0] / len(u), 1.0 / BINS).sum()),
            }
        )
    rows.sort(key=lambda row: -row["divergence"])
    least = max(MOVED, NOISES * float(np.median([row["divergence"] for row in rows])))
    for row in rows:
        row["moved"] = row["divergence"] > least
    tables = {
        id: _table(quantile(registry[id], np.array([0.0, 1.0])), values[id])
        for id in data.structural
        if any(row["id"] == id and row["moved"] for row in rows)
    }
    pairs = _pairs([id for id in data.structural if id in tables], shared, before)
    return rows, Prior("posterior", params=_shocks(data, cloud.z), levels=LEVELS, tables=tables, pairs=pairs)


def _shocks(data: Past, z: Floats) -> dict[str, Param]:
    """The world's shock to budgets with the scale and memory that the fit found in what the mechanism missed of capex.

    5, 50 and 95 % points of the posterior, in place of the estimate on the series' own history.
    """
    found, capex = data.scales(z), NAMES.index("capex")
    points = {
        id: tuple(float(v) for v in np.quantile(of, SHOCK_LEVELS))
        for id, of in (("capex_shock_sd", found.growth[capex]), ("capex_shock_memory", found.memory))
    }
    registry = data.base.model.registry
    return {id: ranged_as(registry[id], *three) for id, three in points.items()}


def _table(ends: Floats, values: Floats) -> tuple[float, ...]:
    """Quantiles at the levels; the ends are the range of the prior, so that nothing outside it becomes possible."""
    inner = np.quantile(values, LEVELS[1:-1])
    return tuple(float(v) for v in np.maximum.accumulate(np.concatenate([ends[:1], inner, ends[1:]])))


def _summary(values: Floats) -> dict[str, float]:
    low, middle, high = (float(v) for v in np.quantile(values, [0.05, 0.5, 0.95]))
    return {"q05": low, "q50": middle, "q95": high, "sd": float(values.std())}


def _pairs(ids: Sequence[str], after: Mapping[str, Floats], before: Mapping[str, Floats]) -> tuple[Pair, ...]:
    """The strongest rank correlations that the data added among what they moved; a pair of the model is restated."""
    if len(ids) < 2:
        return ()
    ranks = [
        np.argsort(np.argsort(np.array([of[id] for id in ids]), axis=1), axis=1).astype(np.float64)
        for of in (after, before)
    ]
    posterior = np.atleast_2d(np.corrcoef(ranks[0]))
    prior = np.atleast_2d(np.corrcoef(ranks[1]))
    change: Floats = np.triu(np.abs(posterior - prior), 1)
    order = [divmod(int(k), len(ids)) for k in np.argsort(-change, axis=None)[:_MOST_PAIRS]]
    strong = [(i, j) for i, j in order if change[i, j] > TIED]
    return tuple((ids[i], ids[j], round(float(posterior[i, j]), 3)) for i, j in strong)


def _fits(data: Past, cloud: Cloud, prior: Prior, seed: int) -> dict[str, Any]:
    """Fit under three sets of structural parameters, with fresh openings and events, at the fit's scales."""
    size, own = cloud.z.shape[1], len(data.structural)
    generator = np.random.default_rng(seed + 1)
    fresh = generator.standard_normal((data.unknowns, size))
    scales = discrepancy_unknowns(len(NAMES))
    fresh[-scales:] = cloud.z[-scales:]
    kept = fresh.copy()
    kept[:own] = cloud.z[:own]
    by_name = fresh.copy()
    by_name[:own] = _normals(data, prior, size, generator)
    return {name: _fit(data, z) for name, z in (("prior", fresh), ("cloud", kept), ("reduced", by_name))}


def _normals(data: Past, prior: Prior, size: int, generator: np.random.Generator) -> Floats:
    """Normals of the structural parameters, as ``Past`` takes them, whose values are draws of the reduced form.

    The reduced form has its own correlations: its values are made first, then carried back through the prior's
    quantile functions and the prior's correlations.
    """
    ids, registry = list(data.structural), data.base.model.registry
    raw = dict(zip(ids, generator.standard_normal((len(ids), size)), strict=True))
    inside = [pair for pair in data.base.pairs if pair[0] in raw and pair[1] in raw]
    tied = correlate(raw, list(pairs_of(tuple(inside), prior)))
    levels = (np.arange(1024) + 0.5) / 1024
    wanted = np.empty((len(ids), size))
    for i, id in enumerate(ids):
        value = prior.quantile(registry[id], normal_cdf(tied[id]))
        wanted[i] = normal_quantile(np.interp(value, quantile(registry[id], levels), levels))
    names = list(dict.fromkeys(name for pair in inside for name in pair[:2]))
    if names:
        lower = np.linalg.cholesky(correlation_matrix(names, inside)[0])
        rows = [ids.index(name) for name in names]
        wanted[rows] = np.linalg.solve(lower, wanted[rows])
    return wanted


def _fit(data: Past, z: Floats) -> dict[str, Any]:
    """Mean log likelihood and, by series, mean log error of the median and coverage with the likelihood's noise."""
    told, fine = data.told(z)
    value = data.loglik(z)
    value = value[np.isfinite(value)]
    highest = float(value.max())
    generator = np.random.default_rng(0)
    series: dict[str, dict[str, float]] = {}
    for name in NAMES:
        errors: list[Floats] = []
        covered: list[Floats] = []
        for block, logs in zip(data.blocks, told, strict=True):
            if block.name != name:
                continue
            drawn = (logs + block.noise(data.scales(z), generator))[:, fine]
            low, high = np.quantile(drawn, [0.05, 0.95], axis=1)
            errors.append(np.median(logs[:, fine], axis=1) - block.logs)
            covered.append(((low <= block.logs) & (block.logs <= high)).astype(np.float64))
        series[name] = {
            "bias": float(np.concatenate(errors).mean()),
            "error": float(np.abs(np.concatenate(errors)).mean()),
            "coverage_90": float(np.concatenate(covered).mean()),
        }
    return {
        "possible": float(fine.mean()),
        "log_likelihood_mean": float(value.mean()),
        "log_evidence": highest + float(np.log(np.mean(np.exp(value - highest)))),
        "series": series,
    }
