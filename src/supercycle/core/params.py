"""Parameters: every assumption once, with its unit, range, distribution and evidence, and their registry.

A parameter is checked when it is declared, so a registry that exists holds only parameters that can be
sampled, documented and set. The range [low, high] binds every value: a draw, a slider and ``--set`` alike.

``quantile(param, u)`` maps u in (0, 1) onto the range, increasing in u:

============  =====================================================================================
fixed         ``default`` for every u
switch        ``default`` for every u: a policy that is chosen, never drawn
uniform       ``low + u * (high - low)``
triangular    the triangle on [low, high] with its mode at ``default``
normal        ``default + side * z / 1.645`` with z = Phi^-1(0.05 + 0.9 u) and side = ``high - default``
              for z > 0, ``default - low`` for z < 0: a two-piece normal whose 5 and 95 % points are
              low and high, cut there
lognormal     the same in logarithms
============  =====================================================================================

The cut rescales u and does not pile draws up at the ends: u = 0.5 gives ``default``, u -> 0 gives ``low`` and
u -> 1 gives ``high``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from supercycle.core.errors import InputError, UnitError, UnknownNameError
from supercycle.core.units import factor, parse_unit, same

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DISTRIBUTIONS", "EVIDENCE", "Param", "Registry", "parse_value", "quantile"]

EVIDENCE = ("measured", "published", "judgement")  # strongest first
DISTRIBUTIONS = ("fixed", "uniform", "triangular", "normal", "lognormal", "switch")

_PER_TIME = parse_unit("1/year").dims
CUT = 0.05  # low and high are the 5 % and 95 % points
CUT_Z = 1.6448536269514722  # Phi^-1(0.95)
_ROUNDING = 1e-12  # a value this close to an end of its range, after a unit conversion, is that end
_VALUE = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.ASCII)
_SECOND_NUMBER = re.compile(r"(?:^|[*/\s])\s*[.\d]", re.ASCII)
_COMMA = re.compile(r"\s*[+-]?\d+(?:,\d+)+")


@dataclass(frozen=True, slots=True)
class Param:
    """One assumption: what it is, what it may be, and why anyone should believe it.

    ``unit`` is the unit of default, low and high. ``evidence`` is measured, published or judgement; a
    judgement gives its ``reason``, the others their ``source``. ``block`` and ``tier`` place it in the model
    and in priority. ``rows`` are the ids of the figures it was read from, each citable.

    Errors: UnknownNameError for a distribution or evidence word that does not exist, UnitError for a unit
    that cannot be read, InputError when the range is empty or out of order or the reason or source is
    missing.

    >>> pue = Param("pue", "PUE", "ratio", 1.2, 1.05, 1.6, "triangular", "facility over IT power",
    ...             "LBNL 2024", "published", "power")
    >>> pue.describe()["high"]
    1.6
    """

    id: str
    label: str
    unit: str
    default: float
    low: float
    high: float
    distribution: str
    meaning: str
    source: str
    evidence: str
    block: str
    tier: str = ""
    reason: str = ""
    rows: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = f"parameter {self.id}"
        if not self.id.strip() or self.id != self.id.strip() or "=" in self.id:
            raise InputError("a parameter needs an id without '='", got=repr(self.id))
        try:
            parse_unit(self.unit)
        except UnitError as error:
            raise UnitError(error.message, where=where, hint=error.hint) from None
        if self.distribution not in DISTRIBUTIONS:
            raise UnknownNameError("distribution", self.distribution, DISTRIBUTIONS, where=where)
        if self.evidence not in EVIDENCE:
            raise UnknownNameError("evidence", self.evidence, EVIDENCE, where=where)
        if not all(math.isfinite(v) for v in (self.low, self.default, self.high)):
            raise InputError("low, default and high must be finite", got=self.range, where=where)
        if not self.low <= self.default <= self.high:
            raise InputError(
                "the range is out of order",
                expected="low <= default <= high",
                got=f"{self.low:g}, {self.default:g}, {self.high:g} {self.unit}",
                where=where,
            )
        if self.distribution == "lognormal" and self.low <= 0:
            raise InputError(
                "a lognormal parameter is positive",
                expected="low > 0",
                got=f"low = {self.low:g}",
                where=where,
            )
        needed = "reason" if self.evidence == "judgement" else "source"
        if not getattr(self, needed).strip():
            raise InputError(f"{self.evidence} evidence needs a {needed}", got="none", where=where)

    @property
    def range(self) -> str:
        """The range as text, with its unit."""
        return f"{self.low:g} to {self.high:g} {self.unit}"

    def check(self, value: float, *, beyond: bool = False) -> float:
        """The value itself when it lies in the range; an end of the range when it differs only by rounding.

        With ``beyond`` a value outside the range of the evidence passes, as long as it means something: a share stays
        within 0 and 1, and what is never negative stays so.

        Errors: InputError naming the range.
        """
        for known in (self.default, self.low, self.high):
            if math.isclose(value, known, rel_tol=_ROUNDING):
                return known
        if self.low <= value <= self.high:
            return value
        if not beyond:
            raise InputError(
                f"{self.id} is out of range",
                expected=self.range,
                got=f"{value:g} {self.unit}",
                hint="The range is what the evidence covers; beyond it (--beyond) every output is marked",
            )
        if not self._means_something(value):
            raise InputError(
                f"{self.id} has no such value", expected=self._meaningful, got=f"{value:g} {self.unit}"
            )
        return value

    @property
    def _is_share(self) -> bool:
        named = self.unit == "share" or self.id.endswith("_share")
        return named and self.low >= 0 and self.high <= 1

    @property
    def _meaningful(self) -> str:
        if self._is_share:
            return "a share from 0 to 1"
        if self.low < 0:
            return "a finite number"
        return "a finite number above 0" if self.low > 0 else "a finite number, 0 or more"

    def _means_something(self, value: float) -> bool:
        if self._is_share:
            return 0 <= value <= 1 and (value > 0 or self.distribution != "lognormal")
        above = value > 0 if self.low > 0 else value >= 0
        return math.isfinite(value) and (self.low < 0 or above)

    def covers(self, value: float) -> bool:
        """Whether the range of the evidence holds the value, rounding aside."""
        return self.low <= value <= self.high or any(
            math.isclose(value, end, rel_tol=_ROUNDING) for end in (self.low, self.high)
        )

    def describe(self) -> dict[str, Any]:
        """Every field under its own name, ready for JSON."""
        return {**asdict(self), "rows": list(self.rows)}


def parse_value(text: str, param: Param, *, beyond: bool = False) -> float:
    """Read ``value[unit]`` as a number in the parameter's unit; a bare number is already in it.

    A percentage is a rate per year for a parameter in 1/year. A comma inside a number is refused: in one country it
    marks decimals, in another thousands.

    >>> tariff = Param("tariff", "Tariff", "USD/MWh", 80.0, 20.0, 200.0, "uniform", "power price",
    ...                "EIA", "measured", "power")
    >>> parse_value("0.05 USD/kWh", tariff), parse_value("120", tariff)
    (50.0, 120.0)
    >>> rate = Param("rate", "Rate", "1/year", 0.10, 0.05, 0.2, "uniform", "a rate", "Fed", "measured", "money")
    >>> parse_value("12%", rate), parse_value("3%/q", rate)
    (0.12, 0.12)

    Errors: InputError when there is no number or the value is out of range; UnitError when the unit cannot be
    read or does not convert.
    """
    if _COMMA.match(text):
        raise InputError(
            f"a comma in the value of {param.id} can mean two things",
            expected="a decimal point, and no mark for thousands (1.5, 1500)",
            got=repr(text),
        )
    match = _VALUE.fullmatch(text)
    if match is None:
        raise InputError(
            f"cannot read a value for {param.id}",
            expected=f"a number, with or without a unit such as {param.unit}",
            got=repr(text),
        )
    value, unit = float(match[1]), match[2].removeprefix("[").removesuffix("]")
    if _SECOND_NUMBER.search(unit.removeprefix("1/")):  # "1.2.3" and "0.5 2" would be products
        raise InputError(
            f"two numbers in the value of {param.id}",
            expected=f"one number, with or without a unit such as {param.unit}",
            got=repr(text),
        )
    if unit:
        value *= _factor_to(unit, param)
    try:
        return param.check(value, beyond=beyond)
    except InputError as error:
        if not unit and math.isfinite(value) and param.covers(value / 100) and not param.covers(value):
            error.hint = f"Did you mean {match[1]}%?"
        raise


def _factor_to(text: str, param: Param) -> float:
    """What a value in the unit of ``text`` is multiplied by, to be in the parameter's unit."""
    try:
        unit, own = parse_unit(text), parse_unit(param.unit)
        if not unit.dims and own.dims == _PER_TIME:
            if not same(own, parse_unit("1/year")):
                raise UnitError(f"{text} per what", expected=f"{text}/year or {text}/q", got=text)
            unit = unit * own
        return factor(unit, own)
    except UnitError as error:
        raise UnitError(
            error.message,
            expected=error.expected,
            got=error.got,
            where=param.id,
            hint=error.hint or f"{param.id} is in {param.unit}",
        ) from None


