"""The text of a .mod file as NEURON's two translators split it, and where they would differ.

nocmodl reads for NEURON, line by line. NMODL reads for CoreNEURON and for the lint, character by
character. What one takes for a comment and the other for code nobody has seen by reading a tree.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    [:?][^\n]*
  | "[^"]*"
  | (?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?
  | (?P<word>[A-Za-z][A-Za-z0-9_]*)
  | .
    """,
    re.DOTALL | re.VERBOSE,
)
_LINE = re.compile(r"[^\n]*")
_NMODL_END = re.compile(r"END(?:COMMENT|VERBATIM)")
_NOTHING_MORE = re.compile(r"[ \t\r]*(?:[:?][^\n]*)?(?:\n|\Z)")
# Neither of the signs that end a text in C++, nor the trigraph of one.
_TITLE = re.compile(r'(?:(?!\?\?/)[^"\\])*')
_ONTOLOGY = re.compile(r"[ \t]+(?:\[[A-Za-z]\w*:\w*\]|[A-Za-z]\w*:\w*)(?=[\s}])", re.ASCII)
_FILE_NAMED = re.compile(r'\s*"[^"\n]+"')
_LONGEST_LINE = 511


@dataclass(frozen=True)
class Passage:
    """What is no NMODL: a title, a COMMENT or VERBATIM block, what REPRESENTS or INCLUDE names.

    Attributes
    ----------
    keyword
        With which it begins.
    start, end
        Where nocmodl sees its begin and its end.
    alike
        Whether NMODL sees the same, and a title stays one: nocmodl writes it between quotes.
    """

    keyword: str
    start: int
    end: int
    alike: bool


def passages(text: str) -> Iterator[Passage]:
    """Yield what the translators do not read as NMODL, one-line comments and strings apart.

    Parameters
    ----------
    text
        Its lines end with a line feed, before which a carriage return may stand.
    """
    at = 0
    while token := _TOKEN.match(text, at):
        at = token.end()
        match token["word"]:
            case "TITLE" as keyword:
                at = _end_of_line(text, at)
                title = _TITLE.fullmatch(text, token.end(), at)
                yield Passage(keyword, token.start(), at, title is not None)
            case "COMMENT" | "VERBATIM" as keyword:
                found = _block(text, keyword, token.start(), at)
                yield found
                at = found.end
            case "INCLUDE" as keyword:
                named = _FILE_NAMED.match(text, at)
                at = named.end() if named else at
                yield Passage(keyword, token.start(), at, named is not None)
            case "REPRESENTS" as keyword:
                named = _ONTOLOGY.match(text, at)
                at = named.end() if named else _end_of_line(text, at)
                yield Passage(keyword, token.start(), at, named is not None)


def _block(text: str, keyword: str, start: int, at: int) -> Passage:
    """Find the end of a block whose keyword ends `at`: nocmodl looks for it where lines begin."""
    end = re.compile(rf"[ \t]*(END{keyword})(?![A-Za-z])")
    closing = end.match(text, at) or re.compile(f"^{end.pattern}", re.MULTILINE).search(text, at)
    if closing is None:
        return Passage(keyword, start, len(text), False)
    of_nmodl = _NMODL_END.search(text, at)
    # nocmodl passes over what stands behind the end in its line.
    alike = (
        of_nmodl is not None
        and of_nmodl.span() == closing.span(1)
        and _NOTHING_MORE.match(text, closing.end()) is not None
    )
    return Passage(keyword, start, _end_of_line(text, closing.end()), alike)


def _end_of_line(text: str, at: int) -> int:
    found = _LINE.match(text, at)
    return found.end() if found else at


def line_of(text: str, at: int) -> int:
    """Return the line of a position, counted from 1."""
    return text.count("\n", 0, at) + 1


def unreadable(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the lines that nocmodl refuses whatever they say: line, rule of the lint, sentence."""
    free: set[int] = set()
    for block in passages(text):
        if block.keyword == "COMMENT":
            # Not the lines of the two keywords, whose rest it reads before and after.
            free.update(range(line_of(text, block.start) + 1, line_of(text, block.end)))
    for number, line in enumerate(text.split("\n"), 1):
        sign = next((c for c in line if not c.isascii()), None)
        if sign is not None and number not in free:
            shown = f"{sign} (U+{ord(sign):04X})" if sign.isprintable() else f"U+{ord(sign):04X}"
            yield (
                number,
                "not-ascii",
                f"{shown} is not ASCII; NEURON's translator takes such signs only in the lines "
                "between COMMENT and ENDCOMMENT",
            )
        pieces = re.split(r"[^\x00-\x7f]", line.removesuffix("\r"))
        if (longest := max(map(len, pieces))) > _LONGEST_LINE:
            yield (
                number,
                "long-line",
                f"a line of {longest} characters; NEURON's translator takes {_LONGEST_LINE}",
            )
