"""A deal's result as tables: sources and uses, years, holders, losses, the lessee's side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supercycle.cli.render import number, records

__all__ = ["deal_tables", "size_tables"]

Body = Mapping[str, Any]
Rows = list[dict[str, Any]]
HURTING = 8
CONDITIONS = (
    ("paid_in_full", "paid in full"),
    ("paid_on_time", "and never in default"),
    ("paid_until_maturity", "not in default until maturity"),
)


def deal_tables(body: Body, *, agency: str = "all") -> None:
    """Everything a first look needs; the whole of it is in --json, --xlsx and --report."""
    if body["rests_on"]:
        print(f"rests on: {body['rests_on'].strip()}")
    for warning in body["warnings"]:
        print(f"warning: {warning}")
    _sources(body)
    _years(body)
    _holders(body)
    _breakeven(body)
    _lapse(body)
    _readings(body)
    _stressed(body)
    if body["distribution"]:
        _spread(body)
    if body["what_hurts"]:
        _hurts(body)
    if body["lessee"]:
        _lessee(body["lessee"], agency, body["money"])
    for one in body["guarantees"]:
        if one["debt_when_it_ends"] is not None:
            left = f"{number(one['debt_when_it_ends'])} ({_percent(one['share_of_debt'])} of the debt)"
            print(f"guarantee {one['name']} by {one['giver']} ends {one['until']} with {left} outstanding")
    if body["held_still"]:
        names = ", ".join(f"$world.{name}" for name in body["held_still"])
        print(f"no world was given: what moves with {names} stands still; --preset base moves it")
    for note in body["notes"]:
        print(f"note: {note}")


def size_tables(facilities: Mapping[str, Body]) -> None:
    """Each facility's commitment and its limits."""
    for name, sized in facilities.items():
        limits: Mapping[str, float] = sized["limits"] or {}
        rest = {k: v for k, v in sized.items() if k != "limits" and v is not None}
        rest |= {f"limit {k}": v for k, v in limits.items()}
        _table([{"facility": name, **_shown(rest)}], f"size of {name}")


def _sources(body: Body) -> None:
    start, money = body["construction"], body["money"]
    rows = [{"side": "source", "what": k, money: number(v)} for k, v in start["sources"].items()]
    rows += [{"side": "use", "what": k, money: number(v)} for k, v in start["uses"].items()]
    both = f"{number(start['total_sources'])} | {number(start['total_uses'])}"
    rows += [{"side": "total", "what": "sources | uses", money: both}]
    title = f"{body['title'] or body['name']}, {body['case']}: sources and uses until {start['until']}"
    _table(rows, title)


def _years(body: Body) -> None:
    years = body["years"]
    if all(year["state"] == years[0]["state"] for year in years):  # said below the holders
        years = [{k: v for k, v in year.items() if k != "state"} for year in years]
    _table([_shown(year) for year in years], f"by year of the payment dates (cash), {body['money']}")
    earned = f"by year in which it is earned (accrual, by days), {body['money']}"
    _table([_shown(year) for year in body["years_earned"]], earned)


def _readings(body: Body) -> None:
    """What other readings of the same documents give."""
    rows: Rows = []
    for one in body["readings"]:
        row: dict[str, Any] = {"reading": one["name"], "equity IRR": _percent(one["equity_irr"]),
                               "lenders lose": _percent(one["lenders_loss"])}  # fmt: skip
        row |= {f"if it ends {c['ends'][:4]}": _percent(c["lenders_loss"]) for c in one["if_not_renewed"]}
        rows.append(row)
    _table(rows, "readings of the same documents: what lenders lose, of what they lent")


def _stressed(body: Body) -> None:
    """Cover, leverage and yield with cash and value cut as agencies have been reported to cut them."""
    found = body["stress_table"]
    losses = {one["case"]: one for one in body["stress_losses"]}
    rows: Rows = [
        {"case": row["case"], "cash": f"-{row['cash_cut']:.0%}", "value": f"-{row['value_cut']:.0%}",
         "least DSCR": number(row["least_dscr"]), "mean DSCR": number(row["mean_dscr"]), "LTV": _percent(row["ltv"]),
         "debt yield": _percent(row["debt_yield"]),
         "lenders lose": _percent(losses[row["case"]]["lenders_loss"]),
         "cash cut before a loss": _percent(losses[row["case"]]["cash_cut_before_loss"]),
         "on whose word": f"tier {row['tier']}" if row["tier"] else "judgement" if row["judgement"] else ""}
        for row in found["rows"]
    ]  # fmt: skip
    _table(
        rows,
        f"cuts as reported of agencies, or judgement; LTV and yield in the year to {found['first_year_ends']}",
    )
    print(f"cash may fall {_percent(found['cash_cut_at_dscr_1'])} until the least yearly DSCR is 1, "
          f"value {_percent(found['value_cut_at_ltv_1'])} until debt is all of it")  # fmt: skip


def _shown(row: Body) -> dict[str, Any]:
    return {k: str(number(v) if isinstance(v, float) or v is None else v) for k, v in row.items()}


def _holders(body: Body) -> None:
    rows: Rows = []
    for name, one in body["tranches"].items():
        level = body["level_payment"][name]
        rows.append({
            "holder": name, "in": number(one["drawn"]), "out": number(one["interest"] + one["principal"]),
            "irr": _percent(one["irr"], one["irr_status"]), "moic": number(one["moic"]),
            "wal": number(one["wal_years"]),
            **{f"yield at {p}": _percent(y["yield"], y["status"]) for p, y in one["yield_at_price"].items()},
            "level service": number(level["service_a_year"]) if level else "-", "loss": _percent(one["loss_share"]),
        })  # fmt: skip
    own = body["equity"]
    blank = dict.fromkeys(rows[0], "-")
    rows.append({**blank, "holder": "equity", "in": number(own["contributed"]), "out": number(own["distributed"]),
                 "irr": _percent(own["irr"], own["irr_status"]), "moic": number(own["moic"])})  # fmt: skip
    said = ", ".join(f"{e['date']} {e['state']}" for e in body["events"])
    _table(rows, f"books close to {body['books_residual']:.0e}; states: {said}")


