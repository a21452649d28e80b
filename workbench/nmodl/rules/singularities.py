"""The rule about rates such as x/(exp(x/k) - 1), which are 0/0 at one voltage."""

from collections import defaultdict
from collections.abc import Iterator

from workbench.nmodl.findings import Remark, rule
from workbench.nmodl.modfile import ModFile, all_assignments, written_as
from workbench.nmodl.tree import Node

_SERIES = (
    "near the point use the series: x/(exp(x/k) - 1) is k - x/2 + x*x/(12*k) for fabs(x/k) < 0.01"
)


@rule("unguarded-singularity", "result")
def unguarded_singularity(file: ModFile) -> Iterator[Remark]:
    """Find divisions by 1 - exp(x), which are 0/0 where x = 0."""
    exponentials = {"exp"}.union(_wrapped_exponentials(file))
    fixed = _fixed(file)
    for block in file.blocks:
        values = _Values(block, exponentials)
        for node, above in block.walk():
            exponent = values.vanishing(node.children[1]) if node.is_operation("/") else None
            if exponent is None or values.origins(exponent) <= fixed:
                continue
            guards = values.guards(node, above, exponent)
            if not guards:
                yield (
                    node.line,
                    f"{node.text} in {written_as(block)} is 0/0 where {exponent.text} is 0",
                    _SERIES,
                )
            elif all(_is_equality(guard) for guard in guards):
                yield (
                    node.line,
                    f"{node.text} in {written_as(block)} is guarded only at the very point "
                    f"({guards[-1].text}); beside it most digits are lost",
                    _SERIES,
                )


class _Values:
    """What the variables of one block stand for."""

    def __init__(self, block: Node, exponentials: set[str]):
        self._exponentials = exponentials
        self._assignments = list(all_assignments(block))
        self._values: dict[str, list[Node]] = defaultdict(list)
        for one in self._assignments:
            self._values[one.name].append(one.value)

    def vanishing(self, divisor: Node, seen: frozenset[str] = frozenset()) -> Node | None:
        """Return x if a divisor has the factor exp(x) - 1, also by way of a variable."""
        if divisor.kind == "UnaryExpression":
            return self.vanishing(divisor.children[0], seen)
        if divisor.is_operation("*"):
            return _first(self.vanishing(side, seen) for side in divisor.children)
        if divisor.is_operation("-", "+"):
            one, other = divisor.children
            sign = "" if divisor.name == "-" else "-"
            pairs = ((one, other), (other, one))
            return _first(self._exponent(e, seen) for n, e in pairs if _is_number(n, sign))
        if divisor.kind == "Name" and divisor.name not in seen:
            seen |= {divisor.name}
            return _first(self.vanishing(value, seen) for value in self._values[divisor.name])
        return None

    def _exponent(self, term: Node, seen: frozenset[str]) -> Node | None:
        """Return x if a term is exp(x), also by way of a variable."""
        if term.kind == "FunctionCall" and term.name in self._exponentials and term.children:
            return term.children[0]
        if term.kind == "Name" and term.name not in seen:
            seen |= {term.name}
            return _first(self._exponent(value, seen) for value in self._values[term.name])
        return None

    def origins(self, expression: Node, since_line: int = 0) -> set[str]:
        """Return the names in an expression and those from which this block computes them."""
        found: set[str] = set()
        left = set(expression.names)
        while left:
            name = left.pop()
            found.add(name)
            values = (value for value in self._values[name] if value.line >= since_line)
            left.update(other for value in values for other in value.names - found)
        return found - self._exponentials

    def guards(self, node: Node, above: tuple[Node, ...], exponent: Node) -> list[Node]:
        """Return the conditions that keep a division from the point.

        They enclose it, or stand before it and move a variable away from the point: one from
        which the exponent is computed only afterwards.
        """
        around = [n.children[0] for n in above if n.kind == "IfStatement"]
        before = [
            condition
            for one in self._assignments
            if one.line <= node.line and one.name in self.origins(exponent, one.line)
            for condition in one.conditions
            if one.name in condition.names
        ]
        names = self.origins(exponent)
        return [c for c in (*around, *before) if self.origins(c) & names]


def _first(found: Iterator[Node | None]) -> Node | None:
    return next((node for node in found if node), None)


def _wrapped_exponentials(file: ModFile) -> set[str]:
    """Return the FUNCTIONs that are an exponential, kept from overflow perhaps."""
    return {
        one.name
        for block in file.blocks
        for one in all_assignments(block)
        if one.name == block.name and one.value.kind == "FunctionCall" and one.value.name == "exp"
    }


def _fixed(file: ModFile) -> set[str]:
    """Return what does not move through 0 during a run."""
    assigned = {one.name for one in file.assignments}
    constant = {*file.parameters, *file.constants, *file.unit_constants} - assigned
    return constant.union(["dt", "celsius"]) - {"v", "t"}


def _is_equality(condition: Node) -> bool:
    operators = {n.name for n in condition.all("BinaryExpression")}
    return not operators & {"<", ">", "<=", ">="}


def _is_number(node: Node, sign: str) -> bool:
    if sign and node.kind == "UnaryExpression":
        return _is_number(node.children[0], "")
    return not sign and node.kind in ("Integer", "Double", "Float")
