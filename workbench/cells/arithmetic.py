"""Arithmetic that users write: parsed and walked with an allow-list.

Nothing is ever handed to `eval`, so a study from somebody else can be read without running its
code.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from workbench.errors import InputError, unknown
from workbench.inputs import expression

FUNCTIONS: dict[str, np.ufunc] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "minimum": np.minimum,
    "maximum": np.maximum,
}
ALLOWED = f"+ - * / **, comparisons, 'a if condition else b' and {', '.join(FUNCTIONS)}"
"""What an expression may hold besides numbers and names."""

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


class RefusedError(Exception):
    """An expression cannot be used; the message says why."""


def computed(text: str, names: Mapping[str, Any]) -> Any:
    """Return what an expression gives; names stand for numbers or arrays.

    A name may have a part after a dot and a number in brackets: `g_pas.basal`, `cm.apic[3]`. As
    everywhere in numpy, 1/0 is infinite and log(-1) is NaN.

    Raises
    ------
    RefusedError
        If it cannot be parsed, or holds anything else than is allowed.
    """
    try:
        with np.errstate(all="ignore"):
            return _walk(_parsed(text), names)
    except (InputError, ValueError, OverflowError) as error:
        raise RefusedError(str(error)) from None
    except (RecursionError, MemoryError):
        raise RefusedError("it is nested too deeply") from None


def check_tie(text: str) -> None:
    """Refuse what is no arithmetic of other values.

    Raises
    ------
    RefusedError
        If it cannot be computed, or reads no name.
    """
    names = names_in(text)
    computed(text, dict.fromkeys(names, 1.0))
    if not names:
        raise RefusedError("it names no other parameter; a number stands without quotes")


def names_in(text: str) -> tuple[str, ...]:
    """Return the names that an expression reads, as `computed` takes them.

    Raises
    ------
    RefusedError
        If it cannot be parsed.
    """
    try:
        return tuple(dict.fromkeys(_names(_parsed(text))))
    except (InputError, ValueError) as error:
        raise RefusedError(str(error)) from None
    except (RecursionError, MemoryError):
        raise RefusedError("it is nested too deeply") from None


@lru_cache(maxsize=256)
def _parsed(text: str) -> ast.expr:
    return expression(text)


def _names(node: ast.AST) -> list[str]:
    match node:
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return [ast.unparse(node)]
        case ast.Call(args=args):
            return [name for one in args for name in _names(one)]
    return [name for one in ast.iter_child_nodes(node) for name in _names(one)]


def _walk(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return np.float64(number)
        case ast.Name() | ast.Attribute() | ast.Subscript():
            name = ast.unparse(node)
            if name not in names:
                raise RefusedError(unknown("name", name, names))
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
            if name not in FUNCTIONS:
                raise RefusedError(unknown("function", name, FUNCTIONS))
            function = FUNCTIONS[name]
            # One argument more would be numpy's `out`, which is written over.
            if len(args) != function.nin:
                raise RefusedError(f"{name} takes {function.nin} arguments, not {len(args)}")
            return function(*(_walk(arg, names) for arg in args))
    raise RefusedError(f"{ast.unparse(node)!r} is not arithmetic")


def _compare(node: ast.Compare, names: Mapping[str, Any]) -> Any:
    sides = [_walk(side, names) for side in (node.left, *node.comparators)]
    result: Any = True
    for left, test, right in zip(sides, node.ops, sides[1:], strict=False):
        if type(test) not in _COMPARE:
            raise RefusedError(f"{ast.unparse(node)!r} compares with other signs than < <= > >=")
        result = np.logical_and(result, _COMPARE[type(test)](left, right))
    # Numbers, because numpy does not subtract truths.
    return np.where(result, 1.0, 0.0)
