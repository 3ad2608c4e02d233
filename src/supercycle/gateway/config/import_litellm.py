"""A LiteLLM ``config.yaml`` as our configuration file, with a note for everything that does not carry over.

Keys never pass through: a reference to the environment stays one, a key that stands in the file becomes ``stored`` and
its value is not repeated.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from supercycle.core.errors import InputError
from supercycle.gateway.config.yaml_lines import Item, read_yaml
from supercycle.gateway.prices.pricebook import PriceBook

__all__ = ["Imported", "import_litellm"]

# Their prefix of a model, and the kind of provider it is here.
_KINDS = {
    "openai": "openai",
    "text-completion-openai": "openai",
    "anthropic": "anthropic",
    "gemini": "google",
    "mistral": "mistral",
    "groq": "groq",
    "deepseek": "deepseek",
    "xai": "x-ai",
    "openrouter": "openrouter",
    "together_ai": "together",
    "fireworks_ai": "fireworks",
    "cerebras": "cerebras",
    "hosted_vllm": "vllm",
    "vllm": "vllm",
    "ollama": "ollama",
    "ollama_chat": "ollama",
    "custom_openai": "compatible",
    "openai_like": "compatible",
    "litellm_proxy": "compatible",
}
_LOCAL = ("vllm", "ollama")
_CARRIED = {"model", "api_key", "api_base", "base_url", "input_cost_per_token", "output_cost_per_token"}
_COSTS = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cached",
    "cache_creation_input_token_cost": "cache_write",
}


@dataclass(slots=True)
class Imported:
    """The configuration as YAML text, and what a person should look at (``file:line: ...``)."""

    text: str
    notes: list[str] = field(default_factory=lambda: [])


@dataclass(frozen=True, slots=True)
class _Target:
    provider: str
    model: str
    price: dict[str, str]


@dataclass(slots=True)
class _Reading:
    notes: list[str]
    providers: dict[tuple[str, str, str], str]
    models: dict[str, list[_Target]]


def import_litellm(text: str, file: str = "config.yaml") -> Imported:
    """Read a LiteLLM configuration; InputError with file and line when it is not one.

    >>> out = import_litellm('''
    ... model_list:
    ...   - model_name: small
    ...     litellm_params: {model: openai/gpt-5-mini, api_key: os.environ/OPENAI_API_KEY}
    ... ''')
    >>> print(out.text)
    providers:
      openai: {kind: openai, key: $OPENAI_API_KEY}
    models:
      "small":
        targets:
          - {provider: openai, model: "gpt-5-mini"}
    <BLANKLINE>
    """
    root = read_yaml(text, file)
    listed = root.item("model_list") if isinstance(root.value, dict) else None
    if listed is None:
        raise InputError("not a LiteLLM configuration", where=root.where, expected="model_list")
    reading = _Reading([], {}, {})
    for item in listed.each():
        _deployment(item, reading)
    for name in ("router_settings", "litellm_settings"):
        section = root.item(name)
        if section is not None:
            _fallbacks(section, reading)
            _aliases(section, reading)
    attempts = _attempts(root)
    for name, found in root.items():
        if name in ("general_settings", "environment_variables", "litellm_settings", "router_settings"):
            _left(found, name, reading)
        elif name != "model_list":
            reading.notes.append(f"{found.where}: {name} is not carried over")
    if not reading.models:
        raise InputError(
            "nothing to carry over", where=listed.where, hint=reading.notes[0] if reading.notes else None
        )
    return Imported(_written(reading, attempts), reading.notes)


def _deployment(item: Item, reading: _Reading) -> None:
    """One entry of model_list: a target of a model."""
    name = item.take("model_name", str)
    params = item.item("litellm_params")
    if params is None:
        raise InputError("litellm_params is missing", where=item.where)
    upstream_name = params.take("model", str)
    address = next((a.text for k in ("api_base", "base_url") if (a := params.item(k)) is not None), "")
    prefix, _, rest = upstream_name.partition("/")
    kind = _KINDS.get(prefix) if rest else _bare(upstream_name)
    model = rest or upstream_name
    if kind is None:
        reading.notes.append(
            f"{params.where}: {upstream_name} is left out: no provider of that name speaks our dialects yet"
        )
        return
    if "*" in name or "*" in model:
        reading.notes.append(f"{item.where}: the pattern {name} is left out: ask for provider/model instead")
        return
    if not address and kind in (*_LOCAL, "compatible"):
        reading.notes.append(f"{params.where}: {upstream_name} is left out: it has no api_base")
        return
    if address and kind not in _LOCAL:
        kind = "compatible"
    price = _price(params, item.item("model_info"))
    target = _Target(_provider(kind, address, params, reading), model, price)
    reading.models.setdefault(name, []).append(target)
    for key, found in params.items():
        if key not in _CARRIED and key not in _COSTS:
            reading.notes.append(f"{found.where}: {key} of {name} is not carried over")


def _bare(model: str) -> str | None:
    """Whose model a name without a prefix is, by the price book."""
    book = PriceBook()
    return next((kind for kind in ("openai", "anthropic") if book.find(kind, model) is not None), None)


def _provider(kind: str, address: str, params: Item, reading: _Reading) -> str:
    key = params.item("api_key")
    secret = ""
    if key is not None:
        match = re.fullmatch(r"os\.environ/([A-Za-z_][A-Za-z0-9_]*)", key.text)
        secret = f"${match[1]}" if match else "stored"
    known = (kind, address, secret)
    if known not in reading.providers:
        host = (urlsplit(address).hostname or "") if address else ""
        name = re.sub(r"[^a-z0-9._-]", "-", host.lower()).strip("-.") or kind
        taken = reading.providers.values()
        number = 2
        while (f"{name}-{number}" if number > 2 else name) in taken:
            number += 1
        name = f"{name}-{number - 1}" if number > 2 else name
        reading.providers[known] = name
    if secret == "stored" and key is not None:
        # The key itself is not repeated.
        reading.notes.append(
            f"{key.where}: a key stands in the file: store it with "
            f"supercycle gateway keys upstream {reading.providers[known]}"
        )
    return reading.providers[known]


def _price(*sections: Item | None) -> dict[str, str]:
    """Costs per token, as USD per million tokens."""
    price: dict[str, str] = {}
    for section in sections:
        for name, kind in _COSTS.items():
            found = section.item(name) if section is not None else None
            if found is None or kind in price:
                continue
            try:
                price[kind] = f"{(Decimal(found.text) * 10**6).normalize():f}"
            except InvalidOperation:
                raise InputError(name, where=found.where, expected="USD per token", got=found.text) from None
    return price


def _fallbacks(section: Item, reading: _Reading) -> None:
    for name in ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks"):
        found = section.item(name)
        for rule in found.each() if found is not None else ():
            for model, others in rule.items():
                targets = reading.models.get(model)
                for other in others.each():
                    more = reading.models.get(str(other.value))
                    if targets is None or more is None:
                        reading.notes.append(
                            f"{other.where}: fallback of {model} to {other.text} is left out"
                        )
                        continue
                    targets += [t for t in more if t not in targets]
                if targets is not None:
                    reading.notes.append(
                        f"{rule.where}: the fallbacks of {model} are now its targets, and the cheapest is asked "
                        "first: give them a quality and the model a quality_floor if they are not equals"
                    )


def _aliases(section: Item, reading: _Reading) -> None:
    found = section.item("model_group_alias")
    for alias, model in found.items() if found is not None else ():
        if str(model.value) in reading.models:
            reading.models[alias] = reading.models[str(model.value)]
        else:
            reading.notes.append(f"{model.where}: alias {alias} of {model.text} is left out")


def _attempts(root: Item) -> int | None:
    for name in ("router_settings", "litellm_settings"):
        section = root.item(name)
        retries = section.item("num_retries") if section is not None else None
        if retries is not None:
            return min(retries.as_(int, "num_retries") + 1, 10)
    return None


def _left(section: Item, name: str, reading: _Reading) -> None:
    hints = {
        "master_key": "keys are issued with supercycle gateway keys add",
        "database_url": "say store: postgresql://... yourself",
        "max_budget": "budgets are set with supercycle gateway budgets set",
    }
    done = (
        "num_retries",
        "model_group_alias",
        "fallbacks",
        "context_window_fallbacks",
        "content_policy_fallbacks",
    )
    for key, found in section.items():
        if key not in done:
            hint = f": {hints[key]}" if key in hints else ""
            reading.notes.append(f"{found.where}: {name}.{key} is not carried over{hint}")


def _written(reading: _Reading, attempts: int | None) -> str:
    """The file. Names of the user's go through JSON, which is YAML and needs no guessing about quotes."""
    lines = ["providers:"]
    for (kind, address, secret), name in reading.providers.items():
        fields = [f"kind: {kind}"]
        fields += [f"base_url: {json.dumps(address)}"] if address else []
        fields += [f"key: {secret}"] if secret else []
        # Two servers of one kind may ask different prices for a model of one name.
        fields += [f"prices: {name}"] if kind in _LOCAL else []
        lines.append(f"  {name}: {{{', '.join(fields)}}}")
    lines.append("models:")
    for model, targets in reading.models.items():
        lines += [f"  {json.dumps(model)}:", "    targets:"]
        for target in targets:
            price = ", ".join(f"{kind}: {each}" for kind, each in target.price.items())
            price_text = f", price: {{{price}}}" if price else ""
            lines.append(
                f"      - {{provider: {target.provider}, model: {json.dumps(target.model)}{price_text}}}"
            )
    if attempts is not None:
        lines += ["routing:", f"  attempts: {attempts}"]
    return "\n".join(lines) + "\n"
