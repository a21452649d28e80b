"""Compiled mechanisms in a cache: compile once, find again by content."""

import contextlib
import hashlib
import importlib.metadata
import json
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from workbench import resources
from workbench.builds.compiling import RefusedError, compile_sources
from workbench.builds.loading import question
from workbench.builds.toolchain import Toolchain, find_toolchain, processor_features
from workbench.builds.trust import require_trust
from workbench.builds.vectorising import PROGRAM
from workbench.caching import is_whole, seal, sync, why_compiled_anew
from workbench.errors import BuildError, InputError, MechanismError
from workbench.inputs import json_value
from workbench.mechanisms import Mechanism, MechanismSet, combine
from workbench.nmodl import Sources, digest_sources
from workbench.nmodl.including import place
from workbench.nmodl.translators import unreadable
from workbench.questions import ChildFailed, ask
from workbench.scratch import scratch_folder

_CARD = "build.json"
# Start, then each .mod file, in seconds: a little above what two idle cores took.
_NEURON_S = (2.0, 0.7)
_CORENEURON_S = (9.0, 1.3)
_VECTORISED_S = 0.6
_LINES_SHOWN = 5

Report = Callable[[str], None]
"""Told, in a line, what takes its time."""


@dataclass(frozen=True)
class Build:
    """Compiled mechanisms, ready to be loaded by absolute path.

    Attributes
    ----------
    key
        Digest of all that decides what the library computes: files, NEURON, compiler, flags,
        architecture and, where the flags ask for them, the processor's features.
    folder
        Folder in the cache that holds the libraries.
    library
        libnrnmech, for `h.nrn_load_dll`.
    coreneuron_library
        libcorenrnmech, for the environment variable CORENEURONLIB before NEURON is imported;
        None if it was not asked for.
    suffixes
        Suffixes of the mechanisms inside.
    flags
        Extra compiler flags.
    vectorised
        Whether the NEURON library's loops over segments were vectorised where that is safe.
    """

    key: str
    folder: Path
    library: Path
    coreneuron_library: Path | None
    suffixes: tuple[str, ...]
    flags: str
    vectorised: bool = False


def build(
    sets: Sequence[MechanismSet],
    *,
    coreneuron: bool = True,
    flags: str = "",
    vectorised: bool = False,
    report: Report | None = None,
) -> Build:
    """Return the compiled mechanisms of one or more folders, compiling them if need be.

    Parameters
    ----------
    sets
        The folders; one process can load one build only, so they are compiled together.
    coreneuron
        Whether the CoreNEURON library is wanted too; it doubles the time.
    flags
        Extra compiler flags, such as "-O3 -march=native -ffast-math -fopenmp-simd".
    vectorised
        Whether to vectorise the NEURON library's loops over segments where that is safe, see
        `vectorising`; wants flags that let the compiler do it.
    report
        Told in a sentence what takes long.

    Raises
    ------
    MechanismError
        If two files share a name or a suffix, hold C++ code that nobody has trusted, or lines that
        NEURON's translator cannot read.
    BuildError
        If a tool is missing or a file cannot be compiled or loaded; see `compile_sources`.
    """
    require_trust(sets)
    _require_readable(sets)
    work = _work(sets, coreneuron, flags, vectorised)
    said = report or _silent
    return _find(work, said) or _compile_once(work, said)


def is_built(sets: Sequence[MechanismSet], *, coreneuron: bool = False, flags: str = "") -> bool:
    """Return whether `build` would find these mechanisms compiled."""
    return _find(_work(sets, coreneuron, flags), _silent) is not None


def _require_readable(sets: Sequence[MechanismSet]) -> None:
    said = [
        f"  {one.folder / (file or name)}:{line}: {what}"
        for one in sets
        for name, text in one.sources
        for found, _, what in unreadable(text)
        for file, line in [place(text, found)]
    ]
    if said:
        more = [f"  and {len(said) - _LINES_SHOWN} lines more"] * (len(said) > _LINES_SHOWN)
        raise MechanismError(
            "\n".join(["the mechanisms cannot be compiled:", *said[:_LINES_SHOWN], *more])
        )


@dataclass(frozen=True)
class _Work:
    sources: Sources
    mechanisms: tuple[Mechanism, ...]
    coreneuron: bool
    flags: str
    vectorised: bool

    @cached_property
    def content(self) -> str:
        """Digest of all but the compiler."""
        return _digest(
            *([PROGRAM] if self.vectorised else []),
            digest_sources(self.sources),
            importlib.metadata.version("neuron"),
            platform.machine(),
            self.flags,
            processor_features(self.flags),
        )

    @cached_property
    def toolchain(self) -> Toolchain:
        return find_toolchain()

    @cached_property
    def key(self) -> str:
        return _digest(self.content, self.toolchain.cxx, self.toolchain.cxx_version)

    @property
    def announcement(self) -> str:
        start, each = _CORENEURON_S if self.coreneuron else _NEURON_S
        each += _VECTORISED_S * self.vectorised
        count = len(self.sources)
        return (
            f"compiling {count} mechanism{'s' * (count > 1)} (about {start + each * count:.0f} s)"
        )


def _work(
    sets: Sequence[MechanismSet], coreneuron: bool, flags: str, vectorised: bool = False
) -> _Work:
    combine(sets)
    work = _Work(
        sources=tuple(source for one in sets for source in one.sources),
        mechanisms=tuple(mechanism for one in sets for mechanism in one.mechanisms),
        coreneuron=coreneuron,
        flags=" ".join(flags.split()),
        vectorised=vectorised,
    )
    if not work.sources:
        raise BuildError("no .mod file was given; NEURON's own mechanisms need no build")
    return work


