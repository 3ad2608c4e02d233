"""The master key, and what is encrypted with it: the providers' API keys.

The master key is 32 random bytes, in the file ``master.key`` of the data folder (made on first use, readable by its
owner only) or in ``SUPERCYCLE_GATEWAY_MASTER_KEY`` as 64 hex digits, which several instances on one PostgreSQL must
share. It never encrypts or signs itself: each use has a key derived from it.
"""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from supercycle.core.errors import EnvironmentProblem, InputError

__all__ = ["MASTER_VARIABLE", "Master", "load_master"]

MASTER_VARIABLE = "SUPERCYCLE_GATEWAY_MASTER_KEY"
_SIZE = 32
_NONCE = 12  # bytes, as AES-GCM has it


class Master:
    """A master key; it shows itself to nobody.

    >>> Master(bytes(32))
    Master(hidden)
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if len(key) != _SIZE:
            raise InputError("master key", expected=f"{_SIZE} bytes", got=f"{len(key)} bytes")
        self._key = key

    def __repr__(self) -> str:
        return "Master(hidden)"

    def derived(self, purpose: str) -> bytes:
        """A key for one purpose: HMAC-SHA256 of its name."""
        return hmac.digest(self._key, purpose.encode(), "sha256")

    def seal(self, secret: str, name: str) -> str:
        """Encrypt for storage with AES-256-GCM, bound to a name, so that one row's text does not open as another's.

        >>> master = Master(bytes(32))
        >>> sealed = master.seal("sk-upstream", "openai")
        >>> "upstream" in sealed, master.unseal(sealed, "openai")
        (False, 'sk-upstream')
        """
        nonce = secrets.token_bytes(_NONCE)
        return (nonce + self._cipher().encrypt(nonce, secret.encode(), name.encode())).hex()

    def unseal(self, sealed: str, name: str) -> str:
        """Decrypt what `seal` made. Raises InputError when the master key or the name is another one."""
        from cryptography.exceptions import InvalidTag

        raw = bytes.fromhex(sealed)
        try:
            return self._cipher().decrypt(raw[:_NONCE], raw[_NONCE:], name.encode()).decode()
        except InvalidTag:
            raise InputError(
                "stored secret cannot be opened", where=name, expected="the master key it was stored with",
                hint="Restore that key, or store the secret again.",
            ) from None  # fmt: skip

    def _cipher(self):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self.derived("upstream secrets"))


def load_master(folder: Path) -> Master:
    """The master key of the environment, else of the folder, else a new one kept in the folder.

    Raises InputError for a variable or file that is not 64 hex digits, EnvironmentProblem when it cannot be kept.
    """
    from_environment = os.environ.get(MASTER_VARIABLE)
    if from_environment is not None:
        return _read(from_environment, MASTER_VARIABLE)
    path = folder / "master.key"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return _read(path.read_text(encoding="ascii"), path)
        except FileNotFoundError:
            pass
        # Written under another name and linked, so that of two processes starting at once both read the same key.
        fresh = folder / f"master.key.{secrets.token_hex(4)}"
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_bytes(_SIZE).hex())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        return _read(path.read_text(encoding="ascii"), path)
    except OSError as error:
        raise EnvironmentProblem(
            "the master key cannot be read or kept", got=error.strerror, where=path,
            hint=f"Set {MASTER_VARIABLE} or name another folder.",
        ) from None  # fmt: skip


def _read(text: str, where: object) -> Master:
    try:
        return Master(bytes.fromhex(text.strip()))
    except (ValueError, InputError):
        raise InputError("master key", expected="64 hex digits", where=where) from None
