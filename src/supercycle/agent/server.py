"""The server: the tools under their names, over standard input and output, with the official SDK of the protocol."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from supercycle import __version__
from supercycle.agent.tools import TOOLS
from supercycle.core.errors import EnvironmentProblem, SupercycleError

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

__all__ = ["server"]

INSTRUCTIONS = (
    "supercycle is an open, sourced model of the AI capital cycle. Quote numbers with unit, date and band, say that "
    "they are simulated, and cite rows by their ids. Most of the variance rests on judgements; answers say how many."
)


def server() -> MCPServer[Any]:
    """The server with every tool. Errors: EnvironmentProblem without the extra ``agent``."""
    try:
        from mcp.server.mcpserver import MCPServer
        from mcp.server.mcpserver.exceptions import ToolError
    except ImportError as error:
        raise EnvironmentProblem(
            "the protocol's SDK is not installed", hint="pip install 'supercycle[agent]'"
        ) from error

    def told(tool: Callable[..., Any]) -> Callable[..., Any]:
        """A mistake in the arguments is a sentence to the assistant, not a crash of the server."""

        @functools.wraps(tool)
        def call(*words: Any, **options: Any) -> Any:
            try:
                return tool(*words, **options)
            except SupercycleError as error:
                raise ToolError(str(error)) from error

        return call

    made: MCPServer[Any] = MCPServer(
        "supercycle", version=__version__, instructions=INSTRUCTIONS, log_level="ERROR"
    )
    for name, tool in TOOLS.items():
        made.tool(name=name)(told(tool))
    return made
