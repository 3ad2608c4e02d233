"""The site of the documentation, from the same pages: ``python docs/site_pages.py [FOLDER]`` (``make docs``).

The pages are laid out as in the repository, so that every relative link holds on disk, in a code browser and on the
site. Some are made on the way: the commands, from their own help, the Python interface, from its docstrings, and the
tutorials, from their notebooks. A link
that leads nowhere, or a page that is missing from the menu, ends it.
"""

from __future__ import annotations

import inspect
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import tutorials

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/**/*.md", "docs/img/*", "bench/RESULTS*.md")
EXAMPLE = re.compile(r"(?ms)^>>> .*?(?=^\s*$|\Z)")


def commands() -> str:
    """Every command with its arguments and options, as ``--help`` has them."""
    from supercycle.cli import build

    text = build().generate_docs(output_format="markdown")
    return re.sub(r"(?ms)^## Table of Contents.*?(?=^\*\*Commands\*\*)", "", text, count=1)


def interface() -> str:
    """Every public name of the package: its signature and docstring."""
    import supercycle

    out = ["# Python interface", "`import supercycle` loads none of these; each comes when it is first used."]
    for name in supercycle.__all__:
        thing = getattr(supercycle, name)
        if name.startswith("__"):
            continue
        if inspect.ismodule(thing):
            out += [f"## supercycle.{name}", prose(inspect.getdoc(thing) or "")]
            for part in getattr(thing, "__all__", ()):
                if callable(member := getattr(thing, part)):
                    out += described(f"supercycle.{name}.{part}", member, "###")
        else:
            out += described(f"supercycle.{name}", thing, "##")
    return "\n\n".join(out) + "\n"


def described(name: str, thing: object, heading: str) -> list[str]:
    """A heading, the call, the docstring."""
    try:
        signature = inspect.signature(thing)  # pyright: ignore[reportArgumentType]
        back = (
            ""
            if signature.return_annotation is inspect.Signature.empty
            else f" -> {signature.return_annotation}"
        )
        inside = str(signature.replace(return_annotation=inspect.Signature.empty))[1:-1]
        call = re.sub(r": '([^']+)'", r": \1", f"{name}({inside}){back}")
    except (TypeError, ValueError):
        call = name
    if len(call) > 90:
        call = re.sub(r"(?<=[(,]) ?(?=\w+: |\*, |/, )", "\n    ", call).replace("    *, ", "    *,")
    return [f"{heading} {name}", f"```python\n{call}\n```", prose(inspect.getdoc(thing) or "")]


def prose(text: str) -> str:
    """A docstring as Markdown: examples in a block, names in code type."""
    named = text.replace("``", "`")
    return EXAMPLE.sub(lambda found: f"```pycon\n{found[0].rstrip()}\n```\n", named)


def main(folder: Path) -> int:
    """Lay the pages out in a temporary folder and build them into ``folder``; the exit code of mkdocs."""
    with tempfile.TemporaryDirectory() as made:
        pages = Path(made) / "pages"
        for pattern in PAGES:
            for path in sorted(ROOT.glob(pattern)):
                to = pages / path.relative_to(ROOT)
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, to)
        (pages / "docs" / "commands.md").write_text(commands(), encoding="utf-8")
        (pages / "docs" / "interface.md").write_text(interface(), encoding="utf-8")
        (pages / "docs" / "tutorials").mkdir()
        for name, content in tutorials.pages().items():
            (pages / "docs" / "tutorials" / name).write_bytes(content)
        index = pages / "docs" / "tutorials.md"  # notebooks are pages here
        index.write_text(index.read_text(encoding="utf-8").replace(".ipynb)", ".md)"), encoding="utf-8")
        config = Path(made) / "mkdocs.yml"
        shutil.copyfile(ROOT / "mkdocs.yml", config)
        words = ["-m", "mkdocs", "build", "--strict", "--quiet", "--config-file", str(config), "--site-dir"]
        quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}  # the theme's notice of its successor
        done = subprocess.run([sys.executable, *words, str(folder.resolve())], check=False, env=quiet)
    if not done.returncode:
        print(f"written: {folder / 'index.html'}")
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "site")))
