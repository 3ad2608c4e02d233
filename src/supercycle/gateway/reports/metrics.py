"""Counts of what was done, in the text format of Prometheus.

Two vocabularies: the gateway's own (``supercycle_…``), and OpenTelemetry's conventions for generative AI, whose names
changed between versions, so that a switch says which are written. Labels come from the configuration and from
answers, never from a client's free text; beyond ``SERIES`` combinations the rest is counted as "other".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Final

__all__ = ["Metrics"]

SERIES: Final = 2000
# Seconds: from a local answer to the longest reasoning.
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
# The convention's own buckets for tokens.
TOKEN_BUCKETS: Final = (1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0)

_HELP: Mapping[str, str] = {
    "supercycle_requests_total": "Requests answered, by route, model and status.",
    "supercycle_attempts_total": "Calls made upstream, by provider, model and how they ended.",
    "supercycle_cost_picousd_total": "Cost booked, in 1e-12 USD.",
    "supercycle_tokens_total": "Tokens, by provider, model and kind.",
    "supercycle_refused_total": "Requests refused before any call, by reason.",
    "supercycle_cache_hits_total": "Requests answered from the exact cache.",
    "supercycle_time_to_first_byte_seconds": "Time to the first byte of an upstream's answer.",
    "supercycle_attempt_seconds": "Time to the last byte of an upstream's answer.",
    "gen_ai_client_operation_duration_seconds": "Duration of a call (OpenTelemetry).",
    "gen_ai_client_token_usage": "Tokens of a call (OpenTelemetry).",
}
Labels = tuple[str, ...]


class _Histogram:
    __slots__ = ("bounds", "count", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.count = 0
        self.total = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.count += 1
        self.total += value


class Metrics:
    """All series. ``gen_ai`` is "off" or the version whose names are written beside our own."""

    def __init__(self, gen_ai: str = "off") -> None:
        self._gen_ai = gen_ai
        # The convention renamed what says who served the call.
        self._provider_label = "gen_ai_system" if gen_ai == "1.28" else "gen_ai_provider_name"
        self._counts: dict[str, tuple[Labels, dict[Labels, int]]] = {}
        self._times: dict[str, tuple[Labels, dict[Labels, _Histogram]]] = {}

    def count(self, name: str, names: Labels, values: Labels, by: int = 1) -> None:
        """Add to a counter."""
        series = self._counts.get(name)
        if series is None:
            series = self._counts[name] = (names, {})
        held = series[1]
        if values not in held and len(held) >= SERIES:
            values = ("other",) * len(names)
        held[values] = held.get(values, 0) + by

    def observe(
        self, name: str, names: Labels, values: Labels, value: float, bounds: tuple[float, ...] = BUCKETS
    ) -> None:
        """Add to a histogram."""
        series = self._times.get(name)
        if series is None:
            series = self._times[name] = (names, {})
        held = series[1]
        found = held.get(values)
        if found is None:
            if len(held) >= SERIES:
                values = ("other",) * len(names)
            found = held.setdefault(values, _Histogram(bounds))
        found.add(value)

    def attempt(
        self,
        provider: str,
        model: str,
        outcome: str,
        operation: str,
        ttft_s: float | None,
        seconds: float,
        counts: Mapping[str, int],
        cost_pico: int,
    ) -> None:
        """One call upstream that is over."""
        who = (provider, model)
        self.count("supercycle_attempts_total", ("provider", "model", "outcome"), (*who, outcome))
        if cost_pico:
            self.count("supercycle_cost_picousd_total", ("provider", "model"), who, cost_pico)
        for kind, number in counts.items():
            if kind != "request":
                self.count("supercycle_tokens_total", ("provider", "model", "kind"), (*who, kind), number)
        if ttft_s is not None:
            self.observe("supercycle_time_to_first_byte_seconds", ("provider", "model"), who, ttft_s)
        self.observe("supercycle_attempt_seconds", ("provider", "model"), who, seconds)
        if self._gen_ai == "off":
            return
        names = (self._provider_label, "gen_ai_request_model", "gen_ai_operation_name")
        values = (*who, operation)
        self.observe("gen_ai_client_operation_duration_seconds", names, values, seconds)
        for kind in ("input", "output"):
            number = counts.get(kind)
            if number:
                labels = (*names, "gen_ai_token_type")
                self.observe(
                    "gen_ai_client_token_usage", labels, (*values, kind), float(number), TOKEN_BUCKETS
                )

    def text(self, gauges: Iterable[tuple[str, str, Mapping[str, str], float]]) -> str:
        """Everything as text; ``gauges`` are (name, help, labels, value) of the moment."""
        lines: list[str] = []
        for name, (names, held) in sorted(self._counts.items()):
            lines += [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} counter"]
            lines += [f"{name}{_labels(names, values)} {number}" for values, number in sorted(held.items())]
        for name, (names, times) in sorted(self._times.items()):
            lines += [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} histogram"]
            for values, found in sorted(times.items()):
                lines += _histogram(name, names, values, found)
        last_name = ""
        for name, meaning, labels, value in gauges:
            if name != last_name:
                lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge"]
                last_name = name
            lines.append(f"{name}{_labels(tuple(labels), tuple(labels.values()))} {value:g}")
        return "\n".join(lines) + "\n"


def _histogram(name: str, names: Labels, values: Labels, found: _Histogram) -> list[str]:
    lines: list[str] = []
    below = 0
    for bound, number in zip((*found.bounds, float("inf")), found.counts, strict=True):
        below += number
        edge = "+Inf" if bound == float("inf") else f"{bound:g}"
        lines.append(f"{name}_bucket{_labels((*names, 'le'), (*values, edge))} {below}")
    lines.append(f"{name}_sum{_labels(names, values)} {found.total:.9g}")
    lines.append(f"{name}_count{_labels(names, values)} {found.count}")
    return lines


def _labels(names: Labels, values: Labels) -> str:
    if not names:
        return ""
    parts = [f'{name}="{_escaped(value)}"' for name, value in zip(names, values, strict=True)]
    return "{" + ",".join(parts) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
