"""Income: who pays whom, without double counting; statements of the five hyperscalers and of neoclouds.

End customers pay labs and clouds; labs pay clouds for compute; clouds pay chips, power, rent, wages, interest and tax. Cash
tax allows expensing of chips and carries losses forward. Book depreciation is the firms' policy; the difference to value is
impairment. The opening core cash flow is what is left of reported operating cash flow once AI, interest and tax are out.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, minimum, positive, share, where, within
from supercycle.world.frame import FIRM, START, Block, by_firm, figure, judged, measured, sourced, zero

__all__ = ["block"]

block = Block("income", "Income", "The value chain and the firms' statements.", mechanism="judged: who pays whom follows from contracts; how firms divide the build and set payouts is taken from their last four quarters")

by_firm(block, "capex_open", "Cash capex in 2026Q2", "USD_bn/q", [figure("capex_cash", firm, START) for firm in FIRM.members],
        "cash paid for property and equipment")
by_firm(block, "ocf_open", "Operating cash flow, 2026H1 mean", "USD_bn/q",
        [(figure("operating_cash_flow", firm, "2026Q1") + figure("operating_cash_flow", firm, START)) / 2 for firm in FIRM.members],
        "reported operating cash flow", "mean of the two quarters")
by_firm(block, "nonai_capex_open", "Capex that is not AI", "USD_bn/q", (8.0, 8.0, 22.0, 4.0, 3.0), "fulfilment, offices, ordinary servers",
        "about a quarter of the five, 45 bn a quarter; split by business", evidence="judgement",
        reason="companies do not report it; Amazon's logistics is the largest part", spread=0.2)
by_firm(block, "revenue_open", "Revenue in 2026Q2", "USD_bn/q", [figure("revenue", firm, START) for firm in FIRM.members], "all revenue")
judged(block, "neocloud_build_share", "Neoclouds' share of the AI build", "1", 0.08, 0.06, 0.10, "triangular", "capex share",
       "CoreWeave 7.7 bn in 2026Q1 and a few as large together, of about 180")
judged(block, "lab_compute_neocloud_share", "Labs' compute bought from neoclouds", "1", 0.16, 0.10, 0.22, "triangular", "share of labs' compute",
       "CoreWeave, Nebius and others against Azure, AWS, Google and Oracle contracts")
judged(block, "app_hyperscaler_share", "Hyperscalers' share of other AI revenue", "1", 0.80, 0.70, 0.90, "triangular", "share of non-lab revenue",
       "AWS above 25, Microsoft AI 37, Google cloud AI; resold lab models are counted at labs")
judged(block, "app_cost_share", "Other costs of that revenue", "1", 0.35, 0.25, 0.45, "triangular", "sales, staff and content over revenue",
       "software cost of sales and selling below the gross line")
sourced(block, "statutory_tax_rate", "book_tax_rate", "Tax rate on taxable profit", "1", "triangular", default=0.17,
        reason="effective rate of the group; expensing is modelled separately, so this is not the cash rate")
judged(block, "bonus_share", "Share of chips expensed at once", "1", 0.75, 0.6, 0.9, "triangular", "bonus depreciation on owned chips",
       "full expensing in the US since January 2025; about three quarters of the five's build is there")
judged(block, "tax_pool_rate", "Tax depreciation of the rest", "1/q", 0.045, 0.03, 0.06, "triangular", "declining rate", "five- to fifteen-year classes")
judged(block, "tax_pool_quarters", "Opening tax pool in quarters of capex", "q", 6.0, 4.0, 9.0, "triangular", "undepreciated tax basis", "capex of two years less depreciation")
by_firm(block, "book_life_years", "Book life of servers", "year", (6.0, 6.0, 5.0, 5.5, 6.0), "accounting policy",
        "annual reports, figures buyers:useful_life_servers", spread=0.0)
judged(block, "imposed_life_quarter", "Quarter from which a book life is imposed", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2",
       "scenario switch")
judged(block, "imposed_life_years", "Imposed book life", "year", 3.0, 2.0, 8.0, "switch", "life of servers of all five from that quarter",
       "scenario switch: critics name two to three years, Amazon went from six to five in 2025")
judged(block, "book_open_quarters", "Opening AI book value in quarters of AI capex", "q", 5.5, 4.5, 6.5, "triangular", "net AI equipment and shells",
       "AI capex of the last ten quarters less depreciation")
judged(block, "book_young_share", "Net over gross book value of a growing fleet", "1", 0.7, 0.6, 0.8, "triangular",
       "share of gross not yet depreciated, which turns straight-line on gross into a rate on net",
       "Microsoft's net over gross property is near 0.7")


# shares of the build

@block.equation("USD_bn/q", axis=FIRM, opening="nonai_capex_open", label="Capex that is not AI")
def firm_nonai_capex_usd_bn(nonai_capex_open, core_gross_profit, core_revenue_open, core_gross_margin, core_capex_log, core_timing_log, halls_saved_usd_bn,
                            firm_capacity_weight_prev, repurpose_saving_max, core_level_log):
    """Grows with the firm's core business, about which budgets move and quarters scatter, less the halls that AI no longer needs."""
    grown = nonai_capex_open * core_gross_profit / (core_revenue_open * core_gross_margin) * exp(core_level_log + core_capex_log + core_timing_log)
    return grown - minimum(halls_saved_usd_bn * firm_capacity_weight_prev, repurpose_saving_max * grown)


