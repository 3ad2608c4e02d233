"""Capex over revenue: the documents' table against the companies' filings, by company and fiscal year."""

from __future__ import annotations

from supercycle.claims.arithmetic import percent_of, same
from supercycle.claims.entry import Entry, Input, Reading
from supercycle.claims.inputs import claimed, printed
from supercycle.claims.of_row import of_row
from supercycle.figures.series import choose, readings

__all__ = ["YEARS", "entries", "filed"]

_DOCUMENT = "essay, AI CapEx vs AI Monetization, 2026"
YEARS = tuple(f"{year}FY" for year in range(2018, 2027))

# The fiscal year of each cell of the documents' table, found by comparing with filings (see docs/claims.md):
# revenue year, capex year, printed intensity in percent.
_TABLE = {
    "Amazon": ("2023FY", "2024FY", 13.0),
    "Microsoft": ("2024FY", "2024FY", 22.0),
    "Alphabet": ("2023FY", "2024FY", 17.0),
    "Meta": ("2023FY", "2024FY", 27.0),
    "Oracle": ("2024FY", "2023FY", 17.0),
}
# What the capex cell is: series, entity, basis of the test, how it was read. Cash paid where nothing is said.
_CAPEX: dict[str, tuple[str, str, str]] = {
    "Amazon": ("capex_guidance", "vintage", "Amazon's own guidance of 31 October 2024"),
    "Microsoft": ("capex_incl_finance_leases", "data", "cash plus finance leases, the company's own measure"),
}
_CAPEX_WHY = {
    "Amazon": "What the company expected for 2024 on 31 October 2024; 83.0 was spent (gross purchases).",
    "Microsoft": "Cash of 44.5 plus 11.6 of finance leases in fiscal 2024: the company's own measure.",
    "Alphabet": "52.5 in 2024; the revenue beside it is of 2023.",
    "Meta": "Cash paid in 2024; the revenue beside it is of 2023.",
    "Oracle": "Fiscal 2023; the revenue beside it is of fiscal 2024, when capex was 6.9.",
}
_REVENUE_WHY = {
    "Amazon": "Revenue of 2023.",
    "Microsoft": "Revenue of fiscal 2024.",
    "Alphabet": "Revenue of 2023.",
    "Meta": "134.9 in 2023.",
    "Oracle": "Revenue of fiscal 2024.",
}


def filed(firm: str, year: str) -> float | None:
    """Cash capex over revenue of a fiscal year in percent, as filed; None when one of them is not in the tables.

    >>> filed("Meta", "2024FY") == 100 * 37.256 / 164.501
    True
    """
    for series in ("capex_cash", "revenue"):
        if year not in {row.period.printed for row in readings(series, firm)}:
            return None
    capex, revenue = choose("capex_cash", firm, year).value, choose("revenue", firm, year).value
    return None if capex is None or not revenue else percent_of(capex, revenue)


def entries() -> tuple[Entry, ...]:
    """Every claim of this topic."""
    cells = tuple(entry for firm in _TABLE for entry in _firm(firm))
    return (*_ranges(), *cells)


