"""The verb `export`."""

from pathlib import Path

from workbench.cli.printing import console
from workbench.errors import InputError, unknown
from workbench.exports.bluepyopt import write_folder
from workbench.studies import EngineChoice, load_study, with_engine

TOOLS = ("bluepyopt",)


def export(name: str, to: str, out: Path, file: Path | None, engine: EngineChoice) -> None:
    """Write a study as a folder that another tool runs without the workbench."""
    if to not in TOOLS:
        raise InputError(unknown("tool", to, TOOLS))
    study = with_engine(load_study(name), engine, "--")
    sets = {n: values for n, values in study.published.items() if n not in study.cells}
    left = write_folder(study.problem, sets, out, file)
    steps = ["nrnivmodl mechanisms"] if study.problem.recipe.mechanisms else []
    steps.append(f"python evaluator.py parameters/{next(iter(sets), 'NAME')}.json")
    console.print(f"wrote {out}. It needs bluepyopt alone; inside it:")
    for step in steps:
        console.print(f"  {step}")
    for one in left:
        console.print(f"left behind: {one}")
