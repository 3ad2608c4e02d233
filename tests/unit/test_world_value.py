"""A world is a value: blocks are data, models are made from them, and any number of worlds live in one process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from supercycle.core.errors import ModelError, UnknownNameError
from supercycle.equations.spec import Block, Model
from supercycle.world.world import BLOCKS, the_world


def test_importing_blocks_declares_nothing_and_any_order_gives_one_world() -> None:
    """A process that imports the last block first builds the same world, name for name, in the same order."""
    program = (
        "import supercycle.world.macro, supercycle.world.books, supercycle.world.leases\n"
        "from supercycle.world.world import world_model\n"
        "m = world_model(); print(*m.variables, *m.registry, *m.constants, *m.draws, sep=chr(10))"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    model = the_world().build()
    assert output.stdout.splitlines() == [*model.variables, *model.registry, *model.constants, *model.draws]


def test_two_worlds_in_one_process_do_not_see_each_other() -> None:
    tax = Block("tax", "Token tax", "A tax on what customers pay.")
    tax.param(
        "token_tax", "Token tax", "share", 0.1, 0.0, 0.5, "uniform", "share of revenue", reason="an example"
    )

    @tax.equation("USD_bn/q", report=True)
    def token_tax_usd_bn(ai_revenue_usd_bn, token_tax):
        """What the tax takes."""
        return ai_revenue_usd_bn * token_tax

    taxed, plain = the_world().with_block(tax).build(), the_world().build()
    assert set(taxed.variables) - set(plain.variables) == {"token_tax_usd_bn"}
    assert "token_tax" not in plain.registry
    assert taxed.number("tax") == len(BLOCKS) + 1


def test_a_block_of_the_same_name_takes_the_place_of_the_old_one() -> None:
    macro = Block("macro", "No macro", "Nothing.")
    changed = the_world().with_block(macro)
    assert [b.name for b in changed.blocks] == [b.name for b in BLOCKS]
    assert changed.blocks[[b.name for b in BLOCKS].index("macro")] is macro
    assert [b.name for b in the_world().without("macro").blocks] == [
        b.name for b in BLOCKS if b.name != "macro"
    ]
    with pytest.raises(UnknownNameError, match="macro"):
        the_world().without("makro")


def test_a_block_declared_twice_and_a_taken_name_are_refused() -> None:
    shop = Block("shop", "Shop", "A kiosk.")
    shop.constant("one", 1.0, "1", "one")
    with pytest.raises(ModelError, match="shop is declared twice"):
        Model("m").include(shop, shop)
    other = Block("other", "Other", "Takes a name.")
    other.param("one", "One", "1", 1.0, 1.0, 1.0, "fixed", "one", reason="an example")
    with pytest.raises(ModelError, match="one is declared twice"):
        Model("m").include(shop, other)


def test_a_judgement_spelled_as_a_constant_is_refused_in_a_world_of_ones_own() -> None:
    mine = Block("mine", "Mine", "A judgement in disguise.")
    mine.constant("half", 0.5, "1", "a half")
    with pytest.raises(
        ModelError, match=r"constant half: 0.5 1 is not the scale its unit implies.*is a parameter"
    ):
        the_world().with_block(mine).build()
