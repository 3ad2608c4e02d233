"""The quality gate: options that give up more quality than was accepted, or an unknown amount, are not recommended."""

from __future__ import annotations

from dataclasses import dataclass

from supercycle.decisions.choice.setting import Setting
from supercycle.decisions.inputs.quotes import api_rating

__all__ = ["Gate", "quality_gate"]


@dataclass(frozen=True, slots=True)
class Gate:
    """What the open model gives up in Arena points (None: not known), what is accepted, and ``reason`` when barred."""

    gap: float | None
    accepted: float
    source: str
    reason: str

    @property
    def note(self) -> str:
        """The gate in a sentence."""
        if self.gap is None:
            return f"Quality: {self.reason}"
        word = "more than" if self.reason else "within"
        return f"Quality: {self.gap:.0f} Arena points given up ({self.source}), {word} the {self.accepted:g} accepted."


def quality_gate(place: Setting) -> Gate:
    """The gate of a case: one's own measurement first, else the ratings of both models in the figures.

    A gap above the accepted one bars every option that serves the open model; so does an unknown gap, because nobody
    can say that it is within.
    """
    case = place.case
    accepted, model = case.number("model.accepted_quality_gap"), case.word("model.open_weights")
    own = case.optional("model.quality_gap")
    if own is not None:
        gap, source = own, "as you measured it"
    else:
        rated, used = api_rating(model), place.load.rating
        if rated is None or used is None:
            unknown = model if rated is None else "the models in use"
            return Gate(
                None,
                accepted,
                "",
                f"no rating of {unknown} is in the figures, so it is not known whether {model} is within the "
                f"{accepted:g} points accepted; measure it on your own tasks and give model.quality_gap",
            )
        gap, source = used - rated, "Arena ratings in the figures"
    if gap > accepted:
        return Gate(
            gap, accepted, source, f"{model} gives up {gap:.0f} Arena points, {accepted:g} are accepted"
        )
    return Gate(gap, accepted, source, "")
