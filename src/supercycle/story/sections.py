"""The report's sections in the order of the argument: capacity, spending, funding, revenue, return, losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from supercycle.figures.members import names
from supercycle.story.charts import Body, fan, lines, shares, stack, vintages

__all__ = ["SECTIONS", "section_of", "sections"]

FIRMS = names("firm")
READINGS = {
    "ai_revenue_run_rate": "AI revenue",
    "required_perpetuity": "10 % for ever",
    "required_recovery": "capital recovery",
    "required_sequoia": "Sequoia's steps",
    "required_user_cost": "user cost",
}
CLASSES = {
    "chip_spend_usd_bn": "chips, servers",
    "shell_spend_usd_bn": "shells, cooling",
    "power_spend_usd_bn": "power",
}
PRICES = {
    "spot_price": "spot",
    "contract_price": "new contract",
    "book_price": "contract book",
    "breakeven_price": "break-even",
}
USES = {"inference_mh100e": "for customers", "training_mh100e": "training", "captive_mh100e": "captive"}
GENERATIONS = ("2027", "2028", "2029", "2030")
LADDER = {
    "ladder_cash": "after cash costs",
    "ladder_depreciation": "after depreciation",
    "ladder_interest": "after interest",
    "ladder_tax": "after tax",
}
_QUARTERS = ("Q1", "Q2", "Q3", "Q4")
INTENSITY_BANDS = [
    {"label": "software as a service, 3-6 %", "low": 0.03, "high": 0.06},
    {"label": "early cloud, 10-15 %", "low": 0.10, "high": 0.15},
]


def sections(body: Body) -> list[dict[str, Any]]:
    """All sections with the charts the run can draw; a section without any is left out."""
    return [section for id in SECTIONS if (section := section_of(id, body)) is not None]


def section_of(id: str, body: Body) -> dict[str, Any] | None:
    """One section with the charts the run can draw; None when there is none."""
    made = SECTIONS[id](body)
    made["charts"] = [chart for chart in made["charts"] if chart is not None]
    return made if made["charts"] else None


def _capacity(body: Body) -> dict[str, Any]:
    binds = {
        "binds_power": "power",
        "binds_shells": "shells",
        "binds_slots": "slots foreseen",
        "binds_chips": "chip supply",
        "binds_demand": "demand or funding",
    }
    return {
        "id": "capacity",
        "title": "Capacity: what gets switched on, and what stops more",
        "lead": "Chips, shells and power meet in energised capacity; the least of the three binds. Pipelines "
        "opened before 2026 decide the "
        "first two years almost alone.",
        "charts": [
            fan(
                body,
                "fleet",
                "AI power energised, IT",
                "fleet_it_gw",
                note="IT gigawatts; facility power is 1.1-1.35 times as much.",
            ),
            shares(
                body,
                "binding",
                "What binds",
                list(binds),
                binds,
                "Share of paths in which each constraint is the least in the quarter.",
            ),
            fan(body, "additions", "Additions energised", "energised_it_gw"),
            lines(
                body,
                "orders",
                "Orders against additions",
                ["chip_orders", "shell_starts", "energised_it_gw", "retired_it_gw"],
            ),
        ],
    }


def _need_in_2030(body: Body) -> str:
    """J.P. Morgan's 1,400 bn for 2030 beside this run's, and why they differ."""
    found = body["outputs"].get("world_ai_capex_usd_bn")
    places = [i for i, q in enumerate(found["quarters"]) if q.startswith("2030")] if found else []
    if found is None or len(places) != len(_QUARTERS):
        return ""
    middle, high = (sum(found[level][i] for i in places) for level in ("q50", "q95"))
    return (
        " J.P. Morgan puts the need of 2030 at 1,400 bn; here it is about "
        f"{round(middle, -1):,.0f} (95 % of paths below about {round(high, -1):,.0f}): that study counts "
        "every new data centre, this run the AI build, whose orders follow what revenue and owners' "
        "budgets can carry at the required return."
    )


def _spending(body: Body) -> dict[str, Any]:
    return {
        "id": "capex",
        "title": "Spending: by class and by firm",
        "lead": "Chips are paid on delivery, shells and power over their lead. Cash capex of the five "
        "hyperscalers includes about 45 bn a quarter that is not AI; leases are apart." + _need_in_2030(body),
        "charts": [
            stack(
                body,
                "classes",
                "World AI capex by class",
                list(CLASSES),
                labels=CLASSES,
            ),
            fan(body, "five", "Cash capex of the five", "five_firm_capex_usd_bn"),
            stack(body, "firms", "Cash capex by firm", [f"firm_capex_usd_bn:{f}" for f in FIRMS]),
            lines(
                body,
                "intensity",
                "Capex over revenue",
                [f"firm_capex_intensity:{f}" for f in FIRMS],
                bands=INTENSITY_BANDS,
                format="percent",
            ),
        ],
    }


def _funding(body: Body) -> dict[str, Any]:
    channels = [
        "ig_bonds_usd_bn",
        "bank_loans_usd_bn",
        "spv_notes_out_usd_bn",
        "abs_cmbs_usd_bn",
        "private_credit_ai_usd_bn",
        "high_yield_usd_bn",
        "vendor_loans_usd_bn",
    ]
    walls = [
        "ig_maturing_usd_bn",
        "spv_bank_repay_usd_bn",
        "spv_note_repay_usd_bn",
        "spv_abs_repay_usd_bn",
        "pc_maturing_usd_bn",
        "neocloud_bond_repay_usd_bn",
        "neocloud_vendor_repay_usd_bn",
    ]
    return {
        "id": "funding",
        "title": "Funding: who lends",
        "lead": "Each borrower is funded for itself: cash flow first, then bonds up to leverage and index "
        "room, leases, private credit, "
        "securitisation, banks. What is not funded is not ordered.",
        "charts": [
            stack(body, "channels", "AI debt by channel", channels),
            lines(body, "fcf", "Free cash flow by firm", [f"firm_fcf_usd_bn:{f}" for f in FIRMS]),
            fan(
                body,
                "index",
                "AI share of the investment-grade index",
                "ai_index_share",
                format="percent",
                lines=[{"label": "20 %", "value": 0.2}],
            ),
            fan(body, "funded", "Share of plans that was funded", "funded_share", format="percent"),
            lines(
                body,
                "perimeters",
                "AI debt, two perimeters",
                ["ai_debt_usd_bn", "ai_debt_wide_usd_bn"],
                note="The narrow one is the five, neoclouds and vehicles; the wide one adds all bonds of the other "
                "AI-linked names of the investment-grade index. Issuers outside the index (SoftBank, xAI's parent, "
                "colocation) are in neither.",
            ),
            fan(body, "wall", "AI debt falling due", "maturing_usd_bn"),
            stack(body, "walls", "AI debt falling due, by channel", walls),
            lines(
                body,
                "leverage",
                "Debt over cash profit, looking through vehicles",
                [f"firm_leverage_look_through:{f}" for f in FIRMS],
                note="Years of cash profit. Reported leverage leaves the vehicles out; "
                "`firm_leverage_contracted` adds leases signed and not begun.",
            ),
        ],
    }


def _revenue(body: Body) -> dict[str, Any]:
    readings = [
        "ai_revenue_run_rate",
        "required_perpetuity",
        "required_recovery",
        "required_sequoia",
        "required_user_cost",
    ]
    return {
        "id": "revenue",
        "title": "Revenue: earned and required",
        "lead": "End-customer revenue with layers eliminated against four readings of what would be needed: "
        "10 % for ever on capital spent, "
        "capital recovery with separate lives, Sequoia's steps on chip spending, and the user cost of the fleet.",
        "charts": [
            fan(body, "revenue", "AI revenue, run rate", "ai_revenue_run_rate"),
            lines(
                body,
                "required",
                "AI revenue against required revenue",
                readings,
                labels=READINGS,
                note="The readings differ because perpetuity never returns capital, recovery does within "
                "5 and 14 years, Sequoia's steps take one "
                "year's chips times four, and user cost asks for today's replacement cost over the "
                "compute share of revenue.",
            ),
            lines(
                body,
                "prices",
                "Price of compute",
                list(PRICES),
                labels=PRICES,
            ),
            fan(body, "utilisation", "Utilisation", "utilisation", format="percent"),
            lines(
                body,
                "use",
                "Compute in use, by purpose",
                list(USES),
                labels=USES,
            ),
            lines(
                body,
                "labs",
                "Labs: profit, training and equity raised",
                ["lab_profit_usd_bn", "training_usd_bn", "lab_equity_raised_usd_bn"],
                labels={
                    "lab_profit_usd_bn": "profit",
                    "training_usd_bn": "training",
                    "lab_equity_raised_usd_bn": "equity",
                },
            ),
            lines(
                body,
                "ventures",
                "Cash of each model generation",
                [f"venture_cash_usd_bn:{year}" for year in GENERATIONS],
                labels={f"venture_cash_usd_bn:{year}": f"released {year}" for year in GENERATIONS},
                note="A generation is trained in the year before its release: each venture may pay while "
                "the company, which always trains the next one, loses.",
            ),
            lines(
                body,
                "ladder",
                "Margin ladder of AI at the five",
                list(LADDER),
                labels=LADDER,
                format="percent",
                note="Over AI revenue from outside; depreciation and interest are those of all AI assets and "
                "all debt, own use included, so the lower rungs are negative while half of the fleet works "
                "for its owners.",
            ),
        ],
    }


def _returns(body: Body) -> dict[str, Any]:
    names = {
        "vintage_irr_external": "outside cash only",
        "vintage_irr_imputed": "with captive use at contract price",
    }
    return {
        "id": "returns",
        "title": "Does it pay? Realised return by build vintage",
        "lead": "Internal rate of return of chips and facility, by the year they were switched on. The two "
        "readings differ by exactly the "
        "captive transfer: the owners' own use valued at the contract price.",
        "charts": [
            vintages(
                body,
                "irr",
                "Realised return by vintage",
                names,
                "What is left in 2035 is taken at resale value and straight line.",
            )
        ],
    }


def _stranded(body: Body) -> dict[str, Any]:
    return {
        "id": "stranded",
        "title": "Dark and stranded capacity",
        "lead": "Dark: paid for and not switched on. Stranded: energised beyond what target utilisation needs.",
        "charts": [
            fan(body, "dark", "Dark stock", "dark_it_gw"),
            fan(body, "stranded", "Stranded capacity", "stranded_it_gw"),
            fan(body, "writeoffs", "Write-offs of AI assets", "write_off_usd_bn"),
        ],
    }


def _losses(body: Body) -> dict[str, Any]:
    holders = [
        "fund_loss_usd_bn",
        "insurer_pension_loss_usd_bn",
        "abs_loss_usd_bn",
        "foreign_loss_usd_bn",
        "bank_loss_usd_bn",
        "pc_loss_usd_bn",
        "vendor_loss_usd_bn",
        "equity_loss_usd_bn",
    ]
    present = [key for key in holders if key in body["outputs"]]
    means = [
        {
            "key": None,
            "label": body["outputs"][key]["label"].removeprefix("Losses of "),
            "values": body["outputs"][key]["mean"],
            "mean": key,
        }
        for key in present
    ]
    chart = (
        {
            "id": "holders",
            "title": "Claims written off by final holder, mean over paths",
            "kind": "stack",
            "unit": "USD_bn/q",
            "series": means,
            "x": body["outputs"][present[0]]["quarters"],
            "source": "supercycle credit; means over paths",
            "note": "Means, because losses are zero or small on most paths and large on a few. "
            "The fall of listed shares is not in it: it is the chart beside.",
        }
        if present
        else None
    )
    return {
        "id": "losses",
        "title": "Losses: where they land",
        "lead": "Shareholders lose first and by far the most; what creditors write off comes after them, by holder. "
        "Hyperscalers' bonds lose little; loans on chips, vehicles and labs carry the risk.",
        "charts": [
            fan(
                body,
                "wealth",
                "Share wealth lost",
                "wealth_lost_usd_bn",
                note="The fall of the AI part of share values from their peak, on paths with a bust so far.",
            ),
            chart,
            fan(body, "credit", "Credit losses", "credit_loss_usd_bn"),
            fan(body, "cover", "Neoclouds' cash flow over debt service", "neocloud_cover"),
        ],
    }


def _economy(body: Body) -> dict[str, Any]:
    return {
        "id": "economy",
        "title": "The economy: contribution and bust",
        "lead": "What AI capex adds to US growth net of imports, and the odds and cost of a bust by channel: "
        "reallocation or credit crunch.",
        "charts": [
            fan(
                body,
                "gdp",
                "Contribution to US growth, net of imports",
                "gdp_contribution_net",
                format="percent",
            ),
            shares(
                body,
                "bust",
                "Paths with a bust so far",
                ["busted"],
                {"busted": "bust has happened"},
                "Cumulative share of paths.",
                rest="none so far",
            ),
            lines(
                body,
                "output",
                "Output loss by channel, median",
                ["output_loss_reallocation", "output_loss_crunch", "output_loss_wealth"],
                format="percent",
            ),
            fan(body, "hurdle", "Required return on new capacity", "hurdle_rate", format="percent"),
        ],
    }


SECTIONS: dict[str, Callable[[Body], dict[str, Any]]] = {
    "capacity": _capacity,
    "capex": _spending,
    "funding": _funding,
    "revenue": _revenue,
    "returns": _returns,
    "stranded": _stranded,
    "losses": _losses,
    "economy": _economy,
}
