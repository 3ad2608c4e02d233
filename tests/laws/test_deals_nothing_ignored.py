# ruff: noqa: E501  (a deal on lines as they come)
"""Nothing that a file says is ignored: a changed key changes an output, moves a headroom that is shown, or is refused.

Leaves of every shipped deal (all of them in a soak), and of a deal that uses the keys the shipped ones do not, is changed by a sensible
amount. What may leave everything as it is, is on a list: it describes, or the result says that it does not bind.
"""

from __future__ import annotations

import copy
import datetime
import hashlib
import io
import json
import os
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from supercycle.core.errors import SupercycleError
from supercycle.deals.document.read import read_deal
from supercycle.deals.measures.distribution import distribution
from supercycle.deals.measures.lapse import non_renewal
from supercycle.deals.measures.report import result
from supercycle.deals.run import prepare, run
from supercycle.service.deal_files import examples
from supercycle.service.deal_world import references

# Keys that describe and do not run. Names are changed everywhere or nowhere, so that they are not tried one by one.
DESCRIBES = {
    "schema", "name", "title", "notes", "note", "source", "tier", "judgement", "rests_on", "kind", "money", "readings",
    "holder", "giver",
}  # fmt: skip
NAMES = {
    "asset",
    "contract",
    "payer",
    "of",
    "do",
    "what",
    "from",
    "type",
    "measure",
    "when",
    "accounting.contract",
}
PATHS = 30
TRIED = 30  # of the leaves of a file, drawn by the file itself


def parsed(text: str) -> Any:
    from ruamel.yaml import YAML

    yaml: Any = YAML(typ="safe")
    return yaml.load(text)


def dumped(content: Any) -> str:
    from ruamel.yaml import YAML

    stream, yaml = io.StringIO(), YAML(typ="safe")
    yaml.default_flow_style = False  # pyright: ignore[reportAttributeAccessIssue]
    yaml.dump(content, stream)  # pyright: ignore[reportUnknownMemberType]
    return stream.getvalue()


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in DESCRIBES and not (key in NAMES and isinstance(value, str | list)):
                yield from leaves(value, (*path, key))
    elif isinstance(node, list):
        for k, value in enumerate(node):
            yield from leaves(value, (*path, k))
    else:
        yield path, node