@block.initial("USD_bn/q", axis=FIRM)
def firm_ai_capex_open(capex_open, nonai_capex_open):
    """Reported capex less what is not AI."""
    return capex_open - nonai_capex_open


block.total("ai_capex_open", of="firm_ai_capex_open", unit="USD_bn/q", meaning="AI capex of the five at the opening", opening=True)


@block.initial("1", axis=FIRM, label="Weight of the firm in the build")
def firm_build_weight(firm_ai_capex_open, ai_capex_open):
    """Share of the five's AI capex at the opening."""
    return firm_ai_capex_open / ai_capex_open


@block.initial("1", label="Hyperscalers' share of the AI build at the opening")
def hyperscaler_share_open(ai_capex_open, world_ai_capex_usd_bn):
    """Reported AI capex of the five over the world's."""
    return ai_capex_open / world_ai_capex_usd_bn


@block.initial("1", label="Everybody else's share of the AI build")
def other_build_share(hyperscaler_share_open, neocloud_build_share, spv_build_share_open):
    """Sovereign, Chinese and corporate builders: what is left (must be positive: joint truncation)."""
    return 1 - hyperscaler_share_open - neocloud_build_share - spv_build_share_open


@block.equation("1", opening="hyperscaler_share_open", label="Hyperscalers' share of the AI build")
def hyperscaler_share(neocloud_build_share, neocloud_build_now, spv_build_wanted, spv_build_share, other_build_share, takeover_share):
    """What vehicles, neoclouds and others do not want, and a part of what these cannot pay."""
    unpaid = positive(neocloud_build_share - neocloud_build_now) + positive(spv_build_wanted - spv_build_share)
    return 1 - neocloud_build_share - spv_build_wanted - other_build_share + takeover_share * unpaid


@block.equation("USD_bn/q", axis=FIRM, label="Chips bought by the firm")
def firm_chips_usd_bn(planned_chips_usd_bn, hyperscaler_share, firm_order_weight, firm_paid_share):
    """The firm's part of chip deliveries, as far as it can pay; the rest is taken later."""
    return planned_chips_usd_bn * hyperscaler_share * firm_order_weight * firm_paid_share


@block.equation("USD_bn/q", axis=FIRM, label="Shells and power paid by the firm")
def firm_facility_usd_bn(planned_shells_usd_bn, power_spend_usd_bn, hyperscaler_share, firm_order_weight, firm_paid_share):
    """The firm's part of construction: shells as far as it can pay, power as contracted."""
    return (planned_shells_usd_bn * firm_paid_share + power_spend_usd_bn) * hyperscaler_share * firm_order_weight


@block.equation("USD_bn/q", axis=FIRM, opening="capex_open", label="Cash capex", report=True)
def firm_capex_usd_bn(firm_nonai_capex_usd_bn, firm_chips_usd_bn, firm_facility_usd_bn):
    """Cash paid for property and equipment; leases are apart."""
    return firm_nonai_capex_usd_bn + firm_chips_usd_bn + firm_facility_usd_bn


block.total("five_firm_capex_usd_bn", of="firm_capex_usd_bn", unit="USD_bn/q", meaning="cash capex of the five hyperscalers",
            label="Five-firm cash capex", report=True, opening=True)


# revenue and costs of AI

