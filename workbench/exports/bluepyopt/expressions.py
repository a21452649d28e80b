"""A distribution in BluePyOpt's words: Python with placeholders, which it hands to `eval`."""

import ast

from workbench.cells import Distribution

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

    BluePyOpt does not know the distance of the region's farthest end: it becomes a number.
    """
    names = {**_NAMES, **_FUNCTIONS, "max_distance_um": repr(max_distance_um)}
    names |= {name: f"({value!r})" for name, value in distribution.constants.items()}
    expression = ast.parse(distribution.expression.strip(), mode="eval")
    for node in ast.walk(expression):
        if isinstance(node, ast.Name):
            node.id = names[node.id]
    return ast.unparse(expression)
