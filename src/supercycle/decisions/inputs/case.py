"""One decision: every input with its value, where the value comes from, and how to change one.

Read from text (YAML) by the rules of ``assumptions``; what the text leaves out is the default of its item. The SLA
and the accepted quality gap have no default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.decisions.inputs.assumptions import ITEMS, REQUIRED, Item
from supercycle.decisions.inputs.hardware import Gpu, gpu
from supercycle.decisions.inputs.promise import Sla
from supercycle.decisions.inputs.typed_load import TypedLoad
from supercycle.decisions.inputs.weights import Weights, weights

__all__ = ["Assumption", "Case", "build"]

_WHOLE = (
    "hardware.life_years",
    "hardware.book_life_years",
    "site.own_life_years",
    "hardware.gpus_per_server",
    "rental.block_days",
)
_WHY_SLA = "Published cost per token on one GPU varies eightfold with the latency target: state yours."
_WHY_GAP = (
    "Moving to open weights changes the product: state the Arena points you accept to lose (0 for none)."
)


@dataclass(frozen=True, slots=True)
class Assumption:
    """One line of the ledger: value, origin, date, evidence; ``given`` by the user or a default; ``stale`` prices
    flagged.
    """

    path: str
    value: float | str | None
    unit: str
    meaning: str
    source: str
    day: date | None
    evidence: str
    given: bool
    stale: bool
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Case:
    """The inputs of one decision; ``number`` and ``word`` read them, ``with_value`` changes one."""

    title: str
    start: str
    horizon_months: int
    today: date
    ledger: Mapping[str, Assumption]
    usage: str = ""
    load: TypedLoad | None = None
    notes: tuple[str, ...] = field(default=())
    own_gpu: Gpu | None = None
    own_model: Weights | None = None

    @property
    def part(self) -> Gpu:
        """The GPU: of the file's own sheet, else of the tables."""
        own, name = self.own_gpu, self.word("hardware.gpu")
        return own if own is not None and own.name == name else gpu(name)

    @property
    def model(self) -> Weights:
        """The open-weights model: of the file's own sheet, else of the tables."""
        own, name = self.own_model, self.word("model.open_weights")
        return own if own is not None and own.name == name else weights(name)

    def number(self, path: str) -> float:
        """A number that the case has. Errors: UnknownNameError; InputError when it is a word or was left out."""
        value = self._at(path).value
        if not isinstance(value, float):
            raise InputError(f"{path} is not set", expected="a number", got=repr(value))
        return value

    def optional(self, path: str) -> float | None:
        """A number, or None when it was left out."""
        return None if self._at(path).value is None else self.number(path)

    def optional_word(self, path: str) -> str | None:
        """A word, or None when it was left out."""
        return None if self._at(path).value is None else self.word(path)

    def word(self, path: str) -> str:
        """A word that the case has."""
        value = self._at(path).value
        if not isinstance(value, str):
            raise InputError(f"{path} is not a word", got=repr(value))
        return value

    def _at(self, path: str) -> Assumption:
        if path not in self.ledger:
            raise UnknownNameError("input", path, self.ledger)
        return self.ledger[path]

    def reserved_ratio(self, years: int) -> float | None:
        """Price of a reservation of 1 or 3 years over on demand; None when nobody quoted it.

        Errors: InputError for two quotes of one term, or one above the price on demand.
        """
        ratio = self.optional(f"rental.reserved_{years}y_ratio")
        usd = self.optional(f"rental.reserved_{years}y_usd_per_gpu_hour")
        if usd is None:
            return ratio
        if ratio is not None:
            raise InputError(
                f"rental.reserved_{years}y", expected="a ratio or a price", got=f"{ratio:g} and {usd:g} USD"
            )
        on_demand = self.number("rental.on_demand_usd_per_gpu_hour")
        if usd > on_demand:
            raise InputError(
                f"rental.reserved_{years}y_usd_per_gpu_hour",
                expected=f"at most the price on demand, {on_demand:g} USD",
                got=usd,
                hint="Give the prices of one provider on one day.",
            )
        return usd / on_demand

    @property
    def years(self) -> int:
        """Years of the horizon."""
        return self.horizon_months // 12

    @property
    def sla(self) -> Sla:
        """The promise."""
        return Sla(
            self.number("sla.tokens_per_s_user"),
            self.number("sla.ttft_p95_s"),
            self.number("sla.availability"),
        )

    def with_notes(self, notes: tuple[str, ...]) -> Case:
        """The same case with more to be said in every output."""
        return replace(self, notes=(*self.notes, *notes)) if notes else self

    def with_value(self, path: str, value: float | str) -> Case:
        """The same case with one input changed, checked like one that was written."""
        item = _item(path)
        checked = _checked(item, value, path)
        line = replace(
            self._at(path), value=checked, source="changed", given=True, stale=False, evidence="given"
        )
        return replace(self, ledger={**self.ledger, path: line})


