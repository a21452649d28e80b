"""Linting a folder: syntax trees from a child, all rules on each, and what the files accept."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.errors import MechanismError, unknown
from workbench.nmodl import rules  # noqa: F401 - importing them registers them
from workbench.nmodl.findings import RULES, Affected, Finding
from workbench.nmodl.folders import Sources, find_folder, mod_files, read_source
from workbench.nmodl.including import IncludeError, place, placed
from workbench.nmodl.modfile import ModFile
from workbench.nmodl.source import acceptances, keyword_lines, number
from workbench.nmodl.translators import unreadable
from workbench.nmodl.tree import build_tree
from workbench.questions import ChildFailed, ask

_REFUSED: tuple[Affected, ...] = ("coreneuron", "neuron9")
_CORRECT = "correct it; no other rule was applied to this file"
_READABLE = {
    "not-ascii": "other words, such as um, degC or +-",
    "long-line": "several lines",
}
_PLACE = re.compile(r"\s*\[Location : (?P<line>\d+)\.[\d-]+\]")


def lint(folder: Path | str) -> tuple[Finding, ...]:
    """Look for what will break or be wrong in CoreNEURON, threads, CVODE or NEURON 9.

    Parameters
    ----------
    folder
        A path, or the name of a folder that ships with the workbench; a path wins.

    Returns
    -------
    tuple of Finding
        Sorted by file and line. Those that a comment `: lint: accept RULE - REASON` accepts are
        among them, with the reason. Rule `syntax` stands for a file that NEURON's parser
        refuses, `not-ascii` and `long-line` for lines that its translator cannot read; the other
        files are looked at nevertheless.

    Raises
    ------
    MechanismError
        If there is no such folder, or it holds no .mod file or one with a name that no compiler
        should see.
    """
    path = find_folder(folder)
    sources: list[tuple[str, str]] = []
    found: list[Finding] = []
    for file in mod_files(path):
        try:
            sources.append((file.name, read_source(file)))
        except IncludeError as error:
            name = str(error.file.relative_to(path))
            found.append(Finding(name, error.line, "syntax", _REFUSED, error.said, _CORRECT))
    found += [one for parsed in parse(path, tuple(sources)) for one in lint_file(parsed)]
    return tuple(sorted(found))


@dataclass(frozen=True)
class Parsed:
    """One file as NEURON's parser reads it.

    Attributes
    ----------
    declared
        What the parser made of it; None if it refuses it.
    file
        The same with the lines of all names; None if it is refused, or cannot be numbered.
    error
        Why there is no `file`.
    line
        Where, in the text with what it includes; 0 if that is not known.
    """

    name: str
    text: str
    declared: ModFile | None
    file: ModFile | None
    error: str = ""
    line: int = 0

    def __repr__(self) -> str:
        return f"<Parsed {self.name}: {self.error or self.file}>"


def parse(folder: Path, sources: Sources) -> tuple[Parsed, ...]:
    """Read files of a folder with NEURON's parser, in a child.

    Raises
    ------
    MechanismError
        If the parser fails; that it refuses a file is no failure.
    """
    asked = {name: [number(text), text] for name, text in sources}
    try:
        found: Mapping[str, Any] = ask("workbench.nmodl.parsing", asked)
    except ChildFailed as failed:
        raise MechanismError(f"{folder}: NEURON's NMODL reader failed: {failed}") from failed
    return tuple(_parsed(name, text, found[name]) for name, text in sources)


def _parsed(name: str, text: str, found: Mapping[str, Any]) -> Parsed:
    if "refused" in found:
        return Parsed(name, text, None, None, *_error(found["refused"]))
    file = ModFile(name, build_tree(found["tree"], keyword_lines(text)))
    if not found["numbered"]:
        return Parsed(name, text, file, None, "the lint cannot number the lines of this file")
    return Parsed(name, text, file, file)


def _error(words: str) -> tuple[str, int]:
    """Return the parser's own words and the line, from "words [Location : line.column]..."."""
    place = _PLACE.search(words)
    if place is not None:
        words = f"{words[: place.start()]}{words[place.end() :]}"
    said = words.removeprefix("NMODL Parser Error : ")
    return said.strip(), int(place["line"]) if place else 0


def lint_file(parsed: Parsed) -> list[Finding]:
    """Apply all rules to one file; what is found in an included one bears that one's name."""
    return [in_its_file(finding, parsed.text) for finding in findings_in(parsed)]


def in_its_file(finding: Finding, text: str) -> Finding:
    """Return a finding with the file and the line that the user knows."""
    file, line = place(text, finding.line)
    message = placed(text, finding.message)
    return replace(finding, file=file or finding.file, line=line, message=message)


def findings_in(parsed: Parsed) -> list[Finding]:
    """Apply all rules to one file, its lines counted with what it includes."""
    name, file = parsed.name, parsed.file
    in_text = [
        Finding(name, line, rule, _REFUSED, message, _READABLE[rule])
        for line, rule, message in unreadable(parsed.text)
    ]
    if file is None:
        return [*in_text, _refused(parsed)]
    findings = [
        Finding(name, line, rule.name, rule.affects, message, advice)
        for rule in RULES.values()
        for line, message, advice in rule.check(file)
    ]
    if not file.suffix:
        message = "no SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL in a NEURON block"
        findings.append(Finding(name, 0, "syntax", _REFUSED, message, "NEURON { SUFFIX name }"))
    return [*in_text, *_accepted(name, parsed.text, findings)]


def _refused(parsed: Parsed) -> Finding:
    said = " ".join(parsed.error.split())
    return Finding(parsed.name, parsed.line, "syntax", _REFUSED, said, _CORRECT)


def _accepted(file: str, text: str, findings: list[Finding]) -> Iterator[Finding]:
    """Yield the findings, the accepted ones with their reason, and what is wrong with comments."""
    found = {(finding.line, finding.rule) for finding in findings}
    reasons = {}
    for one in acceptances(text):
        reasons[one.about, one.rule] = one.reason
        comment = f": lint: accept {one.rule}"
        if one.rule not in RULES:
            message = unknown("rule", one.rule, RULES)
            yield Finding(file, one.line, "unused-acceptance", (), message, "correct the name")
        elif (one.about, one.rule) not in found:
            message = f"nothing to accept in line {one.about}: {comment}"
            yield Finding(file, one.line, "unused-acceptance", (), message, "remove the comment")
        elif not one.reason:
            message, advice = f"no reason is given: {comment}", f"{comment} - the reason"
            yield Finding(file, one.line, "unreasoned-acceptance", (), message, advice)
    for finding in findings:
        yield replace(finding, accepted=reasons.get((finding.line, finding.rule), ""))
