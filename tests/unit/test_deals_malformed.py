# ruff: noqa: E501  (lines of files, as a user would write them)
"""Files with a slip of the pen are refused with the file and the line, in one sentence, and never with a traceback."""

from __future__ import annotations

import random
import re

import pytest

from supercycle.core.errors import SupercycleError
from supercycle.deals.document.read import read_deal
from supercycle.deals.run import run
from supercycle.service.deal_files import examples

# (what is found in a file, what the slip makes of it); each is tried on every shipped deal that has it.
SLIPS: list[tuple[str, str, str]] = [
    ("decimal comma in a rate", r"rate: \{value: (\d+)\.?(\d*) %", r"rate: {value: '\1,5 %'"),
    ("comma of thousands", r"amount: \{value: (\d)(\d+)", r"amount: {value: '\1,\2'"),
    ("rate without its sign", r"rate: \{value: ([\d.]+) %", r"rate: {value: \1"),
    ("700 % rate", r"rate: \{value: ([\d.]+) %", r"rate: {value: 700 %"),
    ("negative rate", r"rate: \{value: ([\d.]+) %", r"rate: {value: -\1 %"),
    ("negative amount", r"amount: \{value: (\d+)", r"amount: {value: -\1"),
    ("amount in words", r"amount: \{value: (\d+)", r"amount: {value: many"),
    ("amount too large", r"amount: \{value: (\d+)", r"amount: {value: 7e300"),
    ("amount as a share", r"amount: \{value: (\d+)", r"amount: {value: 50 %"),
    ("infinite amount", r"amount: \{value: (\d+)", r"amount: {value: .inf"),
    ("negative rent", r"rent: \{value: (\d+)", r"rent: {value: -\1"),
    ("rent in percent", r"rent: \{value: (\d+)", r"rent: {value: 120 %"),
    ("30 February", r"maturity: (\d{4})-\d\d-\d\d", r"maturity: \1-02-30"),
    ("maturity between payment dates", r"maturity: (\d{4})-(\d\d)-01", r"maturity: \1-\2-13"),
    ("maturity in words", r"maturity: \d{4}-\d\d-\d\d", "maturity: soon"),
    ("maturity before closing", r"maturity: \d{4}-\d\d-\d\d", "maturity: 1999-01-01"),
    ("maturity after the calendar", r"maturity: \d{4}-\d\d-\d\d", "maturity: 2199-01-01"),
    ("year 9999", r"start: (\d{4})-(\d\d-\d\d), (periods|until)", r"start: 9999-\2, \3"),
    ("13th month", r"start: (\d{4})-\d\d-(\d\d), (periods|until)", r"start: \1-13-\2, \3"),
    ("five months a period", r"months: (3|6|12)\}", "months: 5}"),
    ("no periods", r"periods: \d+", "periods: 0"),
    ("negative periods", r"periods: \d+", "periods: -4"),
    ("term of 9.9 years", r"term_years: (\{value: )?\d+", r"term_years: \g<1>9.9"),
    ("term in words", r"term_years: (\{value: )?\d+", r"term_years: \g<1>ten"),
    ("unknown kind", r"kind: (term|delayed_draw|abs_note)", "kind: lone"),
    ("unknown key", r"day_count:", "day_cuont:"),
    ("unknown day count", r"day_count: (ACT/360|30/360)", "day_count: 31/360"),
    ("unknown step", r"do: distribute", "do: distribut"),
    ("unknown account", r"do: release, of: held", "do: release, of: hold"),
    ("unknown measure", r"measure: dscr", "measure: dcsr"),
    ("level of another measure", r"trap: 1\.\d+", "trap: 110"),
    ("level in percent of a percent", r"trap: 1\.\d+", "trap: 1 bp"),
    ("upfront fee without its sign", r"upfront_fee: \{value: [\d.]+ %", "upfront_fee: {value: 2"),
    ("volatility without its sign", r"volatility: \{value: [\d.]+ %", "volatility: {value: 15"),
    ("probability above one", r"renewal_probability: \{value: [\d.]+ %", "renewal_probability: {value: 90"),
    ("escalator without its sign", r"escalator: \{value: [\d.]+ %", "escalator: {value: 3"),
    ("waterfall without distribute", r"\n  - \{do: distribute\}", ""),
    ("a step twice", r"(\n  - \{do: pay, what: interest[^\n]*)", r"\1\1"),
    ("a tab", r"\nfacilities:", "\nfacilities:\n\t- x"),
    ("an open bracket", r"\nwaterfall:", "\nwaterfall: ["),
    ("an empty file", r"(?s)^.*$", ""),
    ("a list for a file", r"(?s)^.*$", "- a\n- b\n"),
    ("another schema", r"supercycle.deal/2", "supercycle.deal/7"),
    ("the first schema", r"supercycle.deal/2", "supercycle.deal/1"),
    ("a schedule above the loan", r"amortisation: \{type: (bullet|level_payment)\}", "amortisation: {type: schedule, payments: {amounts: {MATURITY: 1e9}}}"),
    ("a text for a flag", r"on_default: false", "on_default: perhaps"),
    ("share above one", r"received_share: \{value: 80 %", "received_share: {value: 130 %"),
    ("a reference in a circle", r"amount: \{value: (\d+)", r"amount: {value: $deal.facilities.NAME.amount"),
    ("a block for a list", r"\ntests:\n", "\ntests: {a: 1}\nnote:\n"),
    ("a swap of a fixed loan", r"(\nreserves:)", r"\nswaps: [{name: sw, of: nobody, share: 50 %, fixed: 4 %}]\1"),
    ("a swap without a notional", r"(\nreserves:)", r"\nswaps: [{name: sw, of: NAME, fixed: 4 %}]\1"),
    ("a swap rate without its sign", r"fixed: \{value: ([\d.]+) %", r"fixed: {value: \1"),
    ("tax without its sign", r"(\nreserves:)", r"\ntax: {rate: 21, losses: used}\1"),
    ("depreciation of nothing", r"(\nreserves:)", r"\ntax: {rate: 21 %, losses: used, depreciation: [{asset: moon, method: macrs_5}]}\1"),
    ("promote to nobody", r"(\nreserves:)", r"\npromote: {to: nobody, tiers: [{share: 10 %}]}\1"),
    ("support without a cap", r"(\nreserves:)", r"\nsupport: {costs: true}\1"),
    ("a negative lookback", r"reset: (\w+)", r"reset: daily_simple, lookback_days: -3"),
    ("a dot in a name", r"facilities:\n  - name: (\S+)", r"facilities:\n  - name: a.\1"),
    ("dates out of order", r"spread: \{total: (\d+), from: ([\d-]+), to: ([\d-]+)\}", r"spread: {total: \1, from: \3, to: \2}"),
]  # fmt: skip