class Registry(Mapping[str, Param]):
    """The parameters of a model by id, in the order they were added.

    >>> registry = Registry([Param("pue", "PUE", "ratio", 1.2, 1.05, 1.6, "fixed", "facility over IT power",
    ...                            "LBNL 2024", "published", "power")])
    >>> registry.assign("pue=130percent")
    ('pue', 1.3)
    >>> registry["peu"]
    Traceback (most recent call last):
    ...
    supercycle.core.errors.UnknownNameError: unknown parameter 'peu': did you mean 'pue'?
    """

    def __init__(self, params: Iterable[Param] = ()) -> None:
        self._params: dict[str, Param] = {}
        for param in params:
            self.add(param)

    def __getitem__(self, id: str) -> Param:
        try:
            return self._params[id]
        except KeyError:
            raise UnknownNameError("parameter", id, self._params) from None

    def __contains__(self, id: object) -> bool:
        return id in self._params

    def __iter__(self) -> Iterator[str]:
        return iter(self._params)

    def __len__(self) -> int:
        return len(self._params)

    def __repr__(self) -> str:
        return f"Registry of {len(self)} parameters"

    def add(self, param: Param) -> Param:
        """Add a parameter and return it. Errors: InputError when its id is taken."""
        if param.id in self._params:
            raise InputError(
                f"parameter {param.id} is declared twice",
                where=f"block {param.block}",
                hint=f"It is already declared in block {self._params[param.id].block}",
            )
        self._params[param.id] = param
        return param

    def assign(self, text: str, *, beyond: bool = False) -> tuple[str, float]:
        """Read ``id=value[unit]`` as (id, value in the parameter's unit); ``beyond`` as in ``Param.check``.

        Errors: InputError without ``=``, without a number, or out of range; UnknownNameError with the nearest
        ids; UnitError when the unit does not convert.
        """
        id, equals, value = text.partition("=")
        if not equals:
            raise InputError(
                "cannot read an assignment", expected="id=value or id=value[unit]", got=repr(text)
            )
        param = self[id.strip()]
        return param.id, parse_value(value, param, beyond=beyond)

    def describe(self) -> list[dict[str, Any]]:
        """Every parameter's description in order, ready for JSON."""
        return [param.describe() for param in self._params.values()]


