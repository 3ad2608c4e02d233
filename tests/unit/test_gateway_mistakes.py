"""What a person types by mistake into gateway.yaml: refused with its line, never a wrong number with no word."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from supercycle.core.errors import InputError
from supercycle.gateway.config.config import Config, config_of
from supercycle.gateway.config.yaml_lines import read_yaml
from supercycle.gateway.prices.bounds import Bound, Capacity, reserve_of
from supercycle.gateway.prices.pricebook import PriceBook, with_entries
from supercycle.gateway.prices.settle import Unpriced
from supercycle.gateway.speech.bounds import bound_of

PROVIDERS = "providers:\n  openai: {key: $K}\n"
AT = datetime(2026, 12, 1, tzinfo=UTC)


def configured(text: str) -> Config:
    return config_of(read_yaml(text, "gateway.yaml"), Path("gateway.yaml"))


def target(fields: str) -> str:
    return f"{PROVIDERS}models:\n  small:\n    - {{provider: openai, {fields}}}\n"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        # USD per thousand tokens and per token, where the book knows the model and where it does not.
        ("model: gpt-5-mini, price: {input: 0.00025, output: 0.002}", "price of input: expected"),
        ("model: gpt-5-mini, price: {input: 0.25, output: 0.002}", "price of output: expected about the 2 USD"),
        ("model: gpt-5-mini, price: {input: 250, output: 2000}", "price of input: expected about the 0.25"),
        ("model: own-x, price: {input: 0.00025, output: 0.002}", "expected 0.001 to 10,000 USD per million"),
        ("model: own-x, price: {input: 250000, output: 2000000}", "expected 0.001 to 10,000 USD per million"),
        ("model: own-x, price: {input: 1, output: 2, tier: btach}", "unknown tier 'btach': did you mean 'batch'"),
        ("model: own-x, price: [{input: 1, output: 2}, {input: 3, output: 4}]", "hold at the same time"),
        ("model: own-x, price: {until: 2027-01-01}", "a price without a kind"),
        ("model: own-x, context_tokens: 128", "context_tokens: expected 512 tokens or more, got 128. A thousand"),
        ("model: own-x, context_tokens: 0", "expected 512 tokens or more"),
        ("model: own-x, max_output_tokens: 0", "max_output_tokens: expected 1 tokens or more"),
        ("model: own-x, max_output_tokens: -5", "max_output_tokens: expected 1 tokens or more"),
        (
            "model: own-x, price: {input: 1, output: 2}, own: {gpus: 8, input_per_gpu_hour: 3.0e6}",
            "expected price or own, got both",
        ),
    ],
)  # fmt: skip
def test_a_target_that_cannot_be_meant_is_refused(fields: str, message: str) -> None:
    with pytest.raises(InputError, match=r"^gateway.yaml:\d+: ") as caught:
        configured(target(fields))
    assert message in str(caught.value)


def test_an_unusual_price_is_taken_when_it_is_confirmed() -> None:
    config = configured(target("model: gpt-5-mini, price: {input: 0.0002, output: 0.001, confirmed: true}"))
    model = config.book().find("openai", "gpt-5-mini")
    rates = model.rates(AT) if model else None
    assert rates is not None
    assert (rates["input"].at(1), rates["output"].at(1)) == (200, 1000)


def test_one_model_of_one_price_table_has_one_price() -> None:
    models = (
        "  a: [{provider: openai, model: x, price: {input: 1, output: 2}}]\n  b: [{provider: openai, model: x"
    )
    text = f"{PROVIDERS}models:\n{models}"
    with pytest.raises(InputError, match=r":5: a second price of openai/x: got the first at gateway.yaml:4"):
        configured(text + ", price: {input: 1, output: 3}}]\n")  # fmt: skip
    config = configured(text + ", price: {input: 1, output: 2}}]\n")
    assert len(config.prices) == 1
    with pytest.raises(InputError, match="openai/gpt-5 is said twice in a"):
        configured(PROVIDERS + "models: {a: [openai/gpt-5, openai/gpt-5]}\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("opnai: {key: $K, base_url: 'https://x.y/v1'}", "Did you mean openai"),
        ("groq-2: {key: $K, base_url: 'https://x.y/v1'}", "say kind: groq"),
        ("openai: {key: $K, prices: opnai}", "unknown table of prices 'opnai': did you mean 'openai'"),
        ("openai: {key: $K, host: azzure-openai}", "unknown host 'azzure-openai': did you mean 'azure-openai'"),
        ("openai: {key: $K, speaks: {openai.chta: /x}}", "unknown dialect 'openai.chta': did you mean 'openai.chat'"),
        ("openai: {key: $K, concurrency: 0}", "concurrency: expected above 0"),
        ("openai: {key: $K, first_byte_s: 0}", "first_byte_s: expected above 0"),
        ("openai: {key: $K}\nrouting: {value_of_second_usd: -1}", "value_of_second_usd: expected 0 or more"),
        ("openai: {key: $K}\nrouting: {retry_usd: -0.1}", "retry_usd: expected 0 or more"),
        ("openai: {key: $K}\nrouting: {explore_share: 1}", "1 % is 0.01"),
        ("openai: {key: $K}\nbounds: {body_bytes: 0}", "body_bytes: expected above 0"),
        ("openai: {key: $K}\nbounds: {answer_bytes: -1}", "answer_bytes: expected above 0"),
        ("openai: {key: $K}\ncache: {ttl_s: -5}", "ttl_s: expected above 0"),
        ("openai: {key: $K}\ncache: {entries: -1}", "entries: expected 0 or more"),
        ("openai: {key: $K}\nstore: $NOT_SET_ANYWHERE", "store: expected $NOT_SET_ANYWHERE in the environment"),
        ("openai: {key: $K}\nstore: mysql://u:secret@h/d", "expected a folder, or postgresql://"),
        ("openai: {key: $K}\nmodels: {a: {canonical: gpt-oss-120b, variants: [turbox]}}", "variant of gpt-oss-120b"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_meant_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=r"^gateway.yaml:\d+: ") as caught:
        configured("providers:\n  " + text + "\n")
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


def test_postgres_is_no_folder() -> None:
    config = configured("store: postgres://h/d\n" + PROVIDERS)
    assert config.store == "postgres://h/d"


def test_a_smaller_capacity_than_the_book_knows_does_not_lower_a_reserve() -> None:
    """The provider does not know what the file says: it reads and writes as much as it can."""
    book = PriceBook()
    asked = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "x" * 5000}]}
    bound = bound_of("openai.chat", asked, 6000, frozenset())
    plain = reserve_of(book, "openai", "gpt-5-mini", bound, None, Capacity(), AT)
    small = reserve_of(book, "openai", "gpt-5-mini", bound, None, Capacity(1000, 64), AT)
    assert isinstance(plain, Bound)
    assert isinstance(small, Bound)
    assert small.pico == plain.pico


def test_the_bound_counts_every_kind_that_can_be_used() -> None:
    """A price without output bounds no answer, and cached tokens may be dearer than fresh ones."""
    asked = {"model": "x", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 10}
    bound = bound_of("openai.chat", asked, 100, frozenset())
    part = with_entries(PriceBook(), [("far", "x", {"input": "1"}, "test")])
    got = reserve_of(part, "far", "x", bound, 10, Capacity(8000, 100), AT)
    assert isinstance(got, Unpriced)
    assert got.reason == "far/x has no price for output"
    assert isinstance(reserve_of(part, "far", "x", bound, 0, Capacity(8000, 100), AT), Bound)  # an embedding
    dear = with_entries(PriceBook(), [("far", "x", {"input": "1", "cached": "7", "output": "1"}, "test")])
    reads = bound.tokens("x")
    assert reads is not None
    got = reserve_of(dear, "far", "x", bound, 10, Capacity(8000, 100), AT)
    assert isinstance(got, Bound)
    assert got.pico == reads * 7_000_000 + 10 * 1_000_000
