"""The rule about currents and equations that depend on the time itself."""

from collections.abc import Iterator

from workbench.nmodl.findings import Remark, rule
from workbench.nmodl.modfile import ModFile, own_names, written_as
from workbench.nmodl.rules.integration import EACH_STEP, EQUATIONS
from workbench.nmodl.tree import Node

_ANNOUNCING = {"at_time", "net_send"}


@rule("depends-on-t", "cvode")
def depends_on_t(file: ModFile) -> Iterator[Remark]:
    """Find currents and equations that depend on t, whose corners a variable step cannot know."""
    if announces_corners(file):
        return
    for line, block in reads_of_t(file):
        yield (
            line,
            f"t is read in {written_as(block)}, at each step: a step that follows the solution can "
            "pass over what begins and ends between two of its times",
            "let an event tell of each corner (net_send in INITIAL, or at_time), use a stimulus of "
            "the protocol, or choose a fixed step",
        )


def announces_corners(file: ModFile) -> bool:
    """Whether events make NEURON's variable steps stop where the mechanism has them stop."""
    calls = file.tree.all("FunctionCall")
    return any(call.name in _ANNOUNCING and call.name not in file.routines for call in calls)


def reads_of_t(file: ModFile) -> list[tuple[int, Node]]:
    """Return the lines in which a step reads t for a current or an equation, with their blocks."""
    rates = {name for block in file.blocks if block.kind in EQUATIONS for name in block.names}
    if "t" not in file.origins(file.currents | rates):
        return []
    found = {
        (node.line, block): None
        for block in file.reached(*EACH_STEP)
        if "t" not in own_names(block)
        for node in block.all("Name")
        if node.name == "t"
    }
    return list(found)
