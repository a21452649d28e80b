"""What the system says of the memory that this process may use, and of those killed for it.

A batch system limits a job with a control group (SLURM's --mem), and the kernel kills a process
of a group that needs more. Paths and files: Linux's documentation, cgroup-v1/memory.rst and
cgroup-v2.rst, and cgroups(7), mountinfo in proc(5).
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


def killed_for_memory(proc: Path = PROC) -> int:
    """Return how many processes of this one's control group were killed for want of memory so far.

    Where no control group counts them it is those of the whole machine; 0 where nobody counts.
    Only a difference between two calls says anything.
    """
    counts = [_killed(group) for group in _groups(proc)]
    told = [count for count in counts if count is not None]
    return sum(told) if told else _number(proc / "vmstat", "oom_kill") or 0


def memory_MB(proc: Path = PROC) -> float | None:
    """Return how much memory there is for this process and all others of its control group."""
    try:
        machine_MB = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (ValueError, OSError):
        return None
    limits = [limit for group in _groups(proc) for limit in group.limits_MB()]
    return min([machine_MB, *limits])


@dataclass(frozen=True)
class _Group:
    """A control group that may limit memory: its folders, from its own up to the mount's."""

    version: int
    folders: tuple[Path, ...]

    def limits_MB(self) -> Iterator[float]:
        name = "memory.max" if self.version == 2 else "memory.limit_in_bytes"
        for folder in self.folders:
            if (limit := _number(folder / name)) is not None:
                yield limit / 1e6


def _killed(group: _Group) -> int | None:
    if group.version == 2:
        # Counted in a group and in all above it; the nearest for which anybody counts.
        counts = (_number(folder / "memory.events", "oom_kill") for folder in group.folders)
        return next((count for count in counts if count is not None), None)
    count = _number(group.folders[0] / "memory.oom_control", "oom_kill")
    if count is not None:
        return count
    # Before Linux 4.13 only how often a limit was met.
    counts = (_number(folder / "memory.failcnt") for folder in group.folders)
    met = [count for count in counts if count is not None]
    return sum(met) if met else None


def _groups(proc: Path) -> Iterator[_Group]:
    """Yield the control groups of this process that have to do with memory."""
    paths: dict[int, str] = {}
    for line in _lines(proc / "self" / "cgroup"):
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            paths[2] = path
        elif "memory" in controllers.split(","):
            paths[1] = path
    for line in _lines(proc / "self" / "mountinfo"):
        before, _, after = line.partition(" - ")
        root, mount = before.split()[3:5]
        kind, _, options = after.split()[:3]
        if kind == "cgroup2":
            version = 2
        elif kind == "cgroup" and "memory" in options.split(","):
            version = 1
        else:
            continue
        if version in paths:
            yield _Group(version, _folders(Path(_plain(mount)), _plain(root), paths[version]))


def _folders(mount: Path, root: str, path: str) -> tuple[Path, ...]:
    """Return the folders of a group and of those above it, as they are mounted here."""
    inside = path.removeprefix(root.rstrip("/")) if path.startswith(root) else "/"
    folder = mount / inside.lstrip("/")
    # In a container the path is the host's, and what is mounted is the container's own group.
    if ".." in folder.parts or not folder.is_dir():
        folder = mount
    return (folder, *(above for above in folder.parents if above.is_relative_to(mount)))


def _plain(text: str) -> str:
    return re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), text)


def _lines(file: Path) -> list[str]:
    with suppress(OSError, UnicodeDecodeError):
        return file.read_text().splitlines()
    return []


def _number(file: Path, name: str = "") -> int | None:
    """Return the number that a file holds, by itself or in the line that begins with a name."""
    for line in _lines(file):
        words = line.split()
        if words[:-1] == ([name] if name else []) and words[-1].isdecimal():
            return int(words[-1])
    return None
