"""The load of a decision from where it lies: the file's own words, a profile, a provider's export, a gateway."""

from __future__ import annotations

import os
from pathlib import Path

from supercycle.core.errors import EnvironmentProblem, InputError, UnknownNameError
from supercycle.core.optional import polars_for
from supercycle.core.profile import DemandProfile
from supercycle.decisions.inputs.case import Case
from supercycle.decisions.inputs.example import example_profile
from supercycle.decisions.inputs.exports import billed, is_export, profile_from_export, profile_of_days
from supercycle.decisions.inputs.shape import Shape, parse_shape
from supercycle.decisions.inputs.typed_load import profile_from_text
from supercycle.decisions.inputs.workload import load_of

__all__ = ["EXAMPLE", "LARGEST_FILE", "profile_of", "text_of"]

LARGEST_FILE = 200_000_000
EXAMPLE = "example"


def profile_of(
    case: Case, file: str | Path | None, usage: str | Path | None, gateway: str | None, shape: str = ""
) -> tuple[DemandProfile, tuple[str, ...]]:
    """The load and what has to be said of it: usage named on the command line, a gateway, the decision file's own
    ``load`` or ``usage``. Errors: InputError when there is none, or two.
    """
    if usage is not None and gateway is not None:
        raise InputError("two loads", expected="--usage or --gateway", got="both")
    stated = parse_shape(shape, "--shape") if shape else None
    if stated is None and case.load is not None:
        stated = case.load.shape
    if gateway is not None:
        return _from_gateway(gateway), ()
    if usage is not None:
        return _usage(usage, Path(), case, stated)
    if case.load is not None and case.load.amount:
        if case.usage and case.usage != EXAMPLE:
            raise InputError("two loads", expected="load or usage", got="both", where=case.load.where)
        return profile_from_text(case.load, case.today), ()
    # The template given by nobody is not a load that somebody named.
    if case.usage and file is not None:
        return _usage(case.usage, Path(file).parent, case, stated)
    raise InputError(
        "no load, no answer",
        expected="a section load in the decision file, --usage FILE or --gateway URL",
        got="none",
        hint="For example load: {users: 60, ...} as in the template; --usage example runs on a synthetic example.",
    )


def _usage(
    name: str | Path, beside: Path, case: Case, shape: Shape | None
) -> tuple[DemandProfile, tuple[str, ...]]:
    if str(name) == EXAMPLE:
        return example_profile(), ()
    place = beside / Path(name)
    if place.suffix.lower() == ".csv":
        text = text_of(place)
        if is_export(text):
            said = case.load
            provider = "" if said is None else said.word("provider")
            profile, notes = profile_from_export(
                text,
                where=str(place),
                shape=shape,
                tokens_per_request=None if said is None else said.number("output_tokens"),
                provider=provider,
                today=case.today,
            )
            bill = billed(text, where=str(place), provider=provider)
            return profile, (*notes, *_against_the_bill(profile, case, bill, str(place)))
    return profile_of_days(_read_profile(place), where=str(place), shape=shape)


_APART = 10.0  # judgement: no discount is that deep; a slip between thousands and millions is a thousand
_WORTH_SAYING = 1.2  # judgement: lists, rounding and days differ by less


def _against_the_bill(profile: DemandProfile, case: Case, bill: float | None, where: str) -> tuple[str, ...]:
    """The export's own cost beside its tokens at the prices of this decision: a wrong unit shows here.

    Errors: InputError where they are more than ten times apart.
    """
    if bill is None or bill <= 0:
        return ()
    load = load_of(profile, case)
    priced = float(load.api_usd.sum()) / case.number("workload.movable_share")
    ratio = priced / bill
    if not 1 / _APART <= ratio <= _APART:
        raise InputError(
            "the tokens and the bill of the export do not agree",
            expected=f"about {bill:,.2f} USD, which it says it cost",
            got=f"{priced:,.2f} USD at the prices of {', '.join(model for _, model, _ in load.models)}", where=where,
            hint="Is a column in thousands or millions of tokens, or the cost in another currency?",
        )  # fmt: skip
    if not 1 / _WORTH_SAYING <= ratio <= _WORTH_SAYING:
        said = (
            f"The export says that this work cost {bill:,.2f} USD; at the prices used here it costs {priced:,.2f}: "
            "state your contract (api.input_usd_per_mtok, api.output_usd_per_mtok) if it has other prices."
        )
        return (said,)
    return ()


def _read_profile(place: Path) -> DemandProfile:
    kind = place.suffix.lower()
    if kind == ".parquet":
        polars = polars_for("a Parquet file")
        _check(place)
        try:
            frame = polars.read_parquet(place)
        except Exception as error:
            raise InputError("not a Parquet file", got=str(error).splitlines()[0], where=str(place)) from None
        return DemandProfile.from_frame(frame, source=place.name)
    if kind == ".csv":
        return DemandProfile.from_csv(text_of(place), source=place.name, where=str(place))
    if kind == ".json":
        return DemandProfile.from_json(text_of(place), where=str(place))
    raise UnknownNameError(
        "kind of usage file", kind or place.name, (".parquet", ".csv", ".json"), where=str(place)
    )


def _from_gateway(url: str) -> DemandProfile:
    """The last 91 days of a running gateway, from its admin listener; a key with the scope admin is in
    SUPERCYCLE_GATEWAY_KEY, not on the command line, where others could read it.
    """
    import urllib.error
    import urllib.request

    if not url.startswith(("http://", "https://")):
        raise InputError("--gateway", expected="http://host:port", got=url)
    place = f"{url.rstrip('/')}/api/dashboard/profile.json"
    key = os.environ.get("SUPERCYCLE_GATEWAY_KEY", "")
    request = urllib.request.Request(place, headers={"Authorization": f"Bearer {key}"} if key else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return DemandProfile.from_json(answer.read().decode("utf-8"), where=place)
    except (OSError, urllib.error.URLError) as error:
        raise EnvironmentProblem(
            f"the gateway does not answer: {error}",
            where=place,
            hint="Is it running, is this its admin address, and is SUPERCYCLE_GATEWAY_KEY an admin key?",
        ) from None


def _check(place: Path) -> None:
    if not place.is_file():
        raise InputError("no such file", got=str(place), where=str(place))
    if place.stat().st_size > LARGEST_FILE:
        raise InputError("file too large", expected=f"{LARGEST_FILE:,} bytes or less", where=str(place))


def text_of(place: Path) -> str:
    """The text of a file. Errors: InputError for one that is not there, too large, or not text."""
    _check(place)
    try:
        return place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot read the file", expected="text", got=str(error), where=str(place)) from None
