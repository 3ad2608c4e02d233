"""Calls to Bedrock signed by Signature Version 4, and to Vertex with a service account's token."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from supercycle.core.errors import InputError
from supercycle.gateway.routes.signing import AwsKey, sigv4
from tests.gateway_server import CHAT, question, serving


def test_the_vendors_own_examples() -> None:
    """Two of the requests that AWS publishes with their signatures (aws-sig-v4-test-suite)."""
    key = AwsKey("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    at = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
    for method, want in (
        ("GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ):
        told = sigv4(
            key, method, "https://example.amazonaws.com/", b"", at, region="us-east-1", service="service"
        )
        assert told["authorization"].endswith(f"SignedHeaders=host;x-amz-date, Signature={want}")


def signature_of(request: web.Request, body: bytes, secret: str) -> str:
    """The signature by the request as it arrived: the server's side of the rule, written by itself."""
    said = request.headers["authorization"]
    scope = re.search(r"Credential=[^/]+/(\d{8})/([a-z0-9-]+)/bedrock/", said)
    names = re.search(r"SignedHeaders=([^,]+)", said)
    assert scope is not None
    assert names is not None
    canonical = f"{request.method}\n{quote(request.rel_url.raw_path, safe='/-_.~')}\n\n"
    for name in names[1].split(";"):
        canonical += f"{name}:{request.headers[name]}\n"
    canonical += f"\n{names[1]}\n{hashlib.sha256(body).hexdigest()}"
    day, region = scope[1], scope[2]
    text = f"AWS4-HMAC-SHA256\n{request.headers['x-amz-date']}\n{day}/{region}/bedrock/aws4_request\n"
    text += hashlib.sha256(canonical.encode()).hexdigest()
    key = b"AWS4" + secret.encode()
    for word in (day, region, "bedrock", "aws4_request"):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


BEDROCK = """
providers:
  far: {{kind: bedrock, base_url: "{base}", auth: aws-sigv4, key: $AWS_KEYS, region: eu-west-1}}
models:
  m: [{{provider: far, model: "us.amazon.nova-lite-v1:0", max_output_tokens: 100}}]
"""
VERTEX = """
providers:
  far: {{kind: vertex, base_url: "{base}/publishers/google", key: $SERVICE_ACCOUNT}}
models:
  m: [{{provider: far, model: gemini-2.5-flash, max_output_tokens: 100}}]
"""


async def served_by(routes: dict[str, Any]) -> tuple[web.AppRunner, str]:
    app = web.Application()
    for path, answer in routes.items():
        app.router.add_post(path, answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


def test_bedrock_is_asked_with_a_signature_that_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_KEYS", "AKID:s3cr3t/+:session==")

    async def answer(request: web.Request) -> web.Response:
        body = await request.read()
        said = request.headers["authorization"]
        if request.headers["x-amz-security-token"] != "session==" or not said.endswith(
            f"Signature={signature_of(request, body, 's3cr3t/+')}"
        ):
            return web.json_response({"message": f"The request signature does not match: {said}"}, status=403)
        message = {"role": "assistant", "content": [{"text": "signed"}]}
        usage = {"inputTokens": 3, "outputTokens": 1}
        return web.json_response({"output": {"message": message}, "stopReason": "end_turn", "usage": usage})

    async def go() -> None:
        runner, base = await served_by({"/{path:.*}": answer})
        try:
            async with serving(tmp_path, BEDROCK.format(base=base)) as served:
                reply = await served.ask(CHAT, question(model="m"))
                assert reply.status == 200, reply.body
                assert reply.json["choices"][0]["message"]["content"] == "signed"
        finally:
            await runner.cleanup()

    asyncio.run(go())
    with pytest.raises(InputError, match="region is missing"):
        asyncio.run(
            nothing(
                tmp_path / "x", BEDROCK.format(base="http://127.0.0.1:1").replace(", region: eu-west-1", "")
            )
        )


async def nothing(folder: Path, text: str) -> None:
    async with serving(folder, text):
        pass


def test_vertex_is_asked_with_a_token_that_is_fetched_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    fetched: list[dict[str, Any]] = []

    async def token(request: web.Request) -> web.Response:
        form = await request.post()
        head, claims, signature = str(form["assertion"]).split(".")
        key.public_key().verify(padded(signature), f"{head}.{claims}".encode(), PKCS1v15(), SHA256())
        fetched.append(json.loads(padded(claims)))
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        return web.json_response({"access_token": f"t{len(fetched)}", "expires_in": 3600})

    async def answer(request: web.Request) -> web.Response:
        if request.headers["authorization"] != "Bearer t1":
            return web.json_response([{"error": {"code": 401, "message": "no"}}], status=401)
        candidate = {"content": {"parts": [{"text": "in"}]}, "finishReason": "STOP"}
        used = {"promptTokenCount": 3, "candidatesTokenCount": 1}
        return web.json_response({"candidates": [candidate], "usageMetadata": used})

    async def go() -> None:
        path = "/publishers/google/models/gemini-2.5-flash:generateContent"
        runner, base = await served_by({"/token": token, path: answer})
        account = {
            "client_email": "a@b",
            "private_key_id": "k",
            "private_key": pem,
            "token_uri": f"{base}/token",
        }
        monkeypatch.setenv("SERVICE_ACCOUNT", json.dumps(account, indent=2))
        try:
            async with serving(tmp_path, VERTEX.format(base=base)) as served:
                replies = await asyncio.gather(*(served.ask(CHAT, question(model="m")) for _ in range(5)))
                assert [r.status for r in replies] == [200] * 5, replies[0].body
        finally:
            await runner.cleanup()
        assert len(fetched) == 1
        assert (fetched[0]["iss"], fetched[0]["aud"]) == ("a@b", f"{base}/token")
        assert fetched[0]["exp"] - fetched[0]["iat"] == 3600

    asyncio.run(go())


def padded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
