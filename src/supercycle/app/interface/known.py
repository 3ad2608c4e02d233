"""The app's HTTP interface in types: what is known without running the model."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from supercycle.app.interface.report import Evidence, Num

__all__ = [
    "About",
    "Block",
    "ClaimChanged",
    "ClaimFull",
    "ClaimInput",
    "ClaimRow",
    "Claims",
    "DealsKnown",
    "DecideKnown",
    "Explained",
    "InputKnown",
    "Lever",
    "NameAndTitle",
    "OutputKnown",
    "Preset",
    "Region",
    "Schema",
    "Shock",
    "Shocks",
    "SourceRow",
    "Sources",
    "SpendStatus",
    "Status",
    "Term",
]


class Status(TypedDict):
    """Whether answers are final, and how far compilation is."""

    compiled: bool
    done: int
    total: int
    failed: str | None


class Lever(TypedDict):
    """A parameter of the model: default, range, distribution, evidence, source."""

    id: str
    label: str
    unit: str
    default: float
    low: float
    high: float
    distribution: str
    meaning: str
    source: str
    evidence: Evidence
    block: str
    tier: str
    reason: str
    rows: list[str]


class Block(TypedDict):
    """A block of the model."""

    name: str
    number: int
    title: str
    meaning: str


class OutputKnown(TypedDict):
    """What an output is."""

    name: str
    label: str
    unit: str
    block: NotRequired[str]
    meaning: str
    entities: list[str]


class Preset(TypedDict):
    """A scenario that comes with the model: what it answers, and what it says it moves."""

    name: str
    title: str
    story: str
    answers: list[str]
    moves: list[dict[str, str | float]]
    until: str | None
    origin: str
    set: list[dict[str, Any]]


class Term(TypedDict):
    """A word of the field."""

    term: str
    meaning: str


class Held(TypedDict):
    """What the 50 and 90 % bands held at past openings, of one kind of series."""

    what: str
    points: int
    inside_50: float
    inside_90: float
    of_this_model: bool


class About(TypedDict):
    """Who made it, which version, how new its figures are, how much of it is judged."""

    authors: str
    version: str
    data_known: str
    licence: str
    judged: int
    record: list[Held]


class Schema(TypedDict):
    """Everything a page is made of besides numbers; ``charts`` gives the page each chart stands on."""

    schema: str
    model: str
    model_hash: str
    start: str
    kernels: list[str]
    blocks: list[Block]
    parameters: list[Lever]
    outputs: list[OutputKnown]
    derived: list[OutputKnown]
    presets: list[Preset]
    pages: dict[str, list[str]]
    charts: dict[str, str]
    about: About
    glossary: list[Term]


class InputKnown(TypedDict):
    """What an equation reads."""

    argument: str
    kind: str
    name: str
    lag: bool
    left: bool
    unit: NotRequired[str]
    meaning: NotRequired[str]
    label: NotRequired[str]
    value: NotRequired[float]
    default: NotRequired[float]


class Explained(TypedDict):
    """An output with its equation, inputs and readers; or a parameter with range and evidence."""

    name: str
    kind: str
    label: NotRequired[str]
    meaning: NotRequired[str]
    unit: NotRequired[str]
    block: NotRequired[str]
    equation: NotRequired[str | None]
    opening: NotRequired[str | None]
    source: NotRequired[str]
    reason: NotRequired[str]
    evidence: NotRequired[str | dict[str, Any]]
    id: NotRequired[str]
    default: NotRequired[float]
    low: NotRequired[float]
    high: NotRequired[float]
    distribution: NotRequired[str]
    value: NotRequired[float]
    mechanism: NotRequired[str]
    standing: NotRequired[str]
    axis: NotRequired[str | None]
    members: NotRequired[list[str]]
    where: NotRequired[str]
    inputs: NotRequired[list[InputKnown]]
    opening_inputs: NotRequired[list[InputKnown]]
    used_by: NotRequired[list[str]]
    rests_on: NotRequired[dict[str, Any]]


class SourceRow(TypedDict):
    """One source: a sourced figure with its grade, or a published prior (grade empty)."""

    what: str
    value: NotRequired[Num]
    unit: NotRequired[str]
    tier: str
    title: str
    url: str
    licence: str
    published: NotRequired[str]


class Sources(TypedDict):
    """What outputs rest on: sources, judgements by label, and how many assumptions are upstream."""

    rows: list[SourceRow]
    judgements: list[str]
    assumptions: int


class ClaimRow(TypedDict):
    """A famous statement: as published, as computed here, and the verdict."""

    id: str
    topic: str
    statement: str
    who: str
    when: str
    published: float
    printed: str
    relation: str
    unit: str
    ours: Num
    verdict: str
    evidence: Evidence | None


class Claims(TypedDict):
    """Every claim, and how many have which verdict."""

    count: int
    verdicts: dict[str, int]
    claims: list[ClaimRow]


class ClaimInput(TypedDict):
    """A number a claim is computed from; ``set`` by hand it has no evidence."""

    name: str
    label: NotRequired[str]
    value: float
    unit: str
    low: NotRequired[Num]
    high: NotRequired[Num]
    evidence: Literal["measured", "published", "judgement", "set"]
    source: NotRequired[str]
    figure: NotRequired[str | None]


class ClaimChanged(TypedDict):
    """The claim with inputs changed by hand."""

    set: dict[str, float]
    value: float
    holds: bool


class ClaimFull(ClaimRow):
    """A claim with its formula, inputs, readings and what would make it true."""

    document: str
    last_printed_digit: Num
    span: list[float] | None
    basis: str
    reading: str
    why: str
    formula: str | None
    inputs: list[ClaimInput]
    bridge: dict[str, Any] | list[Any] | None
    changed: ClaimChanged | None
    what_it_takes: list[dict[str, Any]]
    readings: list[dict[str, Any]]


class Shock(TypedDict):
    """A shock that comes with the model."""

    name: str
    title: str
    story: str
    dated: bool
    set: dict[str, Any]


class Shocks(TypedDict):
    """The shocks that come with the model."""

    shocks: list[Shock]


class NameAndTitle(TypedDict):
    """A deal of the package."""

    name: str
    title: str


class DealsKnown(TypedDict):
    """The deals that come with the package, with their texts."""

    deals: list[NameAndTitle]
    texts: dict[str, str]


class DealField(TypedDict):
    """A value written in a deal's text: letters ``begin`` to ``end`` of it, -1 for what moves by date."""

    path: str
    label: str
    unit: str
    kind: str
    choices: list[str]
    value: str
    written: str
    begin: int
    end: int
    line: int


class DealGroup(TypedDict):
    """The fields of one block of a deal."""

    title: str
    fields: list[DealField]


class DealFields(TypedDict):
    """The fields of a deal's text, in its order."""

    groups: list[DealGroup]


class Region(TypedDict):
    """A power price."""

    name: str
    usd_per_kwh: float
    source: str


class DecideKnown(TypedDict):
    """The commented decision file and what its main fields may be."""

    decide: str
    models: list[str]
    gpus: list[str]
    regions: list[Region]


class SpendStatus(TypedDict):
    """Whether a gateway was named, and how to name one."""

    named: bool
    address: str | None
    hint: str
