"""Give a problem to stock BluePyOpt: in this process, or as a folder that needs no workbench."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bluepyopt.ephys.evaluators import CellEvaluator

from workbench.builds import build
from workbench.engines.neuron.door import open_neuron
from workbench.errors import InputError
from workbench.exports.bluepyopt import evaluator
from workbench.exports.bluepyopt.limits import obstacles
from workbench.exports.bluepyopt.tables import tables_of
from workbench.fitting import Problem


def to_bluepyopt(problem: Problem, file: Path | None = None) -> CellEvaluator:
    """Return a stock BluePyOpt evaluator of a problem's individuals.

    It takes the same rows, `evaluate_with_lists(row)` in `problem.parameter_names`' order, each
    value in its own unit and within its bounds, and gives a score for each objective.

    NEURON is opened in this process with the problem's mechanisms, and set as BluePyOpt sets it.
    Leave the process to BluePyOpt: a cell that lives beside is simulated too.

    Parameters
    ----------
    problem
        What to evaluate. `write_folder` tells what is left behind, since no sound individual
        depends on it.
    file
        The morphology's file, .swc or .asc, for BluePyOpt to read and to replace the axon by its
        own code. None hands over the problem's tree section by section.

    Raises
    ------
    InputError
        With everything that stock BluePyOpt cannot express.
    MorphologyError
        If BluePyOpt would not make the problem's tree from the file.
    EngineError
        If this process has loaded other mechanisms already.
    """
    tables = _expressed(problem, file)
    mechanisms = problem.recipe.mechanisms
    open_neuron(build(mechanisms, coreneuron=False) if mechanisms else None)
    return evaluator.create(tables)


def write_folder(
    problem: Problem,
    parameter_sets: Mapping[str, Mapping[str, float]],
    out: Path | str,
    file: Path | None = None,
) -> tuple[str, ...]:
    """Write a folder with which BluePyOpt evaluates the problem where there is no workbench.

    It holds `evaluator.py`, whose docstring says how to go on, `problem.json`, `mechanisms/`,
    `parameters/<set>.json`, and the morphology's file if one is given.

    Returns
    -------
    tuple of str
        What is left behind, a sentence each: the logarithmic scale of a parameter (the search's
        business), CVODE's budget of steps, the score of a failed simulation, for which BluePyOpt
        knows only `rule.missing`, and maps. `problem.json` has them too.

    Raises
    ------
    InputError
        With everything that stock BluePyOpt cannot express, or if the folder is there already.
    MorphologyError
        If BluePyOpt would not make the problem's tree from the file.
    """
    out = Path(out)
    tables = _expressed(problem, file)
    if out.exists():
        raise InputError(f"{out} is there already; name a new folder")
    (out / "parameters").mkdir(parents=True)
    if file is not None:
        shutil.copyfile(file, out / file.name)
        tables["morphology"]["file"] = file.name
    for one in problem.recipe.mechanisms:
        (out / "mechanisms").mkdir(exist_ok=True)
        for name, text in one.sources:
            (out / "mechanisms" / name).write_text(text, encoding="utf-8")
    for name, values in parameter_sets.items():
        _write(out / "parameters" / f"{name}.json", dict(values))
    _write(out / "problem.json", tables)
    shutil.copyfile(evaluator.__file__, out / "evaluator.py")
    return tuple(tables["left_behind"])


def _expressed(problem: Problem, file: Path | None) -> dict[str, Any]:
    if found := list(obstacles(problem)):
        listed = "\n".join(f"  {obstacle}" for obstacle in found)
        raise InputError(
            f"{problem.name}: BluePyOpt cannot express this problem:\n{listed}\n"
            "Export a copy of the study without these; what it can be given is in docs/exporting.md"
        )
    return tables_of(problem, file)


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
