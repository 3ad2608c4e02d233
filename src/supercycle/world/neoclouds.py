"""Neoclouds as a class of borrowers: who runs out of cash, what stands idle, who stops building.

Borrowers differ by a lognormal cover (cash flow over the debt service that nobody rolls over). A borrower defaults when a year of
thin cover has used up its reserve, or when a covenant is broken and not cured. In every quarter a part of the class draws a new
cover (a contract lost, a loan refinanced) and meets that point at the usual rate; when the cover of the whole class falls, the
point sweeps over borrowers who had not failed before: a burst, then depletion. A defaulted borrower stops building, its halls stand
idle until they are sold, and the buyers' money goes to its lenders.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, log, minimum, positive, power, share, where, within
from supercycle.world.frame import Block, judged, measured, zero

__all__ = ["block"]

block = Block("neoclouds", "Neoclouds", "A class of borrowers: who runs out of cash, what stands idle, who builds.", mechanism="judged: a class of borrowers with a spread of covers; the shape of the spread is not observed")

measured(block, "normal_linear", "Normal distribution, first term", "1", 1.5976, "logistic form of the normal distribution", "Page 1977, error 1.4e-4", evidence="published")
measured(block, "normal_cubic", "Normal distribution, cubic term", "1", 0.07056, "logistic form of the normal distribution", "Page 1977, error 1.4e-4", evidence="published")

judged(block, "least_cover", "Smallest cover that counts", "1", 0.02, 0.005, 0.1, "fixed", "floor", "logs are taken of it; a borrower at 0.02 has failed for every purpose")
judged(block, "most_cover", "Largest cover that counts", "1", 3.0, 2.0, 5.0, "fixed", "ceiling", "beyond three a good quarter says no more about the next")

judged(block, "cover_target", "Cover at which lenders size debt", "1", 1.4, 1.2, 1.6, "triangular", "cash flow over debt service that is not rolled",
       "loans are sized at 1.15-1.4 on contracted cash (IREN's facility tests 1.05); the class earns more on what is not contracted")
judged(block, "cover_spread", "Spread of cover inside the class", "1", 0.6, 0.45, 0.7, "triangular", "standard deviation of log cover",
       "covers of public names differ by 30-60 %; moved from 0.55 to 0.60 so that the calm class defaults at 2 % a year or more")
judged(block, "reserve_q", "Reserve accounts in quarters of debt service", "q", 1.0, 0.5, 2.0, "triangular", "cash that service can use", "reserves of one or two quarters are usual")
judged(block, "cash_memory_q", "Quarters of thin cover that empty a borrower", "q", 4.0, 3.0, 6.0, "triangular", "averaging window of cover",
       "Core Scientific filed 2.7 months after it stopped paying, Compute North seven months after its last raise; a year of thin cover before that")
judged(block, "covenant_cover", "Cover that covenants ask for", "1", 1.15, 1.05, 1.3, "triangular", "lenders advance only above it", "DSCR tests of 1.05 to 1.3")
judged(block, "young_share", "Part of the class whose debt is young", "1", 0.6, 0.45, 0.75, "triangular", "borrowers who have not yet built up cover by repaying",
       "CoreWeave's debt rose from 8.0 to 24.9 bn in five quarters")
judged(block, "migration_q", "Quarters between two draws of a borrower's cover", "q", 8.0, 5.0, 12.0, "triangular", "mean time", "a contract renewed, a loan refinanced every two years or so")
judged(block, "cure_share", "Broken covenants that owners cure in calm times", "1", 0.45, 0.3, 0.6, "triangular", "share of borrowers at the point of default",
       "sponsors inject equity in about half of the cases; moved from 0.5 with the base default rate in view")
judged(block, "cost_lag_q", "Quarters in which rents and staff follow revenue", "q", 4.0, 3.0, 6.0, "triangular", "mean lag", "hall rents are fixed for years, staff can be cut within one")
judged(block, "hall_sale_q", "Quarters until an idle hall is sold", "q", 4.0, 2.0, 6.0, "triangular", "mean time", "Core Scientific left court after 13 months, Compute North sold its sites within five")
judged(block, "relever_q", "Quarters in which owners take surplus cover out", "q", 4.0, 3.0, 8.0, "triangular", "mean time", "refinancing and dividend loans within a year or two")
judged(block, "anchored_share", "Debt of projects with one tenant and no other payer", "1", 0.5, 0.3, 0.7, "triangular", "share of the class's debt",
       "Applied Digital, TeraWulf, Cipher, IREN and Hut 8 borrow by project (figures borrowers); CoreWeave's delayed-draw loans are by contract with the parent behind them")
judged(block, "neocloud_let_open", "Halls let at the opening", "1", 0.97, 0.93, 0.99, "triangular", "share of the class's capacity under contract",
       "vacancy of primary markets is below 2 % (CBRE, JLL 2026); rented GPUs a little more")
judged(block, "neocloud_contract_q", "Mean length of neoclouds' contracts", "q", 16.0, 12.0, 24.0, "triangular", "quarters", "four to six years with anchor tenants, months for the rest")
judged(block, "relet_q", "Quarters to let a hall again in a tight market", "q", 3.0, 2.0, 4.0, "triangular", "mean time", "two to four quarters in a tight market, eight to fourteen in a glut")
judged(block, "relet_power", "How fast letting slows with slack", "1", 3.0, 2.0, 4.0, "triangular", "exponent of demand over planned use",
       "a market a third below plan takes three to five times as long: 2001 hosting halls")
judged(block, "collateral_haircut", "Resale value that lenders lend against in full", "1", 0.9, 0.8, 1.0, "triangular", "share of the planned value",
       "advance rates of 60-85 % of cost are kept while an appraisal lies within a tenth of plan; below it the loan follows the value")
judged(block, "owners_rate", "Money that owners put in a quarter", "1/q", 0.05, 0.03, 0.08, "triangular", "share of the class's equity value, at the opening's mood",
       "issues of 3-6 bn a quarter on a value near 110 bn in 2025-26; Oracle's and CoreWeave's plans show that it narrows when shares fall")
judged(block, "neocloud_value_open", "Equity value of neoclouds at the opening", "USD_bn", 110.0, 80.0, 140.0, "triangular", "listed and private", "CoreWeave 40-60, Nebius 25, IREN 15, private names 20-30")
judged(block, "takeover_share", "Unpaid deliveries that the five take over", "1", 0.5, 0.3, 0.7, "triangular", "share of what neoclouds and vehicles cannot pay",
       "chips are short: allocations change hands; halls under construction are finished by somebody in half of the cases")
judged(block, "imposed_neocloud_quarter", "Quarter in which neoclouds fail at once", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2", "scenario switch")
judged(block, "imposed_neocloud_share", "Share of neoclouds' debt that fails then", "1", 0.4, 0.05, 1.0, "switch", "share of debt",
       "scenario switch: the largest owes about two fifths of the class's debt")
judged(block, "imposed_revenue_quarter", "Quarter in which neoclouds' revenue is cut", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2", "scenario switch")
judged(block, "imposed_revenue_lasts_q", "Quarters for which it is cut", "q", 4.0, 1.0, 38.0, "switch", "quarters", "scenario switch")
judged(block, "imposed_revenue_size", "Share of revenue that is cut", "1", 0.4, 0.0, 0.9, "switch", "share", "scenario switch: energy lost about 40 % of its revenue in 2015")


# what they own, let and earn

@block.equation("1", opening="neocloud_build_share", label="Neoclouds' part of the fleet", report=True)
def neocloud_fleet_share(neocloud_fleet_share_prev, neocloud_build_now, energised_it_gw, fleet_it_gw, one_quarter):
    """Moves towards their part of what is built, by the part of the fleet that is new."""
    return neocloud_fleet_share_prev + (neocloud_build_now - neocloud_fleet_share_prev) * within(energised_it_gw * one_quarter / fleet_it_gw, 0, 1)


@block.equation("1", label="Neoclouds' contracts broken in the quarter")
def neocloud_broken(lab_failed_share, lab_failed_share_prev, lab_concentration, neocloud_lab_contracts):
    """The part that rests on the largest lab, in the quarter in which it fails."""
    return within((lab_failed_share - lab_failed_share_prev) / lab_concentration * neocloud_lab_contracts, 0, 1)


@block.equation("1", opening="neocloud_let_open", label="Neoclouds' halls let", report=True)
def neocloud_let(neocloud_let_prev, neocloud_broken, neocloud_contract_q, relet_q, relet_power, pressure_prev, target_utilisation, one_quarter):
    """What ends is renewed and what is empty is let as fast as the market allows: (demand over planned use) to a power, at most one."""
    held = neocloud_let_prev * (1 - neocloud_broken)
    ease = power(within(pressure_prev / target_utilisation, 0, 1), relet_power)
    return held - held * one_quarter / neocloud_contract_q * (1 - ease) + (1 - held) * one_quarter / relet_q * ease


@block.equation("1", label="Neoclouds' revenue cut by a scenario")
def revenue_imposed(t, imposed_revenue_quarter, imposed_revenue_lasts_q, imposed_revenue_size):
    """Zero unless a scenario cuts it."""
    on = (imposed_revenue_quarter > 0) & (t >= imposed_revenue_quarter) & (t < imposed_revenue_quarter + imposed_revenue_lasts_q)
    return where(on, imposed_revenue_size, 0)


@block.equation("USD_bn/q", opening=lambda usd_bn_per_usd_m, hours_per_quarter, opening_book_price, opening_desired_mh100e, neocloud_build_share: (
        opening_desired_mh100e * neocloud_build_share * opening_book_price * hours_per_quarter * usd_bn_per_usd_m),
                label="Neoclouds' revenue", report=True)
def neocloud_revenue_usd_bn(fleet_mh100e_prev, availability, opening_utilisation, neocloud_fleet_share_prev, neocloud_let_prev, neocloud_let_open,
                            neocloud_live_prev, neocloud_live_open, neocloud_price_prev, hours_per_quarter, usd_bn_per_usd_m, revenue_imposed,
                            neocloud_lab_contracts, lab_arrears_share_prev):
    """Their part of the fleet, as far as it is let and its owner alive (both over the opening), at the prices of their contracts, less what labs owe on them and do not pay."""
    sold = fleet_mh100e_prev * availability * opening_utilisation * neocloud_fleet_share_prev * neocloud_let_prev / neocloud_let_open
    return sold * neocloud_live_prev / neocloud_live_open * neocloud_price_prev * hours_per_quarter * usd_bn_per_usd_m * (1 - revenue_imposed) * (1 - neocloud_lab_contracts * lab_arrears_share_prev)


@block.equation("USD_bn/q", opening="neocloud_revenue_usd_bn", label="Revenue that rents and staff are scaled to")
def neocloud_scale_usd_bn(neocloud_scale_usd_bn_prev, neocloud_revenue_usd_bn, cost_lag_q, one_quarter):
    """Follows revenue by about a year."""
    return neocloud_scale_usd_bn_prev + (neocloud_revenue_usd_bn - neocloud_scale_usd_bn_prev) * one_quarter / cost_lag_q


@block.equation("USD_bn/q", label="Neoclouds' operations")
def neocloud_opex_usd_bn(fleet_opex_usd_bn, take_or_pay_usd_bn, neocloud_fleet_share_prev, neocloud_live_prev, neocloud_live_open, neocloud_scale_usd_bn_prev,
                         neocloud_other_cost_share):
    """Power and minimum bills of halls that run; rented halls, staff and sales, which follow revenue by a year."""
    running = neocloud_fleet_share_prev * minimum(neocloud_live_prev / neocloud_live_open, 1)
    return (fleet_opex_usd_bn + take_or_pay_usd_bn) * running + neocloud_scale_usd_bn_prev * neocloud_other_cost_share


# cover, and who is out of cash

@block.equation("1", opening="cover_target", label="Neoclouds' cash flow over debt service", report=True)
def neocloud_cover(neocloud_revenue_usd_bn, neocloud_opex_usd_bn, neocloud_service_usd_bn, neocloud_rolled_usd_bn):
    """Revenue less operations over interest and the debt falling due that nobody rolls over."""
    return share(neocloud_revenue_usd_bn - neocloud_opex_usd_bn, neocloud_service_usd_bn - neocloud_rolled_usd_bn, 1)


@block.equation("1", opening="cover_target", label="Cover of the class over a year", report=True)
def neocloud_cash_cover(neocloud_cash_cover_prev, neocloud_cover, cash_memory_q, least_cover, most_cover, one_quarter):
    """Mean over the quarters it takes to empty a borrower; beyond 0.02 and 3 a quarter says no more (logs are taken)."""
    return neocloud_cash_cover_prev + (within(neocloud_cover, least_cover, most_cover) - neocloud_cash_cover_prev) * one_quarter / cash_memory_q


judged(block, "trend_memory", "Memory of the cover to which owners adjust, over the life of debt", "1", 0.5, 0.3, 1.0, "fixed", "share", "capital structures are reset when debt is renewed: on average after half its life")


@block.equation("1", opening="cover_target", label="Cover to which owners have adjusted")
def neocloud_cover_trend(neocloud_cover_trend_prev, neocloud_cash_cover, neocloud_life_q, one_quarter, trend_memory):
    """A mean over half the life of debt: cover above it has been taken out, new borrowers come in at full leverage."""
    return neocloud_cover_trend_prev + (neocloud_cash_cover - neocloud_cover_trend_prev) * one_quarter / (trend_memory * neocloud_life_q)


@block.equation("1", opening="neocloud_weak_open", label="Borrowers whose reserve is used up", report=True, source="Page 1977, Approximations to the normal function, Applied Statistics 26")
def neocloud_weak(neocloud_cash_cover, neocloud_cover_trend, cover_target, cover_spread, reserve_q, cash_memory_q, young_share, normal_linear, normal_cubic):
    """N((log(1 - reserve / window) - log cover) / spread): the part of a lognormal class whose mean cover empties its reserve within the
    window; of young debt at the cover it was sized on, scaled by the class's fall against its trend.
    """
    point = log(1 - reserve_q / cash_memory_q)
    x = (point - log(neocloud_cash_cover)) / cover_spread
    y = (point - log(minimum(neocloud_cash_cover, cover_target * neocloud_cash_cover / neocloud_cover_trend))) / cover_spread
    old = 1 / (1 + exp(-(normal_linear * x + normal_cubic * x * x * x)))
    young = 1 / (1 + exp(-(normal_linear * y + normal_cubic * y * y * y)))
    return (1 - young_share) * old + young_share * young


@block.initial("1")
def neocloud_weak_open(cover_target, cover_spread, reserve_q, cash_memory_q, normal_linear, normal_cubic):
    """The same at the cover debt is sized on."""
    x = (log(1 - reserve_q / cash_memory_q) - log(cover_target)) / cover_spread
    return 1 / (1 + exp(-(normal_linear * x + normal_cubic * x * x * x)))


@block.equation("1", opening="neocloud_sound_open", label="Borrowers above their covenants")
def neocloud_sound(neocloud_cash_cover, covenant_cover, cover_spread, normal_linear, normal_cubic):
    """N((log cover - log covenant) / spread): lenders advance and roll over for these only."""
    x = (log(neocloud_cash_cover) - log(covenant_cover)) / cover_spread
    return 1 / (1 + exp(-(normal_linear * x + normal_cubic * x * x * x)))


@block.initial("1")
def neocloud_sound_open(cover_target, covenant_cover, cover_spread, normal_linear, normal_cubic):
    """The same at the cover debt is sized on."""
    x = (log(cover_target) - log(covenant_cover)) / cover_spread
    return 1 / (1 + exp(-(normal_linear * x + normal_cubic * x * x * x)))


@block.equation("1", label="Broken borrowers whom owners cure")
def neocloud_cured(cure_share, owners_squeeze, bust_state_prev, ai_equity_index_prev, neocloud_cash_cover_prev, neocloud_cover_trend_prev):
    """Owners pay as far as they can issue shares, shares stand where they stood and the borrower still earns what it used to."""
    return cure_share * (1 - owners_squeeze * bust_state_prev) * within(ai_equity_index_prev, 0, 1) * within(neocloud_cash_cover_prev / neocloud_cover_trend_prev, 0, 1)


@block.equation("1", label="Part of the class that fails with its tenant")
def tenant_default(neocloud_broken, anchored_share, neocloud_cured, reserve_q, relet_q, relet_power, pressure_prev, target_utilisation):
    """A project whose one tenant is gone earns nothing until it is let again: it fails unless let within its reserve (an exponential time
    to let, longer in a slack market) or cured by its owners. The tenant is drawn first, then the building.
    """
    ease = power(within(pressure_prev / target_utilisation, 0, 1), relet_power)
    return neocloud_broken * anchored_share * exp(-reserve_q / relet_q * ease) * (1 - neocloud_cured)


judged(block, "least_class", "Part of the class too small to count", "1", 0.0001, 1e-05, 0.001, "fixed", "floor", "a floor of a divisor")


@block.equation("1/q", opening="neocloud_default_open", label="Neoclouds' default rate", report=True)
def neocloud_default(neocloud_weak, neocloud_gone_prev, neocloud_cured, migration_q, tenant_default, one_quarter, t, imposed_neocloud_quarter,
                     imposed_neocloud_share, least_class):
    """New covers meet the point at the usual rate; those whom a falling cover newly puts below it fail at once, as far as not cured; and of
    the rest those whose tenant has gone.
    """
    mu = one_quarter / migration_q
    swept = positive(neocloud_weak - neocloud_gone_prev) / (1 - neocloud_gone_prev + least_class)
    drawn = (mu * neocloud_weak + (1 - mu) * swept) * (1 - neocloud_cured)
    failed = drawn + tenant_default * (1 - drawn)
    imposed = (imposed_neocloud_quarter > 0) & (t >= imposed_neocloud_quarter) & (t < imposed_neocloud_quarter + one_quarter)
    return where(imposed, imposed_neocloud_share, failed) / one_quarter


@block.equation("1", opening="neocloud_weak_open", label="Part of the class's covers already cleared by failures")
def neocloud_gone(neocloud_gone_prev, neocloud_weak, neocloud_cured, migration_q, one_quarter):
    """The mass below the point that has failed; it refills as covers are drawn anew."""
    return (neocloud_gone_prev + positive(neocloud_weak - neocloud_gone_prev) * (1 - neocloud_cured)
            - positive(neocloud_gone_prev - neocloud_weak) * one_quarter / migration_q)


# idle halls

@block.initial("1", label="Live part of the class at the opening")
def neocloud_live_open(neocloud_weak_open, migration_q, cure_share, hall_sale_q):
    """Where failures and sales of halls balance: 1 / (1 + default x time to sell)."""
    return 1 / (1 + neocloud_weak_open / migration_q * (1 - cure_share) * hall_sale_q)


@block.equation("1", opening="neocloud_live_open", label="Part of the class that is alive", report=True)
def neocloud_live(neocloud_live_prev, neocloud_default, hall_sale_q, one_quarter):
    """A failed borrower's halls stand idle until they are sold; a buyer may fail too."""
    return (neocloud_live_prev + (1 - neocloud_live_prev) * one_quarter / hall_sale_q) * (1 - neocloud_default * one_quarter)


