"""How a painted value varies over the tree: an arithmetic expression of the path distance.

The expression is parsed and walked here with an allow-list; nothing is ever handed to `eval`,
so a study from somebody else can be read without running its code.
"""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal, get_args

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError, StudyError, unknown
from workbench.inputs import LONGEST_EXPRESSION, expression
from workbench.morphology import Morphology

Place = Literal["centre", "last segment's end", "section's end"]
"""Which point of a segment a distance is taken at."""

PLACES: tuple[Place, ...] = get_args(Place)
VARIABLES = ("value", "distance_um", "max_distance_um")
_FUNCTIONS: dict[str, np.ufunc] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "minimum": np.minimum,
    "maximum": np.maximum,
}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


@dataclass(frozen=True)
class Distribution:
    """A value as a function of where on the tree it is.

    The expression may use `value` (what a parameter set gives), `distance_um` (path distance
    from soma(0.5)) and `max_distance_um` (of the farthest section end of the painted region),
    + - * / **, comparisons, `a if condition else b` and exp, log, sqrt, abs, minimum, maximum.

    `at` says which point of a segment counts: its centre; its centre but the section's end for
    the last segment, as scripts do that loop over all of a section's points with both ends
    (Hay et al. 2011); or the section's end for the whole section (Halnes et al. 2011).

    Raises
    ------
    StudyError
        If the expression cannot be parsed or uses anything else.
    """

    name: str
    expression: str
    at: Place = "centre"

    def __post_init__(self) -> None:
        if self.at not in PLACES:
            raise StudyError(f"distribution {self.name!r}: at: {unknown('place', self.at, PLACES)}")
        self.evaluate(1.0, np.array([0.0, 1.0]), 1.0)

    def spread(
        self, value: float, tree: Morphology, sections: Sequence[int], counts: Sequence[int]
    ) -> list[Floats]:
        """Return the painted values of the segments of a region's sections, (count,) each."""
        distance_um, farthest_um = _distances_um(tree, tuple(sections), tuple(counts), self.at)
        values = self.evaluate(value, distance_um, farthest_um)
        return np.split(values, np.cumsum(counts)[:-1])

    def evaluate(self, value: float, distance_um: Floats, max_distance_um: float) -> Floats:
        """Return the painted value at each distance, shape of `distance_um`.

        As everywhere in numpy, 1/0 is infinite and log(-1) is NaN.
        """
        names = {
            "value": np.float64(value),
            "distance_um": distance_um,
            "max_distance_um": np.float64(max_distance_um),
        }
        try:
            with np.errstate(all="ignore"):
                result = _walk(self._parsed, names)
        except (_NotAllowedError, InputError, ValueError, OverflowError) as error:
            raise self._refused(str(error)) from None
        except (RecursionError, MemoryError):
            raise self._refused("it is nested too deeply") from None
        return np.broadcast_to(np.asarray(result, dtype=float), distance_um.shape)

    @cached_property
    def _parsed(self) -> ast.expr:
        return expression(self.expression)

    def _refused(self, why: str) -> StudyError:
        return StudyError(
            f"distribution {self.name!r}: cannot use "
            f"{self.expression[:LONGEST_EXPRESSION]!r}: {why}. "
            f"Allowed: numbers, {', '.join(VARIABLES)}, + - * / **, comparisons, "
            f"'a if condition else b' and {', '.join(_FUNCTIONS)}"
        )


@dataclass(frozen=True)
class Profile:
    """A value times a factor for each section, as in the tables of compartmental models.

    A section may have several factors, one for each of as many equal parts from its begin on; a
    segment takes that of the part in which its centre lies.
    """

    name: str
    factors: Mapping[str, float | tuple[float, ...]]

    def spread(
        self, value: float, tree: Morphology, sections: Sequence[int], counts: Sequence[int]
    ) -> list[Floats]:
        """Return the painted values of the segments of a region's sections, (count,) each.

        Raises
        ------
        StudyError
            If the table has no entry for a section.
        """
        names = [tree.uncut_names[section] for section in sections]
        for name in names:
            if name not in self.factors:
                raise StudyError(
                    f"distribution {self.name!r} has no factor for {name}; it has "
                    f"{', '.join(self.factors)}"
                )
        return [
            value * self._along(name, tree, section, count)
            for name, section, count in zip(names, sections, counts, strict=True)
        ]

    def _along(self, name: str, tree: Morphology, section: int, count: int) -> Floats:
        """Return the factor of each segment of a section, or of a piece of it, (count,)."""
        factors = self.factors[name]
        if not isinstance(factors, tuple):
            return np.full(count, factors)
        pieces = next(pieces for pieces in tree.wholes if section in pieces)
        lengths_um = [tree.sections[index].length_um for index in pieces]
        before_um = sum(lengths_um[: pieces.index(section)])
        centres_um = (
            before_um + (np.arange(count) + 0.5) / count * lengths_um[pieces.index(section)]
        )
        parts = (centres_um / sum(lengths_um) * len(factors)).astype(int)
        found: Floats = np.array(factors, dtype=float)[parts]
        return found


@lru_cache(maxsize=64)
def _distances_um(
    tree: Morphology, sections: tuple[int, ...], counts: tuple[int, ...], at: Place
) -> tuple[Floats, float]:
    """Return the distance of each segment, section after section, and of the farthest end."""
    found = []
    for section, count in zip(sections, counts, strict=True):
        x = (np.arange(count) + 0.5) / count
        if at == "last segment's end":
            x[-1] = 1.0
        elif at == "section's end":
            x[:] = 1.0
        found.append(np.asarray(tree.path_distance_um(section, x), dtype=float))
    distance_um = np.concatenate(found)
    distance_um.setflags(write=False)
    return distance_um, max(float(tree.path_distance_um(section, 1.0)) for section in sections)


class _NotAllowedError(Exception):
    pass


def _walk(node: ast.expr, names: dict[str, Any]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return np.float64(number)
        case ast.Name(id=name):
            if name not in names:
                raise _NotAllowedError(unknown("name", name, names))
            return names[name]
        case ast.BinOp() if type(node.op) in _BINARY:
            return _BINARY[type(node.op)](_walk(node.left, names), _walk(node.right, names))
        case ast.UnaryOp() if type(node.op) in _UNARY:
            return _UNARY[type(node.op)](_walk(node.operand, names))
        case ast.Compare():
            return _compare(node, names)
        case ast.IfExp():
            branches = _walk(node.body, names), _walk(node.orelse, names)
            return np.where(_walk(node.test, names), *branches)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            if name not in _FUNCTIONS:
                raise _NotAllowedError(unknown("function", name, _FUNCTIONS))
            function = _FUNCTIONS[name]
            # One argument more would be numpy's `out`, which is written over.
            if len(args) != function.nin:
                raise _NotAllowedError(f"{name} takes {function.nin} arguments, not {len(args)}")
            return function(*(_walk(arg, names) for arg in args))
    raise _NotAllowedError(f"{ast.unparse(node)!r} is not arithmetic")


def _compare(node: ast.Compare, names: dict[str, Any]) -> Any:
    sides = [_walk(side, names) for side in (node.left, *node.comparators)]
    result: Any = True
    for left, test, right in zip(sides, node.ops, sides[1:], strict=False):
        if type(test) not in _COMPARE:
            raise _NotAllowedError(
                f"{ast.unparse(node)!r} compares with other signs than < <= > >="
            )
        result = np.logical_and(result, _COMPARE[type(test)](left, right))
    # Numbers, because numpy does not subtract truths.
    return np.where(result, 1.0, 0.0)
