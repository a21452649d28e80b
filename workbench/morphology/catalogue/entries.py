"""Real cells by name: what they are, who reconstructed them, and where their files can be had.

The files belong to others and never ship with the workbench. They are found, in this order, in
the user's own folders, in an installed package, or among the files that `fetch` brought into
the cache; and they are used only if their sha256 is the catalogue's.

A checksum is that of a file, or of its text without carriage returns: what an archive and a
repository offer of one cell often differs in the ends of its lines alone.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from workbench.errors import MorphologyError, unknown
from workbench.inputs import is_file, parsing, toml
from workbench.resources import cache_folder, shipped

FOLDERS_VARIABLE = "WORKBENCH_MORPHOLOGIES"


@dataclass(frozen=True)
class PackageSource:
    """A file inside a package that is installed: `path` from the top of site-packages."""

    package: str
    version: str
    path: str

    def __str__(self) -> str:
        return f"the installed package {self.package} {self.version}, {self.path}"


@dataclass(frozen=True)
class SdistSource:
    """A file inside a source distribution on the package index, which `fetch` downloads."""

    package: str
    version: str
    sha256: str
    member: str

    def __str__(self) -> str:
        return f"the source distribution of {self.package} {self.version}, {self.member}"


@dataclass(frozen=True)
class WebSource:
    """A file in a public archive, which `fetch` downloads.

    Parameters
    ----------
    archive, page, path
        Where a person finds it: the archive's name, its page, and the path there.
    url
        Where `fetch` finds it: the file itself, or a zip that holds `path`.
    """

    archive: str
    page: str
    path: str
    url: str

    def __str__(self) -> str:
        return f"{self.path} of {self.archive} ({self.url})"


Source = PackageSource | SdistSource | WebSource
_SOURCES: dict[str, type[Source]] = {
    "package": PackageSource,
    "sdist": SdistSource,
    "https": WebSource,
}


@dataclass(frozen=True)
class KnownFile:
    """One form in which a cell is known.

    Parameters
    ----------
    file
        Its name in the user's folders and in the cache.
    sha256
        Its checksum, in hexadecimal; see `recognised`.
    sources
        Where it can be had, the best first; none if nobody offers it.
    """

    file: str
    sha256: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class CatalogueEntry:
    """One real cell.

    Parameters
    ----------
    name
        What a study calls it.
    cell, citation, licence
        What it is, whom to cite, what its source states about use.
    files
        The forms in which it is known, the best first.
    """

    name: str
    cell: str
    citation: str
    licence: str
    files: tuple[KnownFile, ...]


class NotHereError(MorphologyError):
    """The file of a cell of the catalogue is not on this machine."""


def known_cells() -> tuple[CatalogueEntry, ...]:
    """Return the cells of the catalogue that ships with the workbench, in its order.

    Raises
    ------
    MorphologyError
        If the catalogue is damaged.
    """
    path = shipped("morphologies") / "catalogue.toml"
    tables = toml(path, MorphologyError)
    with parsing(path, "a catalogue of cells", MorphologyError):
        return tuple(_entry(name, table) for name, table in tables.items())


def entry(name: str) -> CatalogueEntry:
    """Return one cell of the catalogue.

    Raises
    ------
    MorphologyError
        There is none of that name.
    """
    entries = {found.name: found for found in known_cells()}
    if name not in entries:
        raise MorphologyError(unknown("morphology", name, entries))
    return entries[name]


def resolve(name: str) -> Path:
    """Return the checked file of a cell, without any download.

    Raises
    ------
    NotHereError
        Its file is nowhere on this machine; the message says where it was sought and how to get it.
    MorphologyError
        No such cell, or a file with another checksum stands in its place.
    """
    cell = entry(name)
    tried = []
    for place, path, known in _places(cell):
        if path is not None and is_file(path):
            recognised(path.read_bytes(), known.sha256, str(path))
            return path
        tried.append(str(place))
    raise NotHereError(_not_here(cell, tried))


def recognised(content: bytes, sha256: str, name: str) -> bytes:
    """Return the content of a file as the catalogue knows it: perhaps without carriage returns.

    Raises
    ------
    MorphologyError
        It is another file.
    """
    for form in (content, content.replace(b"\r", b"")):
        if hashlib.sha256(form).hexdigest() == sha256:
            return form
    raise MorphologyError(
        f"{name} is not the file of the catalogue: its sha256 is "
        f"{hashlib.sha256(content).hexdigest()}, expected {sha256}. "
        "Remove it, or load it by its path if it is what you want"
    )


def known_content(content: bytes) -> bytes | None:
    """Return a file's content as the catalogue knows it; None if it is of none of its cells."""
    for known in (known for cell in known_cells() for known in cell.files):
        with contextlib.suppress(MorphologyError):
            return recognised(content, known.sha256, known.file)
    return None


