"""From LLVM IR to machine code: the only file that needs llvmlite (the extra ``compile``)."""

# llvmlite publishes no types: what it makes is Any here.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any

from supercycle.core.errors import EnvironmentProblem
from supercycle.equations.machine.targets import Target

__all__ = ["Linked", "can_compile", "compile_object", "compiler_version", "load_objects"]


def can_compile() -> bool:
    """Whether llvmlite is installed."""
    return find_spec("llvmlite") is not None


@cache
def _llvm() -> Any:
    try:
        from llvmlite import binding
    except (ImportError, OSError) as error:
        raise EnvironmentProblem(
            f"cannot compile the model ({error})", hint="pip install 'supercycle[compile]', or run --kernel numpy."
        ) from None
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    return binding


def compiler_version() -> str:
    """What besides its text a compiled object depends on."""
    import llvmlite

    return f"llvmlite {llvmlite.__version__}, LLVM {'.'.join(map(str, _llvm().llvm_version_info))}"


@cache
def _machine(target: Target, jit: bool) -> Any:
    return _new_machine(target, jit)


def _new_machine(target: Target, jit: bool) -> Any:
    llvm = _llvm()
    return llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu, features=target.features, opt=2, reloc="default" if jit else "pic",
        codemodel="jitdefault" if jit else "default", jit=jit)


def compile_object(text: str, target: Target, *, jit: bool = False) -> bytes:
    """The object file of a module; ``jit`` for code that this process will load itself."""
    llvm, machine = _llvm(), _machine(target, jit)
    module = llvm.parse_assembly(text)
    module.triple, module.data_layout = target.triple, str(machine.target_data)
    module.verify()
    tuning = llvm.create_pipeline_tuning_options(speed_level=2)
    if target.small:  # the world for the browser: 200 kB after 296 (52 after 74 compressed), for a twelfth more time
        tuning.loop_unrolling, tuning.inlining_threshold = False, 0
    builder = llvm.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    return bytes(machine.emit_object(module))


class Linked:
    """Objects loaded into this process; the code lives as long as this does."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def address(self, name: str) -> int:
        """Where an exported function lies."""
        return int(self._engine.get_function_address(name))


def load_objects(objects: list[bytes], target: Target) -> Linked:
    """Load and link object files made with ``jit``."""
    llvm = _llvm()
    empty = llvm.parse_assembly("")
    empty.triple = target.triple
    engine = llvm.create_mcjit_compiler(empty, _new_machine(target, True))  # which it owns
    for content in objects:
        engine.add_object_file(llvm.object_file.ObjectFileRef.from_data(content))
    engine.finalize_object()
    return Linked(engine)
