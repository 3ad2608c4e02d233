"""What one call of compiled code is given: a record of 64-bit words, the same on every target.

An address is a word too (a page's memory has 32-bit addresses; the upper half is zero). ``w`` is a tile's workspace:
``layout.count`` rows, then ``SCRATCH`` rows of the driver, then rows for parameters that no equation reads but the
caller wants, then one row for each parameter of a copula. It must be zero before its first use and belong to one
thread at a time.

=================  ==================================================================================================
word               meaning
=================  ==================================================================================================
workspace          address of the workspace
first, count       the paths: first, first + 1, ...
quarters           how many quarters
seed_key           ``core.random.digest("seed", seed)``
attempts           how many attempts ``keys`` holds (``settle`` stops there)
keys, key_count    row keys [attempt, key]
codes, numbers     laws of the parameters: [law, (kind, row, key, extra)] and [law, 8] doubles (see ``laws.py``)
law_count          how many
tied_count         parameters of the copula, and their first row
tied_row
tied_keys          key of each
term_starts        first term of each, and the end: [tied + 1]
term_places        which of them a term reads, and by which factor
term_factors
tables             quantile tables, one behind the other: levels, slopes (one more than needed), values
given, stride      parameters by path [parameter, stride], for laws of kind GIVEN
draws              random numbers [draw, quarter, stride] in place of generated ones, or 0
streams            stream keys of the draws [draw slot]
refused            [path]: ``settle`` writes how many attempts were refused, ``run`` reads it
rows, row_count    rows to record
opens              whether such a row has an opening
out                recorded values, and how many doubles lie between two records and two quarters
out_record
out_quarter
with_opening       1: the opening is quarter 0 of ``out``; 0: it is not among them
residual           largest relative residual [path]; NaN where a path's state is not finite
kept_rows          parameter rows to hand out, how many, where to, and doubles between two of them
kept_count
kept_out
kept_stride
=================  ==================================================================================================
"""

from __future__ import annotations

__all__ = ["SCRATCH", "WORDS", "place"]

WORDS = (
    "workspace", "first", "count", "quarters", "seed_key", "attempts", "keys", "key_count", "codes", "numbers",
    "law_count", "tied_count", "tied_row", "tied_keys", "term_starts", "term_places", "term_factors", "tables", "given",
    "stride", "draws", "streams", "refused", "rows", "row_count", "opens", "out", "out_record", "out_quarter",
    "with_opening", "residual", "kept_rows", "kept_count", "kept_out", "kept_stride")

SCRATCH = 4  # rows of the driver: base of each path's draws, attempt, path, and where its answer goes
BASE, ATTEMPT, PATH, ANSWER = range(SCRATCH)


def place(word: str) -> int:
    """Which word of the record.

    >>> place("first")
    1
    """
    return WORDS.index(word)
