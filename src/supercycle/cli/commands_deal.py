"""``supercycle deal``: run, check and size a financing that is written in one file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from supercycle.cli.render import number, print_json
from supercycle.core.errors import InputError, UnknownNameError, UsageError

if TYPE_CHECKING:
    from supercycle.deals.schema import Deal

__all__ = ["check", "examples", "run", "schema", "size"]

LARGEST_FILE = 1_000_000  # bytes; a deal is a page or two of text
Json = Annotated[bool, Parameter(negative=(), help="Print one JSON object.")]
File = Annotated[str, Parameter(help="A deal's .yaml file, or the name of an example.")]
Settings = Annotated[
    list[str] | None,
    Parameter(name="--set", negative=(), help="path=value, as in facilities.notes.rate=7%; may be repeated."),
]


def run(file: File, /, *, set: Settings = None, json: Json = False) -> int:
    """Run a deal on one path: every period's cash, cover, and what each holder gets."""
    from supercycle.deals.report import result
    from supercycle.deals.run import run as run_deal

    found = result(run_deal(_deal(file, set)))
    if json:
        print_json(found)
    else:
        _tables(found)
    return 0


def check(file: File, /, *, set: Settings = None, json: Json = False) -> int:
    """Read a deal and lay it on its calendar, without running it."""
    from supercycle.deals.run import prepare

    deal = _deal(file, set)
    world = _world(deal)
    if not world:
        prepare(deal)
    said = {
        "schema": "supercycle.deal-check/1", "name": deal.name, "ok": True,
        "facilities": [f.name for f in deal.facilities], "steps": len(deal.waterfall), "world": world,
    }  # fmt: skip
    if json:
        print_json(said)
    else:
        from supercycle.cli.render import facts

        facts(said)
    return 0


def size(file: File, /, *, set: Settings = None, json: Json = False) -> int:
    """Each facility's size, the limits of a sculpted one and which binds, and its planned service."""
    from supercycle.deals.report import sizes
    from supercycle.deals.run import run as run_deal

    found = sizes(run_deal(_deal(file, set)))
    if json:
        print_json({"schema": "supercycle.deal-sizes/1", "facilities": found})
    else:
        for name, sized in found.items():
            _print_records([{"facility": name, **_flat(sized)}], f"size of {name}")
    return 0


def schema() -> int:
    """Print the JSON Schema of a deal file."""
    from supercycle.deals.json_schema import json_schema

    print_json(json_schema())
    return 0


def examples(*, json: Json = False) -> int:
    """List the deals that are shipped."""
    listed = [{"name": name, "title": _deal(name, None).title} for name in _shipped()]
    if json:
        print_json({"schema": "supercycle.deals/1", "deals": listed})
    else:
        _print_records(listed, f"{len(listed)} deals; supercycle deal run NAME")
    return 0


def _shipped() -> dict[str, Any]:
    from importlib.resources import files

    folder = files("supercycle.deals") / "examples"
    found = {
        item.name.removesuffix(".yaml"): item for item in folder.iterdir() if item.name.endswith(".yaml")
    }
    return dict(sorted(found.items()))


def _deal(file: str, settings: list[str] | None) -> Deal:
    from supercycle.deals.read import read_deal

    laid: dict[str, str] = {}
    for setting in settings or []:
        path, equals, value = setting.partition("=")
        if not equals or not path or not value:
            raise UsageError("bad --set", expected="path=value", got=setting)
        laid[path] = value
    shipped, place = _shipped(), Path(file)
    if file in shipped:
        if place.is_file():
            raise UsageError(f"{file!r} is an example and a file", hint=f"Say ./{file} for the file.")
        return read_deal(shipped[file].read_text(encoding="utf-8"), origin=f"{file}.yaml", settings=laid)
    if place.suffix not in (".yaml", ".yml"):
        raise UnknownNameError("deal", file, tuple(shipped))
    try:
        if place.stat().st_size > LARGEST_FILE:
            raise InputError("deal file too large", expected=f"{LARGEST_FILE:,} bytes or less", where=file)
        text = place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "cannot read the deal", expected="a text file", got=str(error), where=file
        ) from error
    return read_deal(text, origin=file, settings=laid)


