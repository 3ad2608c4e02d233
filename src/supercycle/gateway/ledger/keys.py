"""Virtual keys: 256 random bits, shown once, kept as an HMAC, gone within a second of being revoked."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.gateway.ledger.budgets import DAY_US, HOUR_US
from supercycle.gateway.ledger.entries import Principal, now_us
from supercycle.gateway.ledger.secrets import Master
from supercycle.gateway.ledger.store import Record, Store

__all__ = ["FRESH_S", "SCOPES", "KeyRing"]

FRESH_S = 0.5  # how long a key is believed without asking the ledger; a revoked one stops within this time
SCOPES = ("call", "admin", "lossy")  # lossy: what a target has no words for is dropped, and listed
_PREFIX = "sc-"
_REMEMBERED = 10_000


class KeyRing:
    """The virtual keys of a ledger, those in use in memory by their HMAC."""

    def __init__(self, store: Store, master: Master) -> None:
        self._store = store
        self._pepper = master.derived("virtual keys")
        self._fresh: dict[str, tuple[float, Principal]] = {}

    def digest(self, secret: str) -> str:
        """The HMAC-SHA256 of a secret under this installation's key: what the ledger keeps of it."""
        return hmac.digest(self._pepper, secret.encode("utf-8", "replace"), "sha256").hex()

    def peek(self, secret: str) -> Principal | None:
        """The principal of a secret that was looked up within `FRESH_S`; None says only: look it up."""
        known = self._fresh.get(self.digest(secret))
        if known is None or time.monotonic() - known[0] > FRESH_S:
            return None
        return known[1]

    async def principal(self, secret: str) -> Principal | None:
        """Whose secret it is; None for one that is unknown or revoked."""
        digest = self.digest(secret)
        known = self._fresh.get(digest)
        if known is not None and time.monotonic() - known[0] <= FRESH_S:
            return known[1]
        asked = time.monotonic()  # before the look-up: a key revoked while it runs is believed no longer
        row = await self._store.key_record(digest)
        if row is None or not self._valid(row, digest):
            self._fresh.pop(digest, None)
            return None
        if len(self._fresh) >= _REMEMBERED:
            self._fresh.clear()
        principal = _principal(row)
        self._fresh[digest] = (asked, principal)
        return principal

    async def issue(
        self,
        name: str,
        *,
        project: str | None = None,
        org: str | None = None,
        scopes: Sequence[str] = ("call",),
        models: Sequence[str] = (),
        rpm: int | None = None,
        tpm: int | None = None,
        concurrency: int | None = None,
        days: float | None = None,
    ) -> tuple[str, str]:
        """Make a key: (its id, the secret that is never shown again). ``project`` and ``org`` are bare names.

        ``days`` from now it expires; without, it does not.
        """
        if not name.strip() or not name.isprintable():
            raise InputError("key name", expected="printable text", got=repr(name))
        for scope in scopes:
            if scope not in SCOPES:
                raise UnknownNameError("scope", scope, SCOPES, where=name)
        for what, limit in (("rpm", rpm), ("tpm", tpm), ("concurrency", concurrency)):
            if limit is not None and limit < 1:
                raise InputError(f"limit {what}", expected="1 or more, or none", got=limit, where=name)
        if days is not None and not days > 0:
            raise InputError(
                "days until it expires", expected="a number above 0, or none", got=days, where=name
            )
        key_id = secrets.token_hex(6)
        secret = _PREFIX + secrets.token_urlsafe(32)
        columns: Mapping[str, Any] = {
            "key_id": key_id,
            "name": name,
            "hmac": self.digest(secret),
            "hint": secret[: len(_PREFIX) + 4],
            "project": f"project:{project}" if project else None,
            "org": f"org:{org}" if org else None,
            "scopes": orjson.dumps(list(scopes)).decode(),
            "models": orjson.dumps(list(models)).decode(),
            "rpm": rpm,
            "tpm": tpm,
            "concurrency": concurrency,
            "created_us": now_us(),
            "revoked_us": None,
            "expires_us": None if days is None else now_us() + int(days * DAY_US),
        }
        marks = ", ".join(f"${i + 1}" for i in range(len(columns)))
        await self._store.execute(
            [(f"INSERT INTO virtual_key ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))]
        )
        return key_id, secret

    async def rotate(self, key_id: str, grace_hours: float = 24.0) -> str:
        """A new secret for a key that keeps its id, accounts, budgets and limits; it is never shown again.

        The secret so far goes on for the hours of grace; one that was in grace already ends now.
        """
        if not 0 <= grace_hours < float("inf"):
            raise InputError("hours of grace", expected="0 or more", got=grace_hours, where=key_id)
        rows = await self._store.fetch("SELECT key_id, hmac FROM virtual_key WHERE revoked_us IS NULL")
        known = {row["key_id"]: row["hmac"] for row in rows}
        if key_id not in known:
            raise UnknownNameError("key", key_id, known)
        secret = _PREFIX + secrets.token_urlsafe(32)
        until = now_us() + int(grace_hours * HOUR_US)
        await self._store.execute(
            [
                (
                    "UPDATE virtual_key SET hmac=$1, hint=$2, previous_hmac=$3, previous_until_us=$4 WHERE key_id=$5",
                    (self.digest(secret), secret[: len(_PREFIX) + 4], known[key_id], until, key_id),
                )
            ]
        )
        self._fresh.clear()
        return secret

    @staticmethod
    def _valid(row: Mapping[str, Any], digest: str) -> bool:
        """Whether a key may still be used: not revoked, not expired, and not by a secret whose grace is over."""
        now = now_us()
        if row["revoked_us"] is not None or (row["expires_us"] is not None and now >= row["expires_us"]):
            return False
        return row["hmac"] == digest or now < (row["previous_until_us"] or 0)

    async def revoke(self, key_id: str) -> None:
        """End a key: at once in this process, within `FRESH_S` in every other. Unknown ids are refused."""
        rows = await self._store.fetch("SELECT key_id FROM virtual_key")
        known = [row["key_id"] for row in rows]
        if key_id not in known:
            raise UnknownNameError("key", key_id, known)
        await self._store.execute(
            [
                (
                    "UPDATE virtual_key SET revoked_us = $1 WHERE key_id = $2 AND revoked_us IS NULL",
                    (now_us(), key_id),
                )
            ]
        )
        self._fresh.clear()

    async def listed(self) -> list[Record]:
        """Every key with its name, accounts and limits; of the secret only the hint and nothing of the HMAC."""
        rows = await self._store.fetch("SELECT * FROM virtual_key ORDER BY created_us, key_id")
        for row in rows:
            del row["hmac"], row["previous_hmac"]
            row["scopes"], row["models"] = orjson.loads(row["scopes"]), orjson.loads(row["models"])
        return rows


def _principal(row: Mapping[str, Any]) -> Principal:
    accounts = [a for a in (f"key:{row['key_id']}", row["project"], row["org"]) if a]
    return Principal(
        row["key_id"], row["name"], tuple(accounts), tuple(orjson.loads(row["scopes"])),
        tuple(orjson.loads(row["models"])), row["rpm"], row["tpm"], row["concurrency"],
    )  # fmt: skip