@block.equation("1", label="Part of the fleet idle after failures")
def neocloud_shut(neocloud_live, neocloud_live_open, neocloud_fleet_share):
    """Beyond what is always between two owners."""
    return positive(neocloud_live_open - neocloud_live) * neocloud_fleet_share


@block.equation("1", opening=zero("1"), label="Part of the fleet out of the rental market")
def compute_shut(neocloud_shut):
    """What supply is without (this quarter's, read by the market a quarter later)."""
    return neocloud_shut


@block.equation("1", opening="one", label="Halls under way that have a living builder")
def halls_open(neocloud_build_share, neocloud_live, neocloud_live_open):
    """Started buildings finish, but those of failed neoclouds take no chips until they are sold."""
    return 1 - neocloud_build_share * positive(1 - neocloud_live / neocloud_live_open)


@block.equation("GW_it", label="Idle after failures of neoclouds", report=True)
def neocloud_idle_it_gw(neocloud_shut, fleet_it_gw):
    """Halls whose owner has failed and that nobody has bought yet."""
    return neocloud_shut * fleet_it_gw


# what they can build

@block.equation("USD_bn/q", label="What neoclouds plan to build")
def neocloud_plan_usd_bn(planned_ai_capex_usd_bn, neocloud_build_share):
    """Their usual part of what falls due."""
    return planned_ai_capex_usd_bn * neocloud_build_share


