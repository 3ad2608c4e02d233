"""Execute the notebooks of docs/tutorials and keep their outputs: ``python docs/tutorials.py [NAME ...]``.

Run after a change that moves what they print. ``markdown`` turns one into a page for the site.
"""

from __future__ import annotations

import base64
import json
import re
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "tutorials"
# In the order in which they are best read.
NAMES = ("world", "deal", "decide", "gateway", "forecast")
SECONDS = 300


def executed(name: str) -> Any:
    """The notebook run from top to bottom in a kernel of its own, in its own folder; the first error ends it."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    where = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=where).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # the time of day is no result
    return notebook


def markdown(notebook: dict[str, Any], stem: str) -> tuple[str, dict[str, bytes]]:
    """A notebook as a page, and its pictures by file name. Links to other notebooks lead to their pages.

    >>> cell = {"cell_type": "code", "source": "1 + 1", "outputs": [{"data": {"text/plain": "2"}}]}
    >>> print(markdown({"cells": [cell]}, "sum")[0])
    ```python
    1 + 1
    ```
    <BLANKLINE>
    ```text
    2
    ```
    <BLANKLINE>
    """
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(re.sub(r"\]\((\w+)\.ipynb\)", r"](\1.md)", source))
            continue
        parts.append(f"```python\n{source}\n```")
        for output in cell["outputs"]:
            data = output.get("data", {})
            if "image/png" in data:
                name = f"{stem}-{len(pictures) + 1}.png"
                pictures[name] = base64.b64decode(data["image/png"])
                parts.append(f"![]({name})")
            elif words := "".join(output.get("text", data.get("text/plain", ""))).rstrip():
                parts.append(f"```text\n{words}\n```")
    return "\n\n".join(parts) + "\n", pictures


def pages() -> dict[str, bytes]:
    """Every file of the tutorials on the site, by name."""
    out: dict[str, bytes] = {}
    for name in NAMES:
        notebook = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))
        text, pictures = markdown(notebook, name)
        out |= {f"{name}.md": text.encode(), **pictures}
    return out


if __name__ == "__main__":
    import nbformat

    for name in sys.argv[1:] or NAMES:
        done = executed(name)  # before anything is written
        nbformat.write(done, FOLDER / f"{name}.ipynb")
        print(f"executed {name}")
