"""Prices: list prices of models from genai-prices as installed, and from compiled price tables.

Neither needs the network: the package is updated as any package, and the tables are compiled from it. A price
that depends on the hour, the region or the length of the prompt is no single number and is left to the price book.
"""

# genai-prices publishes partial types: what it returns is read as Any.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from supercycle.core.errors import FigureError
from supercycle.figures.refresh.reading import Reading

__all__ = ["of_book", "of_package"]

_SERIES = {"input": "api_list_price_input", "output": "api_list_price_output"}
_HOME = "https://github.com/pydantic/genai-prices"


def of_package(fetched: str) -> list[Reading]:
    """Today's plain list prices in the installed genai-prices: one reading a model and direction."""
    from importlib.metadata import version

    from genai_prices.data import providers

    title = f"genai-prices {version('genai-prices')} (Pydantic, MIT)"
    out: list[Reading] = []
    for provider in providers:
        for model in provider.models:
            prices: Any = model.prices
            if isinstance(prices, list):  # depends on the day or the hour
                continue
            for direction, amount in (("input", prices.input_mtok), ("output", prices.output_mtok)):
                if amount is None or not _plain(amount):
                    continue
                out.append(
                    Reading(
                        series=_SERIES[direction], entity=f"{provider.id}/{model.id}", period=fetched[:10],
                        value=float(amount), unit="USD/Mtok", tier="B", source_title=title, source_url=_HOME,
                        published=fetched[:10], note="list price on the day", source="prices", fetched=fetched,
                    )
                )  # fmt: skip
    return out


def of_book(documents: Iterable[tuple[str, Mapping[str, Any]]], fetched: str) -> list[Reading]:
    """Dated list prices in compiled tables (``(file name, document)``), one reading a price, model and direction.

    Kept: standard tier, every region, and a day from which it holds. Errors: FigureError for a table of another shape.
    """
    out: list[Reading] = []
    for name, document in documents:
        try:
            provider, models = document["provider"], document["models"]
            sources = document.get("sources", {})
        except (KeyError, TypeError) as missing:
            raise FigureError(
                "not a compiled price table", expected="provider and models", got=str(missing), where=name
            ) from None
        for model, entry in models.items():
            for price in entry["prices"]:
                if {"tier", "region", "hours"} & set(price) or not price.get("from"):
                    continue
                for direction, series in _SERIES.items():
                    amount = price.get(direction)
                    if not isinstance(amount, str):  # absent, or steps by prompt length
                        continue
                    # A price announced for a later day is known by now.
                    day = _day(price["from"], name)
                    out.append(
                        Reading(
                            series=series, entity=f"{provider}/{model}", period=day, value=_amount(amount, name),
                            unit="USD/Mtok", tier="A" if price.get("status") == "documented" else "B",
                            source_title=f"price book: {sources.get(price.get('source'), 'genai-prices')}",
                            source_url=_HOME, published=min(day, fetched[:10]),
                            note=price.get("status") or "status unknown", source="prices",
                            concept=f"{name}:{direction}", fetched=fetched,
                        )
                    )  # fmt: skip
    return out


def _plain(amount: Any) -> bool:
    """Whether a price is one number (tiered prices are objects)."""
    try:
        return float(amount) >= 0.0
    except (TypeError, ValueError):
        return False


def _day(text: Any, where: str) -> str:
    try:
        return date.fromisoformat(str(text)).isoformat()
    except ValueError:
        raise FigureError(
            "a price begins on no day", expected="2026-10-20", got=repr(text), where=where
        ) from None


def _amount(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise FigureError("a price is no number", got=repr(text), where=where) from None