judged(block, "owners_squeeze", "Issues of shares that fail in a full bust", "1", 0.5, 0.3, 0.9, "fixed", "share", "follow-on issues by small technology firms fell by half and more in 2001 and 2022")


@block.equation("USD_bn/q", label="Most that owners of neoclouds pay")
def owners_most_usd_bn(owners_rate, neocloud_value_open, ai_equity_index_prev, bust_state_prev, owners_squeeze):
    """A share of what their shares are worth; less in a bust, in which issues fail."""
    return owners_rate * neocloud_value_open * ai_equity_index_prev * (1 - owners_squeeze * bust_state_prev)


@block.equation("USD_bn/q", label="Neoclouds' hole after debt service")
def neocloud_hole_usd_bn(neocloud_opex_usd_bn, neocloud_service_usd_bn, neocloud_rolled_usd_bn, neocloud_revenue_usd_bn):
    """Operations and service not rolled over less revenue; negative is a surplus, which pays for building first."""
    return neocloud_opex_usd_bn + neocloud_service_usd_bn - neocloud_rolled_usd_bn - neocloud_revenue_usd_bn


@block.equation("1", opening="one", label="Part of debt service that neoclouds pay", report=True)
def neocloud_paid_share(neocloud_hole_usd_bn, owners_most_usd_bn, neocloud_service_usd_bn, neocloud_rolled_usd_bn):
    """Owners fill the hole within their means; what is left is not paid: extended, and its interest lost."""
    unpaid = positive(neocloud_hole_usd_bn - owners_most_usd_bn)
    return within(1 - share(unpaid, neocloud_service_usd_bn - neocloud_rolled_usd_bn, 0), 0, 1)


