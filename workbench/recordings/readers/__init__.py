"""The formats of recordings, a file each; each library has its one door here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from workbench.errors import InputError, unknown
from workbench.recordings.raw import Raw

LARGEST_MB = 4000
"""Of a file of recordings."""


@dataclass(frozen=True)
class Asked:
    """What a user says beside the files.

    Attributes
    ----------
    units
        By "time", "v" and "i", for files that do not state them.
    columns
        Names of a text's columns with their units, where its first line has none.
    """

    units: dict[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


Reader = Callable[[Sequence[Path], Asked], list[Raw]]

READERS: Mapping[str, tuple[str, str]] = {
    ".nwb": ("workbench.recordings.readers.nwb", "h5py"),
    ".abf": ("workbench.recordings.readers.abf", "pyabf"),
    ".ibw": ("workbench.recordings.readers.ibw", "igor2"),
    ".csv": ("workbench.recordings.readers.columns", ""),
    ".txt": ("workbench.recordings.readers.columns", ""),
    ".dat": ("workbench.recordings.readers.columns", ""),
}
"""Module and the library that it needs, by ending."""


def reader_of(path: Path) -> Reader:
    """Return what reads a file with this ending.

    Raises
    ------
    InputError
        If there is none, or its library is not installed.
    """
    ending = path.suffix.lower()
    if ending not in READERS:
        raise InputError(f"{path}: {unknown('format of recordings', ending, READERS)}")
    module, library = READERS[ending]
    if library and find_spec(library) is None:
        raise InputError(
            f"{path}: {ending} files need {library}: pip install 'neuron-workbench[recordings]'"
        )
    found: Reader = import_module(module).read
    return found
