"""Make ``src/supercycle/decisions/inputs/tables``: measured serving points and the roofline fitted to them.

Run in an environment of its own, which the project never depends on:

    pip install aiconfigurator==0.12.0
    python bench/decide_throughput.py PATH/TO/aiconfigurator_core/systems/silicon_sample.csv

The points are those shipped with aiconfigurator 0.12.0 (Apache-2.0, NVIDIA and contributors). From each the output
rate follows by Little's law. The compact table keeps, per model, GPU, precision and shape, the points that no other
beats in both speed per user and rate per GPU. One point in five, chosen by a hash of its id, is held out of the fit.
"""

from __future__ import annotations

import csv
import re
import sys
import zlib
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

from supercycle.decisions.capacity.roofline import MICROSECOND, work
from supercycle.decisions.inputs.hardware import GPUS
from supercycle.decisions.inputs.weights import weights

TABLES = Path(__file__).parent.parent / "src" / "supercycle" / "decisions" / "inputs" / "tables"
CREDIT = "# from the measured points shipped with aiconfigurator 0.12.0 (Apache-2.0), silicon_sample.csv; see NOTICE"
SYSTEMS = {"h100_sxm": "H100", "h200_sxm": "H200", "b200_sxm": "B200"}
PRECISION = {"": "bf16", "bf16": "bf16", "fp8": "fp8", "fp4": "fp4", "int4": "fp4"}
MOST_GPUS = 8
FEWEST = 40
QUEUED = 10.0  # seconds to the first token: requests wait outside the server, so the concurrency is not the server's
BOUNDS = ([np.log(0.02), np.log(0.02), np.log(0.02), np.log(0.2)], [0.0, 0.0, 0.0, np.log(200.0)])


def points(path: Path) -> list[dict[str, object]]:
    found = []
    for row in csv.DictReader(path.open(encoding="utf-8")):
        if row["mode"] != "agg" or row["system"] not in SYSTEMS:
            continue
        ranks = max(int(row["attention_dp_size"] or 1), 1)
        gpus = int(row["tp_size"] or 1) * int(row["pp_size"] or 1) * ranks
        if gpus > MOST_GPUS:
            continue
        said = re.search(r"silicon_concurrency=(\d+)", row["silicon_data_source"])
        measured = re.search(r"measured=(\d{4}-\d\d-\d\d)", row["silicon_data_source"])
        requests = int(said[1]) if said else int(row["batch_size"]) * ranks
        ttft, tpot = float(row["silicon_ttft_ms"]) / 1e3, float(row["silicon_tpot_ms"]) / 1e3
        if ttft > QUEUED:
            continue
        isl, osl = int(row["isl"]), int(row["osl"])
        name = row["model_path"].rsplit("/", 1)[-1].lower()
        for tail in ("-fp8", "-nvfp4", "-instruct"):
            name = name.removesuffix(tail)
        found.append(
            {
                "model": weights(name).name,
                "gpu": SYSTEMS[row["system"]],
                "precision": PRECISION[row["precision"]],
                "engine": row["backend"],
                "isl": isl,
                "osl": osl,
                "gpus": gpus,
                "concurrency": requests,
                "ttft_ms": round(1e3 * ttft, 1),
                "tpot_ms": round(1e3 * tpot, 3),
                "output_tok_s_gpu": round(requests * osl / (ttft + tpot * (osl - 1)) / gpus, 2),
                "measured": measured[1] if measured else "",
                "id": row["id"],
            }
        )
    return found


def compact(found: list[dict[str, object]]) -> list[dict[str, object]]:
    groups: dict[tuple[object, ...], list[dict[str, object]]] = {}
    for point in found:
        key = tuple(point[name] for name in ("model", "gpu", "precision", "isl", "osl"))
        groups.setdefault(key, []).append(point)
    kept = []
    for key in sorted(groups, key=str):
        best = 0.0
        for point in sorted(groups[key], key=lambda p: (p["tpot_ms"], -p["output_tok_s_gpu"])):
            if point["output_tok_s_gpu"] > best:
                best = point["output_tok_s_gpu"]
                kept.append(point)
    return kept