def _digest(*parts: str) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _silent(sentence: str) -> None:
    """Report to nobody."""


def _builds() -> Path:
    return resources.cache_folder() / "builds"


def _folder(key: str, coreneuron: bool) -> Path:
    return _builds() / (f"{key}-coreneuron" if coreneuron else key)


def _find(work: _Work, report: Report) -> Build | None:
    """Look in the cache; a build with CoreNEURON holds the same NEURON library."""
    try:
        folders = [_folder(work.key, core) for core in (True, False)]
    except BuildError:
        # A computing node without a compiler may use what its login node compiled.
        folders = [card.parent for card in sorted(_builds().glob(f"[!.]*/{_CARD}"))]
    found = (_open(folder, work, report) for folder in folders)
    return next((one for one in found if one is not None), None)


def _open(folder: Path, work: _Work, report: Report) -> Build | None:
    """Return the build in a folder if it is this one; a damaged one is told and counts as absent.

    A library that is not as it was written would end whatever process loads it.
    """
    try:
        card = json_value(folder / _CARD)
        if card["content"] != work.content:
            return None
        library = folder / card["library"]
        core = folder / card["coreneuron_library"] if work.coreneuron else None
        for file in (library, core):
            if file is not None and not is_whole(file):
                if file.exists():
                    report(why_compiled_anew(file))
                return None
        suffixes = tuple(card["suffixes"])
        return Build(card["key"], folder, library, core, suffixes, work.flags, work.vectorised)
    except (InputError, LookupError, TypeError):
        return None


def _compile_once(work: _Work, report: Report) -> Build:
    """Compile under a lock; whoever comes second finds what the first one built."""
    with alone(work.key, "another process compiles these mechanisms; waiting for it", report):
        found = _find(work, _silent)
        if found is None:
            report(work.announcement)
            with disk_in_the_way("the mechanisms"):
                found = _compile(work)
        return found


@contextlib.contextmanager
def disk_in_the_way(what: str) -> Iterator[None]:
    """Say that a compile was in vain because of a disk.

    Raises
    ------
    BuildError
        In place of an OSError.
    """
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise BuildError(
            f"{what} could not be compiled: {error.strerror or error}{where}; see to room in the "
            f"cache {resources.cache_folder()} and in TMPDIR"
        ) from None


@contextlib.contextmanager
def alone(name: str, waiting: str, report: Report) -> Iterator[None]:
    """Hold the cache's lock of this name; say why it takes long if another process holds it.

    Raises
    ------
    BuildError
        If the cache cannot be written or locked.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(_builds() / f"{name}.lock")
    try:
        _builds().mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            report(waiting)
            lock.acquire()
    except (OSError, NotImplementedError) as error:
        why = (isinstance(error, OSError) and error.strerror) or error
        raise BuildError(
            f"{_builds()} does not hold all that is needed and cannot be written ({why}); "
            "name a folder that can in WORKBENCH_CACHE"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _compile(work: _Work) -> Build:
    """Compile in a new folder, look at the libraries, then move them in with one rename."""
    goal = _folder(work.key, work.coreneuron)
    # Under the lock nobody else works on this key: what lies here was left by a killed process.
    for left in (goal, *_builds().glob(f".{work.key}-*")):
        shutil.rmtree(left, ignore_errors=True)
    log = _builds() / "logs" / f"{goal.name}.log"
    stage = Path(tempfile.mkdtemp(dir=_builds(), prefix=f".{work.key}-"))
    try:
        with scratch_folder() as folder:
            library, core = compile_sources(
                work.sources,
                Path(folder),
                work.toolchain,
                coreneuron=work.coreneuron,
                flags=work.flags,
                vectorised=work.vectorised,
                log=log,
            )
            library = Path(shutil.copy2(library, stage))
            core = Path(shutil.copy2(core, stage)) if core else None
        _look_at(library, core, work.mechanisms, log)
        _write_card(stage / _CARD, work, library, core)
        for file in (library, core):
            if file is not None:
                seal(file)
        stage.chmod(0o755)
        stage.rename(goal)
        sync(goal.parent)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    built = _open(goal, work, _silent)
    if built is None:
        raise BuildError(f"the new build {goal} is gone; does something else clean the cache?")
    return built


def _look_at(library: Path, core: Path | None, mechanisms: Sequence[Mechanism], log: Path) -> None:
    """Refuse a library that lacks a mechanism: nrnivmodl can report success and be wrong."""
    asked = question(str(library), str(core) if core else None, mechanisms)
    try:
        missing = ask("workbench.builds.loading", asked)
    except ChildFailed as failed:
        if failed.from_outside:
            raise BuildError(f"nobody could look at the compiled mechanisms: {failed}") from None
        missing = [str(failed)]
    if missing:
        said = "\n".join(f"  {sentence}" for sentence in missing)
        raise RefusedError(f"the compiled mechanisms cannot be used:\n{said}\nThe whole log: {log}")


def _write_card(file: Path, work: _Work, library: Path, core: Path | None) -> None:
    card = {
        "key": work.key,
        "content": work.content,
        "library": library.name,
        "coreneuron_library": core.name if core else None,
        "suffixes": sorted(m.suffix for m in work.mechanisms),
        "files": sorted(name for name, _ in work.sources),
        "flags": work.flags,
        "vectorised": work.vectorised,
        "compiler": f"{work.toolchain.cxx}: {work.toolchain.cxx_version}",
        "neuron": importlib.metadata.version("neuron"),
    }
    file.write_text(json.dumps(card, indent=1), encoding="utf-8")