@block.equation("USD_bn/q", opening=lambda year_per_quarter, opening_training_spend, lab_share_open, opening_ai_revenue, inference_cost_share_open: (
        (opening_ai_revenue * inference_cost_share_open * lab_share_open + opening_training_spend) * year_per_quarter),
                label="Labs' compute", report=True)
def lab_compute_usd_bn(lab_inference_usd_bn, training_usd_bn, lab_topups_usd_bn):
    """What labs pay clouds, commitments that they do not use included."""
    return lab_inference_usd_bn + training_usd_bn + lab_topups_usd_bn


@block.equation("USD_bn/q", opening=lambda lab_compute_usd_bn, lab_compute_neocloud_share: lab_compute_usd_bn * lab_compute_neocloud_share)
def lab_to_neocloud_usd_bn(lab_compute_usd_bn, lab_compute_neocloud_share, neocloud_revenue_usd_bn):
    """Labs' compute bought from neoclouds, at most all that these sell."""
    return minimum(lab_compute_usd_bn * lab_compute_neocloud_share, neocloud_revenue_usd_bn)


@block.equation("USD_bn/q", axis=FIRM, opening=lambda firm_build_weight, lab_compute_usd_bn, lab_compute_neocloud_share: (
        lab_compute_usd_bn * (1 - lab_compute_neocloud_share) * firm_build_weight))
def lab_to_firm_usd_bn(lab_compute_usd_bn, lab_to_neocloud_usd_bn, firm_lab_weight):
    """Labs' compute bought from the firm, by the contracts of the labs that live."""
    return (lab_compute_usd_bn - lab_to_neocloud_usd_bn) * firm_lab_weight


@block.equation("USD_bn/q", axis=FIRM, opening=lambda firm_build_weight, year_per_quarter, app_hyperscaler_share, opening_ai_revenue, lab_share_open: (
        opening_ai_revenue * (1 - lab_share_open) * app_hyperscaler_share * year_per_quarter * firm_build_weight),
                label="AI revenue of the firm from end customers")
def firm_app_revenue_usd_bn(ai_revenue_usd_bn, lab_revenue_usd_bn, app_hyperscaler_share, firm_capacity_weight_prev):
    """Copilots, assistants and AI cloud sold to end customers."""
    return (ai_revenue_usd_bn - lab_revenue_usd_bn) * app_hyperscaler_share * firm_capacity_weight_prev


@block.equation("USD_bn/q", axis=FIRM, opening=lambda firm_app_revenue_usd_bn, app_cost_share: firm_app_revenue_usd_bn * app_cost_share)
def firm_app_cost_usd_bn(firm_app_revenue_usd_bn, app_cost_share):
    """Sales, staff and content behind that revenue."""
    return firm_app_revenue_usd_bn * app_cost_share


@block.equation("USD_bn/q", label="Operations of the world's AI fleet")
def fleet_opex_usd_bn(fleet_it_gw_prev, opex_per_gw, year_per_quarter):
    """Power, spares and staff."""
    return fleet_it_gw_prev * opex_per_gw * year_per_quarter


@block.equation("USD_bn/q", axis=FIRM, opening=lambda firm_build_weight, year_per_quarter, other_build_share, opening_fleet_it_gw, opening_opex_per_gw, neocloud_build_share: (
        opening_fleet_it_gw * opening_opex_per_gw * year_per_quarter * (1 - neocloud_build_share - other_build_share) * firm_build_weight))
def firm_opex_usd_bn(fleet_opex_usd_bn, take_or_pay_usd_bn, neocloud_fleet_share_prev, other_build_share, firm_capacity_weight_prev):
    """The firm operates its own and its leased sites and owes the minimum bills."""
    return (fleet_opex_usd_bn + take_or_pay_usd_bn) * (1 - neocloud_fleet_share_prev - other_build_share) * firm_capacity_weight_prev


judged(block, "renegotiation_rate", "Contracts renegotiated in a bust", "1/q", 0.12, 0.04, 0.25, "triangular", "share a quarter of contracts above market at a full bust",
       "take-or-pay is as good as the tenant: in 2001-03 carriers repriced most wholesale contracts within two to three years")


measured(block, "strong_tenants", "Neoclouds' contracts with investment-grade tenants", "1", figure("ig_customer_share_backlog", "CoreWeave", "2025Q3"), "share of signed sales",
         "figures borrowers:ig_customer_share_backlog; by the deal graph 53 % of what CoreWeave and all of what Nebius has signed", low=0.5, high=0.75, distribution="triangular", evidence="published")


