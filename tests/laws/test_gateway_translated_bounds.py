"""The theorem of budgets for translated calls: a reserve is never below the dearest bill of the body that is sent.

The upstream of this test reads Gemini's and Converse's bodies by itself, decoded, and bills the most their documents
allow; for the three other dialects `tests/readings/adversary.py` does.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import adversary
import pytest
from aiohttp import web
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from supercycle.core.errors import InputError
from supercycle.gateway.door.prepared import prepared
from supercycle.gateway.prices.bounds import Bound, Capacity, reserve_of
from supercycle.gateway.prices.pricebook import PriceBook, with_entries
from supercycle.gateway.routes.providers import Target, provider_of
from supercycle.gateway.speech.dialects import read_call
from tests.gateway_server import serving
from tests.laws.test_gateway_bounds import AT, DIALECTS, requests

RATES = {"input": "2", "output": "10", "cached": "0.2", "cache_write": "2.5", "web_search": "10"}
WAYS = {
    "gemini": ("gemini", "gemini-3-pro", "google.generate"),
    "bedrock": ("bedrock", "anthropic.claude-sonnet-4-5", "bedrock.converse"),
    "deepseek": ("deepseek", "m", "openai.chat"),
    "claude": ("anthropic", "m", "anthropic.messages"),
}
BOOK = with_entries(PriceBook(), [("adv", model, RATES, "test") for _, model, _ in WAYS.values()])


def text_of(value: Any, skip: tuple[str, ...]) -> int:
    """Bytes of all decoded words, keys too: a token is at least a byte."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass"))
    if isinstance(value, dict):
        return sum(len(k) + text_of(v, skip) for k, v in value.items() if k not in skip)
    if isinstance(value, list):
        return sum(text_of(v, skip) for v in value)
    return len(json.dumps(value))


def found(value: Any, key: str) -> list[Any]:
    if isinstance(value, dict):
        return [v for k, v in value.items() if k == key] + [
            one for v in value.values() for one in found(v, key)
        ]
    return [one for v in value for one in found(v, key)] if isinstance(value, list) else []


def native_bill(path: str, body: dict[str, Any]) -> dict[str, int]:
    """The dearest documented reading of a body of Gemini or Converse."""
    if "generateContent" in path:
        inline = found(body, "inlineData")
        pictures = [one for one in inline if one["mimeType"].startswith("image/")]
        unread = len(inline) - len(pictures) + len(found(body, "fileData"))
        reads = text_of(body, ("inlineData",)) + 2240 * len(pictures)
        most = (body.get("generationConfig") or {}).get("maxOutputTokens")
        tools = bool(body.get("tools"))
    else:
        pictures = found(body, "image")
        unread = sum(one["format"] == "pdf" for one in found(body, "document"))
        reads = text_of(body, ("image",)) + 4784 * len(pictures)
        most = (body.get("inferenceConfig") or {}).get("maxTokens")
        tools = "toolConfig" in body
    reads = adversary.CONTEXT if unread else min(adversary.CONTEXT, reads + 128 + 804 * tools)
    return {"input": reads, "output": min(most or adversary.LONGEST, adversary.LONGEST), "searches": 0}


def cost(billed: dict[str, int], *, writes: bool) -> int:
    rate = 2_500_000 if writes else 2_000_000
    return billed["input"] * rate + billed["output"] * 10_000_000 + billed["searches"] * 10_000_000_000


@settings(
    max_examples=int(os.environ.get("SUPERCYCLE_FUZZ", "400")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(requests(), st.sampled_from(sorted(WAYS)), st.booleans())
def test_the_reserve_of_what_is_sent_covers_its_dearest_bill(
    shape: tuple[str, dict[str, Any]], name: str, lossy: bool
) -> None:
    check(*shape, name, lossy=lossy)


PDF = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}}
PNG = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
MARKED = {"type": "text", "text": "x" * 5000, "cache_control": {"type": "ephemeral"}}


@pytest.mark.parametrize("name", ["gemini", "bedrock"])
@pytest.mark.parametrize(
    "part", [PDF, PNG, MARKED, {"type": "tool_result", "tool_use_id": "t", "content": [PNG]}]
)
def test_what_costs_more_than_its_bytes_is_reserved(name: str, part: dict[str, Any]) -> None:
    fields = {"model": "m", "max_tokens": 10, "messages": [{"role": "user", "content": [part]}]}
    assert check("anthropic.messages", fields, name, lossy=False)


