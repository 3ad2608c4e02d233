"""Paths per second of NumPy, the scalar kernel and the tile kernel, in one run, as ratios.

    python bench/kernel.py [--paths 8192] [--quarters 38] [--equations 100] [--threads 2] [--no-start]

Runs a synthetic model of the asked size, and the world where it is installed, with 12 outputs; then the world as the
engine runs it (sampling, simulation, quantiles), and the times until a first result, cold and cached. Writes
bench/results/kernel.json and the table bench/RESULTS.md.
The tile must be at least 2.5 times the scalar kernel: a vectorisation lost without a word shows here.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import _results
import _start
import numpy as np

from supercycle.core.params import quantile
from supercycle.equations import emit_numba, emit_numpy
from supercycle.equations.graph import Plan, plan
from supercycle.equations.spec import Axis, Model, generated

OUTPUTS = 12
LEAST_TILE_OVER_SCALAR = 2.5


def synthetic(equations: int) -> Model:
    """A bounded model with the mix of the world: lags, bounds, shares, a few exponentials, one axis in eight."""
    model = Model("synthetic")
    block = model.block("synthetic", "Synthetic", "A stand-in of a given size.")
    axis = Axis("member", tuple("ABCDEF"))
    for i in range(equations // 4 + 1):
        block.param(f"p{i}", f"p{i}", "1", 0.5 + 0.01 * i, 0.1, 5.0, "uniform", "weight", reason="synthetic")
    model.draw("noise", "uniform", "noise")

    def start() -> float:
        return 1.0

    for i in range(equations):
        x, y, p = f"x{max(i - 1, 0)}_prev", f"x{i * 7 // 11}_prev", f"p{i // 4}"
        here = f"x{i - 1}" if i else "noise"
        if i % 8 == 0 or i % 8 == 1:
            here = "noise"
        expression = [
            f"0.9 * x{i}_prev + 0.1 * minimum({x} * {p}, {y} + {here})",
            f"share({x}, {x} + {y} + {p}, 0.0) + 0.2 * {here}",
            f"positive({p} * {y} - 0.3 * {here}) / (1.0 + {x} * {x})",
            f"within({x} + {p} - {here}, 0.0, 2.0) * 0.5",
            f"exp(-{p} * positive({here})) * ({y} + {x})"
            if i % 16 == 4
            else f"({p} + {y}) / (2.0 + {here} * {here})",
            f"where({x} > {here}, {p} * {y}, 0.5 * {here} + {p})",
            f"0.5 * x{i}_prev + 0.25 * ({here} + {p}) * {y} / (1.0 + {y})",
            f"sqrt({p} + {here} * {here} + {y} * {y}) * 0.3",
        ][i % 8]
        args = [a for a in dict.fromkeys((f"x{i}_prev", x, y, p, here)) if a in expression]
        name = f"x{i}" if i % 8 != 7 else f"a{i}"
        if i % 8 == 7:
            expression = expression.replace(f"x{i}_prev", f"a{i}_prev")
            args.append("position")
            block.equation("1", axis=axis)(
                generated(name, args, f"{expression} * (1.0 + 0.1 * position)", name)
            )
            block.total(f"x{i}", of=name, unit="1", meaning=name, opening=False)
            block.model.variables.pop(f"x{i}")
            total = generated(f"x{i}", (f"{name}__a", f"{name}__f"), f"0.5 * ({name}__a + {name}__f)", name)
            block.equation("1", opening=start)(total)
        else:
            block.equation("1", opening=start)(generated(name, args, expression, name))
    return model


def inputs(ready: Plan, paths: int, quarters: int) -> tuple[Any, Any, Any]:
    """Random parameters inside their ranges, random draws, and twelve recorded slots, reported ones first."""
    rng = np.random.default_rng(1)
    u = rng.uniform(0.01, 0.99, (len(ready.param_slots), paths))
    registry = ready.model.registry
    params = np.array([quantile(registry[name], u[i]) for i, name in enumerate(ready.param_slots)])
    draws = rng.uniform(0.01, 0.99, (ready.draw_count, quarters, paths))
    for name, slot in ready.draw_slots.items():
        if ready.model.draws[name].kind == "normal":
            draws[slot : slot + len(ready.model.draws[name].axis or (0,))] = rng.normal(
                size=(len(ready.model.draws[name].axis or (0,)), quarters, paths)
            )
    reported = [
        s
        for name, v in ready.model.variables.items()
        if v.reported
        for s in map(ready.slot, ready.keys(name))
    ]
    record = reported if len(reported) >= OUTPUTS else np.linspace(0, ready.slot_count - 1, OUTPUTS)
    return params, draws, np.array(record[:OUTPUTS], dtype=np.int64)


def best(run: Any, repeats: int) -> float:
    """The shortest of a few runs, in seconds."""
    times: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def measure(name: str, model: Model, paths: int, quarters: int, threads: int) -> dict[str, Any]:
    """Paths per second of each emitter on one model, and the largest difference from NumPy."""
    ready = plan(model)
    params, draws, record = inputs(ready, paths, quarters)
    few = min(paths, 512)
    sample = params[:, :few], draws[:, :, :few], record
    # Residuals are rounding itself, already relative: every other slot is compared.
    residuals = {key for name in model.residuals for key in ready.keys(name)}
    every = np.array([i for i, key in enumerate(ready.slot_names) if key not in residuals])
    reference, failed = emit_numpy.simulate(ready, *sample[:2], every)
    fine = np.isfinite(failed)
    scale = np.abs(reference[:, :, fine]).max(axis=(1, 2), keepdims=True)
    rates = {"numpy": few / best(lambda: emit_numpy.simulate(ready, *sample), 3)}
    found: dict[str, Any] = {}
    for kind in emit_numba.KINDS:
        cached, start = emit_numba.is_cached(ready, kind), time.perf_counter()
        kernel = emit_numba.compiled(ready, kind)
        found[f"{kind}_{'load' if cached else 'compile'}_s"] = time.perf_counter() - start
        out, gap = kernel(*sample[:2], every)
        x, y = out[:, :, fine], reference[:, :, fine]
        apart = np.abs(x - y) / np.maximum(np.maximum(np.abs(x), np.abs(y)), scale + 1e-300)
        worst = np.unravel_index(np.argmax(apart), apart.shape)
        found[f"{kind}_difference"] = float(apart[worst])
        found[f"{kind}_difference_in"] = ready.slot_names[every[worst[0]]]
        found[f"{kind}_same_paths_fail"] = bool(np.array_equal(np.isfinite(gap), fine))
        rates[kind] = paths / best(lambda kernel=kernel: kernel(params, draws, record), 5)
        if threads > 1:
            parts = np.array_split(np.arange(paths), threads)
            chunks = [(params[:, p].copy(), draws[:, :, p].copy(), record) for p in parts]
            with ThreadPoolExecutor(threads) as pool:
                calls = partial(pool.map, lambda chunk, kernel=kernel: kernel(*chunk), chunks)
                rates[f"{kind}_{threads}_threads"] = paths / best(lambda calls=calls: list(calls()), 5)
    steps = len(ready.step_order), ready.slot_count
    return {
        "model": name,
        "equations": steps[0],
        "slots": steps[1],
        "paths": paths,
        "quarters": quarters,
        "paths_per_s": rates,
        "over_numpy": {k: r / rates["numpy"] for k, r in rates.items()},
        "tile_over_scalar": rates["tile"] / rates["scalar"],
        "slot_steps_per_s_tile": rates["tile"] * quarters * steps[1],
        **found,
    }


def engine(threads: int) -> dict[str, float]:
    """Milliseconds of the world as the engine runs it: sampling, simulation, and quantiles of 12 outputs."""
    from supercycle.engine.quantiles import quantiles
    from supercycle.engine.run import simulate
    from supercycle.engine.scenario import Scenario
    from supercycle.service.the_world import subject

    world, found = subject(), dict[str, float]()
    for paths in (1_000, 10_000):
        times: list[dict[str, float]] = []
        for _ in range(5):
            begun = time.perf_counter()
            run = simulate(
                world,
                Scenario("base"),
                paths=paths,
                seed=1,
                kernel="tile",
                threads=threads,
                outputs=world.reported[:OUTPUTS],
            )
            ran = time.perf_counter()
            quantiles(run.values, ok=run.ok)
            ended = time.perf_counter()
            times.append(
                {
                    "sample": run.timings_s["sample"],
                    "simulate": run.timings_s["simulate"],
                    "quantiles": ended - ran,
                    "whole": ended - begun,
                }
            )
        shortest = min(times, key=lambda t: t["whole"])
        found |= {f"{paths}_{what}": 1000 * seconds for what, seconds in shortest.items()}
    return found


def rows(
    world: dict[str, Any], whole: dict[str, float], start: dict[str, float]
) -> list[tuple[str, str, str]]:
    """The table: what, figure, budget."""
    rates, over = world["paths_per_s"], world["over_numpy"]
    size = f"{world['model']}: {world['equations']} equations, {world['slots']} slots, {world['quarters']} quarters"
    made: list[tuple[str, str, str]] = [
        (
            f"{size}; NumPy : scalar : tile",
            f"1 : {over['scalar']:.1f} : {over['tile']:.1f}",
            "tile >= 2.5 x scalar",
        )
    ]
    made += [
        (f"{kind.replace('_', ', ', 1).replace('_', ' ')}, {OUTPUTS} outputs", f"{rate:,.0f} paths/s", "")
        for kind, rate in rates.items()
    ]
    made += [
        (
            f"tile against NumPy, largest difference ({world['tile_difference_in']})",
            f"{world['tile_difference']:.1e}",
            "<= 1e-11",
        )
    ]
    made += [
        (f"compile the {kind} kernel", f"{world[f'{kind}_compile_s']:.1f} s", "<= 30 s")
        for kind in emit_numba.KINDS
        if f"{kind}_compile_s" in world
    ]
    budgets = {"1000_whole": "<= 25 ms", "10000_whole": "<= 250 ms, aim 100"}
    made += [
        (f"{int(paths):,} paths, {what}", f"{figure:.0f} ms", budgets.get(f"{paths}_{what}", ""))
        for (paths, what), figure in ((key.split("_"), f) for key, f in whole.items())
    ]
    words = {
        "python": ("Python itself", ""),
        "import": ("import supercycle", "<= 0.3 s"),
        "help": ("supercycle --help", "<= 0.4 s"),
        "first_result_cold": ("first result (1,000 paths), nothing compiled", "<= 45 s"),
        "first_result_cached": ("first result, kernels found", "<= 1 s"),
        "first_result_numpy": ("first result, NumPy", ""),
    }
    return made + [(words[what][0], f"{figure:.2f} s", words[what][1]) for what, figure in start.items()]


def show(found: dict[str, Any]) -> None:
    print(
        f"\n{found['model']}: {found['equations']} equations, {found['slots']} slots, {found['quarters']} quarters"
    )
    for kind, rate in found["paths_per_s"].items():
        print(f"  {kind:18s} {rate:12,.0f} paths/s  {found['over_numpy'][kind]:7.1f} x NumPy")
    print(f"  tile / scalar      {found['tile_over_scalar']:.1f}")
    for key, value in found.items():
        if key.startswith(("scalar_", "tile_")) and key != "tile_over_scalar":
            print(f"  {key:28s} {value:.3g}" if isinstance(value, float) else f"  {key:28s} {value}")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--paths", type=int, default=8192)
    asked.add_argument("--quarters", type=int, default=38)
    asked.add_argument("--equations", type=int, default=100)
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--no-start", action="store_true", help="leave out the start-up times")
    given = asked.parse_args()
    models = {"synthetic": synthetic(given.equations)}
    try:
        from supercycle.world.world import world_model

        models["world"] = world_model()
    except ImportError:
        print("the world is not installed: synthetic model only")
    results = [
        measure(name, model, given.paths, given.quarters, given.threads) for name, model in models.items()
    ]
    for found in results:
        show(found)
    whole = engine(given.threads) if "world" in models else {}
    start = _start.measure() if "world" in models and not given.no_start else {}
    for title, figures in (("the engine, 12 outputs with quantiles, ms", whole), ("start-up, s", start)):
        if figures:
            print(f"\n{title}")
            for what, figure in figures.items():
                print(f"  {what:28s} {figure:9.3g}")
    _results.keep(
        "kernel", {"results": results, "engine_ms": whole, "start_s": start}, rows(results[-1], whole, start)
    )
    slow = [f["model"] for f in results if f["tile_over_scalar"] < LEAST_TILE_OVER_SCALAR]
    if slow:
        print(f"tile below {LEAST_TILE_OVER_SCALAR} x scalar on: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