@block.equation("USD/H100e/h", label="Neoclouds' contracts above the market")
def price_above_market(neocloud_price_prev, contract_price):
    """What a tenant could save by walking away."""
    return positive(neocloud_price_prev - contract_price)


@block.equation("USD/H100e/h", opening="opening_book_price", label="Price of neoclouds' contracts", report=True)
def neocloud_price(neocloud_price_prev, book_price, book_price_prev, contract_price, lab_failed_share, lab_failed_share_prev, lab_concentration,
                   neocloud_lab_contracts, renegotiation_rate, strong_tenants, bust_state_prev, one_quarter):
    """Moves with the book; what a failed lab leaves is let again at today's price, and in a bust tenants above the market renegotiate, but not those of
    investment grade: what they have signed is paid.
    """
    moved = neocloud_price_prev * book_price / book_price_prev
    broken = (lab_failed_share - lab_failed_share_prev) / lab_concentration * neocloud_lab_contracts
    asked = renegotiation_rate * one_quarter * bust_state_prev * (1 - strong_tenants)
    return moved + positive(moved - contract_price) * (-1) * within(broken + asked, 0, 1)


@block.equation("USD_bn/q", axis=FIRM, opening=lambda firm_build_weight, neocloud_revenue_usd_bn, lab_to_neocloud_usd_bn: (
        positive(neocloud_revenue_usd_bn - lab_to_neocloud_usd_bn) * firm_build_weight))
def firm_neocloud_rent_usd_bn(neocloud_revenue_usd_bn, lab_to_neocloud_usd_bn, firm_capacity_weight_prev):
    """Hyperscalers rent what labs do not."""
    return positive(neocloud_revenue_usd_bn - lab_to_neocloud_usd_bn) * firm_capacity_weight_prev


@block.equation("USD_bn/q", axis=FIRM, opening=lambda spv_rent_open, firm_lease_weight: spv_rent_open * firm_lease_weight, label="Rent to lease-back vehicles")
def firm_spv_rent_usd_bn(spv_rent_usd_bn, firm_lease_weight):
    """Leases are owed by who signed them, whatever the use."""
    return spv_rent_usd_bn * firm_lease_weight


@block.equation("USD_bn/q", axis=FIRM, opening=lambda firm_spv_rent_usd_bn, firm_neocloud_rent_usd_bn, firm_opex_usd_bn, firm_app_cost_usd_bn, lab_to_firm_usd_bn, firm_app_revenue_usd_bn: (
        lab_to_firm_usd_bn + firm_app_revenue_usd_bn - firm_app_cost_usd_bn - firm_opex_usd_bn - firm_neocloud_rent_usd_bn - firm_spv_rent_usd_bn), label="Cash margin on AI")
def firm_ai_margin_usd_bn(lab_to_firm_usd_bn, firm_app_revenue_usd_bn, firm_app_cost_usd_bn, firm_opex_usd_bn, firm_neocloud_rent_usd_bn,
                          firm_spv_rent_usd_bn):
    """AI revenue from outside less its cash costs; captive use earns through the core."""
    return (lab_to_firm_usd_bn + firm_app_revenue_usd_bn - firm_app_cost_usd_bn - firm_opex_usd_bn - firm_neocloud_rent_usd_bn
            - firm_spv_rent_usd_bn)


# core, tax, cash flow

by_firm(block, "firm_ocf_sd", "Scatter of a quarter's core cash flow", "1", (0.22, 0.15, 0.4, 0.18, 0.72), "standard deviation, over core cash flow: seasons, payments of customers in advance, tax dates",
        "companies' cash-flow statements, figures companies:operating_cash_flow about its five-quarter mean: 0.26, 0.15, 0.44 (seasonal), 0.10-0.21, and Oracle between 2 and 15 bn in a year",
        evidence="published", spread=0.15)
block.draw("firm_ocf_draw", "normal", "timing of a firm's cash flow", FIRM)


@block.initial("USD_bn/q", axis=FIRM)
def tax_deduction_open(capex_open, firm_ai_capex_open, bonus_share, tax_pool_quarters, tax_pool_rate, chip_part_open):
    """Expensed chips (three fifths of AI capex is close to the opening mix) and the pool."""
    return firm_ai_capex_open * bonus_share * chip_part_open + capex_open * tax_pool_quarters * tax_pool_rate


