"""Equations as mathematics: every one of the model can be set, and brackets stand where the code has them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
from paper_math import equation


def v(name: str) -> str:
    return f'#v("{name}")'


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("(a + b) * c", f"lr(({v('a')} + {v('b')})) thin dot.op thin {v('c')}"),
        ("a - (b - c)", f"{v('a')} - lr(({v('b')} - {v('c')}))"),
        ("a - b + c", f"{v('a')} - {v('b')} + {v('c')}"),
        ("(a + b) / c", f"frac({v('a')} + {v('b')}, {v('c')})"),
        ("-(a * b)", f"-{v('a')} thin dot.op thin {v('b')}"),
        ("-(a + b)", f"-lr(({v('a')} + {v('b')}))"),
        ("power(a + b, c)", f"lr(({v('a')} + {v('b')}))^({v('c')})"),
        ("power(-a, c)", f"lr((-{v('a')}))^({v('c')})"),
        ("a * -b", f"{v('a')} thin dot.op thin lr((-{v('b')}))"),
        ("positive(a_prev)", f"max lr((0, {v('a')}_(t-1)))"),
        ("a_prev4", f"{v('a')}_(t-4)"),
        ("a_left", f"{v('a')}_(m-1)"),
        ("a_left_prev", f"{v('a')}_(m-1, t-1)"),
        ("book_lag_1", v("book_lag_1")),
        ("where((a > b) & (c < 0), 1, 0)",
         f'cases(1 quad & "if " lr(({v("a")} > {v("b")})) and lr(({v("c")} < 0)), 0 & "else")'),
    ],
)  # fmt: skip
def test_brackets_stand_where_the_code_has_them(expression: str, shown: str) -> None:
    assert equation(f"def y(a, b, c): return {expression}", "y") == [f"{v('y')} = {shown}"]


@pytest.mark.parametrize("expression", ["a ** 2", "a if b else c", "max(a, b)[0]", "True"])
def test_what_the_grammar_does_not_have_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="not in the grammar"):
        equation(f"def y(a, b, c): return {expression}", "y")


def test_every_equation_of_the_model_can_be_set() -> None:
    from supercycle.world.world import world_model

    model = world_model()
    written = [one for one in model.variables.values() if one.source_text]
    assert all(equation(one.source_text, one.name) for one in written)
    assert len(written) > 500