def _breakeven(body: Body) -> None:
    found, rows = body["break_even"], Rows()
    for what in ("price", "utilisation"):
        for condition, word in CONDITIONS:
            one = found[what][condition]
            if one["status"] == "no_compute_contract":
                continue
            rows.append({
                "what": what, "lenders are": word, "status": one["status"],
                "level": _percent(one["level"]) if one["level"] is not None else "-",
                "of": one["unit"], "loss just below": number(one.get("loss_just_below")),
            })  # fmt: skip
    _table(rows, "break-even, put back into the waterfall")


def _lapse(body: Body) -> None:
    rows: Rows = []
    for case in body["non_renewal"]:
        bare = case.get("holders_without_guarantor", {})
        for holder, one in case["holders"].items():
            rows.append({
                "lease ends": f"{case['ends']} (year {case['years']:g})", "value": number(case["value"]),
                "sale": number(case["sale"]), "guarantee": number(case["guarantee"]), "holder": holder,
                "loss": number(one["loss"]), "share": _percent(one["share"]),
                "guarantor fails": _percent(bare[holder]["share"]) if holder in bare else "-",
            })  # fmt: skip
    if rows:
        _table(rows, f"loss by holder if the lease is not renewed, {body['money']}")


def _spread(body: Body) -> None:
    spread = body["distribution"]
    rows: Rows = [
        {"tranche": name, "paths with a loss": _percent(one["share_of_paths_with_loss"]),
         "late": _percent(one["share_of_paths_late"]), "mean loss": _percent(one["loss_mean"]),
         "99th percentile": _percent(one["loss_q99"]), "worst 5 %, mean": _percent(one["loss_shortfall"])}
        for name, one in spread["tranches"].items()
    ]  # fmt: skip
    _table(rows, f"over {spread['paths']:,} paths; {_states(spread['states'])}")
    for name, one in spread["renewals"].items():
        shares = ", ".join(f"{k}: {_percent(s)}" for k, s in enumerate(one["share_of_paths"]))
        print(f"{name}: options exercised, share of paths: {shares}")
    for name, one in spread["guarantees"].items():
        said = f"{name} by {one['giver']} pays on {_percent(one['share_of_paths_paid'])} of paths"
        if one["paid_when_paid"] is not None:
            said += f", then {number(one['paid_when_paid'])} on average"
        if "share_of_paths_giver_fails" in one:
            said += f"; {one['giver']} fails on {_percent(one['share_of_paths_giver_fails'])} of all paths"
            said += f" and on {_percent(one['giver_fails_when_called'])} of those on which lenders sell"
        print(said)
    if body["world"]:
        world = body["world"]
        print(f"world: {world['kind']} {world['name']}, {world['paths']:,} paths, {world['paths_without_numbers']} "
              f"without numbers; {world['rule']} ({world['periods_before']} of {world['periods']} periods lie before, "
              f"{world['periods_after']} after)")  # fmt: skip


def _states(counts: Mapping[str, int]) -> str:
    return "worst state: " + ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def _hurts(body: Body) -> None:
    found = body["what_hurts"]
    if found["status"] not in ("ok", "within_noise"):
        print(f"what in the world hurts: {found['status'].replace('_', ' ')}")
        return
    rows: Rows = [
        {"world variable": row["label"], "worse when": row["worse_when"], "excess": number(row["excess"]),
         "rank correlation": f"{row['rank_correlation']:.2f}", "beyond noise": "yes" if row["beyond_noise"] else "no"}
        for row in found["variables"][:HURTING]
    ]  # fmt: skip
    _table(rows, f"what in the world hurts most: {found['harm']}, its mean {number(found['mean_harm'])}")


def _lessee(found: Body, agency: str, money: str) -> None:
    if "without_guarantee" not in found:
        print(f"lessee: {found['status']}")
        return
    for word in ("without_guarantee", "with_guarantee"):
        one = found[word]
        why = f" ({', '.join(one['met'])})" if one["met"] else ""
        print(f"lessee, {word.replace('_', ' ')} counted: US GAAP {one['us_gaap']}{why}, IFRS {one['ifrs']}")
    said = found["leverage"]["without_guarantee"]
    rows: Rows = [
        {"reading": one["label"], "while built": one["while_built"], "in operation": one["in_operation"],
         f"largest, {money}": number(one["largest"]), "debt/EBITDA before": number(one["debt_over_ebitda_before"]),
         "with it": number(one["debt_over_ebitda_at_largest"])}
        for name, one in said["readings"].items()
        if agency in ("all", name)
    ]  # fmt: skip
    _table(rows, f"added to the debt of {said['company'] or 'the lessee'}, by reading")
    if found["roic"]["views"]:
        views = ", ".join(
            f"{k.replace('_', ' ')} {_percent(v['roic_mean'])}" for k, v in found["roic"]["views"].items()
        )
        print(f"return on capital of the same asset: {views}")


def _percent(value: float | None, status: str = "") -> str:
    return f"{100 * value:.2f} %" if value is not None else status or "-"


def _table(rows: Rows, title: str) -> None:
    if rows:
        records(rows, title)