judged(block, "chip_part_open", "Chips in AI capex at the opening", "1", 0.67, 0.6, 0.75, "triangular", "share of AI capex that is chips and servers",
       "servers 5.0 of 8.5 bn TCO; 25-27 of 38 bn capex per GW")


@block.initial("USD_bn/q", axis=FIRM, label="Core cash flow at the opening, before interest and tax")
def core_ocf_open(ocf_open, firm_ai_margin_usd_bn, firm_bonds_usd_bn, bond_coupon_open, year_per_quarter, tax_deduction_open,
                  statutory_tax_rate):
    """Solved so that the modelled operating cash flow equals the reported one."""
    interest = firm_bonds_usd_bn * bond_coupon_open * year_per_quarter
    taxed = (ocf_open - statutory_tax_rate * tax_deduction_open) / (1 - statutory_tax_rate)
    before_tax = where(taxed > tax_deduction_open, taxed, ocf_open)
    return before_tax + interest - firm_ai_margin_usd_bn


@block.equation("USD_bn/q", axis=FIRM, label="Core cash flow before interest and tax")
def firm_core_ocf_usd_bn(core_ocf_open, core_gross_profit, core_revenue_open, core_gross_margin, wealth_drag_prev, firm_uplift_usd_bn, firm_ocf_sd, firm_ocf_draw,
                         core_level_log):
    """Grows with core gross profit and what captive compute adds; a wealth loss of customers and advertisers takes a little off; quarters scatter."""
    grown = core_ocf_open * core_gross_profit / (core_revenue_open * core_gross_margin) * exp(core_level_log)
    return grown * (1 - wealth_drag_prev + firm_ocf_sd * firm_ocf_draw) + firm_uplift_usd_bn


@block.equation("USD_bn", axis=FIRM, opening=lambda capex_open, tax_pool_quarters: capex_open * tax_pool_quarters, label="Tax basis not yet deducted")
def firm_tax_pool_usd_bn(firm_tax_pool_usd_bn_prev, firm_capex_usd_bn, firm_chips_usd_bn, bonus_share, tax_pool_rate, one_quarter):
    """Capex that is not expensed, less deductions."""
    return firm_tax_pool_usd_bn_prev * (1 - tax_pool_rate * one_quarter) + (firm_capex_usd_bn - firm_chips_usd_bn * bonus_share) * one_quarter


@block.equation("USD_bn/q", axis=FIRM, label="Taxable profit before losses brought forward")
def firm_taxable_usd_bn(firm_core_ocf_usd_bn, firm_ai_margin_usd_bn, firm_interest_usd_bn, firm_chips_usd_bn, bonus_share,
                        firm_tax_pool_usd_bn_prev, tax_pool_rate):
    """Cash profit less interest, expensed chips and the pool's deduction."""
    return (firm_core_ocf_usd_bn + firm_ai_margin_usd_bn - firm_interest_usd_bn - firm_chips_usd_bn * bonus_share
            - firm_tax_pool_usd_bn_prev * tax_pool_rate)


@block.equation("USD_bn", axis=FIRM, opening=zero("USD_bn"), label="Tax losses brought forward")
def firm_tax_losses_usd_bn(firm_tax_losses_usd_bn_prev, firm_taxable_usd_bn, one_quarter):
    """Losses add, profits use them up."""
    return positive(firm_tax_losses_usd_bn_prev - firm_taxable_usd_bn * one_quarter)




@block.equation("USD_bn/q", axis=FIRM, label="Cash tax")
def firm_tax_usd_bn(firm_taxable_usd_bn, firm_tax_losses_usd_bn_prev, statutory_tax_rate, one_quarter):
    """Rate on profit left after losses brought forward; never a refund."""
    return statutory_tax_rate * positive(firm_taxable_usd_bn - firm_tax_losses_usd_bn_prev / one_quarter)


@block.equation("USD_bn/q", axis=FIRM, opening="ocf_open", label="Operating cash flow", report=True)
def firm_ocf_usd_bn(firm_core_ocf_usd_bn, firm_ai_margin_usd_bn, firm_interest_usd_bn, firm_tax_usd_bn):
    """Core and AI cash less interest and tax."""
    return firm_core_ocf_usd_bn + firm_ai_margin_usd_bn - firm_interest_usd_bn - firm_tax_usd_bn


@block.equation("USD_bn/q", axis=FIRM, label="Free cash flow", report=True)
def firm_fcf_usd_bn(firm_ocf_usd_bn, firm_capex_usd_bn):
    """Operating cash flow less cash capex."""
    return firm_ocf_usd_bn - firm_capex_usd_bn


