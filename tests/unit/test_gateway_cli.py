"""``supercycle gateway``: what it prints, what it refuses, what it imports; the demand profile; own GPUs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from supercycle.cli import main
from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.ownership import Ownership
from supercycle.core.profile import COLUMNS, DemandHour, DemandProfile
from supercycle.gateway.config.config import config_of, read_config
from supercycle.gateway.config.import_litellm import import_litellm
from supercycle.gateway.config.yaml_lines import read_yaml
from supercycle.gateway.prices.money import PICO
from supercycle.gateway.prices.own_gpu import OwnGpus, own_entry
from supercycle.gateway.prices.pricebook import PriceBook, price_entry, with_entries

LITELLM = """\
model_list:
  - model_name: small
    litellm_params:
      model: openai/gpt-5-mini
      api_key: sk-never-repeat-this
      rpm: 60
  - model_name: small
    litellm_params: {model: groq/openai/gpt-oss-20b, api_key: os.environ/GROQ_API_KEY}
  - model_name: local
    litellm_params: {model: hosted_vllm/qwen3-8b, api_base: "http://10.0.0.5:8000/v1"}
    model_info: {input_cost_per_token: 5e-8, output_cost_per_token: 0.00000015}
  - model_name: local-2
    litellm_params: {model: hosted_vllm/qwen3-8b, api_base: "http://10.0.0.5:9000/v1"}
  - model_name: claude
    litellm_params: {model: claude-opus-5-5, api_key: os.environ/ANTHROPIC_API_KEY}
  - model_name: azure
    litellm_params: {model: azure/gpt-4o-eu, api_base: "https://example.com"}
