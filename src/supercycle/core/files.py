"""A file appears whole or not at all: it is written beside its place and then renamed onto it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from supercycle.core.errors import EnvironmentProblem

__all__ = ["whole_file"]


@contextmanager
def whole_file(path: str | os.PathLike[str], what: str, *, where: object = None) -> Generator[Path]:
    r"""A temporary file beside ``path`` to write to; renamed onto ``path`` when the block ends well, else removed.

    The reader of ``path`` sees the old file or the new one, never half of one; it gets an ordinary new
    file's permissions. ``what`` names the thing in the error, ``where`` the option or file that asked for it.

    Errors: EnvironmentProblem when the folder is missing, full or not writable, with the system's own reason.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> target = Path(folder.name) / "rates.csv"
    >>> with whole_file(target, "the rates") as file:
    ...     _ = file.write_text("rate\n0.05\n")
    >>> target.read_text().split(), sorted(p.name for p in target.parent.iterdir())
    (['rate', '0.05'], ['rates.csv'])
    >>> folder.cleanup()
    """
    target = Path(path)
    temporary: Path | None = None
    try:
        beside = target.parent / f".{target.name}.{secrets.token_hex(8)}{target.suffix or '.part'}"
        # By open, not mkstemp: it has an ordinary file's permissions, and no other thread's mask is touched.
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        temporary = beside
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(target)
        temporary = None
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise EnvironmentProblem(
            f"cannot write {what} to {target}: {reason}", where=where, hint="Name another place."
        ) from problem
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
