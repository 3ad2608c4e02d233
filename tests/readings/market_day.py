"""A day of a market of hosts, drawn once from a seed: prices that move, outages, throttling, slow hours.

It imports nothing of the gateway. Twelve hosts serve one model; list prices span a factor of four and each changes a
few times a day. Every host has outages (its calls fail) and hours of throttling (its calls are refused with 429).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

__all__ = ["DAY_S", "Host", "Market"]

DAY_S = 86_400.0


@dataclass
class Host:
    """One host: its price steps, and when it fails, throttles or is slow."""

    name: str
    prices: list[tuple[float, float, float]]  # (from second, USD per million in, out)
    fails: list[tuple[float, float]] = field(default_factory=list)
    throttles: list[tuple[float, float]] = field(default_factory=list)
    seconds: float = 1.0

    def price(self, at: float) -> tuple[float, float]:
        into, out = self.prices[0][1:]
        for begin, *both in self.prices:
            if begin <= at:
                into, out = both
        return into, out

    def outcome(self, at: float, rng: random.Random) -> int:
        """The status of a call made at a moment."""
        if any(begin <= at < end for begin, end in self.throttles):
            return 429
        if any(begin <= at < end for begin, end in self.fails):
            return 500
        return 503 if rng.random() < 0.002 else 200

    def healthy(self, at: float) -> bool:
        return not any(begin <= at < end for begin, end in (*self.fails, *self.throttles))


class Market:
    """Twelve hosts for a day."""

    def __init__(self, seed: int, hosts: int = 12) -> None:
        rng = random.Random(seed)
        self.hosts: list[Host] = []
        for n in range(hosts):
            base = 0.25 * 4 ** (n / (hosts - 1))  # a fourfold span
            changes = sorted(rng.uniform(0, DAY_S) for _ in range(rng.randrange(2, 6)))
            prices = [(0.0, base, 4 * base)]
            for at in changes:
                factor = rng.uniform(0.8, 1.25)
                prices.append((at, base * factor, 4 * base * factor))
            spans = [
                [
                    (begin, begin + rng.uniform(60, 1200))
                    for begin in (rng.uniform(0, DAY_S) for _ in range(count))
                ]
                for count in (rng.randrange(0, 4), rng.randrange(0, 6))
            ]
            self.hosts.append(Host(f"h{n:02}", prices, spans[0], spans[1], rng.uniform(0.5, 4.0)))

    def cheapest_healthy(self, at: float, read: int, wrote: int) -> float:
        """USD of a call at the cheapest host that is well at that moment."""
        return min(
            (read * into + wrote * out) / 1e6
            for host in self.hosts
            if host.healthy(at)
            for into, out in [host.price(at)]
        )