@block.equation("USD_bn/q", axis=FIRM, opening="revenue_open")
def firm_revenue_usd_bn(revenue_open, core_gross_profit, core_revenue_open, core_gross_margin, firm_app_revenue_usd_bn,
                        firm_app_revenue_open, lab_to_firm_usd_bn, lab_to_firm_open):
    """Reported revenue: core grown with gross profit, plus what AI adds to the opening."""
    core = (revenue_open - firm_app_revenue_open - lab_to_firm_open) * core_gross_profit / (core_revenue_open * core_gross_margin)
    return core + firm_app_revenue_usd_bn + lab_to_firm_usd_bn


@block.initial("USD_bn/q", axis=FIRM)
def firm_app_revenue_open(firm_app_revenue_usd_bn):
    """AI revenue from end customers at the opening."""
    return firm_app_revenue_usd_bn


@block.initial("USD_bn/q", axis=FIRM)
def lab_to_firm_open(lab_to_firm_usd_bn):
    """AI revenue from labs at the opening."""
    return lab_to_firm_usd_bn


@block.equation("1", axis=FIRM, opening=lambda capex_open, revenue_open: capex_open / revenue_open, label="Capex over revenue", report=True)
def firm_capex_intensity(firm_capex_usd_bn, firm_revenue_usd_bn):
    """Bands for comparison: software as a service 3-6 %, early cloud 10-15 %."""
    return share(firm_capex_usd_bn, firm_revenue_usd_bn, 0)


# books of the firm (accounting policy, no cash)

@block.equation("year", axis=FIRM, label="Book life of servers in force")
def firm_book_life(book_life_years, t, imposed_life_quarter, imposed_life_years):
    """The firm's policy, or the life that auditors impose from a quarter on."""
    return where((imposed_life_quarter > 0) & (t >= imposed_life_quarter), imposed_life_years, book_life_years)


@block.equation("USD_bn/q", axis=FIRM, label="Book depreciation of AI assets", report=True)
def firm_depreciation_usd_bn(firm_book_usd_bn_prev, firm_book_life, book_young_share, one_year, year_once):
    """Straight line on gross: net over (life x net-to-gross share)."""
    life_q = firm_book_life / year_once * one_year
    return firm_book_usd_bn_prev / (life_q * book_young_share)


@block.equation("USD_bn/q", axis=FIRM, label="Impairment of AI assets")
def firm_impairment_usd_bn(firm_book_usd_bn_prev, impaired_share, one_quarter):
    """Book value of chips that retire or stand dark beyond plan."""
    return firm_book_usd_bn_prev * impaired_share / one_quarter


@block.equation("USD_bn", axis=FIRM, opening=lambda firm_ai_capex_open, book_open_quarters: firm_ai_capex_open * book_open_quarters, label="Book value of AI assets")
def firm_book_usd_bn(firm_book_usd_bn_prev, firm_chips_usd_bn, firm_facility_usd_bn, firm_depreciation_usd_bn, firm_impairment_usd_bn,
                     one_quarter):
    """Capex less depreciation and impairment."""
    return firm_book_usd_bn_prev + (firm_chips_usd_bn + firm_facility_usd_bn - firm_depreciation_usd_bn - firm_impairment_usd_bn) * one_quarter


@block.equation("1/year", axis=FIRM, label="Return on AI capital, external cash", report=True)
def firm_ai_return(firm_ai_margin_usd_bn, firm_depreciation_usd_bn, firm_book_usd_bn_prev, year_per_quarter):
    """AI margin less depreciation over AI book value, a year."""
    return share(firm_ai_margin_usd_bn - firm_depreciation_usd_bn, firm_book_usd_bn_prev, 0) / year_per_quarter


@block.equation("USD_bn/q", opening=lambda opening_ai_revenue, year_per_quarter, opening_fleet_it_gw, opening_opex_per_gw: (
        opening_ai_revenue * year_per_quarter - opening_fleet_it_gw * opening_opex_per_gw * year_per_quarter),
                label="AI gross profit of the whole chain")
def ai_gross_profit_usd_bn(ai_revenue_usd_bn, fleet_opex_usd_bn):
    """End-customer revenue less operations: the rents that the race is about."""
    return ai_revenue_usd_bn - fleet_opex_usd_bn
