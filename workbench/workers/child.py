"""The child process of a worker: `python -m workbench.workers.child FD PARENT`.

It lives in an empty folder, is given tasks once and answers rows until its pipe closes. It dies
with its parent, even in the middle of a simulation.
"""

import ctypes
import gc
import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from workbench.errors import WorkbenchError

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve the parent at the other end of the pipe."""
    descriptor, parent = int(sys.argv[1]), int(sys.argv[2])
    _die_with(parent)
    # Who stops a whole group of processes means the parent, which ends its children itself.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    pipe = Connection(descriptor)
    sessions: dict[str, Callable[[Any], Any]] = {}
    while True:
        try:
            packed = pipe.recv_bytes()
        except EOFError:
            return
        begun = time.perf_counter()
        try:
            message = pickle.loads(packed)
            if message[0] == "give":
                sessions[message[1].digest] = message[1].open()
                # Packages and cells stay: the collector need not look through them ever again.
                gc.freeze()
                pipe.send(("ready",))
                continue
            _, digest, number, row = message
            value = sessions[digest](row)
            pipe.send(("done", number, time.perf_counter() - begun, value))
        except WorkbenchError as error:
            pipe.send(("refused", error))
        except MemoryError as error:
            pipe.send(("short", str(error) or "MemoryError"))
        except Exception:
            pipe.send(("raised", traceback.format_exc()))


def _die_with(parent: int) -> None:
    """Ask Linux to kill this process when its parent ends, however it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit("the parent is gone")


if __name__ == "__main__":
    main()
