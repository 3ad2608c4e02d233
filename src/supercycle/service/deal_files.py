"""Deal files: those that are shipped, by name, and a reader's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from supercycle.core.errors import EnvironmentProblem, InputError, UnknownNameError, UsageError
from supercycle.deals.document.read import read_deal
from supercycle.deals.document.schema import Deal
from supercycle.service.deal_upgrade import upgrade

__all__ = ["Settings", "examples", "new_file", "read_file", "schema", "settings_of", "upgrade_file"]

LARGEST_FILE = 1_000_000  # bytes; a deal is a page or two of text
Settings = Iterable[str] | Mapping[str, object]


def examples() -> dict[str, str]:
    """The text of every deal that is shipped, by name."""
    from importlib.resources import files

    folder = files("supercycle.deals") / "examples"
    found = {
        item.name.removesuffix(".yaml"): item.read_text(encoding="utf-8")
        for item in folder.iterdir()
        if item.name.endswith(".yaml")
    }
    return dict(sorted(found.items()))


def schema() -> dict[str, Any]:
    """The JSON Schema of a deal file."""
    from supercycle.deals.document.json_schema import json_schema

    return json_schema()


def read_file(file: str, settings: Settings = ()) -> tuple[Deal, str]:
    """(deal, its text) for a .yaml file or the name of an example, with or without .yaml and its folder.

    Errors: UsageError for a name that is both, UnknownNameError with the nearest example, InputError at file:line.
    """
    laid, shipped, place = settings_of(settings), examples(), Path(file)
    # "examples/hyperion.yaml", as the documents write it, is the shipped one unless such a file stands here.
    name = place.stem if place.suffix in (".yaml", ".yml") and place.parent.name in ("", "examples") else file
    if name in shipped and not place.is_file():
        return read_deal(shipped[name], origin=f"{name}.yaml", settings=laid), shipped[name]
    if file in shipped:
        raise UsageError(f"{file!r} is an example and a file", hint=f"Say ./{file} for the file.")
    if place.suffix not in (".yaml", ".yml"):
        raise UnknownNameError("deal", file, tuple(shipped))
    try:
        if place.stat().st_size > LARGEST_FILE:
            raise InputError("deal file too large", expected=f"{LARGEST_FILE:,} bytes or less", where=file)
        text = place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError("cannot read the deal", expected="a text file", got=reason, where=file) from error
    return read_deal(text, origin=file, settings=laid), text


def upgrade_file(file: Path, to: Path | None = None) -> tuple[Path, list[str]]:
    """(where it was written, what changed) for a deal of the first schema.

    Errors: InputError for a file that is no such deal, EnvironmentProblem where the new one cannot be written.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            "cannot read the deal", expected="a text file", got=reason, where=str(file)
        ) from error
    new, told = upgrade(text, origin=str(file))
    place = to or file
    _write(place, new)
    return place, told


def new_file(kind: str, file: Path) -> Path:
    """Write the example of a kind under another name; UsageError where the file exists already."""
    shipped = examples()
    if kind not in shipped:
        raise UnknownNameError("kind of deal", kind, tuple(shipped))
    if file.exists():
        raise UsageError(f"{file} exists", expected="a new file", hint="Give another name.")
    head = (
        f"# A deal of the kind {kind!r}, written by: supercycle deal new. Change what is yours.\n"
        "# Every key: supercycle deal schema. Every rule: docs/deals.md.\n#\n"
    )
    _write(file, head + shipped[kind].replace(f"name: {kind}\n", f"name: {file.stem}\n", 1))
    return file


def _write(place: Path, text: str) -> None:
    try:
        temporary = place.with_name(f".{place.name}.new")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(place)
    except OSError as error:
        raise EnvironmentProblem(f"cannot write {place} ({error.strerror})", where=str(place)) from None


def settings_of(settings: Settings) -> dict[str, str]:
    """``{"facilities.notes.rate": "7 %"}`` from a mapping or from "path=value" texts; a path given twice is refused."""
    laid: dict[str, str] = {}
    pairs: list[tuple[str, Any]] = []
    if isinstance(settings, Mapping):
        pairs = list(cast("Mapping[str, object]", settings).items())
    else:
        for setting in settings:
            path, equals, value = setting.partition("=")
            if not equals or not path.strip() or not value.strip():
                raise UsageError("bad --set", expected="path=value", got=setting)
            pairs.append((path.strip(), value.strip()))
    for path, value in pairs:
        if path in laid:
            raise InputError(f"{path} is set twice", where="--set", hint="Give it once.")
        laid[path] = str(value)
    return laid
