"""Distributions and ties in BluePyOpt's words: Python with placeholders, handed to `eval` there."""

import ast

from workbench.cells import Distribution, Tie
from workbench.inputs import expression

# Numbers are put in as text, so that a negative one needs its parentheses: (-75) ** 2.
_NAMES = {"value": "({value})", "distance_um": "({distance})"}
_FUNCTIONS = {
    "exp": "math.exp",
    "log": "math.log",
    "sqrt": "math.sqrt",
    "abs": "abs",
    "minimum": "min",
    "maximum": "max",
}


def stock_expression(distribution: Distribution, max_distance_um: float) -> str:
    """Return the text that BluePyOpt's distance scalers understand.

    BluePyOpt does not know the distance of the region's farthest end: it becomes a number. So do
    constants, but those that are free or tied, which become placeholders.
    """
    names = {**_NAMES, **_FUNCTIONS, "max_distance_um": repr(max_distance_um)}
    for name, value in distribution.constants.items():
        names[name] = f"({{{stock_constant(name)}}})" if value is None else f"({value!r})"
    return _Words(names).told(distribution.expression)


def stock_constant(name: str) -> str:
    """Return what a constant is called there, where it becomes an attribute beside others."""
    return f"constant_{name}"


def stock_tie(tie: Tie) -> tuple[str, dict[str, str]]:
    """Return the text of a tie, and for each of its placeholders what is put in."""
    words = {f"v{number}": name for number, name in enumerate(tie.reads)}
    names = {name: f"({{{word}}})" for word, name in words.items()}
    return _Words({**_FUNCTIONS, **names}).told(tie.expression), words


class _Words(ast.NodeTransformer):
    """Puts other words for names: `g_pas.basal` and `cm.apic[3]` are names, too."""

    def __init__(self, words: dict[str, str]) -> None:
        self._words = words

    def told(self, text: str) -> str:
        """Return an expression with its names replaced."""
        return ast.unparse(self.visit(expression(text)))

    def _replaced(self, node: ast.expr) -> ast.Name:
        return ast.Name(self._words[ast.unparse(node)], ast.Load())

    visit_Name = visit_Attribute = visit_Subscript = _replaced
