"""What NVIDIA's driver shows of GPUs."""

import ctypes

from workbench.errors import EngineError


def require_gpu() -> None:
    """Refuse what is to run on a GPU where there is none.

    Raises
    ------
    EngineError
        With what to do.
    """
    if not count_gpus():
        raise EngineError(
            "gpu was asked for, but NVIDIA's driver finds no GPU here; allowed: a machine on which "
            "nvidia-smi lists one (mind CUDA_VISIBLE_DEVICES). Or leave out --gpu"
        )


def count_gpus() -> int:
    """Return how many GPUs the driver shows; none where there is no driver."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    failed = driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count))
    return 0 if failed else count.value
