"""For assistants: the model's answers as tools of the Model Context Protocol, each short and with its sources.

``supercycle mcp`` speaks it over standard input and output; the tools (tools.py) are plain functions over the service.
"""

from __future__ import annotations

__all__: list[str] = []
