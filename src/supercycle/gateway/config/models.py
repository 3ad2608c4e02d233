"""Models of the configuration file: the names clients may ask for, and the targets that serve them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.gateway.config.yaml_lines import Item
from supercycle.gateway.prices.catalogue import Catalogue
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
) -> ModelEntry:
    """A model of the file. Prices written at its targets go to ``prices``, those of the catalogue to ``fallback``."""
    listed = isinstance(item.value, list)  # pyright: ignore[reportUnknownMemberType]
    given = item if listed else item.item("targets")
    if listed:
        return ModelEntry(name, _targets(name, given, item, providers, prices))
    floor, scale = _floor(item.item("quality_floor"), known)
    strategy = item.choice("strategy", _STRATEGIES, "cheapest")
    canonical = item.take("canonical", str, "")
    variants = item.words("variants")
    item.done()
    targets: tuple[Target, ...] = ()
    if given is not None:
        targets = _targets(name, given, item, providers, prices)
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
    name: str, given: Item | None, item: Item, providers: Mapping[str, Provider], prices: list[PriceEntry]
) -> tuple[Target, ...]:
    if given is None or not given.each():
        raise InputError(f"model {name} has no targets", where=item.where, hint="targets: [provider/model]")
    return tuple(_target(one, providers, prices) for one in given.each())


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


def _target(item: Item, providers: Mapping[str, Provider], prices: list[PriceEntry]) -> Target:
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
    price = item.item("price")
    if price is not None:  # one row, or a list of them: tiers and times
        for row in price.each() if isinstance(price.value, list) else [price]:  # pyright: ignore[reportUnknownMemberType]
            _check_price(row)
            prices.append((provider.prices, model, row.plain(lambda leaf: leaf.text), f"{row.where}"))
    own = item.item("own")
    if own is not None:
        from supercycle.gateway.prices.own_gpu import own_entry

        entry = own_entry(own.plain(lambda leaf: leaf.text), own.where)
        prices.append((provider.prices, model, entry, own.where))
    target = Target(
        provider,
        model,
        quality=item.take("quality", float, None),
        context_tokens=item.take("context_tokens", int, None),
        max_output_tokens=item.take("max_output_tokens", int, None),
        capabilities=None if able is None else item.words("capabilities"),
        weight=positive(item, "weight") if item.item("weight") is not None else 1.0,
    )
    item.done()
    return target


def _check_price(price: Item) -> None:
    """A price that the book would refuse is told with its line."""
    from supercycle.gateway.prices.pricebook import price_entry

    try:
        price_entry("provider", "model", price.plain(lambda leaf: leaf.text), {})
    except InputError as error:
        raise InputError(str(error), where=price.where) from None


def _known(name: str, providers: Mapping[str, Provider], item: Item) -> Provider:
    if name not in providers:
        raise UnknownNameError("provider", name, providers, where=item.where)
    return providers[name]


def positive(item: Item, name: str, kind: type[int] | type[float] = float) -> float:
    """A setting that is a number of 0 or more."""
    found = item.item(name)
    assert found is not None
    value = found.as_(kind, name)
    if not 0 <= value < float("inf"):
        raise InputError(name, where=found.where, expected="0 or more", got=found.text)
    return value
