"""The text of a .mod file: line numbers for its syntax tree, and the comments meant for the lint.

The parser knows the line of every token but does not hand it to Python. So each name is parsed
with its line attached, `minf` as `minf__line12`, and the tree carries the numbers by itself.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

_MARK = re.compile(r"__line(\d+)")
# Strings, numbers such as 1e3 and everything that is not code must not be taken for names.
_TOKEN = re.compile(
    r"""
    (?P<verbatim>\bVERBATIM\b.*?\bENDVERBATIM\b)
  | (?P<comment>[:?][^\n]*)
  | ^[ \t]*TITLE\b[^\n]*
  | \bCOMMENT\b.*?\bENDCOMMENT\b
  | \bREPRESENTS\b[ \t]+\S+
  | "[^"\n]*"
  | (?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?
  | (?P<word>[A-Za-z]\w*)
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_DEFINED = re.compile(r"^[ \t]*DEFINE[ \t]+(\w+)", re.MULTILINE)
_ACCEPTANCE = re.compile(r"[:?]\s*lint:\s*accept\s+(?P<rule>\S+)(?:\s+-\s+(?P<reason>.*\S))?")
_WORDS_OF_NMODL = """
    AFTER ARTIFICIAL_CELL ASSIGNED BBCOREPOINTER BEFORE BREAKPOINT BY CHARGE COMPARTMENT
    CONDUCTANCE CONSERVE CONSTANT CONSTRUCTOR DEFINE DEL DEL2 DEPEND DERIVATIVE DESTRUCTOR
    DISCRETE ELECTRODE_CURRENT ELSE EQUATION EXTERNAL FIRST FORALL FOR_NETCONS FROM FUNCTION
    FUNCTION_TABLE GETQ GLOBAL IF IFERROR INCLUDE INDEPENDENT INITIAL KINETIC LAG LAST LINEAR
    LOCAL LONGITUDINAL_DIFFUSION MATCH METHOD MODEL_LEVEL MUTEXLOCK MUTEXUNLOCK NET_RECEIVE
    NEURON NONLINEAR NONSPECIFIC_CURRENT PARAMETER PARTIAL PLOT POINTER POINT_PROCESS PROCEDURE
    PROTECT PUTQ RANDOM RANGE READ RESET SECTION SENS SOLVE SOLVEFOR START STATE STEADYSTATE STEP
    STEPPED SUFFIX SWEEP TABLE TERMINAL THREADSAFE TO UNITS UNITSOFF UNITSON USEION VALENCE VS
    WATCH WHILE WITH WRITE else if while
    adams adeuler adrunge after_cvode b_flux clsoda cnexp cvode_t cvode_t_v derivimplicit euler
    f_flux gear heun newton runge seidel simeq simplex sparse
"""
_KEYWORDS = frozenset(_WORDS_OF_NMODL.split())


@dataclass(frozen=True)
class Acceptance:
    """A comment `: lint: accept RULE - REASON`.

    Attributes
    ----------
    line
        Where the comment stands.
    about
        The line of which it speaks: its own, or the next line with code if it stands alone.
    """

    line: int
    about: int
    rule: str
    reason: str


def number(text: str) -> str:
    """Attach to each name its line, so that the tree of the parser has lines."""
    kept = _KEYWORDS.union(_DEFINED.findall(text))

    def mark(token: re.Match[str]) -> str:
        word = token["word"]
        return f"{word}__line{_line(text, token)}" if word and word not in kept else token[0]

    return _TOKEN.sub(mark, text)


def unmark(text: str) -> str:
    """Take the lines out again."""
    return _MARK.sub("", text)


def marked_line(text: str) -> int | None:
    """Return the line of the first name in a piece of numbered text."""
    found = _MARK.search(text)
    return int(found[1]) if found else None


def keyword_lines(text: str) -> dict[str, list[int]]:
    """Return the lines of the keywords, each in the order of the file."""
    lines = defaultdict(list)
    for token in _TOKEN.finditer(text):
        word = "VERBATIM" if token["verbatim"] else token["word"]
        if word in _KEYWORDS or token["verbatim"]:
            lines[word].append(_line(text, token))
    return dict(lines)


def acceptances(text: str) -> Iterator[Acceptance]:
    """Yield the comments that accept a finding."""
    tokens = list(_TOKEN.finditer(text))
    code = {_line(text, token) for token in tokens if token["word"] or token["verbatim"]}
    last = text.count("\n") + 1
    for token in tokens:
        found = _ACCEPTANCE.match(token["comment"] or "")
        if found:
            line = _line(text, token)
            about = next((n for n in range(line, last + 1) if n in code), line)
            yield Acceptance(line, about, found["rule"], found["reason"] or "")


def _line(text: str, token: re.Match[str]) -> int:
    return text.count("\n", 0, token.start()) + 1
