"""Three sentences on what a print changed: what came, how much of it the model takes for lasting, what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["not_in_a_run", "sentences"]

Row = Mapping[str, Any]
_NAMES = {
    "capex_cash": "capex",
    "operating_cash_flow": "operating cash flow",
    "nvidia_data_center_revenue": "data-centre revenue",
}


def not_in_a_run(opening: str) -> str:
    """What a plain run does not know, to be said beside an update and beside a run.

    >>> not_in_a_run("2026Q2").startswith("A plain run opens at 2026Q2")
    True
    """
    return (
        f"A plain run opens at {opening} and uses no figure of a later quarter, also after an update: "
        "what such figures change is in supercycle update alone."
    )


def sentences(
    opening: str, readings: Sequence[Row], moved: Sequence[Row], news: Sequence[Row], headline: Sequence[Row]
) -> list[str]:
    """What came against what was expected; what lasts and what moved most; the headline before and after."""
    order = sorted(readings, key=lambda row: -abs(row["surprise_sd"]))
    first = f"{_came(order[0])}"
    if len(order) > 1:
        first += f"; {_came(order[1])}"
    if len(order) > 2:
        held = sum(row["inside_90"] for row in readings)
        first += f" (the largest surprises of {len(readings)} figures, {held} of them inside the 90 % band)"
    spent = next((row for row in order if row["series"] == "capex_cash"), order[0])
    return [first + ".", _lasting(spent, moved, news, headline), _follows(headline)]


def _came(row: Row) -> str:
    size = row["surprise_sd"]
    band = f"{_bn(row['expected'])} ({_bn(row['q05'])} to {_bn(row['q95'])})"
    return (
        f"{_what(row)} of {row['quarter']} came in at {_bn(row['value'])} bn where {band} was expected, "
        f"{abs(size):.1f} standard deviations {'above' if size > 0 else 'below'}"
    )


def _what(row: Row) -> str:
    return f"{row['entity']}'s {_NAMES.get(row['series'], row['series'])}"


def _lasting(row: Row, moved: Sequence[Row], news: Sequence[Row], headline: Sequence[Row]) -> str:
    """How much of the largest surprise the next year keeps, and what the model puts it down to."""
    firm = next((line for line in headline if line["id"].startswith(row["id"].partition("@")[0])), None)
    surprise = row["value"] - row["expected"]
    if firm is not None and surprise:
        gained = (firm["after"]["q50"] - firm["before"]["q50"]) / 4.0
        part = gained / surprise
        kept = f"{100.0 * part:.0f} %" if part >= 0.05 else "almost nothing"
        told = (
            f"The model takes {kept} of the surprise in {_what(row)} for lasting, so a quarter of its next year goes "
            f"from {_bn(firm['before']['q50'] / 4.0)} to {_bn(firm['after']['q50'] / 4.0)} bn"
        )
    else:
        told = "The model moves what the figure measures"
    causes: list[str] = []
    if news:
        top = news[0]
        told_of = (
            top["meaning"].replace("a firm's", f"{top['entity']}'s") if top["entity"] else top["meaning"]
        )
        causes.append(f"{told_of} ({top['mean_sd']:+.1f} standard deviations)")
    if moved:
        causes.append(f"{moved[0]['label'].lower()} ({moved[0]['shift_sd']:+.1f})")
    return f"{told}; it puts the figures down to {', then to '.join(causes)}." if causes else f"{told}."


def _follows(headline: Sequence[Row]) -> str:
    by = {
        line["id"].partition("-")[0]: line for line in reversed(headline) if isinstance(line["before"], dict)
    }
    shares = [line for line in headline if not isinstance(line["before"], dict)]
    capex = next(line for line in headline if line["id"].startswith("capex-2"))
    told = f"{capex['label']} goes from {_range(capex['before'])} to {_range(capex['after'])} bn"
    for line in shares:
        label = line["label"][0].lower() + line["label"][1:]
        told += f", the {label} from {_percent(line['before'])} to {_percent(line['after'])}"
    fleet = by.get("fleet")
    if fleet is not None:
        told += f", and AI power in use from {fleet['before']['q50']:.0f} to {fleet['after']['q50']:.0f} GW at the end"
    return told + "."


def _range(found: Mapping[str, float]) -> str:
    return f"{found['q50']:,.0f} ({found['q05']:,.0f} to {found['q95']:,.0f})"


def _bn(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.1f}"


def _percent(value: float) -> str:
    return f"{100.0 * value:.0f} %"
