"""Where a model's compiled code comes from: the package, the cache, or the compiler.

Every module of a program is kept under the hash of its text, its target, the compiler and this package's compiling
code, so a stale one is never used, an edit compiles only the parts it changed, and a damaged one is compiled again.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from dataclasses import dataclass

from supercycle.equations.graph import Plan
from supercycle.equations.machine import build, cache, targets
from supercycle.equations.machine.kernel import Kernel
from supercycle.equations.machine.program import Facts, write_program
from supercycle.equations.machine.targets import Target

__all__ = ["Compiled", "Unavailable", "compiled", "is_compiled", "why_not"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A kernel, and what a user should know about how it came to be (empty: nothing)."""

    kernel: Kernel
    note: str = ""


class Unavailable(Exception):
    """This machine cannot compile the model; the message says why in one line."""


def why_not() -> str:
    """Why a model that was not shipped cannot be compiled here; empty when it can."""
    if targets.host() is None:
        return "there is no compiled code for this processor"
    if not build.can_compile():
        return "compiling a changed model needs the extra: pip install 'supercycle[compile]'"
    return ""


def compiled(
    plan: Plan, *, test: str = "", target: str = "", key: str = "", progress: Progress | None = None
) -> Compiled:
    """The kernel of a plan, compiled where that was not done before.

    ``test`` names the variable of the opening test; ``target`` one that this processor is, the fastest unless given;
    ``key`` is the hash of all the plan is made from, where that is known: what was compiled for it is then loaded
    without writing the program again. ``progress(done, total)`` is called while something is compiled, and not at all
    when nothing is.

    Errors: UnknownNameError for a target; Unavailable without a compiler or on an unknown processor; ModelError for an
    equation outside the language.
    """
    chosen = targets.target(target) if target else _host()
    known = _known(key, chosen) if key else None
    if known is not None:
        return Compiled(Kernel(build.load_objects(known[0], chosen), known[1]))
    program = write_program(plan, chosen.lanes, has_fma=chosen.has_fma, test=test)
    names = {module: _name(text, chosen) for module, text in program.modules.items()}
    objects = {module: cache.kept(name) for module, name in names.items()}
    missing = [module for module, content in objects.items() if content is None]
    problem = ""
    for done, module in enumerate(missing):
        if progress is not None:
            progress(done, len(missing))
        content = build.compile_object(program.modules[module], chosen, jit=True)
        objects[module] = content
        problem = problem or cache.keep(names[module], content)
    if missing:
        cache.prune()
        if progress is not None:
            progress(len(missing), len(missing))
    if key and not problem:
        problem = cache.keep(_program_name(key, chosen), pickle.dumps((list(names.values()), program.facts), protocol=5))
    code = build.load_objects([content for content in objects.values() if content is not None], chosen)
    note = f"{problem}; the model will be compiled again next time" if problem else ""
    return Compiled(Kernel(code, program.facts), note)


def _known(key: str, target: Target) -> tuple[list[bytes], Facts] | None:
    """The objects and facts of what was compiled under a key before; None when one of them is missing or damaged."""
    content = cache.kept(_program_name(key, target))
    if content is None:
        return None
    names, facts = pickle.loads(content)
    objects = [cache.kept(name) for name in names]
    whole = [found for found in objects if found is not None]
    return (whole, facts) if len(whole) == len(names) else None


def _program_name(key: str, target: Target) -> str:
    return f"{_name(key, target)[:-2]}.program"


def is_compiled(plan: Plan, *, test: str = "") -> bool:
    """Whether ``compiled`` will load and not compile. Errors: those of ``compiled``."""
    target = _host()
    program = write_program(plan, target.lanes, has_fma=target.has_fma, test=test)
    return all(cache.kept(_name(text, target)) is not None for text in program.modules.values())


def _host() -> Target:
    reason, target = why_not(), targets.host()
    if reason or target is None:
        raise Unavailable(reason)
    return target


def _name(text: str, target: Target) -> str:
    """The name under which a compiled module is kept."""
    facts = [build.compiler_version(), repr(target), cache.text_of(build.__file__), text]
    return f"{hashlib.sha256(chr(0).join(facts).encode()).hexdigest()[:32]}.o"
