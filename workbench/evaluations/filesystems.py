"""Where a ledger may lie: only where a lock that one machine takes is seen by the others.

SQLite's rollback journal asks two things of a file system: that `fsync` means it, and that POSIX
locks hold for everyone who can open the file (https://www.sqlite.org/howtocorrupt.html, section
2.1). Without such locks a reader on the login node takes the journal of a running fit for that of
a dead one and rolls it back. Linux tells type and options of each mount, and on network file
systems these say whether locks are shared: Lustre's `flock`, NFS without `nolock` or `local_lock`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import LedgerError

_MOUNTS = Path("/proc/self/mountinfo")
_NO_SHARED_LOCKS = {
    "9p": "9p keeps locks on each machine",
    "afs": "AFS has no locks of byte ranges",
    "fuse.sshfs": "sshfs keeps locks on each machine",
    "orangefs": "OrangeFS has no locks",
    "pvfs2": "PVFS has no locks",
    "vboxsf": "VirtualBox's shared folders have no locks",
}


@dataclass(frozen=True)
class Mount:
    """A mounted file system: where, of which type, with which options."""

    point: Path
    kind: str
    options: frozenset[str]


def refuse_unsafe(folder: Path, mounts: str | None = None) -> None:
    """Refuse a folder whose file system does not share locks between machines.

    Parameters
    ----------
    folder
        Where a ledger is to be written.
    mounts
        Text in the form of /proc/self/mountinfo; None reads that of this machine.

    Raises
    ------
    LedgerError
        With the reason and what to do.
    """
    if mounts is None:
        if not _MOUNTS.is_file():
            return
        mounts = _MOUNTS.read_text(errors="replace")
    mount = mount_of(folder.resolve(), mounts)
    if mount is not None and (why := _weakness(mount)):
        raise LedgerError(
            f"{folder} lies on {mount.point} ({mount.kind}): {why}, so a ledger there could be "
            "damaged by a second process on another machine. Choose a folder on a local disk with "
            "--out (in a batch job $TMPDIR, copied back at the end), or on a file system with "
            "shared locks: NFS version 4, Lustre mounted with -o flock, GPFS, BeeGFS, CephFS"
        )


def mount_of(path: Path, mounts: str) -> Mount | None:
    """Return the mount that a resolved path lies on; of two on one point the later one holds."""
    found = None
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields, (kind, _, superblock) = before.split(" "), after.split(" ", 2)
        point = Path(re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), fields[4]))
        nearer = found is None or len(point.parts) >= len(found.point.parts)
        if nearer and path.is_relative_to(point):
            options = {*fields[5].split(","), *superblock.split(",")}
            found = Mount(point, kind, frozenset(options))
    return found


def _weakness(mount: Mount) -> str:
    """Return why locks are not shared on this mount, or an empty text."""
    if mount.kind in _NO_SHARED_LOCKS:
        return _NO_SHARED_LOCKS[mount.kind]
    if mount.kind == "lustre" and "flock" not in mount.options:
        return "it is mounted without `flock`, which keeps locks on each machine"
    if mount.kind in ("nfs", "nfs4"):
        private = {"nolock", "local_lock=all", "local_lock=posix"} & mount.options
        return f"it is mounted with `{min(private)}`" if private else ""
    if mount.kind in ("cifs", "smb3") and "nobrl" in mount.options:
        return "it is mounted with `nobrl`, which keeps locks on each machine"
    return ""