@block.equation("1", opening="one", label="Loans over value that lenders advance, over the usual", report=True)
def advance_rate(resale_index_prev, collateral_haircut):
    """In full while collateral is worth the haircut value, then in proportion."""
    return within(resale_index_prev / collateral_haircut, 0, 1)


@block.equation("1", label="Cover of a new cluster at the price of new contracts", report=True)
def new_cover(contract_price_prev, breakeven_price_prev, density, availability, target_utilisation, hours_per_year, usd_bn_per_usd_m, opex_per_gw, neocloud_other_cost_share, it_cost,
              facility_cost, neocloud_equity_share, risk_free_now, pc_spread_now_prev, neocloud_roll_share, neocloud_life_q, one_year, year_once):
    """Yearly cash flow of a gigawatt bought now, at the lower of the price of new contracts and break-even (where entry takes it), over interest and what amortises of the loan on its cost."""
    earned = minimum(contract_price_prev, breakeven_price_prev) * density * availability * target_utilisation * hours_per_year * usd_bn_per_usd_m * (1 - neocloud_other_cost_share)
    service = risk_free_now + pc_spread_now_prev + (1 - neocloud_roll_share) * one_year / neocloud_life_q / year_once
    return (earned - opex_per_gw) / ((it_cost + facility_cost) * (1 - neocloud_equity_share) * service)


