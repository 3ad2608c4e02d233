"""Writes web/src/api/types.ts and docs/http.md from the types of the app's interface (supercycle.app.interface).

By hand after a change of those: `python tools/app_types.py`. A test holds the kept files against what this makes.
"""

from __future__ import annotations

from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, is_typeddict

from supercycle.app.interface import report
from supercycle.app.interface.addresses import ADDRESSES, Address
from supercycle.app.interface.openapi import described
from supercycle.app.interface.schema import fields, named_in

ROOT = Path(__file__).resolve().parents[1]
ALIASES = {"Num": report.Num, "Evidence": report.Evidence, "Kind": report.Kind, "Format": report.Format}
PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", NoneType: "null", Any: "unknown"}


def spelled(hint: Any, *, inside: bool = False, whole: bool = False) -> str:
    """A type in TypeScript; inside a list a union stands in brackets; ``whole`` spells an alias out."""
    for name, alias in ALIASES.items():
        if hint == alias and not whole:
            return name
    if is_typeddict(hint):
        return hint.__name__
    if hint in PLAIN:
        return PLAIN[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " | ".join(f'"{one}"' for one in inner)
    if origin is list:
        return f"{spelled(inner[0], inside=True)}[]"
    if origin is dict:
        return f"Record<string, {spelled(inner[1])}>"
    if origin is tuple:
        return f"[{', '.join(spelled(one) for one in inner)}]"
    if origin in (Union, UnionType):
        text = " | ".join(dict.fromkeys(spelled(one) for one in inner))
        return f"({text})" if inside else text
    raise TypeError(f"no TypeScript for {hint!r}")


def interface(shape: type) -> str:
    """A TypedDict as an interface, its docstring above it."""
    lines = [f"/** {' '.join((shape.__doc__ or '').split())} */", f"export interface {shape.__name__} {{"]
    lines += [
        f"  {name}{'' if must else '?'}: {spelled(hint)};" for name, (hint, must) in fields(shape).items()
    ]
    return "\n".join([*lines, "}"])


def typed(method: str) -> list[Address]:
    """Addresses of a method that answer with JSON of a type."""
    return [one for one in ADDRESSES if one.method == method and not isinstance(one.answer, str)]


def typescript() -> str:
    """The whole file."""
    everything = named_in(
        *(shape for one in [*typed("GET"), *typed("POST")] for shape in (one.asks, one.answer))
    )
    everything.pop("Nothing")
    aliases = [f"export type {name} = {spelled(hint, whole=True)};" for name, hint in ALIASES.items()]
    tables: list[str] = []
    for name, method, side in (
        ("Got", "GET", "answer"),
        ("Posted", "POST", "answer"),
        ("Bodies", "POST", "asks"),
    ):
        rows = [f'  "{one.path}": {getattr(one, side).__name__};' for one in typed(method)]
        tables.append("\n".join([f"export interface {name} {{", *rows, "}"]))
    head = (
        "// Made by tools/app_types.py from the types of supercycle/app/interface; a test holds it to them.\n"
    )
    return head + "\n\n".join(["\n".join(aliases), *map(interface, everything.values()), *tables]) + "\n"


def markdown() -> str:
    """The page of the docs."""
    out = [HEAD]
    for one, asks, answer in described():
        asked = [line for line in asks if line[0] not in TURN]
        out += [f"## {one.method} {one.path}", "", f"{one.what} Answers `{answer}`.", ""]
        out += [f"- `{name}`: {kind}{'' if must else ', optional'}" for name, kind, must in asked]
        out += [""] * bool(asked)
    return "\n".join([*out, FOOT])


TURN = ("client", "turn")
HEAD = """# HTTP interface of the app

While `supercycle app` runs it answers programs on this machine as it answers its own page. The running app serves this
list at `/api` and the OpenAPI document at `/api/openapi.json`; both, the front end's types and this page are made from
the types in `supercycle.app.interface`. A field there is not is refused, with the nearest; a refusal is
`{"error": "one line", "kind": "..."}` with status 400.

```bash
supercycle app --no-browser --port 8765 &
curl -X POST http://127.0.0.1:8765/api/run -H 'Content-Type: application/json' \\
  -d '{"preset": "power-wall", "paths": 256, "outputs": ["fleet_it_gw"]}'
```
"""
FOOT = """Every POST may carry `client` and `turn`: a newer turn of the same client replaces what still runs, and the
older question is answered with `{"superseded": true}`.
"""
FILES = {"web/src/api/types.ts": typescript, "docs/http.md": markdown}

if __name__ == "__main__":
    for name, made in FILES.items():
        (ROOT / name).write_text(made(), encoding="utf-8")
