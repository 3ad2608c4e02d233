"""The standard normal distribution and its inverse on arrays, to double precision, with NumPy alone.

scipy has both, but importing scipy.special costs more than a thousand paths of the model; these two are
polynomials.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["normal_cdf", "normal_quantile"]

Floats = NDArray[np.float64]

_TILE = 8192  # elements worked on at once, so that the polynomials run in the second-level cache

# Algorithm AS 241, PPND16: numerator and denominator, lowest power first.
CENTRE = (
    (
        3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
        4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
    ),
    (
        1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
        2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
    ),
)  # fmt: skip
NEAR = (
    (
        1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
        3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
        2.27238449892691845833e-2, 7.74545014278341407640e-4,
    ),
    (
        1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
        1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ),
)  # fmt: skip
FAR = (
    (
        6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
        2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
        2.71155556874348757815e-5, 2.01033439929228813265e-7,
    ),
    (
        1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    ),
)  # fmt: skip

# Cody's rational approximations of erf and erfc, lowest power first.
ERF = (
    (
        3.20937758913846947e03, 3.77485237685302021e02, 1.13864154151050156e02, 3.16112374387056560e00,
        1.85777706184603153e-1,
    ),
    (2.84423683343917062e03, 1.28261652607737228e03, 2.44024637934444173e02, 2.36012909523441209e01, 1.0),
)  # fmt: skip
ERFC_NEAR = (
    (
        1.23033935479799725e03, 2.05107837782607147e03, 1.71204761263407058e03, 8.81952221241769090e02,
        2.98635138197400131e02, 6.61191906371416295e01, 8.88314979438837594e00, 5.64188496988670089e-1,
        2.15311535474403846e-8,
    ),
    (
        1.23033935480374942e03, 3.43936767414372164e03, 4.36261909014324716e03, 3.29079923573345963e03,
        1.62138957456669019e03, 5.37181101862009858e02, 1.17693950891312499e02, 1.57449261107098347e01, 1.0,
    ),
)  # fmt: skip
ERFC_FAR = (
    (
        -6.58749161529837803e-4, -1.60837851487422766e-2, -1.25781726111229246e-1, -3.60344899949804439e-1,
        -3.05326634961232344e-1, -1.63153871373020978e-2,
    ),
    (
        2.33520497626869185e-3, 6.05183413124413191e-2, 5.27905102951428412e-1, 1.87295284992346725e00,
        2.56852019228982242e00, 1.0,
    ),
)  # fmt: skip
ERF_ENDS = 0.46875
ERFC_SPLIT = 4.0
SQRT_PI_INVERSE = 0.5641895835477562869


def normal_quantile(u: Floats) -> Floats:
    """The z with Phi(z) = u, elementwise, same shape as u; relative error about 1e-16.

    Limits: u = 0.5 gives exactly 0, 0 and 1 give -inf and +inf; outside [0, 1], or NaN, gives NaN.

    Source: M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied
    Statistics 37(3), 1988, pp. 477-484.

    >>> [round(float(z), 6) for z in normal_quantile(np.array([0.05, 0.5, 0.975]))]
    [-1.644854, 0.0, 1.959964]
    """
    flat = np.ascontiguousarray(u, dtype=np.float64).reshape(-1)
    out = np.empty_like(flat)
    for start in range(0, flat.size, _TILE):
        tile = slice(start, start + _TILE)
        _quantile_tile(flat[tile], out[tile])
    return out.reshape(np.shape(u))


def _quantile_tile(u: Floats, out: Floats) -> None:
    q = u - 0.5
    r = 0.180625 - q * q
    np.multiply(q, _ratio(CENTRE, r), out=out)
    tail = np.flatnonzero(~(np.abs(q) <= 0.425))  # NaN belongs to the tail, which hands it on
    if tail.size == 0:
        return
    v = u[tail]
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.sqrt(-np.log(np.minimum(v, 1.0 - v)))
        z = _ratio(NEAR, r - 1.6)
        far = np.flatnonzero(r > 5.0)
        if far.size:
            z[far] = np.where(np.isinf(r[far]), np.inf, _ratio(FAR, r[far] - 5.0))
    out[tail] = np.copysign(z, q[tail])


def normal_cdf(z: Floats) -> Floats:
    """Phi(z) = erfc(-z / sqrt 2) / 2, elementwise, same shape as z; relative error below 2e-14 for z >= -8.

    Limits: exactly 0.5 at 0; 0 and 1 at -inf and +inf; NaN for NaN.

    Source: W. J. Cody, "Rational Chebyshev Approximations for the Error Function", Mathematics of Computation
    23(107), 1969, pp. 631-637.

    >>> [round(float(p), 6) for p in normal_cdf(np.array([-1.6448536, 0.0, 1.0]))]
    [0.05, 0.5, 0.841345]
    """
    flat = np.ascontiguousarray(z, dtype=np.float64).reshape(-1)
    out = np.empty_like(flat)
    for start in range(0, flat.size, _TILE):
        tile = slice(start, start + _TILE)
        out[tile] = _cdf_tile(flat[tile] / -math.sqrt(2.0))
    return out.reshape(np.shape(z))


def _cdf_tile(x: Floats) -> Floats:
    """Half of erfc(x)."""
    y = np.minimum(
        np.abs(x), 30.0
    )  # erfc(30) is 0 in double precision; this keeps infinities out of the polynomials
    upper = np.empty_like(y)
    inner = y <= ERF_ENDS
    near = ~inner & (y <= ERFC_SPLIT)
    far = ~(inner | near)
    small = y[inner]
    upper[inner] = 1.0 - small * _ratio(ERF, small * small)
    upper[near] = _ratio(ERFC_NEAR, y[near]) * np.exp(-(y[near] ** 2))
    large = y[far]
    s = 1.0 / (large * large)
    upper[far] = (SQRT_PI_INVERSE + s * _ratio(ERFC_FAR, s)) / large * np.exp(-(large**2))
    return 0.5 * np.where(x < 0, 2.0 - upper, upper)


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: Floats) -> Floats:
    above = _polynomial(coefficients[0], x)
    above /= _polynomial(coefficients[1], x)
    return above


def _polynomial(coefficients: tuple[float, ...], x: Floats) -> Floats:
    """Horner's rule in place."""
    total = x * coefficients[-1]
    for c in coefficients[-2:0:-1]:
        total += c
        total *= x
    total += coefficients[0]
    return total
