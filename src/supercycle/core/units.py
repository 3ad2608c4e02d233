"""Units as exponents of a few base dimensions and one scale.

A unit is ``scale x product(dimension ** power)``. A value in unit a becomes a value in unit b by

    value_b = value_a * factor(a, b)        factor(a, b) = a.scale / b.scale, when the dimensions agree

Grammar: symbols and positive numbers joined by ``*`` and ``/``, read from the left, each with an optional
whole power ``^2``; ``1`` is dimensionless. ``USD/H100e/h`` is USD / (H100e * h).

Four kinds of power are four dimensions on purpose: IT load, facility load, chip nameplate (TDP) and
generation nameplate differ by factors (PUE, utilisation, capacity factor) that must be written down, never
assumed. Energy is metered at the facility: MWh = MW_facility * h. The base of time is the quarter, so a rate
per year and a rate per quarter are the same dimension with different scales, and adding them without a
conversion is an error.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import product

from supercycle.core.errors import UnitError, nearest

__all__ = ["DIMENSIONLESS", "SYMBOLS", "Unit", "factor", "parse_unit", "same"]

Power = int | Fraction
Dims = tuple[tuple[str, Power], ...]

HOURS_PER_YEAR = 8766.0  # Julian year of 365.25 days, so that no quarter of the model is a leap quarter
_HOUR = 4.0 / HOURS_PER_YEAR  # in quarters
_EQUAL = 1e-12


@dataclass(frozen=True, slots=True)
class Unit:
    """``scale`` times a product of base dimensions, each with its power; sorted, without zero powers.

    >>> str(parse_unit("USD_bn/q") * parse_unit("q"))
    'USD_bn'
    >>> parse_unit("kW_it") == parse_unit("kW_facility")
    False
    """

    dims: Dims = ()
    scale: float = 1.0
    # The spelling the unit was read from; a unit made by arithmetic is spelled afresh.
    spelling: str = field(default="", compare=False, repr=False)

    def __mul__(self, other: Unit) -> Unit:
        return Unit(_combine(self.dims, other.dims, 1), self.scale * other.scale)

    def __truediv__(self, other: Unit) -> Unit:
        return Unit(_combine(self.dims, other.dims, -1), self.scale / other.scale)

    def __pow__(self, power: Power) -> Unit:
        exact = Fraction(power)
        dims = tuple((d, _whole(exact * p)) for d, p in self.dims) if exact else ()
        return Unit(dims, self.scale ** (exact.numerator if exact.denominator == 1 else float(exact)))

    def __str__(self) -> str:
        return self.spelling or _spell(self)


DIMENSIONLESS = Unit((), 1.0, "1")


def _table() -> dict[str, Unit]:
    def base(dimension: str, scale: float = 1.0) -> Unit:
        return Unit(((dimension, 1),), scale)

    def energy(kilowatts: float) -> Unit:
        return Unit((("power_facility", 1), ("time", 1)), kilowatts * _HOUR)

    steps = {"USD": 1.0, "USD_k": 1e3, "USD_m": 1e6, "USD_bn": 1e9, "USD_tn": 1e12}
    table = {symbol: base("money", scale) for symbol, scale in steps.items()}
    kinds = {"it": "power_it", "facility": "power_facility", "tdp": "power_tdp", "gen": "power_generation"}
    for suffix, dimension in kinds.items():
        for prefix, scale in (("kW", 1.0), ("MW", 1e3), ("GW", 1e6)):
            table[f"{prefix}_{suffix}"] = base(dimension, scale)
    table |= {"kWh": energy(1.0), "MWh": energy(1e3), "GWh": energy(1e6), "TWh": energy(1e9)}
    # Heat in fuel is not electricity: a heat rate (Btu/kWh) must stand between them.
    table |= {"Btu": base("heat", 1e-6), "MMBtu": base("heat")}
    table |= {"H100e": base("compute"), "MH100e": base("compute", 1e6)}
    table |= {"q": base("time"), "year": base("time", 4.0), "month": base("time", 1 / 3)}
    table |= {"h": base("time", _HOUR), "day": base("time", 24 * _HOUR), "week": base("time", 168 * _HOUR)}
    # As people write them: 5 years, 18 months, 6 quarters.
    written = {"years": "year", "yr": "year", "months": "month", "quarter": "q", "quarters": "q"}
    written |= {"hour": "h", "hours": "h", "days": "day", "weeks": "week"}
    table |= {plural: table[symbol] for plural, symbol in written.items()}
    table |= {"tok": base("tokens"), "Mtok": base("tokens", 1e6)}
    table |= {"Btok": base("tokens", 1e9), "Ttok": base("tokens", 1e12)}
    table |= {"users": base("users"), "user": base("users")}
    table |= {"user_m": base("users", 1e6), "user_bn": base("users", 1e9)}
    table |= {"GPU": base("chip"), "GPU_m": base("chip", 1e6)}
    table |= {"wafer": base("wafer"), "wafer_k": base("wafer", 1e3), "request": base("requests")}
    table |= {"share": Unit(), "ratio": Unit(), "x": Unit()}
    table |= {"percent": Unit((), 1e-2), "pp": Unit((), 1e-2), "%": Unit((), 1e-2), "bp": Unit((), 1e-4)}
    return {symbol: Unit(unit.dims, unit.scale, symbol) for symbol, unit in table.items()}


SYMBOLS: dict[str, Unit] = _table()
_FACTOR = re.compile(r"\s*([^\s*/^]+)\s*(?:\^\s*([+-]?\d+))?\s*", re.ASCII)
_NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit:
    """Read a unit; ``str()`` of the result is the text as given.

    >>> parse_unit("USD_bn/year").scale
    250000000.0
    >>> factor(parse_unit("kWh"), parse_unit("MW_facility*h"))
    0.001
    >>> parse_unit("kW")
    Traceback (most recent call last):
    ...
    supercycle.core.errors.UnitError: unknown unit 'kW'. Say which power: kW_it, kW_facility, kW_tdp or kW_gen

    Errors: UnitError for an empty text, an unknown symbol, a power that is not whole or a scale out of range.
    """
    pieces = re.split(r"([*/])", text)
    unit = DIMENSIONLESS
    try:
        for operator, piece in zip(["*", *pieces[1::2]], pieces[::2], strict=True):
            read = _read_factor(piece, text)
            unit = unit * read if operator == "*" else unit / read
    except (OverflowError, ZeroDivisionError):
        unit = Unit((), 0.0)
    if not (math.isfinite(unit.scale) and unit.scale > 0):
        raise UnitError(f"the scale of unit {text!r} is out of range", expected="a positive finite number")
    return Unit(unit.dims, unit.scale, text.strip())


def _read_factor(piece: str, text: str) -> Unit:
    match = _FACTOR.fullmatch(piece)
    if match is None:
        raise UnitError(
            f"cannot read the unit {text!r}",
            expected="symbols joined by * and /, with whole powers, as in USD_bn/q or H100e^2",
            got=repr(piece),
        )
    symbol, power = match[1], int(match[2] or 1)
    if _NUMBER.fullmatch(symbol):
        return Unit((), float(symbol)) ** power
    if symbol not in SYMBOLS:
        inside = "" if symbol == text else f" in {text!r}"
        raise UnitError(f"unknown unit {symbol!r}{inside}", hint=_advice(symbol))
    return SYMBOLS[symbol] ** power


def _advice(symbol: str) -> str:
    if symbol in {"W", "kW", "MW", "GW"}:
        prefix = "kW" if symbol == "W" else symbol
        return f"Say which power: {prefix}_it, {prefix}_facility, {prefix}_tdp or {prefix}_gen"
    near = nearest(symbol, SYMBOLS)
    return f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(SYMBOLS)}"


def same(a: Unit, b: Unit) -> bool:
    """True when a value means the same in both units: equal dimensions, and scales equal to 1e-12.

    >>> same(parse_unit("percent"), parse_unit("pp")), same(parse_unit("USD/year"), parse_unit("USD/q"))
    (True, False)
    """
    return a.dims == b.dims and math.isclose(a.scale, b.scale, rel_tol=_EQUAL)


def factor(a: Unit, b: Unit) -> float:
    """The multiplier that turns a value in ``a`` into a value in ``b``.

    >>> factor(parse_unit("USD_bn/year"), parse_unit("USD_bn/q"))
    0.25

    Errors: UnitError when the dimensions differ.
    """
    if a.dims != b.dims:
        powers = {d for d, _ in a.dims + b.dims if d.startswith("power_")}
        hint = "Convert one power to the other with its PUE, TDP share or capacity factor"
        hint = hint if len(powers) > 1 else None
        raise UnitError(f"cannot turn {a} into {b}", expected=_spell_dims(b), got=_spell_dims(a), hint=hint)
    return a.scale / b.scale


def _combine(a: Dims, b: Dims, sign: int) -> Dims:
    powers: dict[str, Power] = dict(a)
    for dimension, power in b:
        powers[dimension] = powers.get(dimension, 0) + sign * power
    return tuple(sorted((d, _whole(p)) for d, p in powers.items() if p))


def _whole(power: Power) -> Power:
    return power.numerator if power.denominator == 1 else power


def _spell_dims(unit: Unit) -> str:
    return " * ".join(d if p == 1 else f"{d}^{p}" for d, p in unit.dims) or "a dimensionless unit"


def _spell(unit: Unit) -> str:
    """One symbol per dimension, and a number in front when no choice of symbols fits the scale."""
    if any(Fraction(p).denominator != 1 for _, p in unit.dims):
        return f"{unit.scale:.17g} * {_spell_dims(unit)}"  # a root: shown to a person, not readable again
    if not unit.dims:
        for symbol in ("1", "percent", "bp"):
            known = SYMBOLS.get(symbol, DIMENSIONLESS)
            if same(unit, known):
                return symbol
        return repr(unit.scale)
    choices = [[s for s, u in SYMBOLS.items() if u.dims == ((d, 1),)] for d, _ in unit.dims]
    powers = [int(p) for _, p in unit.dims]
    for symbols in product(*choices):
        scale = math.prod(SYMBOLS[s].scale ** p for s, p in zip(symbols, powers, strict=True))
        if math.isclose(scale, unit.scale, rel_tol=_EQUAL):
            return _join(symbols, powers)
    base = tuple(min(options, key=lambda s: abs(math.log(SYMBOLS[s].scale))) for options in choices)
    scale = math.prod(SYMBOLS[s].scale ** p for s, p in zip(base, powers, strict=True))
    return f"{unit.scale / scale!r}*{_join(base, powers)}".replace("*1/", "/")


def _join(symbols: tuple[str, ...], powers: list[int]) -> str:
    def one(symbol: str, power: int) -> str:
        return symbol if power == 1 else f"{symbol}^{power}"

    pairs = sorted(zip(symbols, powers, strict=True), key=lambda pair: pair[1] < 0)
    above = [one(s, p) for s, p in pairs if p > 0]
    below = [one(s, -p) for s, p in pairs if p < 0]
    return "/".join(["*".join(above) or "1", *below])
