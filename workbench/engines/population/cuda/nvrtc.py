"""NVIDIA's compiler of CUDA C++ at run time, of pip's package `nvidia-cuda-nvrtc`: needs no GPU."""

import ctypes
import importlib.util
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from workbench.errors import BuildError

_LIBRARY = "libnvrtc.so.13"
_OPTIONS = ("--std=c++17", "--device-as-default-execution-space")
_LINES_SHOWN = 5


def version() -> tuple[int, int]:
    """Return the compiler's version.

    Raises
    ------
    BuildError
        If it is not installed.
    """
    major, minor = ctypes.c_int(), ctypes.c_int()
    _check(_loaded().nvrtcVersion(ctypes.byref(major), ctypes.byref(minor)))
    return major.value, minor.value


def compile_ptx(name: str, text: str, headers: Mapping[str, str], architecture: str) -> bytes:
    """Return the PTX of a text.

    Parameters
    ----------
    name
        What the text is called in messages.
    headers
        What it includes, by name.
    architecture
        For which GPUs: `compute_80` is for those of compute capability 8.0 and all later ones.

    Raises
    ------
    BuildError
        If the compiler is not installed, or refuses the text.
    """
    library, program = _loaded(), ctypes.c_void_p()
    names = [each.encode() for each in headers]
    texts = [each.encode() for each in headers.values()]
    _check(
        library.nvrtcCreateProgram(
            ctypes.byref(program),
            text.encode(),
            name.encode(),
            len(names),
            _row(texts),
            _row(names),
        )
    )
    try:
        options = [each.encode() for each in (*_OPTIONS, f"--gpu-architecture={architecture}")]
        if library.nvrtcCompileProgram(program, len(options), _row(options)):
            log = _told(library, "ProgramLog", program).decode(errors="replace")
            raise BuildError(f"{name} cannot be compiled for a GPU:\n{_complaint(log)}")
        return _told(library, "PTX", program)
    finally:
        library.nvrtcDestroyProgram(ctypes.byref(program))


def _found() -> str | None:
    spec = importlib.util.find_spec("nvidia")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(folder) / "cu13" / "lib" / _LIBRARY
        if file.is_file():
            return str(file)
    return None


@cache
def _loaded() -> Any:
    found = _found()
    if found is None:
        raise BuildError(
            "NVIDIA's compiler for GPUs (nvidia-cuda-nvrtc 13) is not installed here; pip install "
            "'neuron-workbench[gpu]'"
        )
    return ctypes.CDLL(found)


def _told(library: Any, what: str, program: ctypes.c_void_p) -> bytes:
    size = ctypes.c_size_t()
    _check(getattr(library, f"nvrtcGet{what}Size")(program, ctypes.byref(size)))
    found = ctypes.create_string_buffer(size.value)
    _check(getattr(library, f"nvrtcGet{what}")(program, found))
    return found.value


def _row(texts: list[bytes]) -> Any:
    return (ctypes.c_char_p * len(texts))(*texts)


def _check(code: int) -> None:
    if code:
        raise BuildError(f"NVIDIA's compiler for GPUs ended with its error {code}")


def _complaint(log: str) -> str:
    wrong = [line for line in log.splitlines() if "error" in line]
    return "\n".join(f"  {line}" for line in (wrong or log.splitlines())[:_LINES_SHOWN])