def quantile(param: Param, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """The parameter's values at the probabilities u in (0, 1): non-decreasing in u, within [low, high].

    Same shape as u; the module's table gives the equations. Limits: low == high gives that number; a normal
    with one side of zero width has half its mass at the default.

    >>> import numpy as np
    >>> gain = Param("gain", "Gain", "ratio", 2.0, 1.0, 8.0, "lognormal", "", "a paper", "published",
    ...              "demand")
    >>> [round(float(v), 6) for v in quantile(gain, np.array([1e-12, 0.5, 1 - 1e-12]))]
    [1.0, 2.0, 8.0]
    """
    import numpy as np

    low, mid, high = param.low, param.default, param.high
    if param.distribution in ("fixed", "switch") or low == high:
        return np.full(np.shape(u), mid)
    if param.distribution == "uniform":
        drawn = low + u * (high - low)
    elif param.distribution == "triangular":
        drawn = _triangular(low, mid, high, u)
    elif param.distribution == "normal":
        drawn = _two_piece(low, mid, high, u)
    else:
        drawn = np.exp(_two_piece(math.log(low), math.log(mid), math.log(high), u))
    # The formulas end at low and high exactly; only the last bit of their rounding is taken off here.
    return np.clip(drawn, low, high, out=drawn)


def _two_piece(low: float, mid: float, high: float, u: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    from supercycle.core.normal import normal_quantile

    z = normal_quantile(CUT + (1 - 2 * CUT) * u)
    z /= CUT_Z
    side = np.where(z < 0, mid - low, high - mid)
    return mid + side * z


def _triangular(low: float, mode: float, high: float, u: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    width = high - low
    left = np.sqrt(u * width * (mode - low))
    right = np.sqrt((1 - u) * width * (high - mode))
    return np.where(u * width < mode - low, low + left, high - right)
