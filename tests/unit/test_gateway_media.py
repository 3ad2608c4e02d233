"""Pictures, speech and transcriptions: bounded before they are sent, metered after, never above a budget."""

from __future__ import annotations

import asyncio
import io
import math
import random
import struct
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest
from aiohttp import web

from supercycle.gateway.speech.sound import seconds_most
from tests.gateway_server import Served, raw, serving

CONFIG = """
providers:
  far: {{kind: openai, base_url: "{base}", auth: none, prices: far}}
models:
  painter: [{{provider: far, model: p1, price: {{"picture": "0.02", "picture 1024x1024 hd": "0.08"}}}}]
  tokens: [{{provider: far, model: p2, max_output_tokens: 6240, price: {{input: "5", picture_output: "40"}}}}]
  endless: [{{provider: far, model: p3, price: {{input: "5", output: "40"}}}}]
  reader: [{{provider: far, model: s1, price: {{character: "15"}}}}]
  toned: [{{provider: far, model: s2, price: {{input: "0.6", output: "12"}}}}]
  hearer: [{{provider: far, model: h1, price: {{audio_second: "0.36"}}}}]
  heard: [{{provider: far, model: h2, price: {{input: "2.5", output: "10"}}}}]
"""
PICTURES, SPEECH, HEAR = "/v1/images/generations", "/v1/audio/speech", "/v1/audio/transcriptions"