def changed(value: Any) -> list[Any]:
    """Sensible other values for a leaf: one of them must be seen."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value * 0.9 if isinstance(value, float) or value > 100 else value + 1, value * 1.1]
    if isinstance(value, datetime.date):
        return [value.replace(year=value.year + 1), value.replace(year=value.year - 1)]
    text = str(value)
    for sign in ("%", "bp", "x"):
        if text.endswith(sign):
            number = float(text.removesuffix(sign))
            return [f"{number * 0.8 if number else 1} {sign}", f"{number * 1.15 + 0.5} {sign}"]
    return {"advance": ["arrears"], "arrears": ["advance"], "closing": ["cash"], "completion": ["cash"],
            "term": ["daily_simple"], "daily_simple": ["term"], "daily_compounded": ["term", "daily_simple"],
            "backward": ["forward"], "forward": ["backward"], "senior": ["total"], "total": ["senior"],
            "30/360": ["ACT/365F"], "ACT/360": ["ACT/365F"], "adjusted": ["unadjusted"], "unadjusted": ["adjusted"],
            "following": ["preceding"]}.get(text, [])  # fmt: skip


def outcome(text: str, *, many: bool) -> str:
    """Everything that is shown of a deal, on one path or on some, as one digest."""
    deal = read_deal(text)
    still = {name: np.linspace(1, 1.4, deal.calendar.lay().count) for name in references(deal)}
    if not many:
        shown = [json.dumps(result(run(deal, still)), sort_keys=True, default=str)]
        shown.append(json.dumps(non_renewal(deal, dict(still)), default=str))
    else:
        found = run(prepare(deal, still, paths=PATHS, sizing=still))
        shown = [json.dumps(distribution(found), sort_keys=True, default=str)]
        shown += [
            hashlib.sha256(np.round(found[name], 9).tobytes()).hexdigest()
            for name in sorted(found.books.sides)
        ]
    return hashlib.sha256("\n".join(shown).encode()).hexdigest()


def named(content: Any, path: tuple[Any, ...]) -> str:
    """The path with names of blocks in place of their numbers, as ``not_binding`` writes it."""
    words, at = [], content
    for key in path:
        at = at[key]
        words.append(str(at.get("name", key)) if isinstance(key, int) and isinstance(at, dict) else str(key))
    return ".".join(word for word in words if word != "value" or word == words[0])


def ignored(text: str) -> list[str]:
    content = parsed(text)
    base = [outcome(dumped(content), many=many) for many in (False, True)]
    deal = read_deal(text)
    still = {name: np.linspace(1, 1.4, deal.calendar.lay().count) for name in references(deal)}
    told = result(run(deal, still))["not_binding"]
    found: list[str] = []
    every = list(leaves(content))
    if os.environ.get("HYPOTHESIS_PROFILE") != "soak" and len(every) > TRIED:
        every = random.Random(text).sample(every, TRIED)  # a soak tries all of them
    for path, value in every:
        seen, tried = False, 0
        for new in changed(value):
            other = copy.deepcopy(content)
            at = other
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = new
            tried += 1
            try:
                new_text = dumped(other)
                seen = any(outcome(new_text, many=bool(k)) != before for k, before in enumerate(base))
            except SupercycleError:
                seen = True  # refused
            if seen:
                break
        if tried and not seen and not any(named(content, path).startswith(key) for key in told):
            found.append(named(content, path))
    return found


@pytest.mark.parametrize("name", list(examples()))
def test_every_key_of_a_shipped_deal_is_seen(name: str) -> None:
    assert ignored(examples()[name]) == []


# Keys that the shipped deals do not use: dates and stubs, business days, rent dates, letting again, floating rates,
# fees, dates of interest and principal, on-demand debt, conditions, forward tests, both kinds of backstop.
RICH = """schema: supercycle.deal/2
name: rich
money: USD_m
calendar: {start: 2026-01-10, first: 2026-04-30, until: 2034-02-15, stub: short, months: 3, end_of_month: true,
  business_days: following, centres: [new_york], lag_days: 1, year_ends: 6}
cash_rate: 3 %
assets:
  - {name: hall, spend: {amounts: {2026-01-10: 300, 2026-05-20: 200}}, value: {curve: {2026-01-01: 500, 2029-01-31: 250}},
     volatility: 20 %}
  - {name: shed, spend: {spread: {total: 60, from: 2026-01-10, to: 2026-07-31}}, value: 40}
contracts:
  - {name: rent, kind: lease, asset: hall, start: 2026-06-10, ends: 2033-12-10, option_years: 1, options: 1, rent: 90,
     escalator: 2 %, pay_months: 6, pay: advance, pay_days: 5, opex: 6, opex_growth: 3 %, payer: tenant,
     paid_share: {curve: {2026-01-01: 1, 2031-01-31: 0.7}}}
  - {name: side, kind: lease, asset: shed, start: 2026-06-10, term_years: 2, option_years: 2, options: 2, renewed: 0,
     rent: 9, received_share: 90 %,
     relet: {empty_months: 9, rent: {ramp: {from: 2028-01-31, to: 2033-01-31, start: 8, end: 12}}, growth: 1 %, cost: 2}}