@block.equation("1", label="Loans sized on the planned price", report=True)
def loan_sizing(new_cover, cover_target):
    """In full while a new cluster covers its loan at the target, then in proportion: nothing on a cluster that earns nothing."""
    return within(new_cover / cover_target, 0, 1)


@block.equation("1", label="Part of the planned loans that private credit gives")
def neocloud_pc_given(pc_capacity_usd_bn, neocloud_rolled_usd_bn, neocloud_relever_usd_bn, neocloud_plan_usd_bn, neocloud_equity_share, neocloud_pc_share):
    """Within what its capacity leaves after rolling over."""
    left = positive(pc_capacity_usd_bn - (neocloud_rolled_usd_bn + neocloud_relever_usd_bn) * neocloud_pc_share)
    return within(share(left, neocloud_plan_usd_bn * (1 - neocloud_equity_share) * neocloud_pc_share, 1), 0, 1)


@block.equation("1", label="Part of the planned loans that lenders give")
def neocloud_given(neocloud_pc_given, neocloud_pc_share, neocloud_vendor_share, bust_state_prev, credit_open):
    """Private credit within its capacity, high yield shut in a bust, vendors shut in a stop."""
    bonds = (1 - neocloud_pc_share - neocloud_vendor_share) * (1 - bust_state_prev) * credit_open
    return neocloud_pc_share * neocloud_pc_given + bonds + neocloud_vendor_share * credit_open


