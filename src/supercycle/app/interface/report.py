"""The app's HTTP interface in types: charts and reports."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

__all__ = [
    "Assumption",
    "Books",
    "Chart",
    "ChartBand",
    "ChartLine",
    "ChartSeries",
    "Evidence",
    "Format",
    "HeadlinePart",
    "Judgement",
    "Kind",
    "Manifest",
    "ManifestScenario",
    "Num",
    "Output",
    "Quantiles",
    "Report",
    "ReportData",
    "Reproduced",
    "Section",
    "SomeQuantiles",
]

Num = float | None
Evidence = Literal["measured", "published", "judgement"]
Kind = Literal["fan", "fans", "stack", "lines", "vintage", "share", "bars", "table"]
Format = Literal["number", "percent", "usd"]


class Quantiles(TypedDict):
    """By quarter, over the paths that have numbers."""

    q05: list[Num]
    q25: list[Num]
    q50: list[Num]
    q75: list[Num]
    q95: list[Num]


class Output(Quantiles):
    """An output in a report, with its own quarters."""

    label: str
    unit: str
    block: NotRequired[str]
    meaning: NotRequired[str]
    entity: NotRequired[str | None]
    quarters: list[str]
    mean: NotRequired[list[Num]]
    samples: NotRequired[list[list[Num]]]


class SomeQuantiles(TypedDict, total=False):
    """Levels of a band that are drawn."""

    q05: list[Num]
    q25: list[Num]
    q50: list[Num]
    q75: list[Num]
    q95: list[Num]


class ChartSeries(TypedDict):
    """A line, bar or band. ``mean``: its values are means over paths of this output; ``rest``: what others leave."""

    key: NotRequired[str | None]
    label: str
    values: NotRequired[list[Num] | SomeQuantiles]
    mean: NotRequired[str]
    rest: NotRequired[bool]


class ChartBand(TypedDict):
    """A range behind a chart."""

    label: str
    low: float
    high: float


class ChartLine(TypedDict):
    """A level behind a chart."""

    label: str
    value: float


class Past(TypedDict):
    """What is on file before the run: of the same quantity, or (not ``whole``) of a part of it."""

    label: str
    whole: bool
    quarters: list[str]
    values: list[Num]


class Dot(TypedDict):
    """Another's forecast of a year; ``id`` is its row of the figures."""

    at: str
    label: str
    value: float
    id: str


class Chart(TypedDict):
    """A chart; series with a ``key`` and no values are drawn from the outputs. ``flows``: bars are sums of periods."""

    id: str
    title: str
    kind: Kind
    unit: str
    series: NotRequired[list[ChartSeries]]
    x: NotRequired[list[str]]
    bands: NotRequired[list[ChartBand]]
    lines: NotRequired[list[ChartLine]]
    columns: NotRequired[list[str]]
    rows: NotRequired[list[list[str | float | bool | None]]]
    source: NotRequired[str]
    note: NotRequired[str]
    format: NotRequired[Format]
    scale: NotRequired[Literal["linear", "log"]]
    flows: NotRequired[bool]
    past: NotRequired[Past]
    dots: NotRequired[list[Dot]]


class Section(TypedDict):
    """Charts with a lead."""

    id: str
    title: str
    lead: NotRequired[str]
    charts: list[Chart]


class ManifestScenario(TypedDict, total=False):
    """What was run."""

    preset: str
    set: dict[str, Any]


class Manifest(TypedDict, total=False):
    """How a result was made; a deal and a decision tell less than a run."""

    model_hash: str
    scenario: ManifestScenario
    seed: int
    paths: int
    start: str
    until: str
    kernel: str
    versions: dict[str, str]
    processor: str
    command: str
    python: str


class HeadlinePart(TypedDict):
    """A number at the head of a report."""

    label: str
    value: float | str | None
    unit: NotRequired[str]
    note: NotRequired[str]


class Judgement(TypedDict):
    """An input and its share of the variance of an output."""

    parameter: str
    label: str
    share_of_variance: Num
    evidence: Evidence
    output: str


class Assumption(TypedDict):
    """An input with its range and where it is from."""

    id: str
    label: str
    block: str
    unit: str
    default: float
    low: float
    high: float
    value: NotRequired[Num]
    evidence: Evidence
    source: NotRequired[str]
    reason: NotRequired[str]


class Reproduced(TypedDict):
    """The command and the Python that give the numbers again."""

    cli: str
    python: str


class LiveStart(TypedDict):
    """Where the live pages of a report's file begin; ``said`` is what differs there."""

    preset: str
    set: dict[str, float]
    said: str


class Report(TypedDict):
    """The words and charts around a result."""

    title: str
    subtitle: NotRequired[str]
    created: NotRequired[str]
    headline_parts: NotRequired[list[HeadlinePart]]
    judgements: NotRequired[list[Judgement]]
    evidence_share: NotRequired[dict[str, Num]]
    sections: NotRequired[list[Section]]
    assumptions: NotRequired[list[Assumption]]
    reproduce: NotRequired[Reproduced]
    notes: NotRequired[list[str]]
    live: NotRequired[LiveStart]


class Books(TypedDict):
    """The largest residual of the books, and how many checks there were."""

    residual_max: Num
    checked: int


class ReportData(TypedDict):
    """A result and the report around it: what a report's page and the deal and decide pages draw."""

    schema: str
    headline: str
    manifest: Manifest
    books: NotRequired[Books]
    status_counts: NotRequired[dict[str, int]]
    timings_s: NotRequired[dict[str, float]]
    outputs: dict[str, Output]
    report: Report
