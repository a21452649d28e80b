"""How long a user waits before anything happens: medians, each beside a baseline of its run."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from workbench.builds import build
from workbench.mechanisms import read_mechanisms

RUNS = 7


def seconds(do: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        do()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def python(code: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_help() -> None:
    help_s = seconds(
        python("import sys; sys.argv[1:] = ['--help']; from workbench.cli import main; main()")
    )
    bare_s = seconds(python("pass"))
    print(f"\nworkbench --help {help_s:.3f} s, python {bare_s:.3f} s: {help_s / bare_s:.1f} times")


def test_build_that_is_in_the_cache() -> None:
    sets = [read_mechanisms("hay_l5b")]
    build(sets, coreneuron=False)
    hit_s = seconds(lambda: build([read_mechanisms("hay_l5b")], coreneuron=False))
    compiler_s = seconds(lambda: subprocess.run(["g++", "--version"], capture_output=True))
    ratio = hit_s / compiler_s
    print(f"\ncached build {hit_s:.3f} s, g++ --version {compiler_s:.3f} s: {ratio:.1f} times")