def fetched_folder() -> Path:
    """Return the folder where fetched files are kept; files dropped there are found too."""
    return cache_folder() / "morphologies"


def by_hand(cell: CatalogueEntry) -> list[str]:
    """Return the lines that say from where a user takes a cell's file, and where to put it."""
    lines = []
    for known in cell.files:
        web = [source for source in known.sources if isinstance(source, WebSource)]
        places = dict.fromkeys(f"    {source.path} from {source.page}" for source in web)
        if places:
            lines += [
                "  take by hand one of",
                *places,
                f"  and put it as {known.file} into {fetched_folder()} or a folder named in "
                f"${FOLDERS_VARIABLE}",
            ]
    return lines


def _places(cell: CatalogueEntry) -> Iterator[tuple[object, Path | None, KnownFile]]:
    """Yield where a file may lie, in words and as a path (None if there is no such place)."""
    for named in os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep):
        for known in cell.files if named else ():
            given = Path(named).expanduser()
            path = given if given.name == known.file else given / known.file
            yield f"{path} (from ${FOLDERS_VARIABLE})", path, known
    for known in cell.files:
        for source in known.sources:
            if isinstance(source, PackageSource):
                yield source, _in_package(source), known
    for known in cell.files:
        path = fetched_folder() / known.file
        yield path, path, known


def _in_package(source: PackageSource) -> Path | None:
    try:
        return Path(str(metadata.distribution(source.package).locate_file(source.path)))
    except metadata.PackageNotFoundError:
        return None


def _not_here(cell: CatalogueEntry, tried: list[str]) -> str:
    sources = [source for known in cell.files for source in known.sources]
    fetched = [source for source in sources if not isinstance(source, PackageSource)]
    lines = [f"the file of {cell.name} ({cell.cell}) is not on this machine. Sought in:"]
    lines += [f"  {place}" for place in tried]
    lines.append("To get it:")
    if fetched:
        lines.append(f"  workbench morphology fetch {cell.name}: takes {fetched[0]}")
        lines.append("  the same command again with --yes: fetches what it needs")
    for source in sources:
        if isinstance(source, PackageSource):
            lines.append(f"  pip install {source.package}=={source.version}")
    return "\n".join([*lines, *by_hand(cell)])


def _entry(name: str, table: dict[str, Any]) -> CatalogueEntry:
    files = tuple(_known_file(name, file) for file in table.pop("files"))
    return CatalogueEntry(name=name, files=files, **table)


def _known_file(name: str, table: dict[str, Any]) -> KnownFile:
    sources = tuple(_source(name, dict(source)) for source in table.get("sources", ()))
    return KnownFile(table["file"], table["sha256"], sources)


def _source(name: str, table: dict[str, str]) -> Source:
    kind = table.pop("from")
    if kind not in _SOURCES:
        raise MorphologyError(f"catalogue, {name}: {unknown('source', kind, _SOURCES)}")
    return _SOURCES[kind](**table)