class Provider:
    """Bills the most that its document allows, by what it decodes itself; imports nothing of the gateway."""

    def __init__(self) -> None:
        self.bill = 0  # pico-USD
        self.seen: list[Any] = []
        self.mode = ""

    async def pictures(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.seen.append(asked)
        if self.mode == "refuses":
            return web.json_response({"error": {"message": "no"}}, status=400)
        n = asked.get("n", 1) or 1
        data = [{"b64_json": "QUJD"}] * n
        if asked["model"] == "p1":
            hd = (asked.get("size"), asked.get("quality")) == ("1024x1024", "hd")
            self.bill += n * (80 if hd else 20) * 10**9
            return web.json_response({"created": 1, "data": data})
        reads, writes = len(asked["prompt"].encode()) + 100, 6240 * n
        self.bill += reads * 5 * 10**6 + writes * 40 * 10**6
        usage = {"input_tokens": reads, "output_tokens": writes, "total_tokens": reads + writes,
                 "input_tokens_details": {"text_tokens": reads, "image_tokens": 0}}  # fmt: skip
        return web.json_response({"created": 1, "data": data, "usage": usage})

    async def speech(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.seen.append(asked)
        self.bill += len(asked["input"]) * 15 * 10**6
        return web.Response(body=b"ID3" + bytes(range(256)), content_type="audio/mpeg")

    async def hear(self, request: web.Request) -> web.Response:
        form = await request.post()
        content = form["file"].file.read()  # type: ignore[union-attr]
        fields = [(name, value) for name, value in form.items() if name != "file"]
        self.seen.append((fields, content))
        with wave.open(io.BytesIO(content)) as sound:
            seconds = math.ceil(sound.getnframes() / sound.getframerate())
        if form["model"] == "h2":
            details = {"text_tokens": 0, "audio_tokens": 10 * seconds}
            usage = {"type": "tokens", "input_tokens": 10 * seconds, "output_tokens": 5,
                     "total_tokens": 10 * seconds + 5, "input_token_details": details}  # fmt: skip
            return web.json_response({"text": "hi", "usage": usage})
        self.bill += seconds * 10**8
        if form.get("response_format") == "text":
            return web.Response(text="hi")
        return web.json_response({"text": "hi", "usage": {"type": "duration", "seconds": seconds}})


@asynccontextmanager
async def gateway(folder: Path) -> AsyncIterator[tuple[Served, Provider]]:
    provider = Provider()
    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_post(PICTURES, provider.pictures)
    app.router.add_post(SPEECH, provider.speech)
    app.router.add_post(HEAR, provider.hear)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with serving(
            folder, CONFIG.format(base=f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
        ) as served:
            yield served, provider
    finally:
        await runner.cleanup()


def client(served: Served) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(api_key=served.key, base_url=served.base_url, max_retries=0)


def tone(seconds: float, hertz: int = 8000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(hertz)
        sound.writeframes(bytes(2 * int(seconds * hertz)))
    return out.getvalue()


def test_the_real_client_on_every_route_to_the_pico(tmp_path: Path) -> None:
    async def go() -> None:
        async with gateway(tmp_path) as (served, provider), client(served) as one:
            await served.ledger.set_budget("project:p", 10**13, "total")
            made = await one.images.generate(model="painter", prompt="a cat", n=3)
            assert len(made.data or []) == 3
            await one.images.generate(model="painter", prompt="a cat", size="1024x1024", quality="hd")
            await one.images.generate(model="tokens", prompt="a café", n=2)
            said = await one.audio.speech.create(model="reader", voice="alloy", input="déjà vu")
            assert said.content == b"ID3" + bytes(range(256))
            sound = tone(2.5)
            heard = await one.audio.transcriptions.create(
                model="hearer",
                file=("a.wav", sound),
                language="en",
                timestamp_granularities=["word", "segment"],
            )
            assert heard.text == "hi"
            fields, content = provider.seen[-1]
            assert content == sound
            assert ("model", "h1") in fields
            assert [value for name, value in fields if name == "timestamp_granularities[]"] == [
                "word",
                "segment",
            ]
            text = await one.audio.transcriptions.create(
                model="hearer", file=("a.wav", sound), response_format="text"
            )
            assert str(text).strip() == "hi"
            attempts = await served.attempts(6)
            assert [a["state"] for a in attempts] == ["settled"] * 5 + ["estimated"]
            kinds = [{line["kind"] for line in a["usage"]} for a in attempts]
            assert kinds[0] == {"picture", "request"}
            assert kinds[1] == {"picture 1024x1024 hd", "request"}
            assert kinds[2] == {"input", "picture_output", "request"}
            assert kinds[3] == {"character", "request"}
            (budget,) = await served.ledger.budgets()
            assert (budget["spent"], budget["reserved"], budget["closed_why"]) == (provider.bill, 0, None)
            assert not list((tmp_path / "ledger" / "files").glob("passing-*"))

    asyncio.run(go())


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        (PICTURES, {"model": "painter", "prompt": "x", "size": "9x9"}, "no price for picture 9x9"),
        (PICTURES, {"model": "endless", "prompt": "x"}, "no price for picture"),
        (PICTURES, {"model": "painter", "prompt": "x", "upscale": 4}, "field upscale is not known"),
        (SPEECH, {"model": "toned", "input": "x", "voice": "a"}, "no price for character"),
        (SPEECH, {"model": "reader", "input": "x", "voice": "a", "instructions": "sing"}, "field instructions"),
        (PICTURES, {"model": "painter", "prompt": "x", "n": 11}, "n: expected a whole number from 1 to 10"),
        (PICTURES, {"model": "painter", "prompt": "x", "n": True}, "n: expected a whole number"),
        (PICTURES, {"model": "painter", "prompt": ["x"]}, "prompt: expected text"),
        (PICTURES, {"model": "painter", "prompt": "x", "stream": True}, "stream: expected false"),
        (SPEECH, {"model": "reader", "input": "x", "voice": "a", "stream_format": "sse"}, "stream: expected false"),
        (SPEECH, {"model": "painter-2", "input": "x"}, "no model 'painter-2'"),
        (PICTURES, [1], "expected a JSON object"),
    ],
)  # fmt: skip
def test_what_has_no_bound_is_refused_by_name_and_not_sent(
    path: str, body: Any, why: str, tmp_path: Path
) -> None:
    async def go() -> None:
        async with gateway(tmp_path) as (served, provider):
            await served.ledger.set_budget("project:p", 10**13, "total")
            reply = await served.ask(path, body)
            assert reply.status in (400, 404)
            assert why in reply.json["error"]["message"]
            assert not provider.seen

    asyncio.run(go())


def test_a_file_that_cannot_be_measured_is_refused_on_a_budget_and_unpriced_without(tmp_path: Path) -> None:
    async def go() -> None:
        async with gateway(tmp_path) as (served, provider), client(served) as one:
            heard = await one.audio.transcriptions.create(model="heard", file=("a.wav", tone(1)))
            assert heard.text == "hi"
            (attempt,) = await served.attempts(1)
            # Tokens of sound are no text: their price is not known, so the cost is not, rather than too little.
            assert attempt["cost_pico"] is None
            assert "audio_input" in attempt["note"]
            await served.ledger.set_budget("project:p", 10**13, "total")
            count = len(provider.seen)
            for content in (
                b"fLaC" + bytes(100),
                b"OggS" + bytes(100),
                b"\0\0\0\x18ftypM4A " + bytes(100),
                b"",
            ):
                with pytest.raises(openai.BadRequestError, match="cannot be measured"):
                    await one.audio.transcriptions.create(model="hearer", file=("a.flac", content))
            with pytest.raises(openai.BadRequestError, match="no price for audio_second"):
                await one.audio.transcriptions.create(model="heard", file=("a.wav", tone(1)))
            form = b'--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nhearer\r\n'
            twice = form * 2 + b'--b\r\ncontent-disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n'
            shown = {
                "authorization": f"Bearer {served.key}",
                "content-type": "multipart/form-data; boundary=b",
            }
            reply = await raw(served.port, HEAR, twice, shown)
            assert (reply.status, reply.json["error"]["message"]) == (400, "model stands twice")
            assert len(provider.seen) == count

    asyncio.run(go())


def test_an_error_is_free(tmp_path: Path) -> None:
    """The reserve is given back once the refusal is booked, which may be after it is answered."""

    async def go() -> None:
        async with gateway(tmp_path) as (served, provider):
            await served.ledger.set_budget("project:p", 10**13, "total")
            provider.mode = "refuses"
            assert (await served.ask(PICTURES, {"model": "painter", "prompt": "x"})).status == 400
            for _ in range(500):
                (budget,) = await served.ledger.budgets()
                if budget["reserved"] == 0:
                    break
                await asyncio.sleep(0.01)
            assert (budget["spent"], budget["reserved"]) == (0, 0)

    asyncio.run(go())


def test_fuzzed_calls_never_spend_more_than_the_budget(tmp_path: Path) -> None:
    """300 calls of all shapes, 32 at a time, billed by the provider as dearly as it may: never above the limit."""
    limit = 2 * 10**12

    async def go() -> None:
        draw = random.Random(20261201)
        async with gateway(tmp_path) as (served, provider):
            await served.ledger.set_budget("project:p", limit, "total")

            async def call() -> int:
                kind = draw.randrange(4)
                if kind == 0:
                    body: dict[str, Any] = {"model": "painter", "prompt": "x" * draw.randrange(1, 40)}
                    body |= {"n": draw.choice([1, 2, 10, None])}
                    body |= draw.choice([{}, {"size": "1024x1024", "quality": "hd"}, {"size": "1x1"}])
                elif kind == 1:
                    body = {
                        "model": "tokens",
                        "prompt": "é" * draw.randrange(1, 400),
                        "n": draw.randrange(1, 4),
                    }
                elif kind == 2:
                    body = {"model": "reader", "input": "𝄞é" * draw.randrange(1, 900), "voice": "a"}
                else:
                    boundary = b"bound"
                    form = b'--bound\r\ncontent-disposition: form-data; name="model"\r\n\r\nhearer\r\n--bound\r\n'
                    form += b'content-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
                    form += tone(draw.random() * 30, draw.choice([8000, 16000])) + b"\r\n--bound--\r\n"
                    shown = {"authorization": f"Bearer {served.key}",
                             "content-type": f"multipart/form-data; boundary={boundary.decode()}"}  # fmt: skip
                    return (await raw(served.port, HEAR, form, shown)).status
                return (await served.ask(SPEECH if kind == 2 else PICTURES, body)).status

            found: list[int] = []
            for _ in range(10):
                found += await asyncio.gather(*(call() for _ in range(30)))
                (budget,) = await served.ledger.budgets()
                assert budget["spent"] + budget["reserved"] <= limit
                assert provider.bill <= limit
            assert set(found) == {200, 400, 429}
            (budget,) = await served.ledger.budgets()
            assert budget["spent"] == provider.bill > limit // 2
            assert budget["closed_why"] is None

    asyncio.run(go())


def test_the_seconds_of_a_file_are_never_fewer_than_it_has(tmp_path: Path) -> None:
    path = tmp_path / "sound"
    for seconds, hertz in ((1, 8000), (2.5, 16000), (61.2, 44100)):
        path.write_bytes(tone(seconds, hertz))
        assert seconds_most(path) in (math.ceil(seconds), math.ceil(seconds) + 1)
    # A header that says it has no data, or plays at a rate that its blocks deny.
    lying = bytearray(tone(10))
    lying[40:44] = struct.pack("<I", 16)
    path.write_bytes(lying)
    assert seconds_most(path) in (10, 11)
    lying = bytearray(tone(10))
    lying[32:34] = struct.pack("<H", 4)
    path.write_bytes(lying)
    assert seconds_most(path) is None
    # MP3: 128 kbit/s, 44.1 kHz has frames of 417 bytes that last 1152 samples; 8 kbit/s at 16 kHz is the longest.
    dense, thin = b"\xff\xfb\x90\x00" + bytes(413), b"\xff\xf3\x18\x00" + bytes(32)
    assert len(thin) == 36
    path.write_bytes(dense * 400)
    assert seconds_most(path) == math.ceil(400 * 1152 / 44100)
    path.write_bytes(thin * 1000)
    assert seconds_most(path) == math.ceil(1000 * 576 / 16000)
    # Junk between frames counts at the least rate; much of it is no MP3.
    path.write_bytes((dense + b"\0" * 100) * 400)
    found = seconds_most(path)
    assert found is not None
    assert found >= 400 * 1152 / 44100 + 40
    path.write_bytes(dense * 3 + bytes(100_000))
    assert seconds_most(path) is None
    path.write_bytes(b"\xff" * 100_000)
    assert seconds_most(path) is None
