"""Under which licence a row may be passed on, read once from its source when a table is made.

A number read in a filing, release, report or page is a fact: it belongs to nobody and is cited. Rows copied out of
a *data file* (a data set, a package, a repository's CSV) need that file's own licence; where it is not known the
row is not shipped.
"""

from __future__ import annotations

import re

__all__ = ["SHIPPED", "licence_of"]

FACT, PUBLIC, UNKNOWN = "fact", "public domain", "unknown"
SHIPPED = (FACT, PUBLIC, "CC BY 4.0", "MIT", "Apache-2.0", "PDDL 1.0", "NCSA")
# First match wins; patterns are searched in "source_title | source_url".
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), licence)
    for pattern, licence in (
        (r"compute-screener|gpueconomy|data-receipts|valuator_data\.json|Axis Intelligence CSV", UNKNOWN),
        (r"genai-prices|LiteLLM|model-price-radar|models\.dev|model-prices|llmfit|\(MIT", "MIT"),
        (
            r"CC BY|Epoch|LMArena|Arena |llmledger|OpenRouter|openrouter-inference-stats|silybench|gpurentalprices",
            "CC BY 4.0",
        ),
        (r"aiconfigurator|InferenceX|transformers 5|litgpt|\bApache", "Apache-2.0"),
        (r"World Bank|datasets/gdp|Eurostat|PyPSA", "CC BY 4.0"),
        (r"datasets/s-and-p-500|datasets/oil-prices", "PDDL 1.0"),
        (r"Python package arch|PyPI arch", "NCSA"),
        (r"\b(SEC|FRED|FEDS|EIA|BEA|BLS|FCC)\b|companyfacts|Census", PUBLIC),
        (r"Federal Reserve|St Louis Fed|\bZ\.1\b|statsmodels|fedstl", PUBLIC),
    )
)


def licence_of(source_title: str, source_url: str) -> str:
    """Licence of a row by its source; ``unknown`` is not shipped.

    >>> licence_of("Epoch AI chip counts repo (commit d1b1bc3)", ""), licence_of("compute-screener gpu.csv", "")
    ('CC BY 4.0', 'unknown')
    """
    text = f"{source_title} | {source_url}"
    for pattern, licence in _RULES:
        if pattern.search(text):
            return licence
    return FACT
