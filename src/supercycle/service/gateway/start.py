"""Starting the gateway, and the configuration of another one read as ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supercycle.core.errors import InputError, UsageError
from supercycle.gateway.config.config import Listen
from supercycle.service.gateway.ledger import settings

if TYPE_CHECKING:
    from supercycle.gateway.config.import_litellm import Imported

__all__ = ["address", "import_litellm", "start"]


def start(
    config: Path | None,
    *,
    listen: str | None = None,
    admin: str | None = None,
    on_ready: Callable[[dict[str, Any]], None],
) -> None:
    """Serve until interrupted; without a configuration with a mock provider and a new key.

    ``on_ready`` is told the addresses, the ledger's place, the key and a command to try. Errors: those of the
    configuration; UsageError for an address that is none.
    """
    from supercycle.gateway.door.server import Running, run

    given = {name: address(name, text) for name, text in (("listen", listen), ("admin", admin)) if text}
    chosen: Any = replace(settings(config), **given)

    def ready(running: Running) -> None:
        on_ready(
            {
                "api": f"{running.public_url}/v1",
                "dashboard": running.dashboard_url,
                "ledger": chosen.store if not chosen.store.startswith("postgres") else "postgresql",
                "key": running.key,
                "try": running.curl,
            }
        )

    run(chosen, quick=config is None, on_ready=ready)


def import_litellm(file: Path) -> Imported:
    """A LiteLLM configuration as ours, with what does not carry over line by line."""
    from supercycle.gateway.config.import_litellm import import_litellm as read

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot read the LiteLLM configuration", where=file, got=error) from None
    return read(text, file.name)


def address(name: str, text: str) -> Listen:
    """host:port. Errors: UsageError for anything else.

    >>> address("listen", "127.0.0.1:4000").port
    4000
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"--{name}", expected="host:port such as 127.0.0.1:4000", got=repr(text))
    return Listen(host.strip("[]"), int(port))