facilities:
  - {name: loan, kind: delayed_draw, amount: 320, draws: {amounts: {2026-01-10: 150, 2026-05-20: 120}},
     available_until: 2026-12-31, undrawn_fee: 50 bp, upfront_fee: 1 %, day_count: ACT/360, accrual: adjusted,
     rate: {base: sofr, reset: daily_compounded, margin: 225 bp, floor: 1 %, cap: 6.2 %, lookback_days: 5}, maturity: 2033-01-31,
     late_rate: 8 %, interest_months: 6, amortisation: {type: level_principal, from: 2027-01-31}}
  - {name: note, kind: abs_note, amount: 80, rate: {base: {curve: {2026-01-01: 3 %, 2028-06-30: 4 %}}, reset: term,
     margin: {curve: {2026-01-01: 2 %, 2030-01-31: 3 %}}}, maturity: 2033-10-31, senior: false, pik_until: 2026-10-31,
     deferrable: true, additional_rate: 5 %, amortisation: {type: ard, date: 2030-10-31}}
  - {name: line, kind: revolver, amount: 30, rate: 6 %, maturity: 2033-10-31, available_until: 2031-10-31,
     undrawn_fee: 40 bp, amortisation: {type: bullet}}
  - {name: pref, kind: preferred_equity, amount: 20, rate: 10 %, maturity: 2033-10-31, compounds: false,
     amortisation: {type: bullet}}
swaps:
  - {name: hedge, of: loan, share: 80 %, fixed: 4.2 %, from: 2026-07-31, until: 2032-07-31, floored: true}
  - {name: second, of: note, notional: {curve: {2026-04-30: 30, 2028-10-31: 20}}, charge: 12 bp, from: 2026-04-30}
support: {cap: {curve: {2026-01-10: 40, 2029-01-31: 15}}, until: 2031-10-31, costs: true}
reserves:
  - {name: dsra, months: 6, funded: completion}
  - {name: held, kind: trap}
tests:
  - {name: back, measure: dscr, window: 4, trap: 2.5x, default: 0.5x, cure: 2, from: 2027-07-31, until: 2032-01-31}
  - {name: ahead, measure: dscr, window: 4, side: forward, debt: total}
  - {name: value, measure: ltv, trap: 90 %, debt: total}
  - {name: yield, measure: debt_yield, window: 4}
  - {name: life, measure: llcr}
parties:
  - {name: tenant, default_probability: 3 %, correlation: 0.3, asset: hall, recovery_share: 20 %}
guarantees:
  - {name: back_rent, kind: backstop, giver: parent, contract: rent, until: 2032-10-31,
     cap: {ramp: {from: 2026-01-10, to: 2032-10-31, start: 60, end: 20}}, threshold: 80}
  - {name: back_service, kind: backstop, covers: service, giver: parent, until: 2033-01-31, cap: 25}
enforcement: {cost: 12 %, grace: 2, on_default: false, months_to_sell: 3}
waterfall:
  - {do: pay, what: interest, of: loan, from: [construction, dsra, line, back_service, owners]}
  - {do: pay, what: settlement, of: hedge, from: [construction, dsra, owners]}
  - {do: pay, what: principal, of: loan, from: [dsra, line]}
  - {do: pay, what: interest, of: note, from: construction}
  - {do: pay, what: settlement, of: second}
  - {do: pay, what: principal, of: note}
  - {do: pay, what: interest, of: line}
  - {do: pay, what: principal, of: line}
  - {do: fund, of: dsra}
  - {do: sweep, of: loan, share: 50 %, when: broken back}
  - {do: trap, of: held}
  - {do: release, of: dsra}
  - {do: release, of: held}
  - {do: sweep, of: line}
  - {do: sweep, of: note}
  - {do: pay, what: additional, of: note}
  - {do: pay, what: interest, of: pref}
  - {do: pay, what: principal, of: pref}
  - {do: distribute}
equity:
  - {name: one, share: 60 %}
  - {name: two, share: 40 %}
promote: {to: two, tiers: [{until_irr: 1 %, share: 5 %}, {until_irr: 3 %, share: 20 %}, {share: 30 %}]}
tax:
  rate: 21 %
  losses: carried
  carried_share: 50 %
  production_credit: {curve: {2026-01-10: 0.5, 2029-01-31: 0.2}}
  depreciation:
    - {asset: hall, method: straight_line, life_years: 12, share: 80 %, bonus: 10 %, credit: 4 %}
    - {asset: shed, method: macrs_7}