def _world(block: Any) -> list[str]:
    """The world variables a deal refers to."""
    import dataclasses

    if isinstance(block, tuple):
        return sorted({name for item in block for name in _world(item)})  # pyright: ignore[reportUnknownVariableType]
    if not dataclasses.is_dataclass(block):
        return []
    own = [getattr(block, "world", "")] if type(block).__name__ == "Number" else []
    inner = [n for f in dataclasses.fields(block) for n in _world(getattr(block, f.name))]
    return sorted({name for name in (*own, *inner) if name})


def _flat(sized: Mapping[str, Any]) -> dict[str, Any]:
    limits: Mapping[str, float] = sized["limits"] or {}
    rest = {k: v for k, v in sized.items() if k != "limits" and v is not None}
    return {**rest, **{f"limit {k}": v for k, v in limits.items()}}


def _tables(found: Mapping[str, Any]) -> None:
    """Sources and uses until operations, the years, then what each holder gets."""
    start = found["construction"]
    rows = [{"side": "source", "what": k, found["money"]: number(v)} for k, v in start["sources"].items()]
    rows += [{"side": "use", "what": k, found["money"]: number(v)} for k, v in start["uses"].items()]
    rows += [{"side": "total", "what": "sources | uses",
              found["money"]: f"{number(start['total_sources'])} | {number(start['total_uses'])}"}]  # fmt: skip
    _print_records(rows, f"{found['title'] or found['name']}: sources and uses until {start['until']}")
    years = [
        {k: number(v) if isinstance(v, float) or v is None else v for k, v in y.items()}
        for y in found["years"]
    ]
    _print_records([{k: str(v) for k, v in y.items()} for y in years], f"by year, {found['money']}")
    holders = [
        {"holder": name, "in": number(t["drawn"]), "out": number(t["interest"] + t["principal"]),
         "irr": _percent(t["irr"], t["irr_status"]), "moic": number(t["moic"]), "wal": number(t["wal_years"]),
         **{f"yield at {p}": _percent(y["yield"], y["status"]) for p, y in t["yield_at_price"].items()},
         "loss": _percent(t["loss_share"], "")}
        for name, t in found["tranches"].items()
    ]  # fmt: skip
    own = found["equity"]
    blank = dict.fromkeys(holders[0], "-")
    holders.append({**blank, "holder": "equity", "in": number(own["contributed"]), "out": number(own["distributed"]),
                    "irr": _percent(own["irr"], own["irr_status"]), "moic": number(own["moic"])})  # fmt: skip
    said = ", ".join(f"{e['date']} {e['state']}" for e in found["events"])
    _print_records(holders, f"books close to {found['books_residual']:.0e}; states: {said}")
    for one in found["guarantees"]:
        left = f"{number(one['debt_when_it_ends'])} ({_percent(one['share_of_debt'], '')} of the debt)"
        print(f"guarantee {one['name']} by {one['giver']} ends {one['until']} with {left} outstanding")
    if found["lessee"]:
        for word in ("without_guarantee", "with_guarantee"):
            one = found["lessee"][word]
            why = f" ({', '.join(one['met'])})" if one["met"] else ""
            print(
                f"lessee, {word.replace('_', ' ')} counted: US GAAP {one['us_gaap']}{why}, IFRS {one['ifrs']}"
            )
    for note in found["notes"]:
        print(f"note: {note}")


def _percent(value: float | None, status: str) -> str:
    return f"{100 * value:.2f} %" if value is not None else status or "-"


def _print_records(rows: list[dict[str, Any]], title: str) -> None:
    from supercycle.cli.render import records

    records(rows, title)
