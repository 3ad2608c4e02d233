"""The processors compiled code is made for, and which of them this one is.

============  =====================  =====  ============================================================
name          processors             lanes  what it needs
============  =====================  =====  ============================================================
x86-64-v4     Intel and AMD          8      AVX-512 (F, BW, CD, DQ, VL)
x86-64-v3     Intel and AMD          4      AVX2 and FMA
aarch64       Apple M, Graviton ...  2      NEON, which every such processor has
wasm32        a browser              2      simd128; no fused multiply-add
============  =====================  =====  ============================================================
"""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass, replace
from importlib import import_module

from supercycle.core.errors import UnknownNameError
from supercycle.equations.machine.cache import setting

__all__ = ["SHIPPED", "TARGETS", "Target", "fitting", "host", "target"]


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of processor: LLVM's triple for it, processor and features, and how many doubles an instruction takes.

    ``small``: loops are not unrolled and calls not inlined, for code that is sent over a line before it runs.
    """

    name: str
    triple: str
    cpu: str
    features: str
    lanes: int
    has_fma: bool = True
    small: bool = False

    @property
    def system(self) -> str:
        """The operating system's part of the triple."""
        return "macos" if "apple" in self.triple else "linux" if "linux" in self.triple else "web"


_LINUX, _MACOS = "unknown-linux-gnu", "apple-macosx11.0.0"
# x86-64-v4 says that it would rather have 256 bits; every row here is 512 wide.
_V4 = Target("x86-64-v4", f"x86_64-{_LINUX}", "x86-64-v4", "-prefer-256-bit", 8)
_V3 = Target("x86-64-v3", f"x86_64-{_LINUX}", "x86-64-v3", "", 4)
_ARM = Target("aarch64", f"aarch64-{_LINUX}", "generic", "+neon", 2)
_WEB = Target("wasm32", "wasm32-unknown-unknown", "generic", "+simd128,+bulk-memory", 2, has_fma=False, small=True)
_MAC_V3 = replace(_V3, triple=f"x86_64-{_MACOS}")
_MAC_ARM = replace(_ARM, triple=f"arm64-{_MACOS}")

SHIPPED = (_V4, _V3, _ARM, _MAC_V3, _MAC_ARM, _WEB)  # what a wheel carries
_HERE = (replace(_V4, triple=_MAC_V3.triple), _MAC_V3, _MAC_ARM, _WEB) if sys.platform == "darwin" else SHIPPED[:3]
TARGETS = {one.name: one for one in (*_HERE, _WEB)}


def target(name: str) -> Target:
    """A target by its name. Errors: UnknownNameError with the nearest."""
    if name not in TARGETS:
        raise UnknownNameError("target", name, TARGETS)
    return TARGETS[name]


def host() -> Target | None:
    """What this processor is; None for one that compiled code is not made for.

    ``SUPERCYCLE_TARGET`` names another one, to compare two on one machine; it must be one that this processor is too.
    """
    wanted, fits = setting("SUPERCYCLE_TARGET"), fitting()
    if wanted:
        chosen = target(wanted)
        return chosen if chosen.name in fits else None
    return TARGETS[fits[0]] if fits else None


def fitting() -> list[str]:
    """The targets whose code this processor runs, the fastest first; none where it is unknown."""
    machine = platform.machine().lower()
    if sys.platform not in ("linux", "darwin"):
        return []
    if machine in ("arm64", "aarch64"):
        return ["aarch64"]
    if machine not in ("x86_64", "amd64"):
        return []
    has = _features()
    found: list[str] = []
    if all(has.get(word, False) for word in ("AVX512F", "AVX512BW", "AVX512CD", "AVX512DQ", "AVX512VL")):
        found.append("x86-64-v4")
    if all(has.get(word, False) for word in ("AVX2", "FMA3", "BMI", "BMI2")):
        found.append("x86-64-v3")
    return found


def _features() -> dict[str, bool]:
    """What the processor can do, as NumPy found out when it was imported; nothing where NumPy no longer says."""
    try:
        umath = import_module("numpy._core._multiarray_umath")  # what numpy.show_runtime prints
    except ImportError:
        return {}
    found: dict[str, bool] = getattr(umath, "__cpu_features__", {})
    return found
