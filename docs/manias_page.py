"""Make the pictures and the numbers of docs/manias.md again, after a change of the world's equations or priors.

Run by hand (`python docs/manias_page.py`). Pictures are plain SVG: text in the history, no library. What stands
between `<!-- NAME -->` and `<!-- /NAME -->` is the record of that episode; the prose around it is to be checked.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from svg_chart import BLUE, GREY, RED, Chart

from supercycle.skill.manias import EPISODES, describe

PAGE = Path(__file__).resolve().with_name("manias.md")


def fan(found: dict[str, Any], title: str, top: float, step: float, name: str) -> None:
    """Fitted years, bands of the prediction, the outcome and the log-linear rival."""
    fitted = {int(year): value for year, value in found["fitted"].items()}
    years, last = found["years"], max(fitted)
    ahead = [last, *years]
    chart = Chart(title, found["unit"], (min(fitted), max(years)), (0.0, top))
    ticks = [i * step for i in range(int(top / step) + 1)]
    chart.axes([(year, str(year)) for year in range(min(fitted), max(years) + 1, 3)], ticks)

    def joined(values: list[float]) -> list[float]:
        return [fitted[last], *values]

    chart.band(ahead, joined(found["q05"]), joined(found["q95"]), 0.15)
    chart.band(ahead, joined(found["q25"]), joined(found["q75"]), 0.25)
    chart.line(ahead, joined(found["q50"]), BLUE)
    chart.line(years, found["rivals"]["log-linear"], GREY, "5 4")
    seen = fitted | {y: v for y, v in zip(years, found["actual"], strict=True) if v is not None}
    chart.line(list(seen), list(seen.values()), RED)
    chart.legend(
        [(RED, "", "what happened"), (BLUE, "", "mechanism, 50 and 90 %"), (GREY, "5 4", "log-linear")]
    )
    chart.save(name)


def record(name: str) -> str:
    """An episode's numbers and findings as markdown."""
    found = describe(name)
    lines = [
        f"Verdict: {found['verdict']}. Fitted: {found['fit_window']}; predicted: {found['predicted']}.",
        "",
    ]
    if found["checks"]:
        lines += ["| what | unit | median | 5 % to 95 % | was | |", "|---|---|--:|--:|--:|---|"]
        for row in found["checks"]:
            low, mid, high, was = (shown(row[key], row["unit"]) for key in ("q05", "q50", "q95", "actual"))
            outside = "" if row["inside_90"] else "**outside**"
            lines.append(f"| {row['what']} | {row['unit']} | {mid} | {low} to {high} | {was} | {outside} |")
        lines.append("")
    return "\n".join([*lines, *(f"- {text}" for text in found["statement"])])


def shown(value: float, unit: str) -> str:
    """A number in three digits, a year in four."""
    return f"{value:.0f}" if unit == "year" else f"{value:.3g}"


def fill() -> None:
    """Put every episode's record into the page."""
    from made_with import stamped

    text = PAGE.read_text(encoding="utf-8")
    for name in EPISODES:
        marks = f"<!-- {name} -->", f"<!-- /{name} -->"
        text, count = re.subn(
            f"{marks[0]}.*?{marks[1]}",
            lambda _, n=name, m=marks: f"{m[0]}\n{record(n)}\n{m[1]}",
            text,
            flags=re.DOTALL,
        )
        if count != 1:
            raise ValueError(f"{PAGE.name} has {count} places for {name}, expected one")
    PAGE.write_text(stamped(text), encoding="utf-8")
    print(f"wrote {PAGE.name}")


def main() -> None:
    """All pictures and numbers."""
    fill()
    telecom = describe("telecom")
    dated = telecom["readings"]["dated"]
    share, jobs = dated["investment_share"], dated["information_jobs"]
    fan(share, "Telecom: digital infrastructure investment, crash date given", 1.6, 0.4, "manias-share.svg")
    fan(
        telecom["readings"]["free"]["investment_share"],
        "Telecom: digital infrastructure investment, crash by its hazard", 2.0, 0.4, "manias-share-free.svg",
    )  # fmt: skip
    fan(
        dated["hy_default_rate"],
        "Telecom: high-yield defaults, crash date given",
        20,
        5,
        "manias-defaults.svg",
    )
    fan(jobs, "Telecom: information-sector jobs, crash date given", 5000, 1000, "manias-jobs.svg")
    fan(dated["ci_loans"], "Telecom: bank loans to business, crash date given", 2000, 500, "manias-loans.svg")

    rule = describe("high-yield")
    chart = Chart(
        "High yield: default rate and the issuance rule", "percent a year", (1997.7, 2003.3), (0, 14)
    )
    chart.axes([(year, str(year)) for year in rule["years"]], [0, 4, 8, 12])
    chart.line(rule["years"], rule["actual_rate"], RED)
    chart.line(rule["years"], rule["predicted_rate"], BLUE)
    chart.legend([(RED, "", "what happened"), (BLUE, "", "rule fitted on 1990-97")])
    chart.save("manias-high-yield.svg")

    shale = describe("shale")
    places = list(range(len(shale["quarters"])))
    rate = shale["trailing_rate"]
    chart = Chart("Shale: energy defaults over four quarters", "percent", (0, places[-1]), (0, 28))
    chart.axes([(i, q) for i, q in enumerate(shale["quarters"]) if q.endswith("Q1")], [0, 5, 10, 15, 20, 25])
    chart.band(places, rate["q05"], rate["q95"], 0.15)
    chart.band(places, rate["q25"], rate["q75"], 0.25)
    chart.line(places, rate["q50"], BLUE)
    seen = shale["observed"]
    chart.dots([shale["quarters"].index(q) for q in seen], list(seen.values()), RED)
    chart.legend([(RED, "", "what happened"), (BLUE, "", "mechanism, 50 and 90 %")])
    chart.save("manias-shale.svg")


if __name__ == "__main__":
    main()
