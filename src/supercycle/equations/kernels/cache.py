"""Where compiled kernels are kept between runs.

A kernel's generated source is a file named by the hash of its text, of the versions of numba and of this language's
kernel code, and of the processor, so a stale one is never found. The folder is ``$SUPERCYCLE_CACHE``, else the
platform's cache folder, else (read-only) one in the temporary folder that only this user can write.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType

__all__ = ["folder", "is_built", "load", "place"]


def folder() -> Path:
    """The folder of compiled kernels; created if it is not there."""
    wanted = os.environ.get("SUPERCYCLE_CACHE")
    if wanted:
        base = Path(wanted)
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches" / "supercycle"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "supercycle"
    kept = base / "kernels"
    return kept if _usable(kept) else _temporary()


def _usable(kept: Path) -> bool:
    try:
        kept.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=kept):
            return True
    except OSError:
        return False


@cache
def _temporary() -> Path:
    """A folder of this user alone: a kernel is code, so one that somebody else could write is not used."""
    kept = Path(tempfile.gettempdir()) / f"supercycle-{os.getuid()}"
    try:
        kept.mkdir(mode=0o700, exist_ok=True)
        found = kept.lstat()
        private = found.st_uid == os.getuid() and not found.st_mode & 0o022 and not kept.is_symlink()
    except OSError:
        private = False
    return kept if private else Path(tempfile.mkdtemp(prefix="supercycle-"))


@cache
def _identity() -> str:
    """What besides its source a compiled kernel depends on."""
    import llvmlite
    from llvmlite import binding

    version = importlib.metadata.version("numba")
    code = [Path(__file__).with_name(name).read_bytes() for name in ("lanes.py", "math.py")]
    return "\n".join([version, llvmlite.__version__, sys.version, binding.get_host_cpu_name(),
                      binding.get_host_cpu_features().flatten(), hashlib.sha256(b"".join(code)).hexdigest()])


def place(text: str, kind: str) -> Path:
    """The file in which a kernel's source belongs."""
    name = hashlib.sha256(f"{_identity()}\n{text}".encode()).hexdigest()[:20]
    return folder() / f"supercycle_{kind}_{name}.py"


def is_built(path: Path) -> bool:
    """Whether the kernel at ``path`` was compiled before."""
    return path.exists() and path.with_suffix(".done").exists()


def load(path: Path, text: str) -> ModuleType:
    """Import a kernel, compiling it if that was not done before; one that cannot be read is compiled again."""
    if path.stem in sys.modules:
        return sys.modules[path.stem]
    if not path.exists() or path.read_text("utf-8") != text:
        _write(path, text)
    try:
        module = _run(path)
    except Exception:
        if not is_built(path):
            raise
        path.with_suffix(".done").unlink()
        for stale in (path.parent / "__pycache__").glob(f"{path.stem}*"):
            stale.unlink(missing_ok=True)
        module = _run(path)
    if not is_built(path):
        _write(path.with_suffix(".done"), "")
    return module


def _run(path: Path) -> ModuleType:
    """Import a file under its own name, by which numba finds it again when it reads its cache."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[path.stem]
        raise
    return module


def _write(path: Path, text: str) -> None:
    """Write whole or not at all, so that another process never imports half a kernel."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8") as part:
        part.write(text)
    os.replace(part.name, path)
