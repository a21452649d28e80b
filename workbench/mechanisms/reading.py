"""Folders of .mod files to `MechanismSet` values."""

import contextlib
import importlib.metadata
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench import resources
from workbench.caching import keep, recall
from workbench.errors import MechanismError, unknown
from workbench.inputs import content
from workbench.mechanisms.including import place, with_includes
from workbench.mechanisms.mechanism import (
    Ion,
    Mechanism,
    MechanismSet,
    Parameter,
    Sources,
    digest_sources,
)
from workbench.mechanisms.translators import line_of
from workbench.questions import ChildFailed, ask

# nrnivmodl hands these names to make, to a shell and to the compiler, as part of a function's name.
_FILE_NAME = re.compile(r"[A-Za-z0-9_]+\.mod")
_OLD_LINE_END = re.compile(r"\r(?!\n)")
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")
LARGEST_MB = 4
# Part of the cache's file names: raise it whenever the fields of Mechanism change.
_FORMAT = "2"


def shipped_mechanisms() -> tuple[str, ...]:
    """Return the names of the mechanism folders that ship with the workbench."""
    top = resources.shipped("mechanisms")
    return tuple(sorted(f.name for f in top.glob("*") if any(f.glob("*.mod"))))


def read_mechanisms(folder: Path | str) -> MechanismSet:
    """Read the .mod files of a folder.

    Parameters
    ----------
    folder
        A path, or the name of a folder that ships with the workbench; a path wins.

    Raises
    ------
    MechanismError
        If there is no such folder, it holds no .mod file or one with a name that no compiler
        should see, or a file cannot be parsed (with file, line and the parser's own words) or
        includes what is not there or lies elsewhere.
    """
    path = find_folder(folder)
    sources = read_sources(path)
    known = _remember(sources)
    mechanisms = _parse(path, sources) if known is None else known
    return MechanismSet(path.name, path, sources, mechanisms)


def find_folder(folder: Path | str) -> Path:
    """Return the folder of this path, or the set of this name that ships.

    Raises
    ------
    MechanismError
        If there is neither.
    """
    path = Path(os.path.expanduser(folder))
    if path.is_dir():
        return path.resolve()
    inside = resources.shipped("mechanisms") / path
    if len(path.parts) == 1 and inside.is_dir():
        return inside
    raise MechanismError(
        unknown("mechanism folder", folder, shipped_mechanisms())
        + ", or the path of a folder with .mod files"
    )


def read_sources(path: Path) -> Sources:
    """Return name and text of each .mod file of a folder, with its INCLUDEs, sorted by name.

    Raises
    ------
    MechanismError
        If there is none, or a name or a text that the tools cannot take.
    """
    return tuple((file.name, read_source(file)) for file in mod_files(path))


def read_source(file: Path) -> str:
    """Return the text of a .mod file, with its INCLUDEs.

    Raises
    ------
    MechanismError
        If it is none that the tools can take.
    """
    return with_includes(file, _text, LARGEST_MB)


def mod_files(path: Path) -> list[Path]:
    """Return the .mod files of a folder, sorted by name.

    Raises
    ------
    MechanismError
        If there is none, or one with a name that no compiler should see.
    """
    files = sorted(path.glob("*.mod"))
    if not files:
        raise MechanismError(f"{path} holds no .mod file")
    for file in files:
        if not _FILE_NAME.fullmatch(file.name):
            raise MechanismError(
                f"{file}: this name would reach make, a shell and the compiler; "
                "rename it with letters, digits and _ only, ending in .mod"
            )
    return files


def _text(file: Path) -> str:
    data = content(file, MechanismError, largest_MB=LARGEST_MB)
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise MechanismError(f"{file}:{line}: there is a NUL byte, so this is not a text file")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        # Old files carry accents and micro signs of western code pages in their comments.
        text = data.decode("latin-1")
    # One translator ends a line, or a file, where the other goes on.
    text = _OLD_LINE_END.sub("\n", text)
    if control := _CONTROL.search(text):
        raise MechanismError(
            f"{file}:{line_of(text, control.start())}: there is a control character "
            f"(U+{ord(control[0]):04X}), at which NEURON's translators do different things; "
            "remove it"
        )
    return text


def cache_file(sources: Sources, form: str) -> Path:
    """Return where the cache keeps what was found out about these sources, in one form."""
    neuron = importlib.metadata.version("neuron")
    name = f"{digest_sources(sources)}-{form}-{neuron}.json"
    return resources.cache_folder() / "mechanisms" / name


def _remember(sources: Sources) -> tuple[Mechanism, ...] | None:
    def mechanisms(found: Any) -> tuple[Mechanism, ...]:
        return tuple(_mechanism(fields) for fields in found)

    return recall(cache_file(sources, _FORMAT), mechanisms)


def _parse(path: Path, sources: Sources) -> tuple[Mechanism, ...]:
    try:
        found: Mapping[str, Any] = ask("workbench.mechanisms.parsing", dict(sources))
    except ChildFailed as failed:
        raise MechanismError(f"{path}: NEURON's NMODL reader failed: {failed}") from failed
    broken = [
        _complaint(path, file, dict(sources)[file], fields["error"])
        for file, fields in found.items()
        if fields and "error" in fields
    ]
    if broken:
        raise MechanismError("\n".join(broken))
    declared = [found[file] for file, _ in sources if found[file]]
    store(cache_file(sources, _FORMAT), declared)
    return tuple(_mechanism(fields) for fields in declared)


def _complaint(folder: Path, name: str, text: str, words: str) -> str:
    """Return "file:line: the parser's words", from "words [Location : line.column]..."."""
    words = words.removeprefix("NMODL Parser Error : ").strip()
    found = re.search(r"\s*\[Location : (\d+)\.[\d-]+\]", words)
    if found is None:
        return f"{folder / name}: {words}"
    file, line = place(text, int(found[1]))
    where = f"{folder / (file or name)}:{line}"
    return f"{where}: {words[: found.start()]}{words[found.end() :]}".rstrip()


def store(file: Path, found: object) -> None:
    """Write what was found out to the cache, if it can be written."""
    # Where the cache cannot be written, every reading asks the parser again.
    with contextlib.suppress(OSError):
        keep(file, found)


def _mechanism(fields: Mapping[str, Any]) -> Mechanism:
    def names(key: str) -> tuple[str, ...]:
        return tuple(fields[key])

    return Mechanism(
        suffix=fields["suffix"],
        kind=fields["kind"],
        file=fields["file"],
        range_parameters=_parameters(fields["range_parameters"]),
        global_parameters=_parameters(fields["global_parameters"]),
        states=names("states"),
        assigned=names("assigned"),
        ions=tuple(
            Ion(ion["name"], tuple(ion["reads"]), tuple(ion["writes"]), ion["charge"])
            for ion in fields["ions"]
        ),
        nonspecific_currents=names("nonspecific_currents"),
        electrode_currents=names("electrode_currents"),
    )


def _parameters(found: Sequence[Mapping[str, Any]]) -> tuple[Parameter, ...]:
    return tuple(Parameter(p["name"], p["default"], p["unit"]) for p in found)
