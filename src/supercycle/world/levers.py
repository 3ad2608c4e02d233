"""What each mechanism must do when its lever is moved: the table that tests and documentation are made from.

A lever is a set of parameters moved together from one end to the other; ``sign`` says which way the output must go on the same path.
``where`` names an output that tells on which paths the mechanism is at work at all (above zero in the run at the first end); on the
others nothing has to be seen. No path may go the wrong way on more than one in twenty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from supercycle.world.frame import FIRM

__all__ = ["LEVERS", "Lever"]

# A crash that comes on one side only would hide the lever, and so would a quarter in which chance delays what should bind.
_CALM: dict[str, float] = {"crash_switch": 0.0, "shock_switch": 0.0}


@dataclass(frozen=True, slots=True)
class Lever:
    """One expectation: moving the parameters from their first to their second value (None: over their whole range) moves ``output``
    by ``sign`` (0: not at all).
    """

    block: str
    mechanism: str
    moves: Mapping[str, tuple[float, float] | None]
    output: str
    sign: int
    where: str = ""
    given: Mapping[str, float] = field(default_factory=lambda: dict(_CALM))


def _lever(block: str, mechanism: str, moves: str | Mapping[str, tuple[float, float] | None], outputs: Mapping[str, int], *, where: str = "",
           given: Mapping[str, float] | None = None) -> tuple[Lever, ...]:
    ends = {moves: None} if isinstance(moves, str) else moves
    kept = {**_CALM, **(given or {})}
    return tuple(Lever(block, mechanism, ends, output, sign, where, kept) for output, sign in outputs.items())


_LEADS = {"grid_lead_months": (48.0, 72.0), "gas_lead_months": (30.0, 54.0), "engines_lead_months": (16.0, 30.0),
          "nuclear_lead_months": (47.0, 71.0), "renewables_lead_months": (14.0, 30.0)}
_CHIPS = {"chip_cap_headroom": None, "chip_cap_growth": None}
_LEVERAGE = {f"leverage_cap:{firm}": None for firm in FIRM.members}
_PLANS = {f"plan_open:{firm}": None for firm in FIRM.members}

LEVERS: tuple[Lever, ...] = (
    *_lever("expectations", "belief moves to what is seen: exuberance ends sooner", {"expectation_gain": (0.1, 0.4)}, {"expected_growth:2028Q4": -1},
            where="exuberance_ahead:2027Q4"),
    *_lever("race", "a larger winner's share raises effort and over-investment", "winner_takes_share",
            {"race_effort_usd_bn:2028Q4": 1, "race_overinvestment_it_gw:2028Q4": 1, "plan_wish_usd_bn:2028Q4": 1, "world_ai_capex_usd_bn:sum": 1}),
    *_lever("race", "network effects raise the prize", "network_prize_factor", {"race_effort_usd_bn:last": 1}, where="network_regime:last"),
    *_lever("race", "self-improvement raises spending", "takeoff_growth_boost", {"ai_revenue_run_rate:last": 1}, where="takeoff_regime:2033Q4"),
    *_lever("orders", "a higher required return: fewer chips wanted", "hurdle_base", {"chip_wanted_it_gw:2027Q2": -1, "breakeven_price:2029Q4": 1, "world_ai_capex_usd_bn:sum": -1}),
    *_lever("orders", "planners who look further ahead with today's growth want more", {"expectation_curve": (2.5, 1.3)}, {"power_wanted_it_gw:2026Q4": 1, "world_ai_capex_usd_bn:2028Q4": 1}),
    *_lever("plans", "higher plans at the opening: more ordered, more spent", _PLANS, {"five_plan_usd_bn:2026Q4": 1, "chip_orders_plan:2026Q4": 1, "world_ai_capex_usd_bn:2027Q2": 1}),
    *_lever("plans", "plans that answer more to revenue", {"plan_to_revenue": (0.35, 0.8)}, {"five_plan_usd_bn:2027Q2": 1, "world_ai_capex_usd_bn:2027Q4": 1}),
    *_lever("plans", "one firm escalates: it gains part of the build and of capacity", {"plan_open:Oracle": None}, {"firm_order_weight:Oracle:2027Q2": 1, "firm_capacity_weight:Oracle:2028Q4": 1}),
    *_lever("placing", "chips bought ahead of their halls", "slot_slack_q", {"chip_orders_slots:2026Q4": 1, "dark_it_gw:2027Q4": 1}),
    *_lever("placing", "general halls that AI can draw", "estate_it_gw_open", {"estate_drawn_it_gw:2027Q4": 1, "fleet_it_gw:2029Q4": 1}, where="scarcity:2027Q2"),
    *_lever("placing", "empty AI halls turn to ordinary cloud: halls leave, ordinary capex is saved", "repurpose_rate",
            {"halls_repurposed_it_gw:sum": 1, "halls_saved_usd_bn:sum": 1}, where="halls_repurposed_it_gw:sum", given={"imposed_crash_quarter": 5.0}),
    *_lever("market", "idle training clusters that wait are missing from supply: compute is dearer", {"training_offer_rate": (1.0, 0.25)},
            {"training_idle_mh100e:2027Q3": 1, "spot_price:2027Q4": 1}, given={"imposed_lab_failure_quarter": 5.0}),
    *_lever("macro", "a recession lowers core revenue, and with it cash flow", "core_cyclicality",
            {"core_gross_profit:2028Q4": -1, "firm_ocf_usd_bn:Meta:2028Q4": -1}, given={"imposed_crash_quarter": 5.0}),
    *_lever("captive", "compute that pays more in the core business", {"captive_payoff": (0.5, 2.0)}, {"captive_mh100e:2028Q4": 1, "firm_uplift_usd_bn:Meta:2030Q4": 1, "world_ai_capex_usd_bn:sum": 1}),
    *_lever("captive", "value of what is not core decides the one return of a vintage, not its cash", "option_value_share", {"captive_value_ratio:2028Q4": 1, "captive_mh100e:2030Q4": 0}),
    *_lever("power", "two more years of lead: less energised, dearer compute", _LEADS,
            # The fleet is asked late: in 2027Q2 power does not bind on 6 % of paths, where it moves up by a fiftieth of a GW.
            {"connected_facility_gw:2030Q4": -1, "fleet_it_gw:2030Q4": -1, "dark_it_gw:2027Q2": 1, "contract_price:2027Q1": 1}, where="binds_power:2027Q1"),
    *_lever("power", "connections slip unforeseen: chips wait in the dark", {"imposed_delay_q": (0.0, 8.0)},
            {"fleet_it_gw:2028Q4": -1, "dark_it_gw:2028Q2": 1, "contract_price:2028Q4": 1, "power_backlog_gw:2028Q4": 1},
            given={"imposed_delay_quarter": 3.0}),
    *_lever("power", "a grid lead of seven years", {"grid_lead_months": (60.0, 84.0)}, {"fleet_it_gw:2027Q3": -1, "connected_facility_gw:2030Q4": -1, "contract_price:2027Q3": 1, "dark_it_gw:2027Q2": 1}),
    *_lever("power", "a moratorium in PJM", {"moratorium_quarter:PJM": (0.0, 2.0)}, {"region_connected_gw:PJM:2032Q4": -1, "region_connected_gw:ERCOT:2033Q4": 1}),
    *_lever("power", "more of what is asked for is signed: fewer inquiries carry the same power", "signed_share", {"power_inquiry_gw:2028Q4": -1}),
    *_lever("power", "more of what is due is met", "slippage_met_share", {"power_backlog_gw:2028Q4": -1}),
    *_lever("power", "minimum bills on unused wires", "take_or_pay_share", {"take_or_pay_usd_bn:sum": 1}),
    *_lever("build", "chip supply", _CHIPS, {"chip_supply_cap:2028Q4": 1, "chip_tightness:2027Q2": -1, "it_cost:2027Q2": -1}),
    *_lever("build", "longer construction", "shell_lead_months", {"shell_capacity_it_gw:2029Q4": -1}),
    *_lever("build", "dearer chips", "opening_it_cost", {"breakeven_price:2028Q4": 1, "chip_spend_usd_bn:2026Q4": 1}),
    *_lever("fleet", "denser chips: more compute from a gigawatt, cheaper compute", "h100e_per_watt_growth", {"density:2030Q4": 1, "contract_price:2032Q4": -1}),
    *_lever("fleet", "longer physical life keeps old chips", "physical_life_q", {"retired_it_gw:sum": -1}),
    *_lever("fleet", "failures retire chips", "failure_rate", {"retired_it_gw:2027Q4": 1, "fleet_it_gw:2027Q4": -1}),
    *_lever("demand", "the ceiling of spending", {"spend_share": (0.045, 0.09)}, {"ai_revenue_run_rate:2032Q4": 1, "world_ai_capex_usd_bn:sum": 1}),
    *_lever("demand", "firms that will ever adopt", "enterprise_saturation", {"enterprise_adoption:2032Q4": 1}),
    *_lever("efficiency", "a jump strands compute where demand is inelastic", {"imposed_jump_size": (1.0, 5.0)},
            {"inference_mh100e:2028Q4": -1, "stranded_it_gw:2028Q2": 1}, given={"imposed_jump_quarter": 6.0, "elasticity_long_run": -0.6}),
    *_lever("efficiency", "a jump raises demand where it is elastic", {"imposed_jump_size": (1.0, 3.0)},
            {"ai_revenue_run_rate:2030Q4": 1, "stranded_it_gw:2029Q4": -1}, given={"imposed_jump_quarter": 6.0, "elasticity_long_run": -2.5}),
    *_lever("market", "scarcity and slack move prices faster: a falling price needs less slack", "price_response", {"utilisation:2030Q4": 1}),
    *_lever("market", "books reprice faster towards the market", "repricing_rate", {"book_price:2031Q4": -1}),
    *_lever("labs", "dearer generations: more training, less profit, more equity", "training_cost_growth",
            {"training_wanted:2029Q4": 1, "lab_profit_usd_bn:2027Q4": -1, "lab_equity_raised_usd_bn:sum": 1}),
    *_lever("generations", "a longer revenue life: old generations earn on, new ones less", "revenue_life_months",
            {"venture_cash_usd_bn:2027:2029Q4": 1, "venture_cash_usd_bn:2029:2029Q4": -1}),
    *_lever("labs", "ten times a generation: labs spend what they can and then run short", {"imposed_generation_ratio": (1.0, 10.0)},
            {"training_wanted:2028Q4": 1, "training_funded:2028Q4": -1, "lab_equity_raised_usd_bn:sum": 1}),
    *_lever("labs", "a price war: gross profit is gone, investors pay less for the lab, it trains less", {"price_war": (0.0, 1.0)},
            {"lab_margin_seen:OpenAI:2027Q4": -1, "lab_value_usd_bn:OpenAI:2027Q4": -1, "training_usd_bn:2027Q4": -1}),
    *_lever("contest", "a lead brings sales", "lab_lead_pull", {"lab_part:Other labs:2030Q4": -1}),
    *_lever("labs", "the largest lab fails", {"imposed_lab_failure_quarter": (0.0, 5.0)},
            {"lab_revenue_usd_bn:2028Q4": -1, "neocloud_price:2028Q4": -1, "equity_loss_usd_bn:2027Q3": 1, "commitments_due_usd_bn:2028Q4": -1}),
    *_lever("statements", "a shorter book life: earnings at once, no cash, no gigawatt", {"imposed_life_years": (6.0, 3.0)},
            {"firm_net_income_usd_bn:Meta:2027Q1": -1, "firm_equity_usd_bn:Meta:2028Q4": -1, "firm_ocf_usd_bn:Meta:2028Q4": 0,
             "fleet_it_gw:2030Q4": 0, "firm_tax_usd_bn:Meta:2028Q4": 0}, given={"imposed_life_quarter": 3.0}),
    *_lever("income", "expensing lowers tax while chips are bought", "bonus_share", {"firm_tax_usd_bn:Alphabet:2026Q4": -1}),
    *_lever("income", "tax", "statutory_tax_rate", {"firm_tax_usd_bn:Microsoft:2028Q4": 1, "firm_net_income_usd_bn:Microsoft:2028Q4": -1}),
    *_lever("funding", "leverage allowed: more bonds, less overdraft", _LEVERAGE, {"firm_bonds_usd_bn_all:2030Q4": 1},
            where="firm_revolver_usd_bn_all:2030Q4"),
    *_lever("funding", "a credit stop: unfunded at once, ordered less next, built less later", {"imposed_stop_size": (0.0, 1.0)},
            {"funded_share:2027Q3": -1, "world_ai_capex_usd_bn:2027Q3": -1, "world_ai_capex_usd_bn:2027Q2": 0, "chip_orders:2027Q4": -1,
             "fleet_it_gw:2029Q2": -1, "neocloud_funded_share:2027Q4": -1, "hy_spread:2027Q4": 1, "neocloud_default:2028Q2": 1},
            given={"imposed_stop_quarter": 5.0}),
    *_lever("funding", "a bank line is tens, not hundreds: a longer one is drawn before purchases are put off", "line_quarters",
            {"firm_revolver_usd_bn_all:2027Q3": 1}, given={"imposed_stop_quarter": 5.0}, where="firm_revolver_usd_bn_all:2027Q3"),
    *_lever("spreads", "a dated rise of the risk-free rate: dearer money, less built", {"imposed_rate_size": (0.0, 0.01)},
            {"hurdle_rate:2027Q1": 1, "world_ai_capex_usd_bn:2028Q2": -1, "firm_coupon:Oracle:2029Q4": 1}, given={"imposed_rate_quarter": 3.0}),
    *_lever("spreads", "scarce private credit costs more", {"pc_fundraising": (240.0, 86.0), "pc_powder_open": (170.0, 80.0), "pc_ai_share": (0.55, 0.25)},
            {"pc_spread_now:2030Q4": 1, "private_credit_ai_usd_bn:2030Q4": -1}),
    *_lever("neoclouds", "lenders sweep cash while planned cover is thin: less debt meets lower prices", "sweep_share", {"neocloud_debt_usd_bn:2028Q4": -1}),
    *_lever("neoclouds", "all of them fail: nothing bought next quarter, fewer chips ordered, halls idle, compute dearer", {"imposed_neocloud_share": (0.05, 1.0)},
            {"neocloud_chips_usd_bn:2027Q4": -1, "chip_orders:2027Q4": -1, "neocloud_idle_it_gw:2027Q4": 1, "spot_price:2027Q4": 1, "hy_spread:2027Q4": 1},
            given={"imposed_neocloud_quarter": 5.0}),
    *_lever("neoclouds", "revenue falls for a year: borrowers run out of cash", {"imposed_revenue_size": (0.0, 0.4)},
            {"neocloud_cash_cover:2028Q1": -1, "neocloud_default:2028Q2": 1, "neocloud_loss_usd_bn:2028Q2": 1}, given={"imposed_revenue_quarter": 5.0}),
    *_lever("neoclouds", "a glut: halls empty, contracts cheapen, cover falls", {"imposed_glut_size": (0.0, 0.3)},
            {"spot_price:2028Q3": -1, "neocloud_let:2028Q3": -1, "neocloud_cash_cover:2029Q1": -1}, given={"imposed_glut_quarter": 5.0}),
    *_lever("neoclouds", "the largest lab fails: its halls stand empty", {"imposed_lab_failure_quarter": (0.0, 7.0)},
            {"neocloud_let:2028Q2": -1, "neocloud_default:2028Q4": 1, "firm_spread:Oracle:2028Q2": 1, "neocloud_loss_usd_bn:2028Q4": 1}),
    *_lever("funding", "mandates take more of the index", "index_cap", {"firm_bonds_usd_bn_all:2031Q4": 1}),
    *_lever("leases", "leases instead of bonds", "lease_propensity", {"leases_signed_usd_bn:2027Q4": 1, "spv_debt_usd_bn:2032Q4": 1}),
    *_lever("funding", "supply widens spreads", "ig_spread_slope", {"ig_spread:max": 1},
            where="ig_spread_supply:max"),
    *_lever("maturities", "shorter debt meets its wall sooner", "neocloud_life_q", {"neocloud_due_usd_bn:2028Q4": -1, "neocloud_cover:2028Q4": 1}),
    *_lever("commitments", "promises that use does not carry", "lab_commitments_open", {"commitments_unmet_usd_bn:sum": 1}, where="commitments_unmet_usd_bn:max"),
    *_lever("credit", "riskier borrowers", "default_5y_b", {"hy_spread:2028Q4": 1, "neocloud_bond_interest_usd_bn:2029Q4": 1}),
    *_lever("lenders", "thinner margins of neoclouds", "neocloud_other_cost_share", {"neocloud_cover:2027Q1": -1, "neocloud_profit_usd_bn:2028Q4": -1}),
    *_lever("credit", "collateral that sells badly", "fire_sale_discount", {"resale_index:2028Q2": -1, "credit_loss_usd_bn:sum": 1},
            given={"imposed_crash_quarter": 5.0}),
    *_lever("credit", "a tenth of the fleet is sold at once: collateral, advances, recoveries", {"imposed_sale_share": (0.0, 0.1)},
            {"resale_index:2027Q3": -1, "advance_rate:2027Q4": -1, "neocloud_lgd:2027Q3": 1, "neocloud_loss_usd_bn:2027Q4": 1}, given={"imposed_sale_quarter": 5.0}),
    *_lever("credit", "chips that lose value faster than lenders planned", "resale_decay", {"resale_index:2028Q4": -1, "neocloud_lgd:2028Q4": 1}),
    *_lever("credit", "the largest neocloud fails", {"imposed_neocloud_share": (0.05, 0.6)}, {"credit_loss_usd_bn:2027Q3": 1, "resale_index:2027Q3": -1},
            given={"imposed_neocloud_quarter": 5.0}),
    *_lever("credit", "tenants renegotiate in a bust", "renegotiation_rate", {"neocloud_price:2029Q4": -1},
            given={"imposed_crash_quarter": 5.0}, where="price_above_market:2028Q2"),
    *_lever("income", "tenants of investment grade pay what they have signed: prices hold, fewer borrowers fail", "strong_tenants",
            {"neocloud_price:2029Q4": 1, "neocloud_default:2028Q4": -1}, given={"imposed_crash_quarter": 5.0}, where="price_above_market:2028Q2"),
    *_lever("lenders", "less refinancing in a bust: more borrowers run out of cash", "refinance_squeeze", {"neocloud_default:2028Q2": 1},
            given={"imposed_crash_quarter": 5.0}),
    *_lever("valuation", "a crash closes equity, raises the hurdle, stops orders", {"imposed_crash_size": (0.1, 0.9)},
            {"bust_state:2027Q4": 1, "hurdle_rate:2027Q4": 1, "ai_equity_index:2028Q2": -1, "world_ai_capex_usd_bn:2028Q4": -1,
             "output_loss_wealth:2028Q2": 1, "credit_loss_usd_bn:2028Q2": 1}, given={"imposed_crash_quarter": 5.0}),
    *_lever("valuation", "growth that is missed: the price falls", {"intensity_fade": (0.05, 0.09), "enterprise_saturation": (0.9, 0.6)},
            {"growth_missed:2027Q4": 1, "ai_equity_index:2028Q1": -1}),
    *_lever("valuation", "odds of a doubling", "crash_after_doubling", {"crash_hazard:sum": 1}, where="episode_age:max", given={"crash_switch": 1.0}),
    *_lever("valuation", "the mood feeds on the run-up", "mood_feed", {"mispricing:2028Q4": 1}, where="runup:2027Q4"),
    *_lever("valuation", "dearer money: shares fall at once", {"imposed_rate_size": (0.0, 0.01)}, {"ai_equity_index:2027Q1": -1}, given={"imposed_rate_quarter": 3.0}),
    *_lever("contagion", "a lab fails: stakes and contracts are marked down, shares fall", {"imposed_lab_failure_quarter": (0.0, 7.0)},
            {"marked_down:2028Q1": 1, "ai_equity_index:2028Q1": -1}),
    *_lever("policy", "rates are cut in a bust", {"policy_cut_size": (0.0, 0.04)}, {"risk_free_now:2028Q2": -1, "hurdle_rate:2028Q2": -1},
            given={"imposed_crash_quarter": 5.0}),
    *_lever("policy", "a backstop lends in a stop", {"policy_backstop_share": (0.0, 1.0)},
            {"credit_open:2027Q4": 1, "world_ai_capex_usd_bn:2028Q2": 1, "backstop_usd_bn:2027Q4": 1, "neocloud_default:2028Q1": -1},
            given={"imposed_stop_quarter": 5.0, "policy_backstop_quarter": 5.0}),
    *_lever("policy", "an export control stops other builders", {"policy_export_share": (0.0, 1.0)}, {"chip_spend_usd_bn:2027Q3": -1},
            given={"policy_export_quarter": 5.0}),
    *_lever("policy", "a moratorium stops requests for power", {"policy_moratorium_share": (0.0, 1.0)}, {"power_requests:2027Q2": -1},
            given={"policy_moratorium_quarter": 1.0}),
    *_lever("losses", "a crash: shareholders lose most, by whose shares and who owns them", {"imposed_crash_size": (0.1, 0.9)},
            {"wealth_lost_by_firm_usd_bn:chip makers:2028Q2": 1, "owner_lost_usd_bn:households:2028Q2": 1, "insiders_lost_usd_bn:2028Q2": 1},
            given={"imposed_crash_quarter": 5.0}),
    *_lever("macro", "imports take part of the boost", "import_share", {"gdp_contribution_net:2026Q3": -1}),
    # One channel moves the other through core revenue only: with that off, not at all.
    *_lever("macro", "reallocation: idle resources come back slowly", "reallocation_half_life",
            {"bust_loss_reallocation_usd_bn:last": 1, "bust_loss_crunch_usd_bn:last": 0}, given={"imposed_crash_quarter": 5.0, "core_cyclicality": 0.0}),
    *_lever("macro", "crunch: lenders' losses cut lending", "lending_multiplier",
            {"bust_loss_crunch_usd_bn:last": 1, "bust_loss_reallocation_usd_bn:last": 0}, given={"imposed_crash_quarter": 5.0, "core_cyclicality": 0.0}),
)
