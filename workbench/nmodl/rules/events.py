"""The rule about events that a point process sends to itself."""

from collections.abc import Iterator
from itertools import pairwise

from workbench.nmodl.findings import Remark, rule
from workbench.nmodl.modfile import ModFile
from workbench.nmodl.tree import Node


@rule("net-send-zero", "coreneuron")
def net_send_zero(file: ModFile) -> Iterator[Remark]:
    """Find events without delay that are sent in answer to an event of the mechanism's own."""
    for block in file.tree.all("NetReceiveBlock"):
        for node, above in block.walk():
            if node.kind != "FunctionCall" or node.name != "net_send" or not node.children:
                continue
            if _is_zero(node.children[0]) and not _for_others(above, node):
                yield (
                    node.line,
                    f"{node.text} in answer to an event of its own can end a CoreNEURON process "
                    "(net_send td-t < 0)",
                    "do at once what the event would do; repeat a WATCH statement to arm it again",
                )


def _for_others(above: tuple[Node, ...], node: Node) -> bool:
    """Whether this stands where `flag == 0` holds, so for events from outside, or in INITIAL."""
    path = (*above, node)
    for outer, inner in pairwise(path):
        if outer.kind == "InitialBlock":
            return True
        if outer.kind == "IfStatement" and inner is outer.children[1]:
            condition = outer.children[0]
            if condition.is_operation("==") and "flag" in condition.names:
                return any(_is_zero(side) for side in condition.children)
    return False


def _is_zero(node: Node) -> bool:
    return node.kind in ("Integer", "Double", "Float") and set(node.name) <= set("0.")
