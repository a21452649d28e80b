"""Foreign code in a user's .mod files runs with the user's rights: it is shown, then compiled.

Foreign is what NEURON's translators pass on to the C++ compiler unread: VERBATIM, and what
`nmodl/rules/unread.py` finds. So is what the two read differently, which no reading can vouch for.
What was trusted is remembered by content in the cache, so it is asked once for each text. The sets
that ship are trusted.
"""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench import resources
from workbench.errors import MechanismError
from workbench.mechanisms.judging import judge
from workbench.mechanisms.mechanism import MechanismSet
from workbench.nmodl.including import place
from workbench.nmodl.translators import Passage, line_of, passages

_SHOWN_LINES = 12


@dataclass(frozen=True)
class ForeignCode:
    """A VERBATIM block, or what names something beyond the file: file, line and text."""

    file: str
    line: int
    text: str


def foreign_code(mechanisms: MechanismSet) -> Iterator[ForeignCode]:
    """Yield what the translators pass on to the C++ compiler unread, or read differently.

    Raises
    ------
    MechanismError
        If NEURON's parser fails.
    """
    unread = {verdict.file: verdict.foreign for verdict in judge(mechanisms)}
    for name, text in mechanisms.sources:
        found = [
            _passage(name, text, one)
            for one in passages(text)
            if one.keyword == "VERBATIM" or not one.alike
        ]
        found += [ForeignCode(*where) for where in unread.get(name, ())]
        yield from sorted(found, key=lambda one: (one.file, one.line))


def _passage(name: str, text: str, passage: Passage) -> ForeignCode:
    file, line = place(text, line_of(text, passage.start))
    return ForeignCode(file or name, line, text[passage.start : passage.end].strip())


def trust(sets: Sequence[MechanismSet]) -> None:
    """Remember that the user has seen the foreign code of these folders as they are now."""
    folder = resources.cache_folder() / "trusted"
    folder.mkdir(parents=True, exist_ok=True)
    for mechanisms in sets:
        (folder / mechanisms.digest).touch()


def require_trust(sets: Sequence[MechanismSet]) -> None:
    """Refuse folders with foreign code that nobody has trusted.

    Raises
    ------
    MechanismError
        With the code, and what to do.
    """
    shipped = resources.shipped("mechanisms").resolve()
    for mechanisms in sets:
        if mechanisms.folder.resolve().is_relative_to(shipped):
            continue
        code = list(foreign_code(mechanisms))
        if code and not (resources.cache_folder() / "trusted" / mechanisms.digest).exists():
            shown, folder = "\n".join(map(_show, code)), str(mechanisms.folder)
            raise MechanismError(
                f"{folder} holds code beyond NMODL, which would run with your rights:\n{shown}\n"
                "Declare in the file what it should have itself. If you trust it as it is: "
                f"workbench mechanisms build {shlex.quote(folder)} "
                "--trust-mechanisms"
            )


def _show(code: ForeignCode) -> str:
    lines = code.text.splitlines()
    rest = len(lines) - _SHOWN_LINES
    # A terminal obeys control characters; whoever reads must see what the compiler sees.
    shown = [ascii(line)[1:-1] for line in lines[:_SHOWN_LINES]]
    shown += [f"... and {rest} lines more"] if rest > 0 else []
    return "\n".join([f"  {code.file}:{code.line}:", *(f"    {line}" for line in shown)])
