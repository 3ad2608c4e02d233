"""Models of the configuration file: the names clients may ask for, and the targets that serve them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.gateway.config.plausible import checked_prices, context_tokens, tokens
from supercycle.gateway.config.yaml_lines import Item
from supercycle.gateway.prices.catalogue import Catalogue
from supercycle.gateway.prices.pricebook import PriceBook
from supercycle.gateway.routes.providers import ModelEntry, Provider, Target

__all__ = ["PriceEntry", "model_of", "positive"]

PriceEntry = tuple[str, str, Mapping[str, Any], str]
_CAPABILITIES = ("tools", "vision", "json_schema", "web_search")
_STRATEGIES = ("cheapest", "chain", "weights", "split")


def model_of(
    name: str,
    item: Item,
    providers: Mapping[str, Provider],
    prices: list[PriceEntry],
    fallback: list[PriceEntry],
    known: Catalogue,
    book: PriceBook,
) -> ModelEntry:
    """A model of the file. Prices written at its targets go to ``prices``, those of the catalogue to ``fallback``."""
    listed = isinstance(item.value, list)  # pyright: ignore[reportUnknownMemberType]
    given = item if listed else item.item("targets")
    if listed:
        return ModelEntry(name, _targets(name, given, item, providers, prices, book))
    floor, scale = _floor(item.item("quality_floor"), known)
    strategy = item.choice("strategy", _STRATEGIES, "cheapest")
    canonical = item.take("canonical", str, "")
    variants = item.words("variants")
    item.done()
    targets: tuple[Target, ...] = ()
    if given is not None:
        targets = _targets(name, given, item, providers, prices, book)
    if canonical:
        targets += _hosts(canonical, item, variants, providers, {t.id for t in targets}, known, fallback)
    if not targets:
        raise InputError(
            f"model {name} has no targets",
            where=item.where,
            hint="targets: [provider/model], or canonical: its name",
        )
    if scale:
        targets = tuple(_rated(target, canonical, scale, known) for target in targets)
    return ModelEntry(name, targets, floor, strategy)


def _targets(
    name: str,
    given: Item | None,
    item: Item,
    providers: Mapping[str, Provider],
    prices: list[PriceEntry],
    book: PriceBook,
) -> tuple[Target, ...]:
    if given is None or not given.each():
        raise InputError(f"model {name} has no targets", where=item.where, hint="targets: [provider/model]")
    found: dict[str, Target] = {}
    for one in given.each():
        target = _target(one, providers, prices, book)
        if found.setdefault(target.id, target) is not target:
            raise InputError(f"{target.id} is said twice in {name}", where=one.where)
    return tuple(found.values())


def _floor(item: Item | None, known: Catalogue) -> tuple[float | None, str]:
    """A floor on the user's own numbers, or ``{arena: 1400}``: on a scale that there are ratings of."""
    if item is None:
        return None, ""
    if not isinstance(item.value, dict):
        return item.as_(float, "quality_floor"), ""
    pairs = list(item.items())
    if len(pairs) != 1:
        raise InputError(
            "quality_floor",
            where=item.where,
            expected="a number, or one scale: {arena: 1400}",
            got=len(pairs),
        )
    scale, value = pairs[0]
    if scale not in known.scales():
        raise UnknownNameError("scale of ratings", scale, known.scales(), where=item.where)
    return value.as_(float, scale), scale


def _rated(target: Target, canonical: str, scale: str, known: Catalogue) -> Target:
    """The target with its rating on the scale; one that the file rates keeps that, one nobody rates has none."""
    name = canonical or known.canonical(target.provider.host, target.model) or target.model
    rating = known.rating(name, scale)
    if target.quality is not None or rating is None:
        return target
    rated = f"{scale} {rating.value:g} as of {rating.dated}: {rating.source}"
    return replace(target, quality=rating.value, rated=rated)


