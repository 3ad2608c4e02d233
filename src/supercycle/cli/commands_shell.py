"""``supercycle completion SHELL``: the script that lets a shell finish commands and options."""

from __future__ import annotations

import sys

from supercycle.core.errors import UnknownNameError

__all__ = ["SHELLS", "completion"]

SHELLS = ("bash", "zsh", "fish")


def completion(shell: str) -> int:
    """Print the completion script of a shell; nothing is installed, the reader decides where it goes.

    Parameters
    ----------
    shell
        bash, zsh or fish.
    """
    if shell not in SHELLS:
        raise UnknownNameError("shell", shell, SHELLS)
    from supercycle.cli import build

    sys.stdout.write(build().generate_completion(shell=shell))
    return 0