"""


def test_every_key_of_a_rich_deal_is_seen() -> None:
    assert ignored(RICH) == []


# Numbers that are one of several: each is seen on a deal that is locked for a year, late for a quarter and has an ARD.
CASED = """schema: supercycle.deal/2
name: cased
money: USD_m
calendar: {start: 2026-01-01, periods: 24, months: 3}
cash_rate: [{value: 4 %, when: locked}, 1 %]
assets: [{name: plant, spend: 800, value: [{value: 900, when: before 2027-01-01}, {value: 850, when: from 2030-01-01}, 800]}]
contracts:
  - {name: lease, kind: lease, asset: plant, start: 2026-04-01, term_years: 5.75,
     rent: [{curve: {2026-01-01: 100, 2027-01-01: 61}, when: before 2028-01-01}, {value: 40, when: before 2028-07-01}, 110],
     opex: [{value: 3, when: before 2027-01-01}, 2]}
facilities:
  - {name: loan, kind: abs_note, amount: 700, maturity: 2032-01-01, late_rate: [{value: 12 %, when: broken cover for 6}, 5 %],
     rate: {base: {curve: {2026-01-01: 5 %}}, reset: term, margin: [{value: 3.1 %, when: broken cover for 2}, 3 %]},
     amortisation: {type: ard, date: 2030-01-01}}
  - {name: more, kind: term, amount: 20, maturity: 2032-01-01, senior: false, amortisation: {type: bullet},
     rate: [{value: 6 %, when: not completed}, {value: 9 %, when: after ard of loan}, 7 %]}
reserves:
  - {name: held, kind: trap}
  - {name: kept, target: [{value: 30, when: broken cover for 3}, 10]}
tests:
  - {name: cover, measure: dscr, trap: [{value: 1.3, when: locked}, 1.1], default: [{value: 0.5, when: from 2029-01-01}, 0.6], cure: 1}
support: {cap: [{value: 2, when: before 2028-07-01}, 2.5], costs: false}
enforcement: {cost: 10 %, on_default: false}
waterfall:
  - {do: pay, what: interest, of: loan, from: [construction, held, owners]}
  - {do: pay, what: interest, of: more, from: construction}
  - {do: pay, what: principal, of: loan}
  - {do: pay, what: principal, of: more}
  - {do: fund, of: kept}
  - {do: sweep, of: loan}
  - {do: sweep, of: more, share: [{value: 20 %, when: not locked}, {value: 70 %, when: [before 2027-07-01, locked]}, 50 %]}
  - {do: trap, of: held}
  - {do: release, of: kept}
  - {do: release, of: held}
  - {do: distribute}
"""


def test_every_number_of_a_list_is_seen() -> None:
    assert ignored(CASED) == []


# What needs losses that are used at once.
TAX_EQUITY = """schema: supercycle.deal/2
name: shared
money: USD_m
calendar: {start: 2026-01-01, periods: 14, months: 6}
assets: [{name: plant, spend: 100}]
contracts: [{name: ppa, kind: lease, asset: plant, start: 2026-07-01, term_years: 6.5, rent: 16}]
facilities:
  - {name: loan, kind: term, amount: 40, rate: 5 %, maturity: 2032-01-01, amortisation: {type: level_payment, from: 2026-07-01}}
tax: {rate: 21 %, losses: used, depreciation: [{asset: plant, method: macrs_5, credit: 30 %}]}
tax_equity: {name: bank, amount: 36, on: 2026-07-01, tax_share: 90 %, cash_share: 20 %, flip_irr: 6 %, tax_share_after: 8 %,
  cash_share_after: 4 %}
waterfall:
  - {do: pay, what: interest, of: loan, from: construction}
  - {do: pay, what: principal, of: loan}
  - {do: distribute}
"""


@pytest.mark.parametrize("flip", ["flip_irr: 6 %", "flip_on: 2030-01-01"])
def test_every_key_of_tax_equity_is_seen(flip: str) -> None:
    assert ignored(TAX_EQUITY.replace("flip_irr: 6 %", flip)) == []