def fit(found: list[dict[str, object]]) -> list[dict[str, object]]:
    rows = []
    groups: dict[tuple[str, str, str], list[dict[str, object]]] = {}
    for point in found:
        key = (weights(point["model"]).family, point["precision"], point["engine"])
        groups.setdefault(key, []).append(point)
    for (family, precision, engine), group in sorted(groups.items()):
        if len(group) < FEWEST:
            continue
        asked = [
            work(
                weights(p["model"]),
                GPUS[p["gpu"]],
                precision,
                p["isl"],
                p["osl"],
                p["concurrency"],
                p["gpus"],
            )
            for p in group
        ]
        columns = np.array([[w.weights_s, w.cache_s, w.decode_s, w.prefill_s, w.layers] for w in asked]).T
        requests, osl, gpus, rate = (
            np.array([p[name] for p in group], float)
            for name in ("concurrency", "osl", "gpus", "output_tok_s_gpu")
        )
        held = np.array([zlib.crc32(p["id"].encode()) % 5 == 0 for p in group])

        def error(theta, rows=columns, requests=requests, osl=osl, gpus=gpus, rate=rate):
            of_weights, of_compute, of_cache, overhead = np.exp(theta)
            reads = rows[0] / of_weights + rows[1] / of_cache
            prefill = rows[3] / of_compute
            step = np.maximum(reads, rows[2] / of_compute) + rows[4] * overhead * MICROSECOND
            step = step + requests / osl * prefill
            return np.log(requests * osl / (osl * step + prefill) / gpus / rate)

        starts = [np.log([w, c, 0.4, 80.0]) for w in (0.4, 0.8) for c in (0.2, 0.6)]
        best = min(
            (
                least_squares(
                    lambda t, e=error, h=held: e(t)[~h], s, bounds=BOUNDS, loss="soft_l1", f_scale=0.2
                )
                for s in starts
            ),
            key=lambda one: one.cost,
        )
        out = error(best.x)[held]
        values = np.exp(best.x)
        first = (
            np.array([p["ttft_ms"] for p in group], float) / 1e3 / first_token(best.x, columns, requests, osl)
        )
        rows.append(
            {
                "family": family,
                "precision": precision,
                "engine": engine,
                "weights": round(float(values[0]), 3),
                "compute": round(float(values[1]), 3),
                "cache": round(float(values[2]), 3),
                "overhead_us_per_layer": round(float(values[3]), 2),
                "points": len(group),
                "held_out": int(held.sum()),
                "median_error": round(float(np.median(abs(out))), 3),
                "sd_error": round(float(np.sqrt(np.mean(out**2))), 3),
                "first_token_ratio": round(float(np.median(first)), 2),
            }
        )
    return rows


def first_token(theta, rows, requests, osl):
    """Seconds of a prefill and a step: what the first token takes when no other prompt stands in the way."""
    of_weights, of_compute, of_cache, overhead = np.exp(theta)
    prefill = rows[3] / of_compute
    reads = rows[0] / of_weights + rows[1] / of_cache
    step = np.maximum(reads, rows[2] / of_compute) + rows[4] * overhead * MICROSECOND
    return prefill + step + requests / osl * prefill


def write(name: str, rows: list[dict[str, object]], columns: list[str]) -> None:
    place = TABLES / name
    part = place.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        file.write(CREDIT + "\n")
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    part.rename(place)


def main() -> None:
    found = points(Path(sys.argv[1]))
    kept, fits = compact(found), fit(found)
    write("measured.csv", kept, [name for name in kept[0] if name != "id"])
    write("roofline.csv", fits, list(fits[0]))
    print(f"{len(found)} points, {len(kept)} kept")
    for row in fits:
        print(row)
    for family in ("dense", "moe"):
        of = [(r["held_out"], r["median_error"], r["sd_error"]) for r in fits if r["family"] == family]
        n = sum(o[0] for o in of)
        print(
            family,
            n,
            "median",
            sum(o[0] * o[1] for o in of) / n,
            "rms",
            (sum(o[0] * o[2] ** 2 for o in of) / n) ** 0.5,
        )


if __name__ == "__main__":
    main()
