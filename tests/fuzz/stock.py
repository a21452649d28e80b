"""Sound inputs to be spoilt, and what a case is."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from tests.fuzz.mutations import spoilt
from tests.fuzz.shapes import ASC, SWC
from tests.fuzz.trial import call, verb
from tests.system.command import COMMAND, REPOSITORY
from tests.unit.exports.test_checkpoint import WRITE

SHIPPED = REPOSITORY / "optimizations"
FINE = frozenset({0, 2})
IMPORTED = (
    *(f"workbench.cli.{file.stem}" for file in (REPOSITORY / "workbench" / "cli").glob("*.py")),
    "workbench.api",
    "workbench.exports.bluepyopt",
    "workbench.morphology.readers.reconstruction",
    "workbench.reports.shapes",
    "jinja2",
)
"""What every trial would import anew; none of it loads NEURON."""
SCORE = ["score", "pinsky_rinzel", "--params", "published", "--json"]
RUN = frozenset({0, 1, 2})
"""A fit or a comparison of which no number comes, and that says so, ends with 1."""


@dataclass(frozen=True)
class Case:
    """An input in a folder, and what is done with it."""

    what: str
    args: tuple[str, ...]
    act: Callable[[], None]
    allowed: frozenset[int] = FINE
    limit_s: float = 60.0
    same_as: str = ""
    """What has to be printed, if anything has to."""


def of_verb(what: str, *args: object, allowed: frozenset[int] = FINE, limit_s: float = 60) -> Case:
    return Case(what, tuple(map(str, args)), verb(*args), allowed, limit_s)


def of_call(what: str, function: Callable[[], object], limit_s: float = 60) -> Case:
    return Case(what, (), call(function), FINE, limit_s)


@dataclass
class Stock:
    """Sound inputs, made once; a case spoils a copy of one of them."""

    folder: Path
    studies: list[str] = field(default_factory=list)
    answer: str = ""

    def prepare(self) -> None:
        """Make a run, a checkpoint and a binary morphology, and see which studies load here."""
        for module in IMPORTED:
            import_module(module)
        self.folder.mkdir(parents=True, exist_ok=True)
        run = self.folder / "run"
        if not run.exists():
            fit = ["fit", "hodgkin_huxley", "--population", "4", "--generations", "2"]
            subprocess.run([*COMMAND, *fit, "--workers", "1", "--out", run], check=True)
        score = [*COMMAND, *SCORE]
        environment = {**os.environ, "WORKBENCH_CACHE": str(self.folder / "cache")}
        for _ in range(2):
            done = subprocess.run(score, check=True, capture_output=True, env=environment)
        self.answer = done.stdout.decode()
        checkpoint = self.folder / "cp.pkl"
        if not checkpoint.exists():
            subprocess.run([sys.executable, "-c", WRITE, "ibea", checkpoint], check=True)
        from workbench.errors import WorkbenchError
        from workbench.morphology import resolve
        from workbench.studies import load_study

        for study in sorted(SHIPPED.glob("*/study.toml")):
            try:
                load_study(study.parent)
                self.studies.append(study.parent.name)
            except WorkbenchError:
                continue
        shapes = self.folder / "shapes"
        if not shapes.exists():
            import morphio

            shapes.mkdir()
            for file in sorted((SHIPPED.parent / "morphologies" / "generated").glob("*.toml")):
                shutil.copy(file, shapes)
            (shapes / "small.swc").write_text(SWC)
            (shapes / "small.asc").write_text(ASC)
            for name in ("C060114A7", "hay_cell1", "halnes_in_091008A2"):
                try:
                    shutil.copy(resolve(name), shapes)
                except WorkbenchError:
                    continue
            morphio.mut.Morphology(str(shapes / "small.swc")).write(str(shapes / "small.h5"))


def spoil(file: Path, dice: random.Random) -> None:
    """Spoil one file; now and then it becomes something that is no file."""
    match dice.randrange(60):
        case 0:
            file.unlink()
        case 1:
            file.unlink()
            file.mkdir()
        case 2:
            file.unlink()
            os.mkfifo(file)
        case 3:
            file.unlink()
            file.symlink_to(
                dice.choice(["/dev/zero", "/dev/null", file.name, "/etc/passwd", "gone"])
            )
        case _:
            file.write_bytes(spoilt(file.read_bytes(), file.suffix, dice))
