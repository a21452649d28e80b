"""Which branches a mechanism takes only if a study says so: no clamp of it enters them."""

from collections.abc import Iterator

from workbench.nmodl.modfile import ModFile, written_as
from workbench.nmodl.tree import Node

_BRANCHING = ("IfStatement", "ElseIfStatement", "WhileStatement")
_RUN_BY_NEURON = (
    "InitialBlock",
    "BreakpointBlock",
    "NetReceiveBlock",
    "BeforeBlock",
    "AfterBlock",
)
_COMPARING = ("==", "!=", "<", ">", "<=", ">=")


def hidden_branches(file: ModFile) -> Iterator[str]:
    """Yield the conditions that neither the voltage, a state nor an ion decides.

    PARAMETERs decide them, the temperature or the time: with one value of each, one side of the
    branch is never seen.
    """
    # A reversal potential is painted.
    ionic = {n for ion in file.ions for n in ion.reads if n != f"e{ion.name}"}
    driven = {"v", *file.states, *ionic}
    for block in file.reached(*_RUN_BY_NEURON):
        for node in block.all(*_BRANCHING):
            for condition in _comparisons(node.children[0]):
                names = file.origins(condition.names)
                if names and not names & driven:
                    yield f"{condition.text} (line {condition.line}, in {written_as(block)})"


def _comparisons(condition: Node) -> list[Node]:
    """Return the parts of a condition that are true or false by themselves."""
    if condition.is_operation("&&", "||") or condition.kind == "UnaryExpression":
        return [part for side in condition.children for part in _comparisons(side)]
    found = [node for node in condition.all("BinaryExpression") if node.is_operation(*_COMPARING)]
    return found or [condition]