def _item(path: str) -> Item:
    if path not in ITEMS:
        raise UnknownNameError("input", path, ITEMS)
    return ITEMS[path]


def _checked(item: Item, value: object, where: str, own: tuple[str, ...] = ()) -> float | str:
    if item.wordy:
        if not isinstance(value, str):
            raise InputError(f"bad {item.path}", expected="a word", got=repr(value), where=where)
        if item.choices and value not in item.choices:
            raise UnknownNameError(item.path, value, item.choices, where=where)
        if value in own:
            return value
        if item.path in ("hardware.gpu", "routing.gpu", "second.gpu"):
            return gpu(value).name
        return weights(value).name if item.path in ("model.open_weights", "routing.model") else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(
            f"bad {item.path}", expected=f"a number in {item.unit}", got=repr(value), where=where
        )
    number = float(value)
    if not item.least <= number <= item.most or number == float("inf"):
        most = "" if item.most == float("inf") else f" to {item.most:g}"
        raise InputError(
            f"{item.path} is impossible",
            expected=f"{item.least:g}{most or ' or more'} {item.unit}".removesuffix(" 1"),
            got=f"{number:g}",
            where=where,
        )
    if item.path in _WHOLE and number != int(number):
        raise InputError(
            f"{item.path} is not whole", expected=f"whole {item.unit}s", got=f"{number:g}", where=where
        )
    return number


def build(
    given: Mapping[str, tuple[float | str, str]],
    *,
    title: str = "decision",
    start: str = "",
    horizon_months: int = 60,
    today: date,
    usage: str = "",
    load: TypedLoad | None = None,
    notes: tuple[str, ...] = (),
    own_gpu: Gpu | None = None,
    own_model: Weights | None = None,
    origin: str = "inputs",
) -> Case:
    """A case from ``given`` values by path, each with where it was written; defaults for the rest.

    Errors: UnknownNameError for a path that does not exist; InputError for a value that cannot be, a missing SLA or
    quality gap, or a horizon that is not 1 to 10 whole years.
    """
    for path, (_, where) in given.items():
        if path not in ITEMS:
            raise UnknownNameError("input", path, ITEMS, where=where)
    if horizon_months % 12 or not 12 <= horizon_months <= 120:
        raise InputError(
            "horizon_months", expected="12 to 120 in whole years", got=horizon_months, where=origin
        )
    chosen = str(given.get("hardware.gpu", (ITEMS["hardware.gpu"].default, ""))[0])
    own = tuple(one.name for one in (own_gpu, own_model) if one is not None)
    if own_gpu is not None and chosen == own_gpu.name:
        part = chosen
        given = {
            "hardware.server_kw": (own_gpu.server_kw, "gpu_sheet"),
            "hardware.gpus_per_server": (float(own_gpu.sold_in), "gpu_sheet"),
            **given,
        }
    else:
        part = gpu(chosen).name
    ledger = {path: _line(item, given.get(path), part, today, origin, own) for path, item in ITEMS.items()}
    return Case(
        title, start or _quarter(today), horizon_months, today, ledger, usage, load, notes, own_gpu, own_model
    )  # fmt: skip


def _line(
    item: Item,
    given: tuple[float | str, str] | None,
    part: str,
    today: date,
    origin: str,
    own: tuple[str, ...] = (),
) -> Assumption:
    if given is not None:
        value = _checked(item, given[0], given[1], own)
        return Assumption(
            item.path,
            value,
            item.unit,
            item.meaning,
            given[1],
            None,
            "given",
            True,
            False,
            item.low,
            item.high,
        )
    if item.default is REQUIRED:
        section = item.path.partition(".")[0]
        hint = _WHY_SLA if section == "sla" else _WHY_GAP
        raise InputError(
            f"{item.path} is missing", expected=f"{item.meaning}, in {item.unit}", where=origin, hint=hint
        )
    if item.quote is not None:
        quote = item.quote(part)
        low = item.low if item.low is not None else quote.low
        high = item.high if item.high is not None else quote.high
        return Assumption(
            item.path,
            quote.value,
            item.unit,
            item.meaning,
            quote.source,
            quote.day,
            quote.evidence,
            False,
            quote.stale(today) and quote.kind != "other",
            low,
            high,
        )
    value = (
        item.default
        if isinstance(item.default, str) or item.default is None
        else float(cast(Any, item.default))
    )
    source = item.source or ("not used unless given" if value is None else "")
    return Assumption(
        item.path,
        value,
        item.unit,
        item.meaning,
        source,
        None,
        item.evidence,
        False,
        False,
        item.low,
        item.high,
    )


def _quarter(day: date) -> str:
    return f"{day.year}Q{(day.month - 1) // 3 + 1}"
