"""Famous statements about the AI capital cycle, each with inputs, arithmetic, our value and a verdict.

>>> from supercycle import claims
>>> claims.describe("sequoia_200")["verdict"]
'adds up'
"""

from __future__ import annotations

from supercycle.claims.catalogue import catalogue, entry
from supercycle.claims.records import describe, list_claims
from supercycle.claims.solve import solve

__all__ = ["catalogue", "describe", "entry", "list_claims", "solve"]
