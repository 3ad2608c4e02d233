"""The world, in the order of a step: a list of blocks and the books that close them, read aloud.

Expectations form; the race lowers hurdles; capacity is ordered; power, shells and chips meet; the fleet ages; demand and
efficiency move; the compute market clears; labs train and sell; incomes flow; borrowers fund themselves; some default;
equity is valued and may crash; the economy feels it; the books close.

A world is a value: importing a block declares nothing anywhere, and any number of worlds live in one process.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from supercycle.core.errors import ModelError, UnknownNameError
from supercycle.equations.ledger import Ledger
from supercycle.equations.spec import Block, Model
from supercycle.equations.variable import conversion
from supercycle.world import (
    books,
    build,
    captive,
    commitments,
    contagion,
    contest,
    credit,
    demand,
    efficiency,
    expectations,
    fleet,
    funding,
    generations,
    income,
    labs,
    leases,
    lenders,
    losses,
    macro,
    market,
    maturities,
    neoclouds,
    orders,
    placing,
    plans,
    policy,
    power,
    race,
    returns,
    shocks,
    spreads,
    statements,
    valuation,
)
from supercycle.world.frame import CONVERSIONS, START
from supercycle.world.opening_test import accept

__all__ = ["BLOCKS", "START", "World", "accept", "the_world", "world_model"]

BLOCKS: tuple[Block, ...] = (
    expectations.block, race.block, orders.block, plans.block, placing.block, power.block, build.block, fleet.block, demand.block, captive.block, efficiency.block,
    market.block, contest.block, labs.block, generations.block, income.block, statements.block, returns.block, leases.block,
    maturities.block, funding.block, spreads.block, lenders.block, neoclouds.block, credit.block, commitments.block,
    contagion.block, valuation.block, policy.block, macro.block, losses.block, shocks.block,
    books.block)


@dataclass(frozen=True, eq=False)  # one object is one world
class World:
    """Blocks in the order of a step, and the ledger that closes the books over them.

    >>> extra = Block("tax", "Tax", "A tax on tokens.")
    >>> changed = the_world().with_block(extra)
    >>> list(changed.build().blocks)[-2:], "tax" in the_world().build().blocks
    (['books', 'tax'], False)
    """

    blocks: tuple[Block, ...]
    ledger: Ledger
    name: str = "world"

    def build(self) -> Model:
        """A model of these blocks: conversions, blocks in order, then the books.

        Errors: ModelError when two blocks declare one name, or a constant is a judgement; UnknownNameError for a flow that no
        block declares.
        """
        model = Model(self.name)
        for known in CONVERSIONS:
            model.take(known)
        model.include(*self.blocks)
        self.ledger.finish(model)
        for constant in model.constants.values():
            why = conversion(constant) if constant.kind == "conversion" else ""
            if why:
                raise ModelError(f"constant {constant.name}: {why}", hint="A judgement is a parameter: judged(block, ...)")
        return model

    def with_block(self, block: Block) -> World:
        """A world with one block more, or with this one in the place of the block of the same name."""
        if block.name in [b.name for b in self.blocks]:
            return replace(self, blocks=tuple(block if b.name == block.name else b for b in self.blocks))
        return replace(self, blocks=(*self.blocks, block))

    def without(self, name: str) -> World:
        """A world without a block. Errors: UnknownNameError with the nearest name."""
        names = [b.name for b in self.blocks]
        if name not in names:
            raise UnknownNameError("block", name, names)
        return replace(self, blocks=tuple(b for b in self.blocks if b.name != name))


def the_world() -> World:
    """The shipped world: the blocks of this package, in order."""
    if len({block.name for block in BLOCKS}) != len(BLOCKS):
        raise ModelError("two blocks of the world have one name")
    return World(BLOCKS, books.ledger)


@cache
def world_model() -> Model:
    """The model of the shipped world, built once in a process."""
    return the_world().build()
