"""What ``supercycle gateway prices`` shows of the price book, and the refresh of its tables."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from supercycle.core.errors import EnvironmentProblem, UnknownNameError, UsageError
from supercycle.gateway.config.config import data_folder
from supercycle.gateway.prices.money import usd_text
from supercycle.gateway.prices.pricebook import Model, PriceBook, Rate
from supercycle.service.gateway.ledger import book_of, settings

__all__ = ["differences", "listed", "refresh", "show"]

Json = dict[str, Any]
_CALLS = ("web_search", "request")


def listed(config: Path | None, provider: str | None, at: str | None) -> Json:
    """The providers of the book, or the models of one with what they cost at a time."""
    book, when = book_of(settings(config)), _time(at)
    if provider is None:
        return {
            "providers": [{"provider": name, "models": len(book.models(name))} for name in book.providers()]
        }
    rows: list[Json] = []
    for model in book.models(provider):
        rates = model.rates(when) or {}
        shown = {kind: _usd(kind, rates.get(kind)) for kind in ("input", "cached", "output")}
        rows.append({"model": model.name, "context": model.context, **shown, "rows": len(model.prices)})
    return {"provider": provider, "at": when.isoformat(timespec="minutes"), "models": rows}


def show(config: Path | None, name: str | None, at: str | None) -> Json:
    """Every row of one model, and which hold at a time."""
    provider, _, wanted = (name or "").partition("/")
    if not wanted:
        raise UsageError("prices show", expected="provider/model", got=repr(name or ""))
    book, when = book_of(settings(config)), _time(at)
    model = _found(book, provider, wanted)
    rates = model.rates(when) or {}
    used = {rate.price_id for rate in rates.values()}
    rows = [
        {
            "price_id": price.price_id,
            "tier": f"{price.tier}{' in ' + price.region if price.region else ''}",
            "from": price.starts.isoformat() if price.starts else None,
            "until": price.ends.isoformat() if price.ends else None,
            "hours_utc": "{:02}:{:02}-{:02}:{:02}".format(
                *divmod(price.minutes[0], 60), *divmod(price.minutes[1], 60)
            )
            if price.minutes
            else None,
            "usd_per_mtok": {
                kind: [[over, _usd(kind, Rate("", ((0, rate),)))] for over, rate in steps]
                for kind, steps in price.rates.items()
            },
            "status": price.status,
            "seen": price.seen.isoformat() if price.seen else None,
            "source": price.source,
            "agrees": list(price.agrees),
            "holds": price.price_id in used,
        }
        for price in model.prices
    ]
    return {"provider": provider, "model": model.name, "at": when.isoformat(timespec="minutes"), "rows": rows}


def differences() -> Json:
    """Where the installed price package and the project's own dated prices differ, and what was decided."""
    from supercycle.gateway.prices.prices_compile import differences as found
    from supercycle.gateway.prices.prices_compile import installed_version

    rows = [
        {
            "provider": d.provider,
            "model": d.model,
            "from": d.day.isoformat(),
            "package_usd": [str(p) for p in d.package],
            "figures_usd": [str(p) for p in d.figures],
            "kept": d.kept,
            "reason": d.reason,
        }
        for d in found()
    ]
    return {"package": f"genai-prices {installed_version()}", "differences": rows}


def refresh(out: Path | None) -> Json:
    """Compile the tables from the installed package and the table of figures, into the data folder unless told."""
    from supercycle.gateway.prices.prices_compile import write_tables

    try:
        import genai_prices  # noqa: F401  # pyright: ignore[reportUnusedImport]
    except ImportError:
        raise EnvironmentProblem(
            "the package genai-prices is not installed", hint="pip install genai-prices"
        ) from None
    folder = out or data_folder() / "prices"
    count = write_tables(folder, datetime.now(UTC).date())
    return {
        "done": f"{count} models in {folder}; a gateway reads them when it starts",
        "models": count,
        "folder": str(folder),
    }


def _found(book: PriceBook, provider: str, wanted: str) -> Model:
    names = [model.name for model in book.models(provider)]
    model = book.find(provider, wanted)
    if model is None:
        raise UnknownNameError(f"model of {provider}", wanted, names)
    return model


def _usd(kind: str, rate: Rate | None) -> str | None:
    """The price for a short prompt in USD per million tokens, per thousand calls."""
    if rate is None:
        return None
    return usd_text(rate.steps[0][1] * (1000 if kind in _CALLS else 10**6))


def _time(at: str | None) -> datetime:
    if at is None:
        return datetime.now(UTC)
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        raise UsageError("--at", expected="2026-12-01 or 2026-12-01T02:00", got=repr(at)) from None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
