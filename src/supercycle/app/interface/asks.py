"""The app's HTTP interface in types: what each address asks for."""

from __future__ import annotations

from typing import NotRequired, TypedDict

__all__ = [
    "ClaimBody",
    "CompareBody",
    "DealBody",
    "DecideBody",
    "FiguresQuery",
    "LinkBody",
    "MediansBody",
    "NameQuery",
    "Named",
    "Nothing",
    "OutputsBody",
    "PageBody",
    "QuarterBody",
    "ReproduceBody",
    "RunBody",
    "SeriesQuery",
    "Side",
    "StressBody",
    "TornadoBody",
    "Turn",
]


class Turn(TypedDict):
    """Every question may name its client (``tab/line``) and turn: a newer one of the line replaces it."""

    client: NotRequired[str]
    turn: NotRequired[int]


class Side(TypedDict):
    """A scenario: a preset and what differs from it, by parameter, in the registry's units."""

    preset: NotRequired[str]
    set: NotRequired[dict[str, float | str]]


class RunBody(Turn, Side):
    """A run: at most 20,000 paths, 200 outputs, 50 single paths beside the quantiles."""

    paths: NotRequired[int]
    seed: NotRequired[int]
    outputs: NotRequired[list[str]]
    samples: NotRequired[int]
    whole: NotRequired[bool]


class PageBody(RunBody):
    """A run with the charts of a page."""

    page: str


class QuarterBody(RunBody):
    """A run read in, or up to, one quarter such as 2030Q4."""

    quarter: NotRequired[str]


class TornadoBody(RunBody):
    """A scenario and the output to explain: ``fleet_it_gw``, or with a quarter ``fleet_it_gw:2030Q4``."""

    output: str


class CompareBody(Turn):
    """Two scenarios on the same draws."""

    a: NotRequired[Side]
    b: NotRequired[Side]
    paths: NotRequired[int]
    seed: NotRequired[int]
    outputs: NotRequired[list[str]]


class MediansBody(Turn, Side):
    """At most 60 variables of a scenario in one quarter."""

    names: list[str]
    quarter: NotRequired[str]


class StressBody(Turn, Side):
    """At most twelve named shocks on a scenario."""

    shocks: list[str]


class ReproduceBody(RunBody):
    """A scenario, and the one it is compared against."""

    against: NotRequired[Side]


class Named(Turn, Side):
    """A file's text and its own name."""

    text: str
    name: NotRequired[str]


class DealBody(Named):
    """A deal's text; with a preset it stands on that world's paths."""

    paths: NotRequired[int]


class DecideBody(Named):
    """A decision's text, at ``load`` times its load (0.01 to 100)."""

    load: NotRequired[float]


class Nothing(TypedDict):
    """A question without fields."""


class NameQuery(TypedDict):
    """An output or a parameter."""

    name: str


class SeriesQuery(TypedDict):
    """A series of the sourced tables."""

    series: str


class FiguresQuery(TypedDict):
    """Letters a series' name holds; all of them without."""

    match: NotRequired[str]


class OutputsBody(Turn):
    """At most 200 outputs."""

    outputs: list[str]


class ClaimBody(Turn):
    """A claim, and inputs changed by hand."""

    id: str
    set: NotRequired[dict[str, float | str]]


class LinkBody(Turn):
    """A gateway's address or the link it prints at its start."""

    link: str
