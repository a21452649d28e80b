"""What C code in VERBATIM keeps from run to run: read by its declarations, not compiled."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from workbench.mechanisms.linting.findings import Remark, rule
from workbench.mechanisms.linting.modfile import ModFile
from workbench.mechanisms.linting.tree import Node

# Comments, strings, characters and the preprocessor's lines, which end without a backslash.
_NO_CODE = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|^[ \t]*#(?:\\\n|[^\n])*",
    re.DOTALL | re.MULTILINE,
)
_PIECE = re.compile(r"(?P<code>[^{};]*)(?P<end>[{};]|\Z)")
_KEPT = re.compile(r"\b(?:static|thread_local)\b")
_CONSTANT = re.compile(r"\b(?:const|constexpr)\b")
_NO_VARIABLE = re.compile(
    r"\s*(?:extern|typedef|using|namespace|template|struct|class|union|enum|return)\b"
)
_NAME = re.compile(r"[A-Za-z_]\w*")
_DRAWN = re.compile(
    r"(?<![\w.>])(?P<name>rand|random|[delmn]?rand48|[jlm]rand48|scop_random|exprand|gauss|normrand"
    r"|poisrand)\s*\("
)


class Kept(NamedTuple):
    """What a VERBATIM block keeps for the whole process, with its line and the block's own."""

    name: str
    line: int
    block_line: int


@rule("verbatim-static", "result")
def verbatim_static(file: ModFile) -> Iterator[Remark]:
    """Find C variables that outlive the run, one for all segments of a process."""
    for one in kept_in_c(file):
        yield (
            one.block_line,
            f"{one.name} (line {one.line}) is kept by C code for all segments and all runs of a "
            "process: a cell then depends on who was simulated before",
            "declare it under ASSIGNED, or const; random numbers as RANDOM",
        )


def kept_in_c(file: ModFile) -> Iterator[Kept]:
    """Yield the variables that C code keeps, and the generators of the process that it uses."""
    outside = {node for node in file.tree.children if node.kind == "Verbatim"}
    for node in file.tree.all("Verbatim"):
        code = code_of(node)
        found = [*_declared(code, node in outside)]
        found += [(f"the state of {one['name']}", one.start()) for one in _DRAWN.finditer(code)]
        for name, at in found:
            yield Kept(name, node.line + code.count("\n", 0, at), node.line)


def code_of(verbatim: Node) -> str:
    """Return the C code of a VERBATIM block; what is none is blank, and lines stay lines."""
    text = "".join(child.name for child in verbatim.children)
    return _NO_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def _declared(code: str, outside: bool) -> Iterator[tuple[str, int]]:
    """Yield the variables that live as long as the process, with their places in the code."""
    depth = 0
    for piece in _PIECE.finditer(code):
        declared = piece["code"].partition("=")[0]
        names = [*_NAME.finditer(re.split(r"[\[,]", declared)[0])]
        lasting = _KEPT.search(declared) or (
            outside and depth == 0 and not _NO_VARIABLE.match(declared)
        )
        if lasting and len(names) > 1 and "(" not in declared and not _CONSTANT.search(declared):
            yield names[-1][0], piece.start("code") + names[-1].start()
        depth += {"{": 1, "}": -1}.get(piece["end"], 0)
