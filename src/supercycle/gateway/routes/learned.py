"""What traffic teaches the router beside health: how long answers are, how many tokens a byte is, what trying costs.

Lengths are learnt per name that clients ask for, not per target: hosts of one model are compared by the same answer,
whoever happened to get the short questions. Tokens per byte are learnt per model, since that is its tokenizer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from supercycle.gateway.routes.circuit import Average, restore_average

__all__ = ["Exploration", "Lengths", "TokenRatios"]

PRIOR_OUTPUT: Final = 300.0  # tokens of an answer before any was seen; judgement
LENGTH_HALF_LIFE_S: Final = 3600.0
RATIO_HALF_LIFE_S: Final = 86_400.0
PRIOR_RATIO: Final = 0.25  # tokens per byte of English text
_NAMES: Final = 4096
# The learnt quantile of tokens per byte: the most of the last so many calls, and a margin. Judgement, no proof.
_SAMPLE: Final = 512
_ENOUGH: Final = 50
_MARGIN: Final = 1.1


class Lengths:
    """Expected tokens of an answer by the name asked for.

    >>> lengths = Lengths()
    >>> for _ in range(18):
    ...     lengths.add("small", 20, now=0.0)
    >>> lengths.expected("small", now=0.0)   # (2 x 300 + 18 x 20) / 20
    48.0
    """

    def __init__(self) -> None:
        self._by_name: dict[str, Average] = {}

    def add(self, name: str, tokens: int, now: float) -> None:
        """An answer was so long."""
        average = self._by_name.get(name)
        if average is None:
            if len(self._by_name) >= _NAMES:
                self._by_name.clear()
            average = self._by_name[name] = Average(LENGTH_HALF_LIFE_S)
        average.add(float(tokens), now)

    def expected(self, name: str, now: float) -> float:
        """How long the next one will be."""
        average = self._by_name.get(name)
        return PRIOR_OUTPUT if average is None else average.value(now, PRIOR_OUTPUT)

    def saved(self, now: float) -> dict[str, list[float]]:
        """As numbers, for the next process."""
        return {name: [a.mean, a.weight, now - a.at] for name, a in self._by_name.items()}

    def restore(self, saved: Mapping[str, Any], now: float, away_s: float) -> None:
        """Take up what was saved."""
        for name, row in list(saved.items())[:_NAMES]:
            restore_average(self._by_name.setdefault(name, Average(LENGTH_HALF_LIFE_S)), row, now, away_s)


class TokenRatios:
    """Tokens per byte of a request's body, by model: the mean for estimates, a high quantile for `practical` bounds."""

    def __init__(self) -> None:
        self._mean: dict[str, Average] = {}
        self._recent: dict[str, deque[float]] = {}

    def add(self, model: str, tokens: int, size: int, now: float) -> None:
        """A body of that size was so many tokens."""
        if size <= 0 or tokens <= 0:
            return
        if len(self._mean) >= _NAMES:
            self._mean.clear()
            self._recent.clear()
        self._mean.setdefault(model, Average(RATIO_HALF_LIFE_S)).add(tokens / size, now)
        self._recent.setdefault(model, deque(maxlen=_SAMPLE)).append(tokens / size)

    def expected(self, model: str, size: int, now: float) -> int:
        """Tokens of a body of that size."""
        average = self._mean.get(model)
        ratio = PRIOR_RATIO if average is None else average.value(now, PRIOR_RATIO)
        return -(-int(size * ratio * 1000) // 1000)

    def most(self, model: str, size: int) -> int | None:
        """A bound by what was seen, not a proof: the largest ratio of the last 512 calls and a tenth; None too early.

        >>> ratios = TokenRatios()
        >>> for _ in range(50):
        ...     ratios.add("m", 30, 100, now=0.0)
        >>> ratios.most("m", 1000), ratios.most("other", 1000) is None
        (331, True)
        """
        recent = self._recent.get(model)
        if recent is None or len(recent) < _ENOUGH:
            return None
        return int(size * max(recent) * _MARGIN) + 1


class Exploration:
    """What is spent on finding out: its excess over the best known is at most ``share`` of all spending, in total.

    >>> exploration = Exploration(share=0.01)
    >>> exploration.paid(1000); exploration.allows(11), exploration.allows(10)
    (False, True)
    >>> exploration.explored(10); exploration.allows(1)
    False
    """

    def __init__(self, share: float) -> None:
        self.share = share
        self.paid_pico = 0
        self.excess_pico = 0

    def paid(self, pico: int) -> None:
        """A call was charged."""
        self.paid_pico += pico

    def allows(self, excess_pico: int) -> bool:
        """Whether a call that costs so much more than the best may be made to find out."""
        return self.excess_pico + max(0, excess_pico) <= self.share * self.paid_pico

    def explored(self, excess_pico: int) -> None:
        """It is made."""
        self.excess_pico += max(0, excess_pico)
