"""A distribution in BluePyOpt's words, Python with placeholders, in ours; it is never run."""

import ast
import re
from collections.abc import Iterable

from workbench.cells import Distribution
from workbench.errors import InputError

_PLACEHOLDERS = {"{value}": "value", "{distance}": "distance_um"}
_FUNCTIONS = {"min": "minimum", "max": "maximum"}
_MODULES = ("math", "numpy", "np")


class _Renamed(ast.NodeTransformer):
    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id in _MODULES:
            return ast.Name(_FUNCTIONS.get(node.attr, node.attr))
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(_FUNCTIONS.get(node.id, node.id))


def our_expression(name: str, text: str, constants: Iterable[str] = ()) -> str:
    """Return the expression that a study has for the text of a distance scaler.

    Parameters
    ----------
    name
        Of the distribution, for messages.
    text
        Python with `{value}`, `{distance}` and a placeholder for each constant.
    constants
        The names that the text has besides.

    Raises
    ------
    InputError
        If it is more than arithmetic of its placeholders.
    """
    for found in re.findall(r"\{(\w+)\}\s*\*\*", text):
        # Numbers are put in as text: of -2 it is -(2**n).
        if found != "distance":
            raise InputError(
                f"distribution {name!r}: {{{found}}} ** is another number where {found} is "
                f"negative; write ({{{found}}}) **"
            )
    constants = tuple(constants)
    for theirs, ours in (_PLACEHOLDERS | {f"{{{one}}}": one for one in constants}).items():
        text = text.replace(theirs, f"({ours})")
    try:
        expression = ast.unparse(_Renamed().visit(ast.parse(text.strip(), mode="eval")))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InputError(f"distribution {name!r} does not parse: {error}") from None
    Distribution(name, expression, constants=dict.fromkeys(constants))
    return expression
