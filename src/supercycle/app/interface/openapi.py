"""The app's HTTP interface as an OpenAPI document, as a page, and in words."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import Any

from supercycle import __version__
from supercycle.app.interface.addresses import ADDRESSES, Address, Problem, Superseded
from supercycle.app.interface.schema import fields, json_schema, named_in, object_schema

__all__ = ["described", "openapi", "page"]


def _named(text: str) -> str:
    return text.strip("/").replace("/", "_").replace(".", "_").replace("{", "").replace("}", "") or "index"


def _operation(one: Address) -> dict[str, Any]:
    is_typed = not isinstance(one.answer, str)
    if is_typed:
        shape = json_schema(one.answer)
        if "client" in fields(one.asks):
            shape = {"anyOf": [shape, json_schema(Superseded)]}
        content = {"application/json": {"schema": shape}}
    else:
        content = {
            one.answer: {"schema": {"type": "object" if one.answer == "application/json" else "string"}}
        }
    responses: dict[str, Any] = {"200": {"description": one.what, "content": content}}
    if is_typed:
        refused = {"application/json": {"schema": json_schema(Problem)}}
        responses["default"] = {"description": "Refused, a fault, or the app has ended.", "content": refused}
    out: dict[str, Any] = {"operationId": f"{one.method.lower()}_{_named(one.path)}", "summary": one.what}
    if one.method == "POST":
        body: dict[str, Any] = {"schema": json_schema(one.asks)}
        if one.example:
            body["example"] = one.example
        out["requestBody"] = {"required": True, "content": {"application/json": body}}
    else:
        out["parameters"] = [
            {"name": name, "in": "query", "required": needed, "schema": json_schema(hint),
             **({"example": one.example[name]} if name in one.example else {})}
            for name, (hint, needed) in fields(one.asks).items()
        ]  # fmt: skip
        if "{name}" in one.path:
            path = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
            out["parameters"].append(path)
    return {**out, "responses": responses}


@cache
def openapi() -> dict[str, Any]:
    """The interface as an OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for one in ADDRESSES:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    shapes = [
        Problem,
        Superseded,
        *(s for one in ADDRESSES for s in (one.asks, one.answer) if not isinstance(s, str)),
    ]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "supercycle app",
            "version": __version__,
            "description": "Answers on this machine only, while `supercycle app` runs.",
            "license": {"name": "Apache-2.0 AND CC-BY-4.0"},
        },
        "paths": paths,
        "components": {"schemas": {name: object_schema(shape) for name, shape in named_in(*shapes).items()}},
    }


def described() -> list[tuple[Address, list[tuple[str, str, bool]], str]]:
    """Each address with the fields it asks for (name, type in words, needed) and the name of its answer."""
    return [
        (
            one,
            [(name, spelled(hint), needed) for name, (hint, needed) in fields(one.asks).items()],
            one.answer if isinstance(one.answer, str) else one.answer.__name__,
        )
        for one in ADDRESSES
    ]


def spelled(hint: Any) -> str:
    """A type in a word or two.

    >>> spelled(list[str]), spelled(float | None)
    ('list of string', 'number or null')
    """
    shape = json_schema(hint)
    if "$ref" in shape:
        return str(shape["$ref"]).rpartition("/")[2]
    if "anyOf" in shape:
        return " or ".join(spelled(one) for one in hint.__args__)
    if "enum" in shape:
        return " or ".join(shape["enum"])
    if shape.get("type") == "array":
        return "list of " + (spelled(hint.__args__[0]))
    if shape.get("type") == "object":
        return f"object of {spelled(hint.__args__[1])}"
    return str(shape.get("type", "anything"))


@cache
def page() -> str:
    """The interface as a page of its own: no script, nothing from elsewhere."""
    rows: list[str] = []
    for one, asks, answer in described():
        link = f'<a href="#{answer}">{answer}</a>' if not isinstance(one.answer, str) else escape(answer)
        told = "".join(
            f"<li><code>{n}</code>: {escape(t)}{'' if must else ', optional'}</li>" for n, t, must in asks
        )
        rows.append(
            f"<section><h2><code>{one.method} {escape(one.path)}</code></h2><p>{escape(one.what)} Answers {link}.</p>"
            f"<ul>{told}</ul></section>"
        )
    types: list[str] = []
    for name, shape in named_in(
        *(one.answer for one in ADDRESSES if not isinstance(one.answer, str))
    ).items():
        told = "".join(
            f"<li><code>{n}</code>: {escape(spelled(hint))}{'' if must else ', optional'}</li>"
            for n, (hint, must) in fields(shape).items()
        )
        says = escape(" ".join((shape.__doc__ or "").split()))
        types.append(f'<section id="{name}"><h3>{name}</h3><p>{says}</p><ul>{told}</ul></section>')
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>supercycle: HTTP interface</title>'
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;"
        "color-scheme:light dark}h2{font-size:1rem}h3{font-size:1rem}</style></head><body><main>"
        "<h1>HTTP interface</h1><p>Answers on this machine only, while the app runs. A field there is not is refused. "
        'The same for programs: <a href="/api/openapi.json">OpenAPI</a>.</p>'
        f"{''.join(rows)}<h2>Types</h2>{''.join(types)}</main></body></html>\n"
    )
