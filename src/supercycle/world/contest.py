"""Contest: shares of AI revenue among the labs, by momentum, lead and news.

Every lab's part of AI revenue grows with its momentum (fading), its lead in months over open weights against the mean lead, and news; what one gains
the others and the clouds lose. Lead follows research compute relative to the largest budget; open weights close it, distillation shortens it.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, maximum, power, share, within
from supercycle.equations.spec import Axis
from supercycle.world.frame import Block, judged

__all__ = ["LAB", "block", "by_lab"]

block = Block("contest", "Contest of labs", "Shares of AI revenue among the labs.", mechanism="judged: shares follow leads and momentum against switching costs (a replicator); four labs' run rates of two years are all there is")

LAB = Axis("lab", ("OpenAI", "Anthropic", "xAI", "Google", "Meta", "Other labs"))


def by_lab(block: Block, id: str, label: str, unit: str, values: tuple[float, ...], meaning: str, reason: str, *, spread: float = 0.0, add: float = 0.0) -> None:
    """One judgement per lab; the range is a share of the value and an absolute part around it."""
    for lab, value in zip(LAB.members, values, strict=True):
        wide = abs(value) * spread + add
        block.param(f"{id}:{lab}", f"{label}, {lab}", unit, value, value - wide, value + wide, "triangular" if wide else "fixed", meaning, evidence="judgement",
                    reason=reason)
    block.family(id, LAB)


judged(block, "lab_share_open", "Labs' share of end-customer AI revenue", "1", 0.457, 0.43, 0.47, "triangular",
       "labs' direct sales over all end-customer revenue, on one date",
       "75-82 of 175 bn: labs' 105 bn run rate is August, gross and net mixed; 175 is June")
by_lab(block, "lab_weight_open", "Part of the labs' direct sales", "1", (0.42, 0.53, 0.01, 0.0, 0.0, 0.04), "June 2026, over the labs that sell for themselves",
        "between run rates on file: OpenAI 25-30 (spring) and 40 (13 August), Anthropic 47 (May) and 65 (31 July), both net and gross; xAI 0.7, Zhipu 1.6, Mistral 1.0")
by_lab(block, "lab_inside_open", "Part of AI revenue sold by a lab inside its parent", "1", (0.0, 0.0, 0.0, 0.09, 0.003, 0.0), "Google's Gemini and Meta's assistant over all end-customer revenue",
        "Google cloud AI and subscriptions near 15 of 175 bn; Meta's assistant is free", spread=0.3)
by_lab(block, "lab_sells", "The lab sells for itself", "1", (1.0, 1.0, 1.0, 0.0, 0.0, 1.0), "one for a lab with revenue and cash of its own", "Google's and Meta's labs are inside the parent's books")
by_lab(block, "lab_momentum_open", "Growth of the lab beyond the market at the opening", "1/q", (0.03, 0.3, 0.1, 0.0, 0.0, 0.0), "log growth a quarter",
        "run rates to mid-August: Anthropic 30 (April) to 65 (July) is 0.58-0.7 a quarter against 0.32 of the market, OpenAI 30 to 40 over a quarter and a half is 0.2-0.36", add=0.4)
judged(block, "lab_momentum_fade", "Fade of a lab's momentum", "1/q", 0.4, 0.2, 0.7, "lognormal", "rate", "leads in sales of 2023-26 lasted two to four quarters")
judged(block, "lab_news_sd", "News of a lab", "1", 0.19, 0.12, 0.26, "triangular", "standard deviation of the quarterly shock to a lab's part, logs", "parts of the two largest moved by 0.1-0.3 a quarter in 2025-26, most of it in one direction")
block.draw("lab_news_draw", "normal", "releases, outages, fashions", LAB)
judged(block, "lab_lead_pull", "Growth that a lead brings", "1/q", 0.12, 0.04, 0.24, "triangular", "log growth a quarter of a lab's part per year of lead over the mean",
       "11 % of teams switch by themselves in a quarter, and labs half a year apart differ by 0.05-0.1 a quarter in sales; switching costs hold the rest")
judged(block, "lab_lead_max_months", "Lead of the largest research budget over open weights", "month", 5.0, 3.0, 12.0, "lognormal", "months", "best open weights trail by 3 (to Oct 2025) and 4 months (2026), Chinese models by 7 (4-14)")
judged(block, "lab_lead_scale", "How the lead falls with research compute", "1", 0.5, 0.25, 1.0, "triangular", "power of compute relative to the largest", "xAI with a third of the leaders' compute is two to three months behind")
judged(block, "lab_lead_speed", "Speed at which leads follow compute", "1/q", 0.3, 0.15, 0.5, "triangular", "share of the gap closed a quarter", "a generation takes three to five quarters")
judged(block, "distillation", "Lead that followers buy back by distillation", "1", 0.2, 0.0, 0.6, "triangular", "share of the lead", "16 M exchanges by 24,000 accounts is one side's allegation: a lower bound on what followers do")


# the contest for revenue

@block.initial("1", axis=LAB, label="Lab's part of AI revenue at the opening")
def lab_part_open(lab_share_open, lab_weight_open, lab_weights_open, lab_inside_open):
    """Labs' direct sales by weight; labs inside a parent have theirs in the parent's."""
    return lab_share_open * lab_weight_open / lab_weights_open + lab_inside_open


@block.initial("1", axis=LAB)
def lab_weight_given(lab_weight_open):
    """The weights as given."""
    return lab_weight_open


block.total("lab_weights_open", of="lab_weight_given", unit="1", meaning="sum of the weights", opening=True)


@block.equation("month", axis=LAB, opening="lab_lead_open", label="Lead over open weights", report=True)
def lab_lead_months(lab_lead_months_prev, lab_lead_wanted_months, lab_lead_speed, one_quarter):
    """Follows the lead that research compute buys."""
    return lab_lead_months_prev + lab_lead_speed * one_quarter * (lab_lead_wanted_months - lab_lead_months_prev)


@block.initial("month", axis=LAB)
def lab_lead_open(lab_lead_wanted_months):
    """The lead that research compute bought at the opening."""
    return lab_lead_wanted_months


@block.equation("MH100e", axis=LAB, opening=lambda lab_rd_part_open, opening_training_mh100e, inside_labs, opening_in_house_mh100e, lab_sells: (
        lab_rd_part_open * opening_training_mh100e + (1 - lab_sells) * opening_in_house_mh100e / inside_labs), label="Research compute of the lab")
def lab_rd_mh100e(lab_rd_usd_bn_prev, book_price_prev, hours_per_quarter, usd_m_per_usd_bn, lab_sells, in_house_mh100e_prev, inside_labs):
    """Bought at contract prices, or the parent's in-house compute, half for each of the two."""
    return lab_rd_usd_bn_prev * usd_m_per_usd_bn / (book_price_prev * hours_per_quarter) + (1 - lab_sells) * in_house_mh100e_prev / inside_labs


