"""Folders of .mod files as texts, and where the cache keeps what was found out about them."""

import contextlib
import hashlib
import importlib.metadata
import os
import re
from pathlib import Path

from workbench import resources
from workbench.caching import keep
from workbench.errors import MechanismError, unknown
from workbench.inputs import content
from workbench.nmodl.including import with_includes
from workbench.nmodl.translators import line_of

Sources = tuple[tuple[str, str], ...]
"""Files as (name, text)."""

# nrnivmodl hands these names to make, to a shell and to the compiler, as part of a function's name.
_FILE_NAME = re.compile(r"[A-Za-z0-9_]+\.mod")
_OLD_LINE_END = re.compile(r"\r(?!\n)")
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")
LARGEST_MB = 4


def shipped_mechanisms() -> tuple[str, ...]:
    """Return the names of the mechanism folders that ship with the workbench."""
    top = resources.shipped("mechanisms")
    return tuple(sorted(f.name for f in top.glob("*") if any(f.glob("*.mod"))))


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


def store(file: Path, found: object) -> None:
    """Write what was found out to the cache, if it can be written."""
    # Where the cache cannot be written, every reading asks the parser again.
    with contextlib.suppress(OSError):
        keep(file, found)


def digest_sources(sources: Sources) -> str:
    """Return the sha256 of files given as (name, text), in any order."""
    digest = hashlib.sha256()
    for name, text in sorted(sources):
        for part in (name.encode(), text.encode()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
