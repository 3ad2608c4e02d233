"""What the generations of Claude accept: how thinking is asked for, and which settings of sampling are refused."""

from __future__ import annotations

import re
from typing import Any, Final

from supercycle.gateway.canon.effort import budget_of
from supercycle.gateway.canon.form import Call, Request, Thinking
from supercycle.gateway.canon.loss import Loss
from supercycle.gateway.canon.writing import Way, nearest, unlike

__all__ = ["generation", "sampling", "thinking"]

_VERSION: Final = re.compile(r"claude-(?:opus|sonnet|haiku|fable|mythos)-(\d{1,2})(?:-(\d{1,2}))?(?![0-9])")
_LEAST_BUDGET: Final = 1024


def generation(model: str) -> tuple[int, int] | None:
    """The version in a name; None for a model that is no Claude, or whose name does not say.

    >>> generation("anthropic.claude-sonnet-4-5-20250929-v1:0"), generation("claude-opus-5"), generation("glm-5")
    ((4, 5), (5, 0), None)
    """
    found = _VERSION.search(model)
    return None if found is None else (int(found[1]), int(found[2] or 0))


def sampling(request: Request, way: Way, loss: Loss, *, thinks: bool) -> dict[str, Any]:
    """temperature and top_p in range, where the model takes them; the others are lost by name."""
    found: dict[str, Any] = {}
    version = generation(way.model)
    fixed = version is not None and version >= (4, 7)
    for name, value in (("temperature", request.temperature), ("top_p", request.top_p)):
        if value is None or (value == 1 and version is not None):  # which is what Claude does unless told
            continue
        if value > 1:
            loss.lose(f"a {name} of {value} (above 1)")
        elif fixed or (thinks and name == "temperature"):
            loss.lose(f"{name} ({way.model} sets its own)" if fixed else f"{name} beside thinking")
        else:
            found[name] = value
    return found


def thinking(
    request: Request, way: Way, most: int, loss: Loss, *, forced: bool, own: bool
) -> tuple[dict[str, Any] | None, str]:
    """(``thinking``, effort) for a model: budgets up to 4.5, adaptive with a word from 4.6 on.

    A model that is made to call a tool, or whose last calls came from another model, cannot think: then it is left out.
    """
    version = generation(way.model)
    if not request.effort and request.budget is None:
        return None, ""
    if request.effort == "none":
        return {"type": "disabled"}, ""
    last = next((turn for turn in reversed(request.turns) if turn.role == "assistant"), None)
    calls = last is not None and any(isinstance(part, Call) for part in last.parts)
    sealed = last is not None and any(
        isinstance(part, Thinking) and not unlike(part, way, own) for part in last.parts
    )
    if forced or (calls and not sealed and (version is None or version < (4, 6))):
        loss.note(
            "thinking left out: a tool is forced" if forced else "thinking left out until the next turn"
        )
        return None, ""
    if version is not None and version >= (4, 6):
        words = (
            ("low", "medium", "high", "max")
            if version < (4, 7)
            else ("low", "medium", "high", "xhigh", "max")
        )
        return {"type": "adaptive"}, nearest(request.effort, words, loss) if request.effort else ""
    budget = min(request.budget or budget_of(request.effort), most - 1)
    if budget < _LEAST_BUDGET:
        loss.note("thinking left out: the limit of output is too low for it")
        return None, ""
    return {"type": "enabled", "budget_tokens": budget}, ""
