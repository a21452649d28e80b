"""Values that vary with the path length, as distributions of a study."""

import ast
from collections.abc import Mapping, Sequence

from workbench.cells import Distribution
from workbench.errors import InputError, StudyError, shortened, unknown
from workbench.imports.neuroml.quantities import needed, number
from workbench.imports.neuroml.shape import Shape
from workbench.inputs import Element, expression

_METRIC = "Path Length from root"
_PATH = "distance_um"
_FUNCTIONS = {"exp": "exp", "ln": "log", "sqrt": "sqrt", "abs": "abs"}
_STEP = "H"
_DIGITS = 9


class _OurWords(ast.NodeTransformer):
    """Replaces the variable by an expression, and functions by ours."""

    def __init__(self, variable: str, meaning: ast.expr) -> None:
        self._variable, self._meaning = variable, meaning

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id != self._variable:
            raise InputError(f"it names {node.id}, and its only variable is {self._variable}")
        return self._meaning

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        if len(node.args) != 1 or node.keywords or name not in (*_FUNCTIONS, _STEP):
            raise InputError(unknown("function", name, (*_FUNCTIONS, _STEP)))
        [given] = [self.visit(one) for one in node.args]
        if name == _STEP:
            above = ast.Compare(given, [ast.GtE()], [ast.Constant(0.0)])
            return ast.IfExp(above, ast.Constant(1.0), ast.Constant(0.0))
        return ast.Call(ast.Name(_FUNCTIONS[name]), [given], [])


def distributions_of(
    shape: Shape, sections: Sequence[int], parameter: Element, text: str, factor: float
) -> dict[str, tuple[int, ...]]:
    """Return the expressions of a value over a group, each with the sections in which it holds.

    The metric counts from the beginning of the root, as NEURON's SubsetDomainIterator does, and
    distributions from its middle: between the two lies a length that may be another one for what
    grows from the other end of the soma.

    Parameters
    ----------
    parameter
        The inhomogeneousParameter of the group.
    text
        The inhomogeneousValue, in SI units of the path length in um.
    factor
        From the SI unit to NEURON's.

    Raises
    ------
    InputError
        If the value or the metric cannot be said.
    """
    if (metric := needed(parameter, "metric")) != _METRIC:
        raise InputError(f"its metric is {shortened(metric)!r}; {_METRIC!r} can be said")
    starts_um = _starts_um(shape)
    nearest, farthest = _range_um(shape, sections, starts_um, parameter)
    found: dict[str, tuple[int, ...]] = {}
    for section in sections:
        lag_um = _lag_um(shape, section, starts_um)
        ahead_um, span_um = round(lag_um - nearest, _DIGITS), round(farthest - nearest, _DIGITS)
        meaning = f"{_PATH} + {ahead_um!r}" if ahead_um else _PATH
        meaning = f"({meaning}) / {span_um!r}" if span_um != 1 else meaning
        written = _expression(text, needed(parameter, "variable"), meaning, factor)
        found[written] = (*found.get(written, ()), section)
    return found


def _expression(text: str, variable: str, meaning: str, factor: float) -> str:
    words = _OurWords(variable, ast.parse(meaning, mode="eval").body)
    # A power is written ^ there; to Python that is weaker than a sum.
    theirs = ast.fix_missing_locations(words.visit(expression(text.replace("^", "**"))))
    written = f"value * {factor!r} * ({ast.unparse(theirs)})"
    try:
        Distribution("value", written)
    except StudyError as error:
        raise InputError(str(error)) from None
    return written


def _starts_um(shape: Shape) -> Mapping[int, float]:
    """Return the path length from the beginning of the root to that of each section."""
    starts: dict[int, float] = {}
    for index, one in enumerate(shape.tree.sections):
        on = shape.tree.sections[one.parent]
        starts[index] = starts[one.parent] + one.parent_x * on.length_um if index else 0.0
    return starts


def _range_um(
    shape: Shape, sections: Sequence[int], starts_um: Mapping[int, float], parameter: Element
) -> tuple[float, float]:
    """Return the path lengths that become 0 and 1; 0 and 1 where nothing is normalised."""
    nearest, farthest = 0.0, 1.0
    for one in parameter.all("proximal"):
        if number(one, "translationStart", 0.0) != 0:
            raise InputError("its translationStart is not 0")
        nearest = min(starts_um[n] for n in sections)
        farthest += nearest
    for one in parameter.all("distal"):
        if number(one, "normalizationEnd", 1.0) != 1:
            raise InputError("its normalizationEnd is not 1")
        farthest = max(starts_um[n] + shape.tree.sections[n].length_um for n in sections)
    return nearest, farthest


def _lag_um(shape: Shape, section: int, starts_um: Mapping[int, float]) -> float:
    """Return by how much the path length is longer than the distance from the soma's middle."""
    if section:
        return round(starts_um[section] - float(shape.tree.path_distance_um(section, 0.0)), _DIGITS)
    if shape.counts[0] > 1:
        raise InputError("its group holds the soma, which is cut into several segments")
    return round(shape.tree.sections[0].length_um / 2, _DIGITS)
