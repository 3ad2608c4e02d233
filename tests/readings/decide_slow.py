"""A second reading of decide, small and slow: plain Python, one path, month and hour at a time.

It shares with the product the drawn prices and the inputs, nothing else: the queue, the replicas of each hour,
purchases, bills, taxes and the sale are written again from their definitions. For cases without deferrable work,
with replicas no larger than a server, at most 32 of them, and income enough to set losses off.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

WAIT = 0.05
BUYERS_LIFE = 7.0


def waits(servers: int, offered: float, patience: float) -> float:
    """P(wait > patience) of M/M/n from the defining series (in logs), or its limit above 150 servers."""
    if offered >= servers:
        return 1.0
    if servers <= 150:
        logs = [k * math.log(offered) - math.lgamma(k + 1) for k in range(servers)] if offered else [0.0]
        last = servers * math.log(offered) - math.lgamma(servers + 1) if offered else -math.inf
        last += math.log(servers / (servers - offered))
        top = max(*logs, last)
        waiting = math.exp(last - top) / (sum(math.exp(v - top) for v in logs) + math.exp(last - top))
    else:
        beta = (servers - offered) / math.sqrt(offered)
        density = math.exp(-(beta**2) / 2) / math.sqrt(2 * math.pi)
        waiting = 1 / (1 + beta * 0.5 * math.erfc(-beta / math.sqrt(2)) / density) if density else 0.0
    return waiting * math.exp(-(servers - offered) * patience)


class Slow:
    """The reading of one setting."""

    def __init__(self, place: Any) -> None:
        self.place, self.case = place, place.case
        self.number = place.case.number
        self.months, self.paths = place.frame.paths.rent.shape
        self.years = self.months // 12
        self.seen: dict[Any, Any] = {}

    def replicas(self, machine: int, load: float) -> int:
        """The fewest replicas that carry a load of busy GPUs within the promise."""
        rate, sla = self.place.ready.rates[machine], self.case.sla
        burst = self.number("workload.burst_ratio")
        patience = max(sla.ttft_p95_s - rate.ttft_s, 0.0) / (rate.ttft_s + rate.osl / rate.tokens_per_s_user)
        count = 0
        while load > 0:
            count += 1
            slots = max(math.floor(count * rate.concurrency), 1)
            used = load * burst / (count * rate.gpus_per_replica)
            if used < 1 and waits(slots, used * slots, patience) <= WAIT * (1 + 1e-9):
                break
        if count > 32:
            raise ValueError("beyond the reading's size")
        return count

    def level(self, month: int, path: int) -> float:
        return math.exp(0.005 * int(self.place.level[month, path]))

    def hours(self, machine: int, level: float, held: int) -> tuple[float, float, float, float, float, float]:
        """Means over hours above ``held`` replicas: needed in all, above, started, work, API bill, host bill."""
        key = (machine, level, held)
        if key not in self.seen:
            shape, busy = self.place.ready.shapes[machine], self.place.ready.busy[machine]
            loads = [float(x) * busy * level for x in shape.load]
            need = [self._need(machine, x) for x in loads]
            full = self._carries(machine, held)
            n = len(loads)
            above = sum(max(k - held, 0) for k in need) / n
            started = (
                sum(
                    max(max(b, held) - max(a, held), 0)
                    for a, b in zip(need, [*need[1:], need[0]], strict=True)
                )
                / n
            )
            part = [max(x - full, 0.0) / x if x else 0.0 for x in loads]
            work = sum(p * x for p, x in zip(part, loads, strict=True)) / sum(loads)
            api, host = (
                sum(p * float(w) for p, w in zip(part, bill, strict=True)) for bill in (shape.api, shape.host)
            )
            self.seen[key] = (sum(need) / n, above, started, work, api, host)
        return self.seen[key]

    def days_and_dollars(
        self, machine: int, level: float, base: int, tops: int, saved: int
    ) -> tuple[float, float, float, float, float]:
        """Hour by hour with blocks of days from ``base`` servers up to ``tops``, and ``saved`` replicas above them.

        Means over hours: servers of blocks, replicas above all of it, started above it, and the bills above.
        """
        key = ("days", machine, level, base, tops, saved)
        if key in self.seen:
            return self.seen[key]
        shape, busy = self.place.ready.shapes[machine], self.place.ready.busy[machine]
        loads = [float(x) * busy * level for x in shape.load]
        need = [self._need(machine, x) for x in loads]
        each, span = self.per_server(machine), 24 * int(self.number("rental.block_days"))
        there: list[int] = []
        blocks = 0.0
        for begin in range(0, len(loads), span):
            window = need[begin : begin + span]
            extra = max(min(-(-max(window) // each), tops) - base, 0)
            blocks += extra * len(window) / len(loads)
            there += [(base + extra) * each + saved] * len(window)
        short = [max(k - have, 0) for k, have in zip(need, there, strict=True)]
        started = sum(max(b - a, 0) for a, b in zip(short, [*short[1:], short[0]], strict=True))
        full = {have: self._carries(machine, have) for have in set(there)}
        part = [max(x - full[have], 0.0) / x if x else 0.0 for x, have in zip(loads, there, strict=True)]
        api, host = (
            sum(p * float(w) for p, w in zip(part, bill, strict=True)) for bill in (shape.api, shape.host)
        )
        n = len(loads)
        self.seen[key] = (blocks, sum(short) / n, started / n, api, host)
        return self.seen[key]

    def more(self, plan: Any, path: int, held: list[tuple[int, int, int, int]]) -> list[tuple[int, int]]:
        """Servers that blocks reach to and replicas of the savings plan, in each year."""
        machine = plan.machine
        peak = max(float(x) for x in self.place.ready.shapes[machine].load) * self.place.ready.busy[machine]
        blocks, savings = getattr(plan, "blocks", 0.0), getattr(plan, "savings", 0.0)
        found: list[tuple[int, int]] = []
        saved = 0
        for year, (owned, _, long, short) in enumerate(held):
            load = peak * (self.level(12 * year, path) if year else 1.0) * float(self.place.growth[year])
            top = total = owned + long + short
            if blocks > plan.one_year:
                top = max(-(-self.replicas(machine, load * blocks) // self.per_server(machine)), total)
            if savings <= max(plan.one_year, blocks):
                saved = 0
            elif plan.savings_years == 1 or year % 3 == 0:
                saved = max(self.replicas(machine, load * savings) - top * self.per_server(machine), 0)
            found.append((top, saved))
        return found

    def on_committed(self, plan: Any, level: float, servers: int, reach: int, size: int) -> float:
        """Mean GPUs of committed servers that work: hour by hour, work fills them first; an API leaves them only what
        all that is committed carries within the promise.
        """
        machine = plan.machine
        key = ("committed", machine, level, servers, reach, plan.top)
        if key not in self.seen:
            shape, busy = self.place.ready.shapes[machine], self.place.ready.busy[machine]
            most = float(servers * self.per_server(machine) * size)
            if plan.top not in ("on_demand", "spot"):
                most = min(most, self._carries(machine, reach))
            self.seen[key] = sum(min(float(x) * busy * level, most) for x in shape.load) / len(shape.load)
        return self.seen[key]

    def _need(self, machine: int, load: float) -> int:
        key = ("need", machine, load)
        if key not in self.seen:
            self.seen[key] = self.replicas(machine, load)
        return self.seen[key]

    def _carries(self, machine: int, held: int) -> float:
        """The largest load that so many replicas carry, by bisection on the need."""
        key = ("carries", machine, held)
        if key not in self.seen:
            low, high = 0.0, held * float(self.place.ready.rates[machine].gpus_per_replica)
            for _ in range(60):
                middle = (low + high) / 2
                low, high = (middle, high) if self._fits(machine, held, middle) else (low, middle)
            self.seen[key] = low
        return self.seen[key]

    def _fits(self, machine: int, held: int, load: float) -> bool:
        return held > 0 and self.replicas(machine, load) <= held

    def per_server(self, machine: int) -> int:
        return (
            int(self.number("hardware.gpus_per_server")) // self.place.ready.rates[machine].gpus_per_replica
        )

    def servers(self, plan: Any, path: int) -> list[tuple[int, int, int, int]]:
        """Owned, bought this year, reserved for three and for one year, in each year."""
        machine, life = plan.machine, int(self.number("hardware.life_years"))
        peak = max(float(x) for x in self.place.ready.shapes[machine].load) * self.place.ready.busy[machine]
        bought: list[int] = []
        found: list[tuple[int, int, int, int]] = []
        long = 0
        for year in range(self.years):
            seen = self.level(12 * year, path) if year else 1.0
            load = peak * seen * float(self.place.growth[year])
            want = [
                -(-self.replicas(machine, load * q) // self.per_server(machine)) if q else 0
                for q in (plan.own, plan.three_years, plan.one_year)
            ]
            alive = sum(n for made, n in enumerate(bought) if year - made < life)
            bought.append(max(want[0] - alive, 0))
            owned = alive + bought[-1]
            if year % 3 == 0:
                long = max(want[1] - owned, 0)
            if plan.three_years == plan.own:
                long = 0
            found.append((owned, bought[-1], long, max(want[2] - owned - long, 0) if plan.one_year else 0))
        return found

    def cost(self, plan: Any) -> float:
        """The mean after-tax present value of a plan over the paths."""
        return sum(self.cost_on(plan, path) for path in range(self.paths)) / self.paths

    def cost_on(self, plan: Any, path: int) -> float:
        n, frame = self.number, self.place.frame
        prices, rate, tax = frame.paths, n("finance.discount_rate_per_year"), n("finance.tax_rate")
        machine = plan.machine
        size = self.place.ready.rates[machine].gpus_per_replica
        server = int(n("hardware.gpus_per_server"))
        held = self.servers(plan, path)
        more = self.more(plan, path, held)
        npv, deductions = 0.0, [0.0] * self.years
        for month in range(self.months):
            year = month // 12
            bill = self.month(plan, month, path, held[year], more, size, server)
            npv += bill / (1 + rate) ** ((month + 1) / 12)
            deductions[year] += bill
        life = int(n("hardware.life_years"))
        for year, (_, bought, _, _) in enumerate(held):
            if bought:
                capital = (
                    bought
                    * server
                    * n("hardware.capital_usd_per_gpu")
                    * float(prices.hardware[12 * year, path])
                )
                sold = min(year + life, self.years) - 1
                sale = bought * server * self.brings(sold, sold - year + 1, path)
                npv += capital / (1 + rate) ** year - sale / (1 + rate) ** (sold + 1)
                deductions[year] += capital  # bonus: all of it in the year
                deductions[sold] -= sale
        if plan.site:
            built = 0
            for year, (owned, *_) in enumerate(held):
                more, built = max(owned - built, 0), max(built, owned)
                if more:
                    cost = more * server * n("hardware.server_kw") * n("site.own_usd_per_kw")
                    kept = self.years - year
                    sale = (
                        cost
                        * max(1 - kept / int(n("site.own_life_years")), 0.0)
                        * (1 - n("hardware.selling_cost_share"))
                    )
                    npv += cost / (1 + rate) ** year - sale / (1 + rate) ** self.years
                    for at in range(year, self.years):
                        deductions[at] += cost / 39
                    deductions[-1] += cost * (1 - kept / 39) - sale
        return npv - sum(tax * d / (1 + rate) ** (y + 1) for y, d in enumerate(deductions))

    def month(
        self,
        plan: Any,
        month: int,
        path: int,
        now: tuple[int, int, int, int],
        more: Any,
        size: int,
        server: int,
    ) -> float:
        n, frame, machine = self.number, self.place.frame, plan.machine
        prices, hours = frame.paths, 730.0
        owned, _, long, short = now
        total = owned + long + short
        level = self.level(month, path)
        needed, above, started, _, api_over, host_over = self.hours(
            machine, level, total * self.per_server(machine)
        )
        tops, saved = more[month // 12]
        lost_above, lost_api, lost_host = (
            above,
            api_over,
            host_over,
        )  # above the servers that can be out of service
        blocks, above, started, api_over, host_over = self.days_and_dollars(
            machine, level, total, tops, saved
        )
        out = 0.0
        if plan.one_year:
            down = n("hardware.failures_per_gpu_year") * server * n("hardware.repair_days") / 365
            out = 1 - n("performance.allocated_share") * (1 - down * owned / max(total, 1))
        api = frame.api_usd_per_month * float(prices.api[month, path] * prices.demand[month, path])
        host = frame.open_usd_per_month * float(prices.api_open[month, path] * prices.demand[month, path])
        rent, hidden = float(prices.rent[month, path]), 1 + n("rental.hidden_share")
        own_work = self.on_committed(plan, level, total, tops * self.per_server(machine) + saved, size)
        busy = own_work * (1 - out)
        bill = 0.0
        kw = n("hardware.server_kw")
        if owned:
            gpus = owned * server
            idle, full = n("hardware.idle_power_share"), n("hardware.busy_power_share")
            used = min(busy * owned / total, gpus)
            kwh = (idle * gpus + (full - idle) * used) * kw * n("site.pue") * hours
            bill += kwh * n("site.electricity_usd_per_kwh")
            bill += gpus * n("hardware.capital_usd_per_gpu") * n("hardware.upkeep_share_per_year") / 12
            if plan.site:
                bill += gpus * kw * n("site.own_usd_per_kw") * n("site.own_upkeep_share") / 12
            else:
                bill += gpus * kw * n("site.colocation_usd_per_kw_month")
        year = month // 12
        if long:
            signed = float(prices.rent[12 * (year - year % 3), path])
            bill += long * server * signed * n("rental.reserved_3y_ratio") * hours * hidden
        if short:
            anniversary = float(prices.rent[12 * year, path])
            bill += short * server * anniversary * n("rental.reserved_1y_ratio") * hours * hidden
        hosted = float(total * server) + blocks * server + saved * size
        per_start = 1 + n("rental.start_stop_minutes") / 60 / (24 * int(n("rental.block_days")))
        if blocks:
            bill += blocks * server * rent * ratio_of(n, "block") * per_start * hours * hidden
        if saved:
            term = plan.savings_years
            signed = float(prices.rent[12 * (year - year % term), path])
            bill += saved * size * signed * n(f"rental.savings_{term}y_ratio") * hours * hidden
        kept = 1.0
        if plan.top == "on_demand":
            hired = above + out * (needed - lost_above) + started * n("rental.start_stop_minutes") / 60
            hired *= size
            hosted += hired
            bill += hired * rent * hours * hidden
        else:
            over = api_over if plan.top == "api" else host_over
            over += (1 - (lost_api if plan.top == "api" else lost_host)) * out
            bill += over * (api if plan.top == "api" else host)
            kept = 1 - over if plan.top == "api" else 1.0
        hosts = self.reaches(plan) or plan.top == "on_demand"
        if hosts:
            least = n("people.owned_engineers") if plan.own else n("people.rented_engineers")
            bill += (
                max(hosted / n("people.gpus_per_engineer"), least) * n("people.usd_per_engineer_year") / 12
            )
        if hosts or plan.top == "api_open":
            bill += n("model.rework_share") * kept * api
        return bill

    def reaches(self, plan: Any) -> bool:
        return max(plan.one_year, getattr(plan, "blocks", 0.0), getattr(plan, "savings", 0.0)) > 0

    def brings(self, year: int, age: int, path: int) -> float:
        """A GPU's resale, which no plan changes: worked out once."""
        key = ("resale", year, age, path)
        if key not in self.seen:
            self.seen[key] = self.resale(year, age, path)
        return self.seen[key]

    def resale(self, year: int, age: int, path: int) -> float:
        """What a GPU brings: the rents it can still earn by quadrature, no more than the newest part's work."""
        from supercycle.decisions.inputs.hardware import GPUS
        from supercycle.decisions.inputs.quotes import gpu_capital

        n, prices = self.number, self.place.frame.paths
        month = min(12 * (year + 1), self.months) - 1
        used, kw = n("hardware.residual_used_share"), n("hardware.server_kw")
        earned = float(prices.rent[month, path]) * n("hardware.residual_rent_ratio") * 8760 * used
        draw = kw * (n("hardware.idle_power_share") * (1 - used) + n("hardware.busy_power_share") * used)
        running = draw * n("site.pue") * n("site.electricity_usd_per_kwh") * 8760
        running += kw * n("site.colocation_usd_per_kw_month") * 12
        decay, rate = n("hardware.rent_decay_per_year"), n("finance.discount_rate_per_year")
        left, worth = max(BUYERS_LIFE - age, 0.0), 0.0
        if earned > running:
            until = min(math.log(earned / running) / decay, left)
            steps = 4000  # Simpson's rule
            h = until / steps

            def flow(s: float) -> float:
                return (earned * math.exp(-decay * s) - running) * math.exp(-rate * s)

            worth = (
                h
                / 3
                * sum((1 if k in (0, steps) else 4 if k % 2 else 2) * flow(k * h) for k in range(steps + 1))
            )
        new, part = n("hardware.capital_usd_per_gpu"), self.place.frame.part
        if part.name != "B200":
            new = min(new, gpu_capital("B200").value / GPUS["B200"].h100e * part.h100e)
        new *= math.exp(-n("hardware.newest_decline_per_year") * (year + 1))
        scarce = float(prices.hardware[month, path]) * math.exp(
            n("hardware.price_decline_per_year") * month / 12
        )
        return min(worth, new * scarce) * (1 - n("hardware.selling_cost_share"))


