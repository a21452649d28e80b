"""The build for the processor at hand, used only where it computes what the default build does."""

import contextlib
import hashlib
from collections.abc import Sequence
from pathlib import Path

from workbench.builds.building import Build, Report, alone, build
from workbench.builds.comparing import TOLERANCE, compare, unseen
from workbench.builds.compiling import RefusedError
from workbench.builds.toolchain import processor_features
from workbench.builds.vectorising import PROGRAM
from workbench.caching import keep, recall
from workbench.errors import BuildError
from workbench.mechanisms.mechanism import MechanismSet

# -ffast-math would bring two things that cost no speed to leave out: the assumption that nothing
# is NaN, and, since CoreNEURON's library is linked with these flags too, a start-up code that
# flushes denormals to zero in the whole process. glibc declares its vector exp only where
# __FAST_MATH__ is defined.
_FLAGS = (
    "-O3 -march=native -fopenmp-simd -fno-math-errno -fno-trapping-math -fno-signed-zeros "
    "-fassociative-math -freciprocal-math -D__FAST_MATH__"
)
# gcc and clang use half of an AVX-512 register unless told otherwise.
_WIDE = "-mprefer-vector-width=512"
_NOT_USED = "the build for this processor is not used, but the slower default"


def native_flags() -> str:
    """Return compiler flags for this processor and vector exponentials."""
    wide = "avx512f" in processor_features(_FLAGS)
    return f"{_FLAGS} {_WIDE}" if wide else _FLAGS


def build_native(sets: Sequence[MechanismSet], report: Report, *, coreneuron: bool = True) -> Build:
    """Return the build for this processor, or the default build where that one is no good.

    Its NEURON library is vectorised where that is safe, see `vectorising`. Before its first use it
    is compared with the default one, see `compare`, if that can see all of it, see `unseen`. The
    verdict of compiler and comparison lies beside the default build, so this costs some seconds
    once; of several processes that come first, one does it. What fails for a full disk or a kill
    is tried again the next time.

    Parameters
    ----------
    sets
        The folders, as for `build`.
    report
        Told in a sentence what takes long, and why the default build is used if it is.
    coreneuron
        Whether the CoreNEURON library is wanted too.

    Raises
    ------
    MechanismError, BuildError
        If the default build cannot be made.
    """
    default = build(sets, coreneuron=coreneuron, report=report)
    if hidden := unseen(sets):
        report(f"{_NOT_USED}: {hidden}")
        return default
    name = f"native-{_processor()}{'-coreneuron' * coreneuron}"
    file = default.folder / f"{name}.json"
    try:
        refusal = _refusal(file)
        if refusal is None:
            waiting = "another process tries the build for this processor; waiting for it"
            with alone(f"{default.key}-{name}", waiting, report):
                refusal = _refusal(file)
                if refusal is None:
                    refusal = _tried(default, sets, file, report)
        if not refusal:
            return _native(default, sets, report)
    except RefusedError as error:
        refusal = f"it cannot be compiled: {error}"
        _write(file, {"refused": refusal})
    except BuildError as error:
        report(f"{_NOT_USED}: {error}\nIt is tried again the next time")
        return default
    report(f"{_NOT_USED}: {refusal}\nTo have it tried again, delete {file}")
    return default


def _native(default: Build, sets: Sequence[MechanismSet], report: Report) -> Build:
    coreneuron = default.coreneuron_library is not None
    flags = native_flags()
    return build(sets, coreneuron=coreneuron, flags=flags, vectorised=True, report=report)


def _processor() -> str:
    named = repr((native_flags(), processor_features(native_flags()), PROGRAM))
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def _refusal(file: Path) -> str | None:
    """Return why the native build was refused, "" if it was accepted, None if nobody knows.

    A damaged verdict is none.
    """
    return recall(file, lambda verdict: str(verdict["refused"]))


def _tried(default: Build, sets: Sequence[MechanismSet], file: Path, report: Report) -> str:
    native = _native(default, sets, report)
    report("comparing the build for this processor with the default one")
    found = compare(default, native, sets)
    refusal = found.failure
    if not refusal and not found.difference <= TOLERANCE:
        refusal = (
            f"{found.worst} differs from the default build's by {found.difference:.1e} of its "
            f"largest value; allowed: {TOLERANCE:.0e}"
        )
    _write(
        file,
        {
            "refused": refusal,
            "flags": native.flags,
            "key": native.key,
            "difference": found.difference,
            "worst": found.worst,
            "quantities": found.quantities,
        },
    )
    return refusal


def _write(file: Path, verdict: dict[str, object]) -> None:
    # Somebody else's cache may be read-only: then the next process finds out for itself.
    with contextlib.suppress(OSError):
        keep(file, verdict)
