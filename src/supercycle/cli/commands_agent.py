"""``supercycle mcp``: the model as tools for an assistant."""

from __future__ import annotations

__all__ = ["mcp"]


def mcp() -> int:
    """Serve the model's answers as tools of the Model Context Protocol, over standard input and output."""
    from supercycle.agent.server import server

    server().run("stdio")
    return 0