def ratio_of(number: Any, what: str) -> float:
    """A quoted price over the price on demand."""
    return number(f"rental.{what}_usd_per_gpu_hour") / number("rental.on_demand_usd_per_gpu_hour")


def plans(tops: list[str], machines: int, *, quoted: Any) -> list[dict[str, Any]]:
    """Every plan of the set, written out again: heights in quarters (eighths of servers alone).

    ``quoted``: three years, one year, blocks, and the terms of savings plans.
    """
    long, year, blocks, terms = quoted
    quarters = [0.0, 0.25, 0.5, 0.75, 1.0]
    found: list[dict[str, Any]] = []
    for top, machine in itertools.product(tops, range(machines)):
        for own in [0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0]:
            grid = quarters if own in quarters else [own]
            for three in [q for q in grid if q >= own] if long else [own]:
                for one in [q for q in grid if q >= three] if year else [three]:
                    for block in [0.0, *(q for q in grid if q > one)] if blocks else [0.0]:
                        for save in [0.0, *(q for q in grid if q > max(one, block))] if terms else [0.0]:
                            if max(one, block, save) == 0 and machine and top in ("api", "api_open"):
                                continue
                            for site in (False, True) if own else (False,):
                                for term in terms if save else (1,):
                                    found.append(
                                        {
                                            "top": top, "own": own, "three_years": three, "one_year": one,
                                            "machine": machine, "site": site, "blocks": block, "savings": save,
                                            "savings_years": term,
                                        }
                                    )  # fmt: skip
    return found
