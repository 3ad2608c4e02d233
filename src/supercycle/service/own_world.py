"""A world of one's own: the shipped blocks with some added, replaced or left out, run like the shipped one.

::

    from supercycle.equations import Block
    from supercycle.world.world import the_world

    block = Block("tax", "Windfall tax", "A tax on rents of compute above a price.")
    block.param("tax_rate", "Tax on rents", "1", 0.2, 0.0, 0.5, "uniform", "share of the rent", reason="an example")

    @block.equation("USD/H100e/h", report=True, label="Price after the tax")
    def price_after_tax(contract_price, tax_rate):
        "What a seller keeps of the contract price."
        return contract_price * (1 - tax_rate)

    result = supercycle.run(model=the_world().with_block(block))
    result["price_after_tax"]
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from supercycle.core.errors import InputError
from supercycle.engine.subject import Subject
from supercycle.service.the_world import subject

if TYPE_CHECKING:
    from supercycle.world.world import World

__all__ = ["subject_of", "the_world"]


def the_world() -> World:
    """The shipped world, to which blocks of one's own are added: ``run(model=the_world().with_block(block))``."""
    from supercycle.world.world import the_world as shipped

    return shipped()


@lru_cache(maxsize=8)
def _made(world: World) -> Subject:
    shipped, model = subject(), world.build()
    known, slots = set(model.registry), set(model.variables)
    tests_fit = world.name == "world" and set(shipped.model.registry) <= known
    return Subject(
        model=model,
        start=shipped.start,
        presets=shipped.presets,
        pairs=tuple(pair for pair in shipped.pairs if pair[0] in known and pair[1] in known),
        accept=shipped.accept if tests_fit else None,
        derived=tuple(d for d in shipped.derived if {key.partition(":")[0] for key in d.inputs} <= slots),
        headline=shipped.headline,
        tables=shipped.tables,
    )


def subject_of(world: object) -> Subject:
    """What the engine runs for a world: its blocks, the shipped presets, and what of the rest fits.

    Correlations and derived outputs whose parameters or inputs are gone are left out; the test of the opening applies
    when every parameter of the shipped world is there. Built once per world and process.

    Errors: InputError for something that is no world; those of building for equations that do not fit.
    """
    from supercycle.world.world import World  # the blocks: a run of the shipped world loads none of them

    if not isinstance(world, World):
        raise InputError(
            "not a world", expected="the_world().with_block(...) of supercycle.world.world",
            got=type(world).__name__, where="model",
        )  # fmt: skip
    return _made(world)