def _hosts(
    canonical: str,
    item: Item,
    variants: frozenset[str],
    providers: Mapping[str, Provider],
    there: set[str],
    known: Catalogue,
    fallback: list[PriceEntry],
) -> tuple[Target, ...]:
    """A target at every configured provider that serves these weights, by the catalogue."""
    try:
        rows = known.hosts(canonical, {"", *variants})
    except UnknownNameError as error:
        raise UnknownNameError("model of the catalogue", canonical, known.models, where=item.where) from error
    served = {row.variant for row in known.models[canonical]}
    for variant in sorted(variants - served):
        raise UnknownNameError(f"variant of {canonical}", variant, sorted(served - {""}), where=item.where)
    found: list[Target] = []
    for provider in providers.values():
        for row in rows:
            target = Target(
                provider, row.model_id, context_tokens=row.context, max_output_tokens=row.max_output
            )
            if row.host != known.host_name(provider.host) or row.doubtful or target.id in there:
                continue
            there.add(target.id)
            found.append(target)
            source = f"catalogue, tier D, {row.published}: {row.source}"
            fallback.append((provider.prices, row.model_id, row.entry(), source))
    return tuple(found)


def _target(
    item: Item, providers: Mapping[str, Provider], prices: list[PriceEntry], book: PriceBook
) -> Target:
    if isinstance(item.value, str):
        provider, _, model = item.value.partition("/")
        if not model:
            raise InputError("target", where=item.where, expected="provider/model", got=item.value)
        return Target(_known(provider, providers, item), model)
    provider = _known(item.take("provider", str), providers, item)
    model = item.take("model", str)
    able = item.item("capabilities")
    if able is not None:
        for one in able.each():
            if one.value not in _CAPABILITIES:
                raise UnknownNameError("capability", str(one.value), _CAPABILITIES, where=one.where)
    price, own = item.item("price"), item.item("own")
    if price is not None and own is not None:
        raise InputError(f"{provider.name}/{model}", where=own.where, expected="price or own", got="both")
    if price is not None:  # one row, or a list of them: tiers and times
        rows = checked_prices(price, provider.prices, model, book)
        _add_prices([(provider.prices, model, entry, where) for entry, where in rows], prices)
    if own is not None:
        from supercycle.gateway.prices.own_gpu import own_entry

        entry = own_entry(own.plain(lambda leaf: leaf.text), own.where)
        _add_prices([(provider.prices, model, entry, own.where)], prices)
    target = Target(
        provider,
        model,
        quality=item.take("quality", float, None),
        context_tokens=context_tokens(item),
        max_output_tokens=tokens(item, "max_output_tokens"),
        capabilities=None if able is None else item.words("capabilities"),
        weight=positive(item, "weight", default=1.0),
    )
    item.done()
    return target


def _add_prices(rows: list[PriceEntry], prices: list[PriceEntry]) -> None:
    """A model of one price table has one price: a second one that differs would silently replace the first."""
    provider, model, _, where = rows[0]
    earlier = [row for row in prices if row[:2] == (provider, model) and row[2].get("status") != "invented"]
    if earlier and [row[2] for row in earlier] != [row[2] for row in rows]:
        raise InputError(
            f"a second price of {provider}/{model}", where=where, got=f"the first at {earlier[0][3]}",
            hint="Providers of one kind share a price table; give one of them a table of its own: prices: NAME",
        )  # fmt: skip
    if not earlier:
        prices += rows


def _known(name: str, providers: Mapping[str, Provider], item: Item) -> Provider:
    if name not in providers:
        raise UnknownNameError("provider", name, providers, where=item.where)
    return providers[name]


def positive(
    item: Item, name: str, kind: type[int] | type[float] = float, *, default: Any = None, zero: bool = True
) -> Any:
    """A setting that is a number of 0 or more, or above 0; ``default`` when it is not said."""
    found = item.item(name)
    if found is None:
        return default
    value = found.as_(kind, name)
    if not 0 <= value < float("inf") or not (value or zero):
        raise InputError(name, where=found.where, expected="0 or more" if zero else "above 0", got=found.text)
    return value
