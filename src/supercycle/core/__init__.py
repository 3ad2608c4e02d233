"""What every other part stands on: errors, units, parameters, quarters, the normal law and random draws.

The core knows nothing of the AI capital cycle. It says how a mistake is told to a person (`errors`), how a
number is spelled and converted (`units`), how an assumption is declared, bounded and sampled (`params`, on
`normal`), how a quarter is named (`quarters`), and how a draw depends on nothing but its own name (`random`).
It imports no other part of the package, and `errors`, `units`, `params` and `quarters` do not load NumPy
until something is sampled, so that a program which only needs names and units starts quickly.
"""

from __future__ import annotations

__all__: list[str] = []
