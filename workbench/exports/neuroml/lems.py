"""Arithmetic of a mechanism as LEMS has it: derived variables without a dimension."""

from collections import Counter
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, SubElement

from workbench.engines.population.graph import Graph, Node

_INFIX = {"+": "+", "-": "-", "*": "*", "/": "/", "<": ".lt.", "<=": ".leq.", "==": ".eq."}
_COMPARED = frozenset({"<", "<=", "=="})
_FUNCTIONS = {"exp": "exp", "log": "ln", "sqrt": "sqrt"}
WRITTEN = frozenset({*_INFIX, *_FUNCTIONS, "fabs", "and", "or", "not", "?", "constant", "input"})
"""Operations of a graph that LEMS has."""

MOST_CASES = 64
"""Of one variable."""


class Unsaid(Exception):  # noqa: N818 - it is an answer, not a fault
    """Something that NeuroML cannot say; the message says what."""


def number(value: float) -> str:
    """Return a number with all its digits; NeuroML's schema has no plus sign in exponents."""
    return repr(float(value)).replace("e+", "e")


def derive(
    parent: Element,
    graph: Graph,
    node: Node,
    inputs: Mapping[str, str],
    given: Mapping[str, str],
    form: str = "{}",
) -> None:
    """Write a node, with all that it is made of, into the <Dynamics> of a LEMS ComponentType.

    What is needed twice has a variable of its own. What depends on conditions has a case for each
    way in which they may hold, since what jNeuroML 0.14.0 writes for NEURON reads a variable with
    cases before it is set; it has no .or. either.

    Parameters
    ----------
    parent
        The <Dynamics>.
    inputs
        LEMS expressions for the graph's inputs, none with a dimension.
    given
        The attributes of the variable that is the node.
    form
        Its value, with `{}` in the place of the node.

    Raises
    ------
    Unsaid
        If there are more than `MOST_CASES`.
    """
    cases = [*_cases(graph, node, ())]
    if len(cases) > MOST_CASES:
        raise Unsaid(f"it has {len(cases)} cases, and {MOST_CASES} are written")
    roots = [one for conditions, value in cases for one in (*conditions, value)]
    text = _Texts(parent, graph, roots, inputs)
    if len(cases) == 1:
        value = form.format(text.of(cases[0][1]))
        SubElement(parent, "DerivedVariable", {**given, "value": value})
        return
    made = SubElement(parent, "ConditionalDerivedVariable", dict(given))
    for conditions, leaf in cases:
        case = SubElement(made, "Case")
        if conditions:
            case.set("condition", " .and. ".join(map(text.of, conditions)))
        case.set("value", form.format(text.of(leaf)))


def _cases(
    graph: Graph, node: Node, holding: tuple[Node, ...]
) -> Iterator[tuple[tuple[Node, ...], Node]]:
    """Yield comparisons that hold together, and what the node is then: the first that hold count.

    The comparison with the lowest number is made of none.
    """
    compared = (one for one in graph.needed([node]) if graph.terms[one].operation in _COMPARED)
    first = next(compared, None)
    if first is None:
        yield holding, node
        return
    for holds, held in ((1.0, (*holding, first)), (0.0, holding)):
        [left] = graph.replaced([node], {first: graph.constant(holds)})
        yield from _cases(graph, left, held)


class _Texts:
    def __init__(
        self, parent: Element, graph: Graph, roots: list[Node], inputs: Mapping[str, str]
    ) -> None:
        self._graph, self._inputs = graph, inputs
        needed = graph.needed(roots)
        uses = Counter(one for each in needed for one in graph.terms[each].operands)
        uses.update({*roots})
        self._named: dict[Node, str] = {}
        for node in needed:
            operation = graph.terms[node].operation
            if uses[node] > 1 and operation not in ("constant", "input", *_COMPARED):
                name = f"y{len(self._named) + 1}"
                given = {"name": name, "dimension": "none", "value": self.of(node)}
                SubElement(parent, "DerivedVariable", given)
                self._named[node] = name

    def of(self, node: Node) -> str:
        """Return the expression of a node, or the name that it has."""
        if node in self._named:
            return self._named[node]
        term = self._graph.terms[node]
        operation, operands = term.operation, term.operands
        if operation == "constant":
            return number(term.value) if term.value >= 0 else f"({number(term.value)})"
        if operation == "input":
            return self._inputs[term.name]
        if operation == "fabs":
            # The NMODL that jNeuroML writes of abs() does not compile.
            return f"sqrt({self.of(operands[0])} ^ 2)"
        if operation in _FUNCTIONS:
            return f"{_FUNCTIONS[operation]}({self.of(operands[0])})"
        one, other = map(self.of, operands)
        return f"({one} {_INFIX[operation]} {other})"