def _firm(firm: str) -> tuple[Entry, ...]:
    revenue_year, capex_year, percent = _TABLE[firm]
    low = firm.lower()
    revenue = printed("value", "revenue", firm, revenue_year)
    series, basis, how = _CAPEX.get(firm, ("capex_cash", "data", "cash paid"))
    capex = printed("value", series, firm, capex_year)
    told = f"fiscal {revenue_year[:4]}; the table says 'about 2024'"
    own = tuple(
        Reading(
            f"filings, fiscal {year[:4]}",
            percent_of,
            (printed("part", "capex_cash", firm, year), printed("whole", "revenue", firm, year)),
            "percent",
        )
        for year in ("2023FY", "2024FY", "2025FY")
    )
    mixed = revenue_year != capex_year
    leases = (
        (
            Reading(
                "cash plus finance leases, fiscal 2024",
                percent_of,
                (
                    printed("part", "capex_incl_finance_leases", firm, "2024FY"),
                    printed("whole", "revenue", firm, "2024FY"),
                ),
                "percent",
            ),
        )
        if firm == "Microsoft"
        else ()
    )
    return (
        of_row(
            f"{low}_revenue",
            "data",
            _REVENUE_WHY[firm],
            digit=1,
            formula=same,
            inputs=(revenue,),
            reading=told,
        ),
        of_row(
            f"{low}_capex",
            basis,
            _CAPEX_WHY[firm],
            digit=1,
            formula=same,
            inputs=(capex,),
            reading=f"{how}, fiscal {capex_year[:4]}",
            readings=tuple(
                Reading(
                    f"cash paid, fiscal {year[:4]}",
                    same,
                    (printed("value", "capex_cash", firm, year),),
                    "USD_bn/year",
                )
                for year in ("2023FY", "2024FY", "2025FY")
            ),
        ),
        Entry(
            f"{low}_intensity",
            "intensity",
            f"{firm} capex as a share of revenue",
            "document",
            "about 2024",
            _DOCUMENT,
            percent,
            "percent",
            1,
            "inputs",
            ("The table divides two different years. " if mixed else "One fiscal year. ")
            + ("By its own measure 22.9 in fiscal 2024. " if firm == "Microsoft" else "")
            + "Filings of one year are shown beside.",
            (claimed("part", f"{low}_capex"), claimed("whole", f"{low}_revenue")),
            percent_of,
            "~",
            "the table's own two cells" + (", which are of different years" if mixed else ""),
            (*leases, *own),
            f"~{percent:g}%",
        ),
    )


def _ranges() -> tuple[Entry, ...]:
    cloud = (
        "No inputs, and no company publishes capex of its cloud alone. Nearest: the whole company in 2018, "
    )

    def inputs(firm: str) -> tuple[Input, ...]:
        return printed("part", "capex_cash", firm, "2018FY"), printed("whole", "revenue", firm, "2018FY")

    microsoft = Reading("Microsoft, fiscal 2018", percent_of, inputs("Microsoft"), "percent")

    def leader(firm: str, year: str) -> tuple[Input, ...]:
        return printed("part", "capex_cash", firm, year), printed("whole", "revenue", firm, year)

    wider = tuple(
        Reading(f"{firm}, fiscal {year[:4]}", percent_of, leader(firm, year), "percent")
        for firm, year in (
            ("Meta", "2025FY"),
            ("Amazon", "2025FY"),
            ("Microsoft", "2026FY"),
            ("Oracle", "2026FY"),
        )
    )
    leaders = (
        "Microsoft 22.9 and Alphabet 22.7 in fiscal 2025; Meta was at 34.7, and fiscal 2026 has Microsoft at 35, "
        "Oracle at 83."
    )
    saas = "No inputs, and no software company without a cloud is in the tables: nothing comparable."
    return (
        of_row(
            "leader_intensity_low",
            "data",
            leaders,
            digit=1,
            formula=percent_of,
            inputs=leader("Alphabet", "2025FY"),
            reading="cash paid, Alphabet, fiscal 2025",
            readings=wider,
        ),
        of_row(
            "leader_intensity_high",
            "data",
            leaders,
            digit=1,
            formula=percent_of,
            inputs=leader("Microsoft", "2025FY"),
            reading="cash paid, Microsoft, fiscal 2025",
            readings=wider,
        ),
        of_row("saas_capex_low", "assertion", saas, digit=1),
        of_row("saas_capex_high", "assertion", saas, digit=1),
        of_row(
            "cloud_capex_low",
            "assertion",
            cloud + "lowest of three (Amazon).",
            digit=1,
            formula=percent_of,
            inputs=inputs("Amazon"),
            readings=(microsoft,),
        ),
        of_row(
            "cloud_capex_high",
            "assertion",
            cloud + "highest of three (Alphabet).",
            digit=1,
            formula=percent_of,
            inputs=inputs("Alphabet"),
            readings=(microsoft,),
        ),
    )
