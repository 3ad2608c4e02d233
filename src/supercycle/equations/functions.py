"""The words an equation may use besides + - * / and comparisons.

Each word has one meaning and three readings: on arrays (the NumPy reference), on ``Dimension`` objects (the unit
check, which registers itself through the ``__supercycle__`` hook) and as instructions (``machine/expressions.py``).

>>> minimum(2.0, 3.0), positive(-1.0), share(1.0, 0.0, 0.5)
(2.0, 0.0, 0.5)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from supercycle.core.errors import UsageError

__all__ = ["exp", "halved", "log", "maximum", "mean", "minimum", "positive", "power", "share", "sqrt", "total", "where", "within"]


def _abstract(name: str, values: tuple[Any, ...]) -> Any:
    """The answer of a non-numeric operand (a dimension), or None when all operands are numbers."""
    for value in values:
        hook = getattr(value, "__supercycle__", None)
        if hook is not None:
            return hook(name, values)
    return None


def _plain(value: Any) -> Any:
    return float(value) if np.ndim(value) == 0 else value


def exp(x: Any) -> Any:
    """e to the x; x must be a pure number."""
    found = _abstract("exp", (x,))
    return _plain(np.exp(x)) if found is None else found


def log(x: Any) -> Any:
    """Natural logarithm; x must be a pure positive number."""
    found = _abstract("log", (x,))
    return _plain(np.log(x)) if found is None else found


def sqrt(x: Any) -> Any:
    """Square root; the unit's exponents are halved."""
    found = _abstract("sqrt", (x,))
    return _plain(np.sqrt(x)) if found is None else found


def power(x: Any, y: Any) -> Any:
    """x to the y for x >= 0 and pure numbers; power(0, y) is 0 for y > 0.

    >>> power(4.0, 0.5)
    2.0
    """
    found = _abstract("power", (x, y))
    return _plain(np.power(x, y)) if found is None else found


def minimum(x: Any, y: Any) -> Any:
    """The smaller of two like quantities."""
    found = _abstract("minimum", (x, y))
    return _plain(np.minimum(x, y)) if found is None else found


def maximum(x: Any, y: Any) -> Any:
    """The larger of two like quantities."""
    found = _abstract("maximum", (x, y))
    return _plain(np.maximum(x, y)) if found is None else found


def positive(x: Any) -> Any:
    """x where it is above zero, else zero."""
    return maximum(x, 0.0)


def within(x: Any, low: Any, high: Any) -> Any:
    """x held between two like quantities: a declared bound, never a silent clip; the docstring must say why.

    >>> within(5.0, 0.0, 1.0)
    1.0
    """
    return minimum(maximum(x, low), high)


def where(condition: Any, x: Any, y: Any) -> Any:
    """x where the condition holds, else y; both are evaluated, so both must be finite."""
    found = _abstract("where", (condition, x, y))
    return _plain(np.where(condition, x, y)) if found is None else found


def share(part: Any, whole: Any, otherwise: Any) -> Any:
    """part / whole where whole is above zero, else ``otherwise``.

    >>> share(3.0, 4.0, 0.0), share(3.0, 0.0, 1.0)
    (0.75, 1.0)
    """
    found = _abstract("share", (part, whole, otherwise))
    if found is not None:
        return found
    safe = np.where(np.asarray(whole) > 0.0, whole, 1.0)
    return _plain(np.where(np.asarray(whole) > 0.0, np.asarray(part) / safe, otherwise))


def total(x: Any, over: Any = None) -> Any:
    """The sum of x over the members of an axis; in a variable with that axis too, over all of it.

    What stands inside may be an expression: total(price * sold). ``over`` names the axis where x has more than one; it says
    in an equation which members are added, and nothing to numbers that are already one per member.

    >>> import numpy as np
    >>> total(np.array([1.0, 2.0, 4.0]))
    7.0

    Errors: UsageError for a single number: it has no members.
    """
    if np.ndim(x) == 0:
        raise UsageError("total(x) needs one value per member", expected="a list or an array", got=repr(x))
    return _plain(np.asarray(x, dtype=float).sum(axis=0))


def halved(x: Any) -> Any:
    """What is left of one after x half-lives: a half to the power x, for a pure number x.

    >>> halved(2.0)
    0.25
    """
    return power(0.5, x)


def mean(x: Any, y: Any) -> Any:
    """The middle of two like quantities: of a quarter's begin and end, of two ends of a range.

    >>> mean(1.0, 4.0)
    2.5
    """
    return (x + y) / 2
