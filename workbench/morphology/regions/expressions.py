"""The expressions of regions, parsed and walked with an allow-list: nothing is handed to `eval`.

They are asked of stretches of the tree. On one a word is a range of numbers, and an expression
holds at all of it, at none of it, or at some (interval arithmetic: Moore 1966, Interval Analysis).
"""

import ast
from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from workbench.arrays import Floats
from workbench.errors import InputError, unknown
from workbench.morphology.section import ARRAYS, REGIONS

Bools = npt.NDArray[np.bool_]

NUMBERS = (
    "distance_um",
    "radial_um",
    "x_um",
    "y_um",
    "z_um",
    "local_diameter_um",
    "diameter_um",
    "length_um",
    "order",
    "strahler",
)
"""Words that are a number at a place."""

WHOLE = frozenset({"order", "strahler"})
"""Those of them that are whole numbers, and can be equal to one."""

WORDS = (*NUMBERS, "tips")
CALLS = ("path", "subtree")
FUNCTIONS = (*CALLS, "abs")
MOST_POWER = 8


class Truth(NamedTuple):
    """Whether something holds at all of each stretch, and whether it may at some of it."""

    must: Bools
    may: Bools


class Range(NamedTuple):
    """The smallest and the largest number on each stretch, or beyond them."""

    low: Floats
    high: Floats


class Stretches(Protocol):
    """Pieces of a tree, and what is known of each."""

    @property
    def names(self) -> tuple[str, ...]:
        """The named regions that may be asked for."""
        ...

    def number(self, word: str) -> Range:
        """Return the range of one of NUMBERS."""
        ...

    def holds(self, what: str) -> Truth:
        """Return where one of the four regions is, `tips`, or one of `names`."""
        ...

    def section(self, name: str) -> Truth:
        """Return where a section is."""
        ...

    def call(self, function: str, given: str) -> Truth:
        """Return where the sections are that one of CALLS names."""
        ...


def holds(node: ast.expr, on: Stretches) -> Truth:
    """Return where an expression holds.

    Raises
    ------
    InputError
        If it uses anything that is not allowed, or is no truth.
    """
    match node:
        case ast.BoolOp(op=op, values=values):
            sides = [holds(value, on) for value in values]
            join = np.logical_and if isinstance(op, ast.And) else np.logical_or
            return Truth(*(join.reduce(both) for both in zip(*sides, strict=True)))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            denied = holds(operand, on)
            return Truth(~denied.may, ~denied.must)
        case ast.Compare():
            return _compare(node, on)
        case ast.Name(id=name) if name in (*REGIONS, "tips", *on.names):
            return on.holds(name)
        case ast.Name(id=name) if name not in (*NUMBERS, *FUNCTIONS):
            allowed = (*REGIONS, *WORDS, *on.names)
            raise InputError(unknown("name", name, allowed))
        case ast.Subscript(value=ast.Name(id=array), slice=ast.Constant(value=int() as number)) if (
            array in ARRAYS.values()
        ):
            return on.section(f"{array}[{number}]")
        case ast.Call(
            func=ast.Name(id=name), args=[ast.Constant(value=str() as given)], keywords=[]
        ) if name in CALLS:
            return on.call(name, given)
        case ast.Call(func=ast.Name(id=name)) if name in CALLS:
            example = {"path": "path('apical@620um')", "subtree": "subtree('apic[36]')"}[name]
            raise InputError(f"{name} takes one text, as in {example}")
    raise InputError(
        f"{ast.unparse(node)!r} is neither a region nor a comparison. Allowed: "
        f"{', '.join((*REGIONS, 'tips', *on.names))}, sections such as dend[3], path('site'), "
        f"subtree('section'), and or not, and comparisons of {', '.join(NUMBERS)} and numbers with "
        "+ - * / ** and abs"
    )


