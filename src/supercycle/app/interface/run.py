"""The app's HTTP interface in types: answers of a run."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from supercycle.app.interface.report import Evidence, Num, Quantiles, Section

__all__ = [
    "Answer",
    "Before",
    "BustAnswer",
    "BustOdds",
    "Change",
    "Compared",
    "Flow",
    "FlowLink",
    "Flows",
    "Hit",
    "Impact",
    "LeverFailed",
    "Light",
    "LiveOutput",
    "LossesAnswer",
    "Medians",
    "Moved",
    "PageAnswer",
    "Part",
    "RunFacts",
    "Stressed",
    "TornadoAnswer",
    "TornadoRow",
]


class LiveOutput(Quantiles):
    """An output of a run: seven digits, what a screen can show."""

    label: str
    unit: str
    block: str
    meaning: str
    entity: str | None
    mean: list[Num]
    samples: NotRequired[list[list[Num]]]


class Change(TypedDict):
    """From the base case on the same paths: median and 5 to 95 % of the paired difference; of a share no ends."""

    value: float
    ends: tuple[float, float] | None


class Part(TypedDict):
    """A number of the sentence."""

    key: str
    label: str
    value: float
    unit: str
    ends: tuple[float, float] | None
    change: NotRequired[Change | None]


class Light(TypedDict):
    """Whether the answer may be trusted and what presses; ``note``: so in the base case too."""

    id: str
    title: str
    state: Literal["good", "note", "warn", "bad"]
    detail: str
    explain: str | None


class RunFacts(TypedDict):
    """How a run was made."""

    paths: int
    seed: int
    kernel: str
    provisional: bool
    status_counts: dict[str, int]


class Answer(RunFacts):
    """A run: its outputs, the sentence and its numbers, the lights."""

    quarters: list[str]
    outputs: dict[str, LiveOutput]
    headline: str
    parts: list[Part]
    lights: list[Light]
    seconds: float


class PageAnswer(Answer):
    """A run with the sections of a page."""

    sections: list[Section]


class Compared(RunFacts):
    """Both sides and the paired difference b - a; ``redrawn`` paths were refused on one side only."""

    quarters: list[str]
    a: dict[str, LiveOutput]
    b: dict[str, LiveOutput]
    difference: dict[str, LiveOutput]
    pairs: int
    redrawn: int


class FlowLink(TypedDict):
    """A width: a mean over paths, because means add up."""

    source: str
    target: str
    value: float


class Flow(TypedDict):
    """A flow diagram of one quarter."""

    unit: str
    quarter: str
    outputs: list[str]
    links: list[FlowLink]


class Flows(TypedDict):
    """From the grid to the token, and from payer to payee."""

    power: Flow
    money: Flow
    provisional: bool


class LossesAnswer(TypedDict):
    """Losses from borrowers through claims to final holders."""

    losses: Flow


class BustAnswer(TypedDict):
    """Who loses in a bust, with the odds."""

    section: Section
    paths: int
    seed: int


class Medians(TypedDict):
    """Medians by slot, and the shares of the first one's variance by kind of evidence."""

    quarter: str
    values: dict[str, Num]
    evidence: dict[str, float] | None


class TornadoRow(TypedDict):
    """Median paired change with a lever at its 5 and its 95 % point (``ends``)."""

    parameter: str
    label: str
    evidence: Evidence
    unit: str
    ends: tuple[float, float]
    low: float
    high: float
    share: float


class LeverFailed(TypedDict):
    """A lever an end of which cannot be computed."""

    label: str
    why: str


class TornadoAnswer(TypedDict):
    """The ten strongest levers of an output."""

    output: str
    label: str
    unit: str
    when: str
    rows: list[TornadoRow]
    median: float
    paths: int
    failed: list[LeverFailed]


class Before(TypedDict):
    """One side of a shock."""

    q50: Num
    mean: NotRequired[Num]


class Moved(TypedDict):
    """The paired difference a shock makes."""

    q05: Num
    q25: Num
    q50: Num
    q75: Num
    q95: Num
    mean: Num
    standard_error: Num
    moved: Num


class Impact(TypedDict):
    """A reading before and after a shock."""

    label: str
    unit: str
    when: str
    before: Before
    after: Before
    difference: Moved


class BustOdds(TypedDict):
    """Shares of paths with a bust."""

    before: Num
    after: Num
    only_with: Num
    only_without: Num


class Hit(TypedDict):
    """One shock's effect."""

    name: str
    title: str
    set: dict[str, Any]
    pairs: int
    redrawn: int
    bust: BustOdds
    readings: dict[str, Impact]
    losses_by_holder: dict[str, Impact]


class Stressed(TypedDict):
    """Shocks, each alone and all together."""

    schema: str
    scenario: dict[str, Any]
    manifest: dict[str, Any]
    status_counts: dict[str, int]
    books: dict[str, Any]
    shocks: list[Hit]
