"""C++ of the workbench's own, compiled once and found again by content; against NEURON, or not."""

import hashlib
import importlib.metadata
import os
import platform
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from workbench import resources
from workbench.builds.building import Report, alone, disk_in_the_way
from workbench.builds.keeping import run_kept
from workbench.builds.toolchain import Toolchain, find_toolchain, processor_features
from workbench.caching import is_whole, put, why_compiled_anew
from workbench.errors import BuildError
from workbench.scratch import scratch_folder

_LINES_SHOWN = 5
_OPTIONS = ("-std=c++17", "-O3", "-shared", "-fPIC")
# By name, as nrnivmodl does: NEURON's symbols are global in a process only by accident, such as an
# MPI library that NEURON finds on the machine.
_LINKED = ("-lnrniv",)


def build_library(source: Path, flags: str, report: Report) -> Path:
    """Return the shared library of a C++ file that uses NEURON's headers, compiling it if need be.

    Parameters
    ----------
    source
        The file; the texts of it and of the headers (.hpp) beside it, NEURON, compiler, flags and
        processor decide which library it is.
    flags
        Compiler flags.
    report
        Told in a sentence what takes long.

    Raises
    ------
    BuildError
        If there is no compiler, or the file does not compile.
    """
    headers = sorted(source.parent.glob("*.hpp"))
    texts = {file.name: file.read_text(encoding="utf-8") for file in (source, *headers)}
    return build_text(source.stem, texts, flags, report, neuron=True)


def build_text(
    name: str, texts: Mapping[str, str], flags: str, report: Report, *, neuron: bool = False
) -> Path:
    """Return the shared library of a C++ text, as `build_library`.

    Parameters
    ----------
    name
        What it is called in messages and in the cache.
    texts
        The files by name, the one to be compiled first.
    neuron
        Whether it uses NEURON's headers and library.
    """
    content = _digest(
        *texts.values(),
        importlib.metadata.version("neuron") if neuron else "",
        platform.machine(),
        flags,
        *_OPTIONS,
        *_LINKED,
        processor_features(flags),
    )
    folder = resources.cache_folder() / "libraries" / name
    try:
        toolchain = find_toolchain()
    except BuildError:
        # A computing node without a compiler may use what its login node compiled.
        found = [one for one in sorted(folder.glob(f"{content}-*.so")) if is_whole(one)]
        if found:
            return found[0]
        raise
    library = folder / f"{content}-{_digest(toolchain.cxx, toolchain.cxx_version)}.so"
    if not is_whole(library):
        if library.exists():
            report(why_compiled_anew(library))
        with alone(library.stem, f"another process compiles {name}; waiting for it", report):
            if not is_whole(library):
                report(f"compiling {name} (about 5 s)")
                with disk_in_the_way(name):
                    _compile(texts, library, flags, toolchain, neuron=neuron)
    return library


def _compile(
    texts: Mapping[str, str],
    library: Path,
    flags: str,
    toolchain: Toolchain,
    *,
    neuron: bool,
) -> None:
    includes, links = _against_neuron() if neuron else ([], [])
    library.parent.mkdir(parents=True, exist_ok=True)
    with scratch_folder() as name:
        folder = Path(name)
        made, log = folder / library.name, folder / "log"
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8")
        source = next(iter(texts))
        command = [
            *shlex.split(toolchain.cxx),
            *_OPTIONS,
            *shlex.split(flags),
            *(*includes, str(folder / source), "-o", str(made)),
            *links,
        ]
        with log.open("w", encoding="utf-8") as stream:
            code = run_kept(command, folder, {**os.environ, "LC_ALL": "C.UTF-8"}, stream)
        if code:
            said = _complaint(log.read_text(encoding="utf-8", errors="replace"))
            raise BuildError(f"{source} cannot be compiled here:\n{said}")
        stage = Path(shutil.copy2(made, library.with_suffix(f".{os.getpid()}")))
    put(stage, library)


def _complaint(log: str) -> str:
    wrong = [line for line in log.splitlines() if "error" in line]
    return "\n".join(f"  {line}" for line in (wrong or log.splitlines())[:_LINES_SHOWN])


def _against_neuron() -> tuple[list[str], list[str]]:
    """Return the compiler's words for NEURON's headers and its library."""
    folder = _neuron_folder()
    lib = folder / "lib"
    return [f"-I{folder / 'include'}"], [f"-L{lib}", *_LINKED, f"-Wl,-rpath,{lib}"]


def _neuron_folder() -> Path:
    """Return the folder with NEURON's headers and library, without importing NEURON."""
    import importlib.util

    found = importlib.util.find_spec("neuron")
    if found is None or found.origin is None:
        raise BuildError("NEURON is not installed here: pip install neuron")
    package = Path(found.origin).parent
    # A wheel carries its headers; a NEURON built from source has them beside its lib/python.
    for folder in (package / ".data", package.parents[2]):
        if (folder / "include" / "multicore.h").is_file():
            return folder
    raise BuildError(f"NEURON's headers are not to be found beside {package}")


def _digest(*parts: str) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