def _compare(node: ast.Compare, on: Stretches) -> Truth:
    sides = [_number(side, on) for side in (node.left, *node.comparators)]
    found: list[Truth] = []
    for left, test, right in zip(sides, node.ops, sides[1:], strict=False):
        match test:
            case ast.Lt():
                found.append(Truth(left.high < right.low, left.low < right.high))
            case ast.LtE():
                found.append(Truth(left.high <= right.low, left.low <= right.high))
            case ast.Gt():
                found.append(Truth(left.low > right.high, left.high > right.low))
            case ast.GtE():
                found.append(Truth(left.low >= right.high, left.high >= right.low))
            case ast.Eq() | ast.NotEq():
                named = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
                if not named <= WHOLE:
                    raise InputError(
                        f"{ast.unparse(node)!r}: == and != are for {' and '.join(sorted(WHOLE))}; "
                        "other numbers are hardly ever equal, compare them with < or >"
                    )
                same = left.low == right.low
                found.append(Truth(same, same) if isinstance(test, ast.Eq) else Truth(~same, ~same))
            case _:
                raise InputError(
                    f"{ast.unparse(node)!r} compares with other signs than < <= > >= == !="
                )
    return Truth(*(np.logical_and.reduce(both) for both in zip(*found, strict=True)))


def _number(node: ast.expr, on: Stretches) -> Range:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return _constant(number)
        case ast.Name(id=name) if name in NUMBERS:
            return on.number(name)
        case ast.Name(id=name) if name not in (*REGIONS, "tips", *on.names):
            raise InputError(unknown("name", name, NUMBERS))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            low, high = _number(operand, on)
            return Range(-high, -low)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _number(operand, on)
        case ast.BinOp(op=ast.Pow(), left=base, right=ast.Constant(value=int() as power)) if (
            0 <= power <= MOST_POWER
        ):
            return _power(_number(base, on), power)
        case ast.BinOp(op=ast.Pow()):
            raise InputError(
                f"{ast.unparse(node)!r}: a power is a whole number from 0 to {MOST_POWER}"
            )
        case ast.BinOp(op=op) if type(op) in _BINARY:
            return _BINARY[type(op)](_number(node.left, on), _number(node.right, on))
        case ast.Call(func=ast.Name(id="abs"), args=[inside], keywords=[]):
            given = _number(inside, on)
            low, high = np.sort(np.abs(given), axis=0)
            return Range(np.where((given.low < 0) & (given.high > 0), 0.0, low), high)
    raise InputError(
        f"{ast.unparse(node)!r} is no number. Allowed: numbers, {', '.join(NUMBERS)}, + - * / ** "
        "and abs"
    )


def _constant(number: float) -> Range:
    try:
        value = np.float64(number)
    except OverflowError:
        raise InputError("a number is too large") from None
    return Range(value, value)  # type: ignore[arg-type]  # it broadcasts


def _add(one: Range, other: Range) -> Range:
    return Range(one.low + other.low, one.high + other.high)


def _subtract(one: Range, other: Range) -> Range:
    return Range(one.low - other.high, one.high - other.low)


def _multiply(one: Range, other: Range) -> Range:
    products = [a * b for a in one for b in other]
    return Range(np.fmin.reduce(products), np.fmax.reduce(products))


def _divide(one: Range, other: Range) -> Range:
    around_0 = (other.low <= 0) & (other.high >= 0) & (other.low < other.high)
    quotients = [a / b for a in one for b in other]
    low, high = np.fmin.reduce(quotients), np.fmax.reduce(quotients)
    return Range(np.where(around_0, -np.inf, low), np.where(around_0, np.inf, high))


def _power(base: Range, power: int) -> Range:
    low, high = np.sort([base.low**power, base.high**power], axis=0)
    least = power % 2 == 0 and power > 0
    return Range(np.where(least & (base.low < 0) & (base.high > 0), 0.0, low), high)


_BINARY: dict[type[ast.operator], Callable[[Range, Range], Range]] = {
    ast.Add: _add,
    ast.Sub: _subtract,
    ast.Mult: _multiply,
    ast.Div: _divide,
}
