"""INCLUDE: the text of other files stands in place of the line that names it.

So it is digested, compiled, linted and judged as what it is, a part of the mechanism. Marks, which
are comments, tell where a line comes from.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

from workbench.errors import MechanismError
from workbench.nmodl.translators import line_of, passages

_BEGIN, _END = ":::begin INCLUDE ", ":::end INCLUDE"
_MARK = re.compile(r"^:::(?:begin|end) INCLUDE", re.MULTILINE)
_NAMED = re.compile(r'INCLUDE\s*"([^"\n]+)"')
_IN_WORDS = re.compile(r"\bline (\d+)")


class IncludeError(MechanismError):
    """What a file includes cannot be read.

    Parameters
    ----------
    file, line
        Where.
    said
        Why.
    """

    def __init__(self, file: Path, line: int, said: str) -> None:
        super().__init__(f"{file}:{line}: {said}")
        self.file, self.line, self.said = file, line, said


def with_includes(file: Path, read: Callable[[Path], str], largest_MB: float) -> str:
    """Return the text of a .mod file with that of the files that it includes.

    They are looked for as NEURON does, in the folder of the file that names them, and have to lie
    in the folder of the .mod file or below; links are followed before that is looked at.

    Parameters
    ----------
    file
        The .mod file.
    read
        Returns the text of a file.
    largest_MB
        How much all of it may be.

    Raises
    ------
    IncludeError
        If an included file is not there, lies elsewhere or includes itself.
    """
    return _Including(file.parent, read, int(largest_MB * 1e6)).text(file, ())


class _Including:
    def __init__(self, folder: Path, read: Callable[[Path], str], left: int) -> None:
        self._folder = folder
        self._read = read
        self._left = left

    def text(self, file: Path, above: tuple[Path, ...]) -> str:
        """Return the text of a file, which those above include."""
        text = self._read(file)
        if mark := _MARK.search(text):
            said = f"{mark[0]} is the workbench's own mark; remove this comment"
            raise IncludeError(file, line_of(text, mark.start()), said)
        self._left -= len(text)
        if self._left < 0:
            raise IncludeError(file, 1, "with all that is included it is too large")
        pieces, at = [], 0
        for passage in passages(text):
            if passage.keyword != "INCLUDE":
                continue
            line = line_of(text, passage.start)
            inner = self._find(text[passage.start : passage.end], file, line)
            if inner in (*above, file):
                raise IncludeError(file, line, f"{inner} includes itself")
            name = inner.relative_to(self._folder)
            included = self.text(inner, (*above, file))
            pieces += [text[at : passage.start], f"\n{_BEGIN}{name}\n{included}\n{_END}\n"]
            at = passage.end
        return "".join([*pieces, text[at:]])

    def _find(self, statement: str, file: Path, line: int) -> Path:
        named = _NAMED.fullmatch(statement)
        if named is None:
            said = 'INCLUDE needs the name of a file: INCLUDE "rates.inc"'
            raise IncludeError(file, line, said)
        found = file.parent / named[1]
        folder = Path(os.path.realpath(self._folder))
        leads_to = Path(os.path.realpath(found))
        if not leads_to.is_relative_to(folder):
            raise IncludeError(
                file,
                line,
                f"{statement}: it would be read from {leads_to}, outside of the mechanisms' "
                f"folder; copy it to {self._folder}",
            )
        if not leads_to.is_file():
            raise IncludeError(
                file,
                line,
                f"{statement}: there is no file {found}; what a file includes is looked for in its "
                "own folder",
            )
        return self._folder / leads_to.relative_to(folder)


def place(text: str, line: int) -> tuple[str, int]:
    """Return where a line of a text with includes comes from: file ("" for its own) and line.

    Line 0, which stands for none, stays so.
    """
    if line < 1:
        return "", line
    files, lines = [""], [0]
    for number, content in enumerate(text.split("\n"), 1):
        begins, ends = content.startswith(_BEGIN), content.startswith(_END) and len(files) > 1
        if not begins and not ends:
            lines[-1] += 1
        if number == line:
            break
        if begins:
            files.append(content.removeprefix(_BEGIN))
            lines.append(0)
        if ends:
            files.pop()
            lines.pop()
            # What stands behind the INCLUDE stands in its line.
            lines[-1] -= 1
    return files[-1], lines[-1]


def placed(text: str, sentence: str) -> str:
    """Return a sentence in which each "line 12" says in which file that is."""

    def there(found: re.Match[str]) -> str:
        file, line = place(text, int(found[1]))
        return f"line {line} of {file}" if file else f"line {line}"

    return _IN_WORDS.sub(there, sentence) if _MARK.search(text) else sentence
