"""The app's HTTP interface: every address, what it asks and answers.

The app answers on this machine only (``app.guard``) and is no service for others; the interface is for notebooks and
programs beside it. A refusal is a JSON object with ``error``, one line with its next step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypedDict

from supercycle.app.interface import asks, figures, known, report, run

__all__ = ["ADDRESSES", "Address", "Problem", "Superseded", "address_of"]


class Problem(TypedDict):
    """A refusal (400), a fault (500), or the app's end (503)."""

    error: str
    kind: str


class Superseded(TypedDict):
    """A newer question of the same client has come: this one was not answered."""

    superseded: bool


@dataclass(frozen=True, slots=True)
class Address:
    """A method and a path; ``answer`` is a type, or the media type of what is no JSON."""

    method: str
    path: str
    what: str
    answer: Any
    asks: Any = asks.Nothing
    example: dict[str, Any] = field(default_factory=dict[str, Any])


def _get(path: str, what: str, answer: Any, shape: Any = asks.Nothing, **example: Any) -> Address:
    return Address("GET", path, what, answer, shape, example)


def _post(path: str, what: str, answer: Any, shape: Any, **example: Any) -> Address:
    return Address("POST", path, what, answer, shape, example)


_SET = {"grid_lead_months": 72}
ADDRESSES = (
    _get("/", "The app's page.", "text/html"),
    _get("/static/{name}", "Its script and style.", "application/octet-stream"),
    _get("/api", "This interface as a page.", "text/html"),
    _get("/api/openapi.json", "This interface as an OpenAPI document.", "application/json"),
    _get("/api/status", "Whether answers are final, and how far compilation is.", known.Status),
    _get("/api/schema", "Parameters, outputs, presets, pages, words: all but numbers.", known.Schema),
    _get("/api/explain", "An output or parameter opened.", known.Explained, asks.NameQuery, name="fleet_it_gw"),
    _get("/api/claims", "Every claim with its verdict.", known.Claims),
    _post("/api/claim", "One claim, its inputs changed as asked.", known.ClaimFull, asks.ClaimBody,
          id="required_revenue", set={"return_share": 0.13}),
    _get("/api/figures", "Series of the sourced tables.", figures.SeriesList, asks.FiguresQuery, match="capex"),
    _get("/api/figure", "Every reading of a series.", figures.SeriesFound, asks.SeriesQuery, series="capex_cash"),
    _get("/api/refreshed", "What the last refresh moved.", figures.LastRefresh),
    _get("/api/vintages", "Refreshed readings of a series.", figures.Vintages, asks.SeriesQuery, series="capex_cash"),
    _get("/api/shocks", "The shocks that come with the model.", known.Shocks),
    _get("/api/deals", "The deals that come with the package.", known.DealsKnown),
    _get("/api/templates", "The commented decision file and what its main fields may be.", known.DecideKnown),
    _get("/api/spend", "Whether a gateway was named.", known.SpendStatus),
    _get("/api/spend/events", "The gateway's numbers as they change.", "text/event-stream"),
    _post("/api/spend/link", "Name the gateway of the spend page.", known.SpendStatus, asks.LinkBody,
          link="http://127.0.0.1:4001"),
    _post("/api/run", "Quantiles of outputs under a scenario.", run.Answer, asks.RunBody,
          preset="base", set=_SET, paths=64, outputs=["fleet_it_gw"], samples=2),
    _post("/api/page", "A page's charts at rest.", run.PageAnswer, asks.PageBody, page="overview", paths=64),
    _post("/api/compare", "Two scenarios and their paired difference, b - a.", run.Compared, asks.CompareBody,
          a={"preset": "base"}, b={"preset": "crunch-2027"}, paths=64, outputs=["fleet_it_gw"]),
    _post("/api/flows", "From the grid to the token; who pays whom.", run.Flows, asks.QuarterBody,
          quarter="2030Q4", paths=64),
    _post("/api/sources", "Figures, priors and judgements under some outputs.", known.Sources, asks.OutputsBody,
          outputs=["fleet_it_gw"]),
    _post("/api/medians", "Medians of variables in a quarter.", run.Medians, asks.MediansBody,
          names=["fleet_it_gw"], quarter="2030Q4"),
    _post("/api/losses", "Losses from borrowers to final holders, up to a quarter.", run.LossesAnswer,
          asks.QuarterBody, quarter="2035Q4", paths=64),
    _post("/api/bust", "Who loses in a bust, with the odds.", run.BustAnswer, asks.RunBody, paths=64),
    _post("/api/reproduce", "The command and the Python of a scenario.", report.Reproduced, asks.ReproduceBody,
          preset="base", set=_SET, paths=1000),
    _post("/api/tornado", "The ten strongest levers of an output.", run.TornadoAnswer, asks.TornadoBody,
          output="fleet_it_gw:2030Q4"),
    _post("/api/stress", "Named shocks, each alone and all together.", run.Stressed, asks.StressBody,
          shocks=["valuation-fall"]),
    _post("/api/deal", "A deal's report.", report.ReportData, asks.DealBody),
    _post("/api/deal/fields", "The fields of a deal's text, for a form.", known.DealFields, asks.Named,
          text="money: USD_m\n"),
    _post("/api/decide", "A decision's report.", report.ReportData, asks.DecideBody),
)  # fmt: skip


@cache
def _by_path() -> dict[tuple[str, str], Address]:
    return {(one.method, one.path): one for one in ADDRESSES}


def address_of(method: str, path: str) -> Address:
    """The entry of an address. Errors: KeyError for one that is not part of the interface."""
    return _by_path()[method, path]
