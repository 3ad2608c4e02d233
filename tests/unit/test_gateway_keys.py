"""Virtual keys and upstream secrets: shown once, nowhere in the clear, gone when revoked."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.gateway.ledger.keys import FRESH_S
from supercycle.gateway.ledger.secrets import MASTER_VARIABLE, Master, load_master


def test_a_key_is_known_by_its_secret_alone(place: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            key_id, secret = await ledger.keys.issue(
                "Robert'); DROP TABLE request;--",
                project="p",
                org="o",
                models=["gpt-*"],
                rpm=5,
                tpm=6,
                concurrency=7,
            )
            assert len(secret) >= 3 + 43  # 256 bits in base64
            assert ledger.peek_principal(secret) is None
            who = await ledger.principal(secret)
            assert who == ledger.peek_principal(secret)
            assert (who.key_id, who.accounts) == (key_id, (f"key:{key_id}", "project:p", "org:o"))
            assert (who.models, who.rpm, who.tpm, who.concurrency) == (("gpt-*",), 5, 6, 7)
            for wrong in (
                "",
                "sc-",
                secret[:-1],
                secret + "A",
                secret.upper(),
                "' OR 1=1 --",
                "\ud800",
                "\0",
            ):
                assert await ledger.principal(wrong) is None
            (row,) = await ledger.keys.listed()
            assert secret not in str(row)
            assert "hmac" not in row
            assert secret.startswith(row["hint"])

    asyncio.run(go())


def test_secrets_stand_nowhere_in_the_ledger(place: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            _, secret = await ledger.keys.issue("a")
            await ledger.put_secret("openai", "sk-upstream-1")
            await ledger.put_secret("openai", "sk-upstream-2")
            assert await ledger.secret("openai") == "sk-upstream-2"
            assert await ledger.secret("nobody") is None
            dump = str(await place.dump(ledger))
            assert secret not in dump
            assert "sk-upstream" not in dump
            assert "sk-upstream" not in repr(vars(ledger))
        for path in place.folder.iterdir():
            raw = path.read_bytes()
            assert secret.encode() not in raw
            assert b"sk-upstream" not in raw

    asyncio.run(go())


def test_a_revoked_key_stops_within_a_second_on_every_instance(place: Any) -> None:
    async def go() -> None:
        async with place.open() as one, place.open(server=place.shared) as other:
            key_id, secret = await one.keys.issue("a")
            assert await other.principal(secret) is not None
            await one.keys.revoke(key_id)
            assert await one.principal(secret) is None  # here at once
            revoked = time.monotonic()
            while await other.principal(secret) is not None:
                assert time.monotonic() - revoked < 1
                await asyncio.sleep(0.02)
            assert FRESH_S < 1
            assert other.peek_principal(secret) is None
            with pytest.raises(UnknownNameError, match="unknown key 'nobody'"):
                await one.keys.revoke("nobody")

    asyncio.run(go())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": " "}, "key name: expected printable text"),
        ({"name": "a\nb"}, "key name: expected printable text"),
        ({"name": "a", "rpm": 0}, "a: limit rpm: expected 1 or more, or none, got 0"),
        ({"name": "a", "scopes": ["root"]}, "unknown scope 'root': expected one of call, admin"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(tmp_path: Path, kit: Any, wrong: Any, message: str) -> None:
    async def go() -> None:
        async with kit.Place(str(tmp_path), tmp_path).open() as ledger:
            with pytest.raises(InputError, match=message):
                await ledger.keys.issue(**wrong)
            assert await ledger.keys.listed() == []

    asyncio.run(go())


def test_the_master_key_is_made_once_and_kept_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(MASTER_VARIABLE, raising=False)
    first = load_master(tmp_path / "new")
    assert load_master(tmp_path / "new").derived("x") == first.derived("x") != first.derived("y")
    assert (tmp_path / "new" / "master.key").stat().st_mode & 0o777 == 0o600
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["master.key"]
    monkeypatch.setenv(MASTER_VARIABLE, "ab" * 32)
    assert load_master(tmp_path / "new").derived("x") == Master(b"\xab" * 32).derived("x")
    monkeypatch.setenv(MASTER_VARIABLE, "ab")
    with pytest.raises(InputError, match=f"{MASTER_VARIABLE}: master key: expected 64 hex digits"):
        load_master(tmp_path / "new")


def test_a_sealed_secret_opens_only_with_its_key_and_name() -> None:
    sealed = Master(b"a" * 32).seal("s", "openai")
    for master, name in ((Master(b"b" * 32), "openai"), (Master(b"a" * 32), "anthropic")):
        with pytest.raises(InputError, match="stored secret cannot be opened"):
            master.unseal(sealed, name)
    assert sealed != Master(b"a" * 32).seal("s", "openai")