def check(dialect: str, fields: dict[str, Any], name: str, *, lossy: bool) -> bool:
    """Whether a request is sent, and then that its reserve covers what it can cost."""
    kind, model, spoken = WAYS[name]
    if dialect == spoken:
        return False
    provider = provider_of("p", kind, base_url="http://127.0.0.1:1", prices="adv")
    target = Target(provider, model, context_tokens=adversary.CONTEXT, max_output_tokens=adversary.LONGEST)
    scopes = ("call", "lossy") if lossy else ("call",)
    try:
        call = read_call(dialect, json.dumps(fields).encode())
        x: Any = SimpleNamespace(dialect=dialect, call=call, principal=SimpleNamespace(scopes=scopes))
        sent = prepared(x, target, None)
    except InputError:
        return False  # refused: nothing is sent
    bound = reserve_of(
        BOOK, "adv", model, sent.bound, sent.max_output, Capacity(adversary.CONTEXT, adversary.LONGEST), AT,
        tier=sent.tier, cache_writes=sent.writes_cache,
    )  # fmt: skip
    if not isinstance(bound, Bound):
        assert bound.reason
        return False
    body = json.loads(sent.body)
    native = spoken in ("google.generate", "bedrock.converse")
    billed = native_bill(":generateContent" if name == "gemini" else "/converse", body) if native else None
    writes = name in ("gemini", "deepseek") or "cachePoint" in str(body) or "cache_control" in str(body)
    assert cost(billed or adversary.bill(body), writes=writes) <= bound.pico
    return True


def answers(request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
    path = request.path
    if "generateContent" in path or path.endswith("/converse"):
        billed = native_bill(path, body)
        if "generateContent" in path:
            used = {"promptTokenCount": billed["input"], "candidatesTokenCount": billed["output"]}
            part = {"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}
            return {"candidates": [part], "usageMetadata": used}
        writes = "cachePoint" in str(body)
        used = {"inputTokens": 0 if writes else billed["input"], "outputTokens": billed["output"]}
        used |= {"cacheWriteInputTokens": billed["input"]} if writes else {}
        message = {"role": "assistant", "content": [{"text": "x"}]}
        return {"output": {"message": message}, "stopReason": "end_turn", "usage": used}
    billed = adversary.bill(body)
    if path.endswith("/messages"):
        used = {"input_tokens": billed["input"], "output_tokens": billed["output"]}
        return {
            "type": "message",
            "content": [{"type": "text", "text": "x"}],
            "stop_reason": "end_turn",
            "usage": used,
        }
    used = {"prompt_tokens": billed["input"], "completion_tokens": billed["output"]}
    return {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}], "usage": used}


def test_at_once_through_the_whole_server_translated_calls_stay_within_the_limit(tmp_path: Path) -> None:
    shapes: list[tuple[str, dict[str, Any]]] = []

    @settings(
        max_examples=96, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        database=None, derandomize=True,
    )  # fmt: skip
    @given(requests())
    def collect(shape: tuple[str, dict[str, Any]]) -> None:
        shapes.append(shape)

    collect()
    limit = 30 * 10**12
    bodies = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal bodies
        bodies += 1
        return web.json_response(answers(request, await request.json()))

    async def go() -> None:
        app = web.Application()
        app.router.add_post("/{path:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        lines = ["providers:"]
        lines += [
            f'  {n}: {{kind: {k}, base_url: "{base}", prices: adv, auth: none}}'
            for n, (k, _, _) in WAYS.items()
        ]
        lines.append("models:")
        price = json.dumps(RATES).replace('"', "'")
        for name, (_, model, _) in WAYS.items():
            held = f"context_tokens: {adversary.CONTEXT}, max_output_tokens: {adversary.LONGEST}"
            lines.append(f"  to-{name}: [{{provider: {name}, model: {model}, {held}, price: {price}}}]")
        try:
            async with serving(tmp_path, "\n".join(lines) + "\n") as served:
                await served.ledger.set_budget("project:p", limit, "total")
                _, key = await served.ledger.keys.issue(
                    "l", project="p", models=("*",), scopes=("call", "lossy")
                )
                asked = [(d, {**f, "model": f"to-{n}"}) for d, f in shapes for n in WAYS if WAYS[n][2] != d]
                answered = 0
                for begin in range(0, len(asked), 64):
                    replies = await asyncio.gather(
                        *(served.ask(DIALECTS[d], f, key=key) for d, f in asked[begin : begin + 64])
                    )
                    answered += sum(r.status == 200 for r in replies)
                    for reply in replies:
                        assert reply.status in (200, 400, 429), reply.body
                        assert reply.status == 200 or reply.json["error"]["message"]
                    (budget,) = await served.ledger.budgets()
                    assert budget["spent"] + budget["reserved"] <= limit
                await served.booked(bodies)
                (budget,) = await served.ledger.budgets()
                assert 0 < budget["spent"] <= limit
                assert budget["closed_why"] is None  # no answer passed its reserve
                assert answered > 20
        finally:
            await runner.cleanup()

    asyncio.run(go())
