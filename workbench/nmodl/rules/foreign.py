"""What C code in VERBATIM keeps from run to run: read by its declarations, not compiled."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from workbench.nmodl.findings import Remark, rule
from workbench.nmodl.modfile import ModFile
from workbench.nmodl.tree import Node

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
_OF_NUMBERS = re.compile(
    r"static|thread_local|volatile|unsigned|signed|double|float|bool|char|short|int|long|size_t"
    r"|u?int(?:8|16|32|64)_t"
)
_WITHOUT_VALUE = re.compile(r"[=\[]")
_WRITTEN = (
    r"\b{0}\b(?:\s*\[[^\]]*\])*\s*(?:(?:[-+*/%&|^]|<<|>>)?=(?!=)|\+\+|--)"
    r"|(?:\+\+|--|(?<!&)&)\s*{0}\b"
)
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
    """Yield the variables that C code keeps and changes, and generators of the process it uses."""
    outside = {node for node in file.tree.children if node.kind == "Verbatim"}
    codes = {node: code_of(node) for node in file.tree.all("Verbatim")}
    for node, code in codes.items():
        others = "\n".join(other for block, other in codes.items() if block is not node)
        declared = [
            (name, at)
            for name, at, plain in _declared(code, node in outside)
            if not plain or _is_written(name, at, code, others)
        ]
        drawn = [(f"the state of {one['name']}", one.start()) for one in _DRAWN.finditer(code)]
        for name, at in (*declared, *drawn):
            yield Kept(name, node.line + code.count("\n", 0, at), node.line)


def code_of(verbatim: Node) -> str:
    """Return the C code of a VERBATIM block; what is none is blank, and lines stay lines."""
    text = "".join(child.name for child in verbatim.children)
    return _NO_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def _declared(code: str, outside: bool) -> Iterator[tuple[str, int, bool]]:
    """Yield the variables that live as long as the process.

    Each with its place in the code, and whether it is a number or an array of numbers: those are
    constants where nothing writes to them, of others nobody can tell.
    """
    depth = 0
    for piece in _PIECE.finditer(code):
        (_, first), *others = _declarators(piece["code"])
        lasting = _KEPT.search(first) or (outside and depth == 0 and not _NO_VARIABLE.match(first))
        *types, _ = [one[0] for one in _NAME.finditer(first)] or [""]
        if lasting and types and "(" not in first and not _CONSTANT.search(first):
            for at, declarator in ((0, first), *others):
                plain = "*" not in declarator and all(map(_OF_NUMBERS.fullmatch, types))
                for name in [*_NAME.finditer(declarator)][-1:]:
                    yield name[0], piece.start("code") + at + name.start(), plain
        depth += {"{": 1, "}": -1}.get(piece["end"], 0)


def _declarators(statement: str) -> Iterator[tuple[int, str]]:
    """Yield what a declaration declares, without bounds and values, each with its place."""
    depth, start = 0, 0
    for at, sign in enumerate(statement):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(sign, 0)
        if sign == "," and depth <= 0:
            yield start, _WITHOUT_VALUE.split(statement[start:at])[0]
            start = at + 1
    yield start, _WITHOUT_VALUE.split(statement[start:])[0]


def _is_written(name: str, declared_at: int, code: str, others: str) -> bool:
    """Whether anything but its declaration writes to a variable."""
    written = re.compile(_WRITTEN.format(name))
    here = (one for one in written.finditer(code) if one.start() != declared_at)
    return any(here) or bool(written.search(others))
