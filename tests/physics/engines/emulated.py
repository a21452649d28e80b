"""A GPU that is this processor: blocks one after the other, threads as fibers."""

import ctypes
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from workbench.builds import build_text
from workbench.engines import Integrator
from workbench.engines.population import PopulationEngine
from workbench.engines.population.cuda.running import Blocks
from workbench.engines.population.cuda.text import headers_of
from workbench.engines.population.frame import Frame

_MAIN, _DRIVER = (
    Path(__file__).with_name(name) for name in ("emulated.cpp", "emulated_driver.cpp")
)


def put_driver(frame: Frame, folder: Path) -> None:
    """Put a `libcuda.so.1` into a folder: a driver with a GPU that knows the kernel of a frame."""
    texts = {file.name: file.read_text() for file in (_DRIVER, _MAIN)}
    library = build_text("driver", {**texts, **headers_of(frame)}, "-march=native -ldl", _silent)
    shutil.copy(library, folder / "libcuda.so.1")


def _silent(sentence: str) -> None:
    """Report to nobody."""


@dataclass
class EmulatedDevice:
    """Runs the kernel that a GPU would run.

    `backwards` lets the last thread come first between barriers; `near` is how many numbers of
    eight bytes fit into a block's shared memory.
    """

    kernel: Path
    threads: int
    backwards: bool
    near: int
    held: list[np.ndarray] = field(default_factory=list)

    def allocate(self, size: int) -> int:
        # What is there before anybody writes is no number.
        self.held.append(np.full(size // 8 + 1, np.nan))
        return self.held[-1].ctypes.data

    def write(self, address: int, data: bytes) -> None:
        ctypes.memmove(address, data, len(data))

    def read(self, address: int, size: int) -> bytes:
        return ctypes.string_at(address, size)

    def launch(
        self,
        blocks: int,
        shape: int,
        tree: int,
        requests: int,
        answers: int,
        samples: int,
        kept: int,
        numbers: int,
    ) -> None:
        library = ctypes.CDLL(str(self.kernel))
        pointers = [ctypes.c_void_p(one) for one in (shape, tree, requests, answers)]
        failed = library.emulate(
            ctypes.c_long(blocks),
            self.threads,
            self.backwards,
            *pointers,
            ctypes.c_long(samples),
            ctypes.c_long(self.near),
            ctypes.c_void_p(kept),
            ctypes.c_long(numbers),
        )
        assert not failed, "some threads ended while others wait at a barrier"

    def free(self) -> None:
        self.held.clear()


@dataclass
class EmulatedEngine(PopulationEngine):
    """The population engine on such a device."""

    threads: int = 4
    backwards: bool = False
    near: int = 4096

    def __post_init__(self) -> None:
        super().__init__()

    def kernel(self, frame: Frame, integrator: Integrator) -> Blocks:
        texts = {_MAIN.name: _MAIN.read_text(), **headers_of(frame)}
        library = build_text("emulated", texts, "-march=native", self.report)
        return Blocks(frame, EmulatedDevice(library, self.threads, self.backwards, self.near))
