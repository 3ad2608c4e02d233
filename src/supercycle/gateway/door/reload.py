"""Reading the configuration again while the gateway serves: SIGHUP, or the admin API."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from supercycle.core.errors import InputError
from supercycle.gateway.config.config import read_config
from supercycle.gateway.door.context import Context
from supercycle.gateway.door.upstream import find_secrets

__all__ = ["reload"]

_LOG = logging.getLogger("supercycle.gateway")
_FIXED = ("listen", "admin", "store", "cache", "telemetry")


async def reload(context: Context) -> str:
    """Take models, providers, their keys, prices, routing and bounds of bodies from the file as it is now.

    Addresses, store, cache and telemetry stay until a restart. Requests under way keep what they were given. Raises
    InputError or EnvironmentProblem, and then nothing has changed.
    """
    if context.config.source == "no file":
        raise InputError("reload", expected="a configuration file", got="a start without one")
    config = read_config(Path(context.config.source))
    config = replace(config, **{name: getattr(context.config, name) for name in _FIXED})
    book = config.book()
    secrets = await find_secrets(config.providers, context.ledger)
    context.upstream.replace(config.providers, secrets)
    context.config, context.book = config, book
    context.router.book = book
    context.router.reload(config.policy)
    context.bodies.most, context.bodies.most_per_key = (
        config.bounds.body_memory_bytes,
        config.bounds.body_bytes,
    )
    done = f"{len(config.models)} models, {len(config.providers)} providers"
    _LOG.info("the configuration was read again: %s", done)
    return done