def files() -> list[tuple[str, str, str]]:
    """(slip, deal, text) of every slip on every shipped deal on which it can be made, at each place in turn."""
    made: list[tuple[str, str, str]] = []
    for slip, pattern, into in SLIPS:
        for name, text in examples().items():
            facility = re.search(r"facilities:\n  - name: (\S+)", text)
            maturity = re.search(r"maturity: (\S+)", text)
            new = into.replace("NAME", facility[1] if facility else "").replace(
                "MATURITY", maturity[1] if maturity else ""
            )
            places = list(re.finditer(pattern, text))
            for place in places[: 1 if slip == "a reference in a circle" else 3]:
                made.append((slip, name, text[: place.start()] + place.expand(new) + text[place.end() :]))
    return made


def test_two_hundred_malformed_files_are_refused_with_file_and_line() -> None:
    made = files()
    assert len(made) >= 200
    assert len({slip for slip, _, _ in made}) >= 40
    accepted: list[tuple[str, str]] = []
    unplaced: list[str] = []
    for slip, name, text in made:
        try:
            deal = read_deal(text, origin="bad.yaml")
            run(deal, {name: [1.0] * deal.calendar.lay().count for name in ("contract_price", "utilisation")})
        except SupercycleError as error:
            if not re.match(r"bad\.yaml:\d+: ", str(error)) or "\n" in str(error):
                unplaced.append(f"{slip} in {name}: {error}")
        else:
            accepted.append((slip, name))
    assert accepted == []
    assert unplaced == []


@pytest.mark.parametrize("seed", range(4))
def test_lines_that_are_lost_or_swapped_never_give_a_traceback(seed: int) -> None:
    """A hundred damaged files each: read and run, or refused in words."""
    draw = random.Random(seed)
    for _ in range(25):
        for text in examples().values():
            lines = text.splitlines()
            at = draw.randrange(len(lines))
            how = draw.randrange(4)
            if how == 0:
                del lines[at]
            elif how == 1:
                other = draw.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            elif how == 2:
                lines[at] = lines[at][: draw.randrange(len(lines[at]) + 1)]
            else:
                lines[at] = lines[at].replace(":", draw.choice(["", " :", ":: "]), 1)
            try:
                read_deal("\n".join(lines), origin="bad.yaml")
            except SupercycleError as error:
                told = str(error)
            else:
                told = ""
            assert "defect" not in told
