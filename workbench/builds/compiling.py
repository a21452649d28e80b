"""One run of nrnivmodl, and what its log says when it fails."""

import os
import platform
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from workbench.builds.keeping import run_kept
from workbench.builds.toolchain import Toolchain, nrnivmodl
from workbench.builds.vectorising import write_program
from workbench.errors import BuildError
from workbench.nmodl import Sources
from workbench.nmodl.including import place

_LINES_SHOWN = 5
_CORE_DONE = "MOD files built successfully for CoreNEURON"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# NEURON's translator, CoreNEURON's translator (twice), the C++ compiler, the linker.
_NOCMODL = re.compile(r"^(?:\s*(.+?))? at line (\d+) in file (\S+\.mod)")
_NOCMODL_FILE = re.compile(r"^\s*(Error: .+?) in file (\S+\.mod)")
_NMODL_SYNTAX = re.compile(r"NMODL Parser Error : (.+?) \[Location : (\d+)\.[\d-]+\]")
_NMODL_RULE = re.compile(r"\[NMODL\] \[error\] :: .*?:: (.+? at \[(\d+)\.[\d-]+\].*)")
_CXX = re.compile(r"^(?:\S*/)?([^/\s]+):(\d+):\d+: (?:fatal )?error: (.+)")
_LINK = re.compile(r"undefined reference to|cannot find -l|No space left on device|not found$")
# What a make or an MPI launcher that called us meant for its own children; and NMODLHOME, which
# `import neuron.nmodl` sets to a folder where NMODL itself then finds no units and aborts.
_OTHERS = ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS", "NEURON_INIT_MPI", "NMODLHOME")
# What a disk, the memory or a kill made fail may succeed the next time.
_FROM_OUTSIDE = re.compile(
    r"No space left on device|Disk quota exceeded|Input/output error|Read-only file system|"
    r"annot allocate memory|virtual memory exhausted|Resource temporarily unavailable|"
    r"\b(?:Killed|Terminated|Interrupt|Hangup)\b|can't create|cannot open output file"
)
_MAKE_FAILED = re.compile(r"make: \*\*\* \[.*?([A-Za-z0-9_-]+)\.(?:cpp|o)\] Error")


class RefusedError(BuildError):
    """The compiler, or who looked at what it made, says no: nobody need ask again."""


def compile_sources(
    sources: Sources,
    folder: Path,
    toolchain: Toolchain,
    *,
    coreneuron: bool,
    flags: str,
    vectorised: bool,
    log: Path,
) -> tuple[Path, Path | None]:
    """Run nrnivmodl in an empty folder and return the NEURON and the CoreNEURON library.

    If this process ends before nrnivmodl does, nrnivmodl and the folder end with it.

    Raises
    ------
    BuildError
        If a tool is missing or a file cannot be compiled. The message holds the first lines of
        the compiler that count; the whole log stays in `log`. If it is a `RefusedError`, the
        reason lies in the files and the flags.
    """
    # A folder that saw a failed run is poison: nrnivmodl takes the empty .cpp for a good one.
    for name, text in sources:
        file = folder / "mod" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
    command = [str(nrnivmodl())]
    command += ["-coreneuron"] if coreneuron else []
    command += ["-incflags", flags] if flags.strip() else []
    # Only the NEURON library: CoreNEURON's generator is NMODL in any case.
    command += ["-nmodl", str(write_program(folder / "translate"))] if vectorised else []
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as stream:
        code = run_kept([*command, "mod"], folder, _environment(toolchain), stream)
    library = _one(folder, "libnrnmech")
    core = _one(folder, "libcorenrnmech") if coreneuron else None
    if code != 0 or library is None or (coreneuron and core is None):
        text = log.read_text(encoding="utf-8", errors="replace")
        outside = code > 128 or _FROM_OUTSIDE.search(text)
        raise (BuildError if outside else RefusedError)(_failure(text, log, sources))
    return library, core


def complaints(log: str) -> tuple[str, ...]:
    """Return the lines of a nrnivmodl log that say what is wrong, as "file:line: message"."""
    lines = _COLOUR.sub("", log).splitlines()
    failed = [found[1] for line in lines if (found := _MAKE_FAILED.search(line))]
    # CoreNEURON's translator names no file; make, which ran it, does.
    translated = f"{failed[0]}.mod" if failed else "a .mod file"
    said: list[str] = []
    for number, line in enumerate(lines):
        if found := _NOCMODL.search(line):
            # A message that ends with a line of the file leaves its place to the next one.
            words = found[1] or (lines[number - 1].strip() if number else "")
            said.append(f"{found[3]}:{found[2]}: {words}")
        elif found := _NOCMODL_FILE.search(line):
            said.append(f"{found[2]}: {found[1]}")
        elif (found := _NMODL_SYNTAX.search(line)) or (found := _NMODL_RULE.search(line)):
            said.append(f"{translated}:{found[2]}: {found[1]}")
        elif found := _CXX.search(line):
            said.append(f"{found[1]}:{found[2]}: {found[3]}{_quoted(lines, number + 1)}")
        elif _LINK.search(line):
            said.append(line.strip())
    return tuple(dict.fromkeys(said))


def _quoted(lines: Sequence[str], number: int) -> str:
    """Return the line of C++ that gcc and clang quote below an error."""
    quoted = lines[number].partition("|")[2].strip() if number < len(lines) else ""
    return f" (in: {quoted})" if quoted else ""


def _placed(line: str, sources: Sources) -> str:
    """Return a complaint with the place that the user knows, if it stands in an included file."""
    name, number, said = (*line.split(":", 2), "", "")[:3]
    if name not in dict(sources) or not number.isdecimal():
        return line
    file, there = place(dict(sources)[name], int(number))
    return f"{file or name}:{there}:{said}"


def _failure(text: str, log: Path, sources: Sources) -> str:
    # The script that calls nrnivmodl ends with a traceback of its own, which says nothing more.
    ours = text.partition("Traceback (most recent call last)")[0]
    said = [_placed(line, sources) for line in complaints(text)]
    said = said or ours.strip().splitlines()[-_LINES_SHOWN:]
    # CoreNEURON's part is done first and stops the rest when it fails.
    core_failed = "nrnivmodl_core_makefile" in text and _CORE_DONE not in text
    return "\n".join(
        [
            "the mechanisms could not be compiled:",
            *(f"  {line}" for line in said[:_LINES_SHOWN]),
            *(["  CoreNEURON refused them; without CoreNEURON they may compile"] * core_failed),
            f"The whole log: {log}",
        ]
    )


def _environment(toolchain: Toolchain) -> dict[str, str]:
    scripts = str(Path(sys.executable).parent)
    path = os.pathsep.join([scripts, os.environ.get("PATH", os.defpath)])
    kept = {name: value for name, value in os.environ.items() if name not in _OTHERS}
    # Messages are read by `complaints`, so they must not be translated.
    kept["NEURON_MODULE_OPTIONS"] = "-nogui"
    return {**kept, "PATH": path, "CXX": toolchain.cxx, "LC_ALL": "C.UTF-8"}


def _one(folder: Path, stem: str) -> Path | None:
    """Return the library of this name: its folder is named after the processor and may move."""
    suffix = ".dylib" if platform.system() == "Darwin" else ".so"
    return next(iter(sorted(folder.rglob(stem + suffix))), None)
