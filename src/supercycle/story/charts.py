"""Chart descriptions: plain dicts that the front end draws; every series is an output's key or literal values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from supercycle.engine.horizon import steps
from supercycle.engine.run import UNTIL
from supercycle.story.past import beside
from supercycle.world.world import START

__all__ = ["Body", "chart", "fan", "lines", "shares", "stack", "vintages"]

Body = Mapping[str, Any]


def chart(
    body: Body,
    id: str,
    title: str,
    kind: str,
    keys: Sequence[str],
    *,
    unit: str | None = None,
    labels: Mapping[str, str] | None = None,
    note: str = "",
    **more: Any,
) -> dict[str, Any] | None:
    """A chart of some outputs, or None when the run kept none of them."""
    present = [key for key in keys if key in body["outputs"]]
    if not present:
        return None
    outputs, names = body["outputs"], labels or {}
    series = [
        {"key": key, "label": names.get(key, outputs[key]["entity"] or outputs[key]["label"])}
        for key in present
    ]
    blocks = ", ".join(dict.fromkeys(str(outputs[key]["block"]) for key in present))
    source = f"supercycle {blocks}; medians and ranges over paths"
    return {
        "id": id,
        "title": title,
        "kind": kind,
        "unit": unit or outputs[present[0]]["unit"],
        "series": series,
        "source": source,
        "note": note,
        **more,
    }


def fan(body: Body, id: str, title: str, key: str, **more: Any) -> dict[str, Any] | None:
    """One output: median, half and nine tenths of the paths, with its history and others' forecasts where on file."""
    made = chart(body, id, title, "fan", [key], **more)
    return None if made is None else _with_past(made, body, key)


def lines(body: Body, id: str, title: str, keys: Sequence[str], **more: Any) -> dict[str, Any] | None:
    """Medians of several outputs, with others' forecasts of any of them."""
    made = chart(body, id, title, "lines", keys, **more)
    told = [beside(key, steps(START, UNTIL)[0]) for key in keys]
    dots = [dot for one in told for dot in one.get("dots", [])]
    if made is None or not dots:
        return made
    said = " ".join(f"Dots: {one['note'].partition('Dots: ')[2]}" for one in told if "dots" in one)
    return {**made, "dots": dots, "note": f"{made['note']} {said}".strip()}


def _with_past(made: dict[str, Any], body: Body, key: str) -> dict[str, Any]:
    quarters = body["outputs"][key]["quarters"]
    first = quarters[0] if len(quarters) else steps(START, UNTIL)[0]  # a template has no quarters yet
    found = beside(key, str(first))
    note = f"{made['note']} {found.pop('note', '')}".strip()
    return {**made, **found, "note": note}


def stack(body: Body, id: str, title: str, keys: Sequence[str], **more: Any) -> dict[str, Any] | None:
    """Medians stacked; the sum of medians is not the median of the sum, which the note says."""
    note = more.pop("note", "")
    return chart(
        body,
        id,
        title,
        "stack",
        keys,
        note=f"{note} Medians are stacked; their sum is near, not equal to, the median total.".strip(),
        **more,
    )


def shares(
    body: Body, id: str, title: str, keys: Sequence[str], labels: Mapping[str, str], note: str, rest: str = ""
) -> dict[str, Any] | None:
    """Shares of paths by quarter (means of 0/1 outputs), stacked to 100 %; ``rest`` names what the keys leave.

    A series says whose ``mean`` it is, or that it is the ``rest``: a page with the model in it draws it anew.
    """
    present = [key for key in keys if key in body["outputs"]]
    if not present:
        return None
    outputs = body["outputs"]
    series = [
        {"key": None, "label": labels[key], "values": outputs[key]["mean"], "mean": key} for key in present
    ]
    if rest:
        left = [1.0 - sum(values) for values in zip(*(one["values"] for one in series), strict=True)]
        series.append({"key": None, "label": rest, "values": left, "rest": True})
    return {
        "id": id,
        "title": title,
        "kind": "share",
        "unit": "share",
        "x": outputs[present[0]]["quarters"],
        "series": series,
        "source": f"supercycle {outputs[present[0]]['block']}; share of paths",
        "note": note,
        "format": "percent",
    }


def vintages(body: Body, id: str, title: str, names: Mapping[str, str], note: str) -> dict[str, Any] | None:
    """Realised returns by build vintage with intervals, one series per reading."""
    derived = body.get("derived", {})
    present = [name for name in names if name in derived]
    if not present:
        return None
    levels = ("q05", "q25", "q50", "q75", "q95")
    return {
        "id": id,
        "title": title,
        "kind": "vintage",
        "unit": "share/year",
        "x": list(derived[present[0]]["entities"]),
        "series": [
            {"key": None, "label": names[name], "values": {q: derived[name][q] for q in levels}}
            for name in present
        ],
        "source": "supercycle returns; internal rates substituted back",
        "note": note,
        "format": "percent",
        "lines": [{"label": "10 %", "value": 0.1}],
    }