judged(block, "inside_labs", "Labs inside their parents", "1", 2.0, 2.0, 2.0, "fixed", "count", "Google's and Meta's lab share in-house compute")
block.constant("months_per_year", 12.0, "month/year", "months in a year")


@block.equation("MH100e", opening=lambda lab_rd_mh100e__openai, lab_rd_mh100e__anthropic, lab_rd_mh100e__google: (
        maximum(lab_rd_mh100e__openai, maximum(lab_rd_mh100e__anthropic, lab_rd_mh100e__google))), label="Largest research compute")
def lab_rd_largest_mh100e(lab_rd_mh100e__openai, lab_rd_mh100e__anthropic, lab_rd_mh100e__google):
    """Of the three with the largest budgets."""
    return maximum(lab_rd_mh100e__openai, maximum(lab_rd_mh100e__anthropic, lab_rd_mh100e__google))


@block.equation("month", axis=LAB, opening=lambda lab_lead_max_months, lab_lead_scale, distillation, lab_rd_mh100e, lab_rd_largest_mh100e: (
        lab_lead_max_months * (1 - distillation) * power(within(lab_rd_mh100e / lab_rd_largest_mh100e, 0, 1), lab_lead_scale)), label="Lead that research compute buys")
def lab_lead_wanted_months(lab_lead_max_months, distillation, lab_rd_mh100e, lab_rd_largest_mh100e, lab_lead_scale):
    """The largest budget has the whole lead, others a power of their part; followers distil some of it back."""
    return lab_lead_max_months * (1 - distillation) * power(within(lab_rd_mh100e / lab_rd_largest_mh100e, 0, 1), lab_lead_scale)


@block.equation("month", axis=LAB, opening=lambda lab_part, lab_lead_months: lab_part * lab_lead_months)
def lab_lead_sold(lab_part_prev, lab_lead_months):
    """Lead weighted by sales."""
    return lab_part_prev * lab_lead_months


block.total("lab_lead_sum", of="lab_lead_sold", unit="month", meaning="leads weighted by sales")
block.total("lab_parts", of="lab_part", unit="1", meaning="all labs' part of AI revenue", opening=True)


@block.equation("1", axis=LAB, opening="lab_part_open", label="Weight of the lab in the contest")
def lab_raw_part(lab_part_prev, lab_news_sd, lab_news_draw, lab_momentum_open, lab_momentum_fade, t, lab_lead_pull, lab_lead_months, lab_lead_sum, lab_parts_prev, months_per_year, year_once,
                 one_quarter, lab_failed):
    """Last quarter's part, grown by momentum, by its lead in years over the mean and by news; a failed lab has none."""
    ahead = (lab_lead_months - share(lab_lead_sum, lab_parts_prev, 0)) / (months_per_year * year_once)
    return lab_part_prev * exp((lab_momentum_open * exp(-lab_momentum_fade * t) + lab_lead_pull * ahead) * one_quarter + lab_news_sd * lab_news_draw) * (1 - lab_failed)


block.total("lab_raw_parts", of="lab_raw_part", unit="1", meaning="sum of the weights of labs")


@block.equation("1", axis=LAB, opening="lab_part_open", label="Lab's part of AI revenue", report=True)
def lab_part(lab_raw_part, lab_raw_parts, lab_parts_prev):
    """Weights over all weights, that of the clouds and others included: parts add up to one with theirs."""
    return lab_raw_part / (lab_raw_parts + 1 - lab_parts_prev)


@block.equation("1", axis=LAB, opening=lambda lab_part_open, lab_sells: lab_part_open * lab_sells)
def lab_own_part(lab_part, lab_sells):
    """Of the labs that sell for themselves."""
    return lab_part * lab_sells


block.total("lab_share", of="lab_own_part", unit="1", meaning="labs' share of AI revenue", label="Labs' share of AI revenue", report=True, opening=True)


