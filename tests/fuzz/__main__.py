"""`make fuzz SECONDS=600`: spoilt inputs, and how the workbench took them.

Every input ends with 0 (it is none the worse) or 2 and a message. A traceback, a hang, a crash or
another exit code is a fault; its folder is kept, and `python -m tests.fuzz --again SEED` with the
seed that is printed makes the same input and tries it again.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.kinds import KINDS, drawn
from tests.fuzz.stock import Case, Stock
from tests.fuzz.trial import Ended, tried


def main() -> None:
    """Try inputs for so many seconds and print the account; exit code 1 if there were faults."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("seconds", nargs="?", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=None, help="of the first input")
    parser.add_argument("--only", choices=sorted(KINDS), help="one kind of input")
    parser.add_argument("--again", type=int, help="the seed of one input, tried once more")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-faults"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-fuzz-") as name:
        os.environ.setdefault("WORKBENCH_CACHE", str(Path(name) / "cache"))
        stock = Stock(Path(name) / "stock")
        stock.prepare()
        if given.again is not None:
            again(stock, Path(name), given.again, given.only)
            return
        first = time.time_ns() % 10**9 if given.seed is None else given.seed
        faults = fuzz(stock, Path(name), given, first)
    sys.exit(1 if faults else 0)


def fuzz(stock: Stock, folder: Path, given: argparse.Namespace, first: int) -> int:
    """Try one input after the other; return how many were taken wrongly."""
    kinds, codes, faults = Counter[str](), Counter[str](), Counter[str]()
    begun, slowest = time.monotonic(), (0.0, 0)
    number = first
    while time.monotonic() - begun < given.seconds:
        kind, case, ended = one(stock, folder, number, given.only)
        fault = ended.fault(case.allowed, case.same_as)
        kinds[kind] += 1
        codes[{0: "taken", 2: "refused"}.get(ended.code or 0, "other")] += 1
        slowest = max(slowest, (ended.seconds, number))
        if fault:
            faults[fault] += 1
            told(number, kind, case, ended, fault)
            kept = given.keep / f"{number}-{kind}"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(folder / "trial", kept, symlinks=True, ignore=_unlike_files)
        number += 1
    seconds = time.monotonic() - begun
    print(f"\n{kinds.total()} inputs in {seconds:.0f} s, seeds {first} to {number - 1}")
    print("  " + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
    print("  " + ", ".join(f"{count} {what}" for what, count in codes.most_common()))
    print(f"  slowest: {slowest[0]:.1f} s, seed {slowest[1]}")
    print("  faults: " + (", ".join(f"{n} {what}" for what, n in faults.most_common()) or "none"))
    return faults.total()


def one(stock: Stock, folder: Path, seed: int, only: str | None) -> tuple[str, Case, Ended]:
    """Make the input of a seed and try it."""
    dice = random.Random(seed)
    kind = drawn(only, dice)
    trial, notes = folder / "trial", folder / "notes"
    for place in (trial, notes):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
    case = KINDS[kind][1](stock, trial, dice)
    return kind, case, tried(case.act, trial, case.limit_s, notes)


def again(stock: Stock, folder: Path, seed: int, only: str | None) -> None:
    """Try one input once more and print all that it said."""
    kind, case, ended = one(stock, folder, seed, only)
    told(
        seed, kind, case, ended, ended.fault(case.allowed, case.same_as) or "no fault", most=100_000
    )


def told(seed: int, kind: str, case: Case, ended: Ended, fault: str, most: int = 1500) -> None:
    """Print one trial."""
    print(f"\n== seed {seed} ({kind}, {case.what}): {fault}, {ended.seconds:.1f} s")
    print(f"   {' '.join(case.args)[:300]!r}")
    print("   " + (ended.out[-300:] + ended.err[-most:]).replace("\n", "\n   "), flush=True)


def _unlike_files(folder: str, names: list[str]) -> list[str]:
    """Leave pipes out of a copy: to read one is to wait."""
    paths = [Path(folder) / name for name in names]
    return [p.name for p in paths if not (p.is_symlink() or p.is_file() or p.is_dir())]


if __name__ == "__main__":
    main()
