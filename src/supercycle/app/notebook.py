"""A result in a notebook: its report in a frame that may run the report's own script and nothing else."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from supercycle.core.errors import EnvironmentProblem

if TYPE_CHECKING:
    from supercycle.service.result import Result

__all__ = ["framed"]

HEIGHT_PX = 760


def framed(result: Result) -> str:
    """The report as HTML for a notebook's cell; without the built front end, the sentence and why there is no more.

    The frame is sandboxed: its page has no origin, so it reads neither the notebook nor its cookies.
    """
    from supercycle.app.live_report import cannot, render_live
    from supercycle.report import render
    from supercycle.story import report_data

    try:
        data = report_data(result.to_dict(), result)
        page = render(data) if cannot(result.run) else render_live(data, result.run)
    except EnvironmentProblem as problem:
        return f"<p>{html.escape(result.headline)}</p><p><small>{html.escape(str(problem))}</small></p>"
    # Character references, so that the script keeps its hash whatever encoding the notebook's page is saved in.
    inside = html.escape(page).encode("ascii", "xmlcharrefreplace").decode("ascii")
    return (
        f'<iframe title="{html.escape(result.headline)}" sandbox="allow-scripts allow-downloads allow-popups" '
        f'style="width:100%;height:{HEIGHT_PX}px;border:0" srcdoc="{inside}"></iframe>'
    )
