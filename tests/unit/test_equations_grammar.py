"""What is not in the language is refused, with file and line."""

from __future__ import annotations

import pytest

from supercycle.core.errors import ModelError, UnknownNameError
from supercycle.equations import functions
from supercycle.equations.grammar import WORDS, read


def equation(*lines: str) -> str:
    return "def level(a, b):\n" + "\n".join(f"    {line}" for line in lines)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("for i in a:", "    b = i", "return b"), "local assignments"),
        (("if a > b:", "    return a", "return b"), "local assignments"),
        (("return a if a > b else b",), "where"),
        (("return a and b",), "where"),
        (("return a ** 2",), r"power\(x, y\)"),
        (("return a // b",), "Use"),
        (("return a % b",), "Use"),
        (("return a @ b",), "Use"),
        (("return a.b",), "not in the language"),
        (("return a[0]",), "not in the language"),
        (("return [a]",), "not in the language"),
        (("return lambda: a",), "not in the language"),
        (("return 'text'",), "Only numbers"),
        (("return True",), "Only numbers"),
        (("return 0 < a < b",), "two values at a time"),
        (("return where(0 < 1, a, b)",), "at least one named value"),
        (("return a in b",), "two values|not in the language"),
        (("return minimum(a)",), "takes 2"),
        (("return minimum(a, y=b)",), "not in the language"),
        (("return functions.exp(a)",), "not in the language"),
        (("c, d = a, b", "return c"), "one plain name"),
        (("c = d = a", "return c"), "local assignments"),
        (("a = b", "return a"), "is an argument"),
        (("c = a", "c = a > b", "return c"), "a number here and a condition there"),
        (("exp = b", "return exp"), "reserved"),
        (("c: float = a", "return c"), "local assignments"),
        (("c = a",), "ends with one return"),
        (("return",), "ends with one return"),
        (("return (a > b) + (b > a)",), "where"),
        (("return -(a > b)",), "where"),
        (("return a & b",), "join comparisons"),
        (("return ~a",), "join comparisons"),
    ],
)
def test_refused(lines, said):
    with pytest.raises(ModelError, match=said) as caught:
        read(equation(*lines), "level", "world/power.py:41")
    assert str(caught.value).startswith("world/power.py:41 level: ")


def test_unknown_names_and_words():
    with pytest.raises(UnknownNameError, match="'aa'"):
        read(equation("return aa"), "level", "power.py:1")
    with pytest.raises(UnknownNameError, match="did you mean 'minimum'"):
        read(equation("return minimun(a, b)"), "level", "power.py:1")


@pytest.mark.parametrize("head", ["def f(a=1):", "def f(*a):", "def f(**a):", "def f(*, a):", "def f(exp):"])
def test_arguments_are_plain_names(head):
    with pytest.raises(ModelError):
        read(f"{head}\n    return 1", "f", "power.py:1")


def test_every_word_of_the_language_is_known_with_its_number_of_values():
    assert {*WORDS, "total", "halved", "mean"} == set(
        functions.__all__
    )  # these are written out before an equation is read
    for word, count in WORDS.items():
        assert getattr(functions, word).__code__.co_argcount == count


def test_locals_and_docstring():
    body = read(
        equation('"""About."""', "c = a > b", "d = c & (a < 3)", "return where(d, a, b) * c"), "level", "x"
    )
    assert [name for name, _ in body.local] == ["c", "d"]