litellm_settings: {num_retries: 3, drop_params: true, fallbacks: [{small: [claude]}]}
router_settings: {model_group_alias: {mini: local}}
general_settings: {master_key: sk-1234}
"""


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SUPERCYCLE_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def command(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(["gateway", *words])
    out = capsys.readouterr()
    return int(stop.value.code or 0), out.out, out.err


# --- the first minute


def test_the_first_minute(tmp_path: Path) -> None:
    """No configuration: a key, a curl line that works, a dashboard; stopped by a signal; the books are sound."""
    words = ["gateway", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "supercycle", *words], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["try"].startswith("curl http://127.0.0.1:")
        assert told["key"] in told["try"]
        body = json.dumps(
            {"model": "mock-small", "messages": [{"role": "user", "content": "Hello"}]}
        ).encode()
        headers = {"authorization": f"Bearer {told['key']}", "content-type": "application/json"}
        asked = urllib.request.Request(f"{told['api']}/chat/completions", body, headers)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            assert json.load(answer)["usage"]["total_tokens"] > 0
        with urllib.request.urlopen(
            told["dashboard"].partition("/login")[0] + "/healthz", timeout=20
        ) as health:
            assert json.load(health)["status"] == "ok"
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 0
    checked = subprocess.run(
        [sys.executable, "-m", "supercycle", "gateway", "check", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(checked.stdout)
    assert [row["wrong"] for row in found["checks"]] == [[]] * 5
    assert [row["told"] for row in found["checks"] if row["check"] == "books"] == ["1 attempts"]


# --- keys, budgets, prices


def test_keys_and_budgets(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    code, out, _ = command(
        capsys, "keys", "add", "ann", "--project", "search", "--rpm", "60", "--model", "gpt-*", "--json"
    )
    key = json.loads(out)
    assert code == 0
    assert key["secret"].startswith("sc-")
    listed = json.loads(command(capsys, "keys", "--json")[1])["keys"]
    assert [(k["name"], k["project"], k["rpm"], k["models"]) for k in listed] == [
        ("ann", "project:search", 60, ["gpt-*"])
    ]
    for file in data.rglob("*"):
        assert not file.is_file() or key["secret"].encode() not in file.read_bytes()
    account = f"key:{key['key_id']}"
    assert command(capsys, "budgets", "set", account, "25.5", "--period", "day", "--alert", "0.9")[0] == 0
    (budget,) = json.loads(command(capsys, "budgets", "--json")[1])["budgets"]
    assert (budget["account"], budget["limit_usd"], budget["period"], budget["shares"]) == (
        account,
        "25.5",
        "day",
        [0.9],
    )
    assert command(capsys, "budgets", "remove", account, "--period", "day")[0] == 0
    assert command(capsys, "budgets")[1].startswith("No budgets yet")
    assert command(capsys, "keys", "revoke", key["key_id"])[0] == 0
    assert "revoked" in command(capsys, "keys")[1]


def test_an_upstream_key_is_kept_encrypted(
    capsys: pytest.CaptureFixture[str], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO("sk-upstream-secret\n"))
    assert command(capsys, "keys", "upstream", "mock")[0] == 0
    for file in data.rglob("*"):
        assert not file.is_file() or b"sk-upstream-secret" not in file.read_bytes()
    assert command(capsys, "keys", "upstream", "openai")[2].startswith("error: unknown provider 'openai'")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("export",), 5, "no ledger yet. Start the gateway once: supercycle gateway"),
        (("keys", "add"), 2, "keys add needs a name"),
        (("budgets", "set", "key:a"), 2, "needs an account and an amount in USD"),
        (("budgets", "set", "key:a", "1"), 3, "unknown account 'key:a'"),
        (("budgets", "set", "org:a", "a lot"), 3, "expected USD such as 2.50"),
        (("replay", "--month", "2026-13"), 2, "--month: expected a day such as 2026-10"),
        (("replay", "--since", "2026-11-02", "--until", "2026-11-01"), 2, "expected a last day after the first"),
        (("replay", "--month", "2026-11", "--since", "2026-11-01"), 2, "got both"),
        (("profile", "--out", "demand.xml"), 3, "expected .json, .csv or .parquet"),
        (("import-litellm", "nowhere.yaml"), 3, "cannot read the LiteLLM configuration"),
        (("--config", "nowhere.yaml"), 5, "cannot read the configuration"),
        (("--listen", "4000"), 2, "expected host:port"),
        (("prices", "show", "openai/gpt-55"), 3, "did you mean 'gpt-5.5'"),
        (("prices", "list", "opneai"), 3, "did you mean 'openai'"),
        (("prices", "show", "openai/gpt-5", "--at", "yesterday"), 2, "--at: expected 2026-12-01"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_and_a_code(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, told: str
) -> None:
    got, out, err = command(capsys, *words)
    assert (got, out) == (code, "")
    assert told in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (("quality: 64", "quality: .nan"), "gateway.yaml:6: number: expected a finite number"),
        (("quality: 64", "quality: 1e999"), "a finite number"),
        (("gpus: 8", "gpus: 1.5"), "gpus"),
        (("gpus: 8", "gpus: true"), "gpus"),
        (("small: [", "small:\n  other: ["), "expected a mapping, got nothing"),
        (("rack: {kind: vllm", "rack: #"), "rack"),
    ],
)
def test_a_file_that_says_no_number_is_refused_with_its_line(
    tmp_path: Path, harm: tuple[str, str], told: str
) -> None:
    """What is not finite, not whole or not there is never taken for a number."""
    text = (
        "listen: 127.0.0.1:4000\nproviders:\n  rack: {kind: vllm, base_url: 'http://127.0.0.1:8000/v1'}\nmodels:\n"
        "  small: [{provider: rack, model: m,\n    quality: 64,\n"
        "    own: {gpus: 8, input_per_gpu_hour: 3e6, output_per_gpu_hour: 1e6}}]\n"
    )
    file = tmp_path / "gateway.yaml"
    file.write_text(text, encoding="utf-8")
    read_config(file)
    file.write_text(text.replace(*harm), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(told)):
        read_config(file)


def test_the_price_book_is_shown_with_its_sources(capsys: pytest.CaptureFixture[str]) -> None:
    shown = json.loads(
        command(capsys, "prices", "show", "deepseek/deepseek-v4-pro", "--at", "2026-11-01T02:00", "--json")[1]
    )
    holding = [row for row in shown["rows"] if row["holds"]]
    assert [row["hours_utc"] for row in holding] == ["01:00-04:00"]
    assert holding[0]["usd_per_mtok"]["output"] == [[0, "3.96"]]
    text = command(capsys, "prices", "show", "openai/gpt-5.5")[1]
    assert "5, 10 above 272,000 tokens" in text
    assert "source: genai-prices" in text
    assert "gpt-5" in command(capsys, "prices", "list", "openai")[1]
    assert "gemini-3.5-flash" in command(capsys, "prices", "differences")[1]


def test_a_refresh_writes_the_tables_that_are_shipped(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert command(capsys, "prices", "refresh", "--out", str(tmp_path / "prices"))[0] == 0
    fresh, shipped = PriceBook(tmp_path / "prices"), PriceBook()
    for provider in shipped.providers():
        assert [p.price_id for m in fresh.models(provider) for p in m.prices] == [
            p.price_id for m in shipped.models(provider) for p in m.prices
        ]


def test_the_gateway_starts_without_the_simulation() -> None:
    code = (
        "import sys; import supercycle.gateway.door.server, supercycle.gateway.door.core, "
        "supercycle.gateway.door.dashboard, "
        "supercycle.gateway.reports.replay, supercycle.gateway.reports.export, supercycle.gateway.reports.reconcile; "
        "heavy = {'numpy', 'polars', 'numba', 'scipy', 'pydantic', 'genai_prices'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ})


# --- import of a LiteLLM configuration


def test_a_litellm_configuration_becomes_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = import_litellm(LITELLM, "config.yaml")
    (tmp_path / "gateway.yaml").write_text(found.text)
    config = read_config(tmp_path / "gateway.yaml")
    targets = {name: [t.id for t in entry.targets] for name, entry in config.models.items()}
    assert targets["small"] == ["openai/gpt-5-mini", "groq/openai/gpt-oss-20b", "anthropic/claude-opus-5-5"]
    assert targets["local"] == targets["mini"] == ["10.0.0.5/qwen3-8b"]
    assert targets["local-2"] == ["10.0.0.5-2/qwen3-8b"]
    assert config.policy.attempts == 4
    assert config.providers["openai"].key == "stored"
    assert config.providers["groq"].key == "$GROQ_API_KEY"
    # 5e-8 USD a token is 0.05 USD per million
    book = with_entries(PriceBook(), config.prices)
    model = book.find(config.providers["10.0.0.5"].prices, "qwen3-8b")
    assert model is not None
    rates = model.rates(datetime.now(UTC))
    assert rates is not None
    assert (rates["input"].at(1), rates["output"].at(1)) == (50_000, 150_000)
    assert (
        book.find(config.providers["10.0.0.5-2"].prices, "qwen3-8b") is None
    )  # the other server gave no price
    notes = "\n".join(found.notes)
    assert "sk-never-repeat-this" not in found.text + notes
    assert "sk-1234" not in found.text + notes
    for told in (
        "config.yaml:5: a key stands in the file", "config.yaml:6: rpm of small is not carried over",
        "azure/gpt-4o-eu is left out", "the fallbacks of small are now its targets", "drop_params is not carried over",
        "keys are issued with supercycle gateway keys add",
    ):  # fmt: skip
        assert told in notes


@pytest.mark.parametrize(
    "text", ["", "models: []", "model_list: []", "model_list: [{model_name: a}]", "model_list: 3"]
)
def test_what_is_no_litellm_configuration_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        import_litellm(text)


# --- own GPUs and prices by hand


def test_the_hour_of_own_gpus_costs_what_its_tokens_are_charged() -> None:
    rack = OwnGpus(
        Ownership(), gpus=8, input_per_gpu_hour=3e6, output_per_gpu_hour=8e5, cached_per_gpu_hour=1e6
    )
    rates = rack.rates_pico()
    charged = 3e6 * rates["input"] + 1e6 * rates["cached"] + 8e5 * rates["output"]
    hour = Ownership().hour().total_usd * PICO
    assert hour <= charged <= hour + 4.8e6  # rounded up by less than a pico-USD a token
    half = OwnGpus(
        Ownership(), gpus=8, input_per_gpu_hour=1.5e6, output_per_gpu_hour=4e5, cached_per_gpu_hour=5e5
    )
    assert half.rates_pico()["output"] == pytest.approx(2 * rates["output"], rel=1e-6)


def test_own_gpus_in_a_configuration() -> None:
    own = {"gpus": "8", "input_per_gpu_hour": "3e6", "output_per_gpu_hour": "1e6", "life_years": "5"}
    entry = own_entry(own, "gateway.yaml:9")
    assert price_entry("rack", "m", entry, {}).status == "own"
    for changed, told in (
        ({"gpus": "0"}, "expected 1 or more"),
        ({"input_per_gpu_hour": "0", "output_per_gpu_hour": "0"}, "no measured tokens"),
        ({"life_years": "-1"}, "life_years is impossible"),
        ({"life_yaers": "5"}, "did you mean 'life_years'"),
        ({"gpus": "eight"}, "expected a finite number"),
    ):
        with pytest.raises(InputError, match=told):
            own_entry({**own, **changed}, "gateway.yaml:9")
    with pytest.raises(InputError, match="gpus is missing"):
        own_entry({"input_per_gpu_hour": "1"})
    text = (
        "providers: {rack: {kind: vllm}}\n"
        "models:\n  m:\n    - provider: rack\n      model: big\n"
        "      own: {gpus: 8, input_per_gpu_hour: 3e6, output_per_gpu_hour: 1e6}\n"
    )
    config = config_of(read_yaml(text, "gateway.yaml"), Path("gateway.yaml"))
    model = with_entries(PriceBook(), config.prices).find(config.providers["rack"].prices, "big")
    assert model is not None
    assert model.prices[0].status == "own"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"inputs": "1"}, "did you mean 'input'"),
        ({"input": "-1"}, "0 or more"),
        ({"input": "0.0000001"}, "finer than a pico-USD per token"),
        ({"input": ["1", [100, "2"], [50, "3"]]}, "thresholds ascending"),
        ({"input": "1", "from": "soon"}, "day"),
        ({"input": "1", "hours": "1-4"}, "01:00-04:00"),
        ({"input": "1", "hours": "01:00-01:00"}, "01:00-04:00"),
        ({"input": "1", "hours": "22:00-25:00"}, "01:00-04:00"),
        ({"input": "1", "hours": "24:30-04:00"}, "01:00-04:00"),
        ({"input": "1", "hours": "01:75-04:00"}, "01:00-04:00"),
    ],
)
def test_a_price_by_hand_that_makes_no_sense_is_refused(entry: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        with_entries(PriceBook(), [("mine", "m", entry, "by hand")])


# --- the demand profile


def hour(**changed: Any) -> DemandHour:
    fields: dict[str, Any] = {
        "hour": datetime(2026, 11, 1, 13, tzinfo=UTC), "provider": "p", "model": "m", "input_tokens": 1,
        "cached_tokens": 2, "cache_write_tokens": 3, "output_tokens": 4, "reasoning_tokens": 1, "requests": 1,
        "concurrency": 0.1,
    }  # fmt: skip
    return DemandHour(**{**fields, **changed})


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"hour": datetime(2026, 11, 1, 13, 30, tzinfo=UTC)}, "whole UTC hour"),
        ({"hour": datetime(2026, 11, 1, 13)}, "whole UTC hour"),  # noqa: DTZ001
        ({"requests": None}, "missing=true"),
        ({"requests": -1}, "0 or more"),
        ({"concurrency": float("nan")}, "0 or more"),
        ({"missing": True}, "nothing in a missing hour"),
        ({"reasoning_tokens": 5}, "at most output_tokens 4"),
        ({"ttft_p50_ms": 2.0, "ttft_p95_ms": 1.0}, "at most p95"),
    ],
)
def test_an_hour_that_cannot_be_is_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        hour(**changed)


def test_a_profile_is_read_back_or_refused() -> None:
    profile = DemandProfile((hour(model="b"), hour(model="a")), source="test")
    assert [h.model for h in profile.hours] == ["a", "b"]
    with pytest.raises(InputError, match="one row per hour"):
        DemandProfile((hour(), hour()))
    good = json.loads(profile.to_json())
    for changed, told in (
        ({"version": 2}, "expected 1, got 2"), ({"kind": "x"}, "not a demand profile"), ({"hours": 3}, "list of rows"),
        ({"hours": [{**good["hours"][0], "extra": 1}]}, "difference in extra"),
        ({"hours": [{**good["hours"][0], "input_tokens": "many"}]}, r"hours\[0\]"),
        ({"hours": [{**good["hours"][0], "missing": "perhaps"}]}, "true or false"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=told):
            DemandProfile.from_json(json.dumps({**good, **changed}))
    with pytest.raises(InputError, match="not JSON"):
        DemandProfile.from_json("{")
    with pytest.raises(InputError, match="difference in"):
        DemandProfile.from_csv("hour,provider\n")
    assert DemandProfile.from_csv(",".join(COLUMNS) + "\n").hours == ()


def test_an_unknown_provider_of_prices_is_told() -> None:
    with pytest.raises(UnknownNameError, match="openai"):
        PriceBook().models("opena")
