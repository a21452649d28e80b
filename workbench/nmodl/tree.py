"""NMODL's syntax tree as plain values with line numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workbench.errors import shortened
from workbench.nmodl.source import marked_line, unmark

# Nodes that only hold another one: parentheses and the parser's own wrapping.
_WRAPPERS = {
    "DiffEqExpression",
    "ExpressionStatement",
    "ParenExpression",
    "ReactVarName",
    "VarName",
    "WrappedExpression",
}
_LEAVES = {"BinaryOperator", "Boolean", "Double", "Float", "Integer", "Name", "String"}
_NAMED = {
    "Argument",
    "AssignedDefinition",
    "BbcorePointerVar",
    "ConstantVar",
    "DerivativeBlock",
    "DiscreteBlock",
    "ElectrodeCurVar",
    "FactorDef",
    "FromStatement",
    "FunctionBlock",
    "FunctionCall",
    "FunctionTableBlock",
    "GlobalVar",
    "IndexedName",
    "KineticBlock",
    "LinearBlock",
    "LocalVar",
    "NonLinearBlock",
    "NonspecificCurVar",
    "ParamAssign",
    "PointerVar",
    "PrimeName",
    "ProcedureBlock",
    "RandomVar",
    "RangeVar",
    "ReadIonVar",
    "SolveBlock",
    "Useion",
    "WriteIonVar",
}
# What may hold no name of its own takes its line from its keyword.
_KEYWORDS = {"NeuronBlock": "NEURON", "TableStatement": "TABLE", "Verbatim": "VERBATIM"}


@dataclass(frozen=True, eq=False)
class Node:
    """One piece of a .mod file.

    Attributes
    ----------
    kind
        The parser's name for it: BinaryExpression, ProcedureBlock, ...
    name
        The name that it declares, calls or stands for; the operator of an expression; the text of
        a number.
    line
        Where it begins, counted from 1.
    text
        Itself as NMODL.
    children
        Without the name and the operator: an assignment `m = 1` has the children m and 1.
    """

    kind: str
    name: str
    line: int
    text: str
    children: tuple["Node", ...] = ()

    def __repr__(self) -> str:
        return f"<Node {self.kind} {self.name!r}, line {self.line}: {shortened(self.text)!r}>"

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of all variables and functions inside."""
        kinds = ("Name", "IndexedName", "PrimeName", "FunctionCall")
        return frozenset(node.name for node in self.all(*kinds))

    def walk(self) -> Iterator[tuple["Node", tuple["Node", ...]]]:
        """Yield this node and all below it, in the order of the file, with what encloses each."""
        left: list[tuple[Node, tuple[Node, ...]]] = [(self, ())]
        while left:
            node, above = left.pop()
            yield node, above
            left.extend((child, (*above, node)) for child in reversed(node.children))

    def all(self, *kinds: str) -> Iterator["Node"]:
        """Yield the nodes of these kinds, in the order of the file."""
        return (node for node, _ in self.walk() if node.kind in kinds)

    def is_operation(self, *operators: str) -> bool:
        """Whether this is an expression with one of these operators and two sides."""
        return self.kind == "BinaryExpression" and self.name in operators


def build_tree(found: Mapping[str, Any], keyword_lines: Mapping[str, Sequence[int]]) -> Node:
    """Return the tree of a file.

    Parameters
    ----------
    found
        What the parser printed, its names numbered.
    keyword_lines
        The lines of the keywords, each in the order of the file.
    """
    return _Builder(keyword_lines).node(found)


class _Builder:
    def __init__(self, keyword_lines: Mapping[str, Sequence[int]]):
        self._line = 1
        self._keyword_lines = {k: iter(lines) for k, lines in keyword_lines.items()}

    def node(self, found: Mapping[str, Any]) -> Node:
        kind, numbered = found["name"], found.get("nmodl", "")
        # A number or an operator stands where the last name before it stood, or in a line below.
        line = self._keyword_line(kind) or marked_line(numbered) or self._line
        self._line = line
        if kind in _LEAVES:
            return Node(kind, unmark(_leaf(found)), line, unmark(numbered))
        children = tuple(self.node(child) for child in found.get("children", ()))
        if kind == "ReactVarName" and len(children) == 2:
            # How many of it react: "2 a" is the product that it looks like.
            return Node("BinaryExpression", "*", line, unmark(numbered), children)
        if kind in _WRAPPERS and children:
            return children[0]
        name, children = _take_name(kind, children)
        # The parser's printer runs the two signs of `v - -38` together.
        return Node(kind, name, line, unmark(numbered).replace("--", "- -"), children)

    def _keyword_line(self, kind: str) -> int | None:
        return next(self._keyword_lines.get(_KEYWORDS.get(kind, ""), iter(())), None)


def _leaf(found: Mapping[str, Any]) -> str:
    while found.get("children"):
        found = found["children"][0]
    return str(found["name"])


def _take_name(kind: str, children: tuple[Node, ...]) -> tuple[str, tuple[Node, ...]]:
    if kind == "BinaryExpression":
        left, operator, right = children
        return operator.name, (left, right)
    if kind == "UnaryExpression":
        return children[0].name, children[1:]
    if kind == "Suffix":
        return children[1].name, ()
    if kind in _NAMED and children:
        return children[0].name, children[1:]
    return "", children
