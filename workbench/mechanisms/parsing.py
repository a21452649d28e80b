"""`python -m workbench.mechanisms.parsing`: the child that reads NMODL with NEURON's parser.

Question: {file name: text}. Answer: {file name: a Mechanism's fields, None for a file of mere
functions, or {"error": the parser's words}}.
"""

import re
from collections.abc import Sequence
from typing import Any

from workbench.questions import answer

_KINDS = {"SUFFIX": "density", "POINT_PROCESS": "point", "ARTIFICIAL_CELL": "artificial"}
# Names that NEURON itself fills, even where an old file lists them under PARAMETER.
_GIVEN = {"v", "t", "dt", "celsius", "area", "diam"}


def main() -> None:
    """Answer the question on standard input."""
    from neuron.nmodl import NmodlDriver

    def read(sources: dict[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for file, text in sources.items():
            try:
                found[file] = _Tree(NmodlDriver().parse_string(text)).mechanism(file)
            except RuntimeError as error:
                found[file] = {"error": str(error)}
        return found

    answer(read)


class _Tree:
    """One file's syntax tree and the few look-ups that a Mechanism needs."""

    def __init__(self, tree: Any):
        from neuron.nmodl import ast, to_nmodl, visitor

        self._tree = tree
        self._kinds = ast.AstNodeType
        self._text = to_nmodl
        self._visitor = visitor.AstLookupVisitor()

    def mechanism(self, file: str) -> dict[str, Any] | None:
        if not self._nodes("NEURON_BLOCK"):
            raise RuntimeError("no NEURON block, so the mechanism has no SUFFIX")
        suffixes = self._nodes("SUFFIX")
        if not suffixes:
            raise RuntimeError("the NEURON block has no SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL")
        if _name(suffixes[0]) == "nothing":
            return None
        ions = [self._ion(node) for node in self._nodes("USEION")]
        in_range = set(self._names("RANGE_VAR"))
        given = _GIVEN.union(*(ion["reads"] + ion["writes"] for ion in ions))
        settable = [node for node in self._nodes("PARAM_ASSIGN") if _name(node) not in given]
        parameters = [self._parameter(node) for node in settable]
        return {
            "suffix": _name(suffixes[0]),
            "kind": _KINDS[suffixes[0].type.get_node_name()],
            "file": file,
            "range_parameters": [p for p in parameters if p["name"] in in_range],
            "global_parameters": [p for p in parameters if p["name"] not in in_range],
            "states": self._defined("STATE_BLOCK"),
            "assigned": [n for n in self._defined("ASSIGNED_BLOCK") if n in in_range],
            "ions": ions,
            "nonspecific_currents": self._names("NONSPECIFIC_CUR_VAR"),
            "electrode_currents": self._names("ELECTRODE_CUR_VAR"),
        }

    def _nodes(self, kind: str) -> Sequence[Any]:
        return list(self._visitor.lookup(self._tree, getattr(self._kinds, kind)))

    def _names(self, kind: str) -> list[str]:
        return [_name(node) for node in self._nodes(kind)]

    def _defined(self, block: str) -> list[str]:
        return [_name(variable) for one in self._nodes(block) for variable in one.definitions]

    def _ion(self, node: Any) -> dict[str, Any]:
        return {
            "name": _name(node),
            "reads": [_name(variable) for variable in node.readlist],
            "writes": [_name(variable) for variable in node.writelist],
            "charge": self._number(node.valence.value) if node.valence else None,
        }

    def _parameter(self, node: Any) -> dict[str, Any]:
        unit = self._text(node.unit) if node.unit else ""
        default = self._number(node.value) if node.value else 0.0
        return {"name": _name(node), "default": default, "unit": unit.strip("() ")}

    def _number(self, node: Any) -> float:
        text = self._text(node)
        if re.fullmatch(r"[A-Za-z_]\w*", text):
            defined = {_name(d): self._text(d.value) for d in self._nodes("DEFINE")}
            text = defined[text]
        return float(text)


def _name(node: Any) -> str:
    return str(node.name.get_node_name())


if __name__ == "__main__":
    main()
