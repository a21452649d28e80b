"""A GPU of NVIDIA's, through its package cuda-core. No machine that runs our tests has one."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from workbench.engines.gpus import require_gpu
from workbench.engines.population.cuda.text import THREADS
from workbench.errors import EngineError

_RESERVED = 1024
"""Bytes of shared memory that CUDA keeps of each block."""


@contextmanager
def _failures() -> Iterator[None]:
    """Say in a sentence what NVIDIA's packages raise."""
    try:
        yield
    except Exception as error:
        what = " ".join(str(error).split())
        raise EngineError(f"the GPU fails: {what}; leave out --gpu to do without it") from error


class Gpu:
    """The first GPU, with a kernel on it.

    Raises
    ------
    EngineError
        If cuda-core is not installed, or cannot use the GPU.
    """

    def __init__(self, ptx: bytes) -> None:
        core, driver = self._core, self._driver = _packages()
        self._held: list[Any] = []
        with _failures():
            self._device = core.Device()
            self._device.set_current()
            self._stream = self._device.default_stream
            self._kernel = core.ObjectCode.from_ptx(ptx).get_kernel("population")
            # Registers let two blocks of this kernel be at work on a processor of the GPU.
            most = int(self._device.properties.max_shared_memory_per_block_optin)
            self._near = most // 2 - _RESERVED
            attribute = driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
            kernel, number = self._kernel.handle, driver.CUdevice(self._device.device_id)
            self._ask(driver.cuKernelSetAttribute, attribute, self._near, kernel, number)

    @_failures()
    def allocate(self, size: int) -> int:
        """Return the address of so many bytes."""
        buffer = self._device.allocate(size, stream=self._stream)
        self._held.append(buffer)
        return int(buffer.handle)

    @_failures()
    def write(self, address: int, data: bytes) -> None:
        """Copy to the GPU."""
        here = np.frombuffer(data, np.uint8)
        self._ask(self._driver.cuMemcpyHtoD, address, here.ctypes.data, len(data))

    @_failures()
    def read(self, address: int, size: int) -> bytes:
        """Copy from the GPU."""
        here = np.empty(size, np.uint8)
        self._ask(self._driver.cuMemcpyDtoH, here.ctypes.data, address, size)
        return here.tobytes()

    @_failures()
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
        """Do the runs, and wait for them."""
        config = self._core.LaunchConfig(grid=blocks, block=THREADS, shmem_size=self._near)
        arguments = (shape, tree, requests, answers, samples, self._near // 8, kept, numbers)
        self._core.launch(self._stream, config, self._kernel, *arguments)
        self._stream.sync()

    @_failures()
    def free(self) -> None:
        """Let go of all memory."""
        while self._held:
            self._held.pop().close(self._stream)

    def _ask(self, function: Any, *arguments: Any) -> None:
        failed, *_ = function(*arguments)
        if failed:
            raise RuntimeError(f"{function.__name__}: {failed.name}")


def check() -> None:
    """Refuse what is to run on a GPU where there is none, or the packages for it are missing.

    Raises
    ------
    EngineError
        With what to do.
    """
    require_gpu()
    _packages()


@cache
def gpu_with(ptx: bytes) -> Gpu:
    """Return the GPU with a kernel, which stays there as long as this process."""
    return Gpu(ptx)


def _packages() -> tuple[Any, Any]:
    try:
        from cuda import core
        from cuda.bindings import driver
    except ImportError:
        raise EngineError(
            "the population engine reaches a GPU through cuda-core, which is not installed here; "
            "pip install 'neuron-workbench[gpu]', or leave out --gpu"
        ) from None
    return core, driver