@block.equation("1", opening="one", label="Part of neoclouds' plan that money allows", report=True)
def neocloud_funded_share(owners_most_usd_bn, neocloud_hole_usd_bn, neocloud_sweep_usd_bn, neocloud_plan_usd_bn, neocloud_equity_share, neocloud_given, neocloud_sound_prev,
                          neocloud_sound_open, advance_rate, loan_sizing):
    """The smaller of owners' money (with the surplus, after the hole) over their part, and loans given to sound borrowers on collateral."""
    owners = within(share(positive(owners_most_usd_bn - neocloud_hole_usd_bn - neocloud_sweep_usd_bn), neocloud_plan_usd_bn * neocloud_equity_share, 1), 0, 1)
    lenders = neocloud_given * advance_rate * loan_sizing * within(neocloud_sound_prev / neocloud_sound_open, 0, 1)
    return minimum(owners, lenders)


@block.equation("1", opening="neocloud_build_share", label="Neoclouds' part of the AI build now", report=True)
def neocloud_build_now(neocloud_build_share, neocloud_live_prev, neocloud_live_open, neocloud_funded_share):
    """Their usual part, as far as they are alive and have money: a failed borrower stops building."""
    return neocloud_build_share * within(neocloud_live_prev / neocloud_live_open, 0, 1) * neocloud_funded_share
