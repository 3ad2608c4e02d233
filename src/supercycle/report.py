"""One HTML file from a result: the page, its style and its numbers, and nothing to fetch.

The page is the bundle of `web/`, built with the package; this module puts the data beside it under a policy
that lets nothing else run or load.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.core.files import whole_file

__all__ = ["page_of", "render", "write"]

STATIC = Path(__file__).parent / "app" / "_static"

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="supercycle">
<meta name="description" content="{headline}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div id="supercycle"><noscript><h1>{title}</h1><p>{headline}</p>\
<p>The charts of this page are drawn by a script in this file; it is switched off here.</p></noscript></div>
<script type="application/json" id="supercycle-data">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def render(data: Mapping[str, object]) -> str:
    """Return the report on a result as one HTML page that needs no network.

    `data` is a result with its `report` part. The page carries a Content-Security-Policy that allows exactly
    this script and this style by their hashes, and no request to anywhere.

    Raises InputError when `data` has no report or holds a number that is not finite (null is the missing
    value), and EnvironmentProblem when the front end has not been built.
    """
    report = data.get("report")
    if not isinstance(report, Mapping):
        raise InputError(
            "a report needs report data", expected="a result with the key 'report'", got=_names(data)
        )
    title = str(cast("Mapping[str, object]", report).get("title", "supercycle"))
    return page_of("report", title, str(data.get("headline", "")), data)


def page_of(bundle: str, title: str, headline: str, data: Mapping[str, object]) -> str:
    """Return a page of one of the bundles of `web/` ("report", "model") with its data, for no network at all.

    The policy of the bundle "model" also allows the page to compile the WebAssembly it carries and to start workers
    from text of its own; neither can reach anything outside. Raises what `render` raises.
    """
    style, script = _bundle(f"{bundle}.css"), _bundle(f"{bundle}.js")
    return _PAGE.format(
        policy=_policy(script, style, runs_model=bundle == "model"),
        title=html.escape(title),
        headline=html.escape(headline),
        style=style,
        script=script,
        data=_inlined(data),
    )


def write(data: Mapping[str, object], path: str | os.PathLike[str]) -> Path:
    """Write the report on a result to `path` and return it.

    The file is written beside its place and then renamed, so that a reader never sees half a page. Raises
    EnvironmentProblem when the place is not writable, and what `render` raises.
    """
    page = render(data)
    with whole_file(path, "the report") as temporary:
        temporary.write_text(page, encoding="utf-8", newline="\n")
    return Path(path)


def _bundle(name: str) -> str:
    path = STATIC / name
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise EnvironmentProblem(
            f"the report's front end is not built: {name} is missing",
            hint="'pip install -e .' in the source tree builds it, and so does 'python hatch_build.py'.",
        ) from None
    closing = "</style" if name.endswith(".css") else "</script"
    if closing in text.lower():
        raise EnvironmentProblem(
            f"{name} holds {closing!r} and would end its own element", hint="Build the front end again."
        )
    return text


def _policy(script: str, style: str, *, runs_model: bool = False) -> str:
    def sha256(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {sha256(script)}" + (" 'wasm-unsafe-eval'" if runs_model else ""),
            *(["worker-src blob:"] if runs_model else []),
            f"style-src {sha256(style)}",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _inlined(data: Mapping[str, object]) -> str:
    """JSON that can stand inside a script element: no '<' is left that could end it."""
    try:
        text = json.dumps(data, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    except ValueError as problem:
        where = next(_not_finite(data), None)
        if where is None:
            raise
        raise InputError("a number in the report is not finite", where=where, hint="Write null.") from problem
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _not_finite(value: object, where: str = "data") -> Iterator[str]:
    if isinstance(value, float) and not math.isfinite(value):
        yield where
    elif isinstance(value, Mapping):
        for name, part in cast("Mapping[object, object]", value).items():
            yield from _not_finite(part, f"{where}.{name}")
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for index, part in enumerate(cast("Sequence[object]", value)):
            yield from _not_finite(part, f"{where}[{index}]")


def _names(data: Mapping[str, object]) -> str:
    return "the keys " + ", ".join(sorted(data)) if data else "nothing"
