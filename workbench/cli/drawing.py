"""What `morphology show` does."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.cells import CellRecipe
from workbench.cli.morphologies import Reading
from workbench.cli.options import pairs, two
from workbench.cli.printing import console
from workbench.errors import InputError
from workbench.morphology import Morphology, load_morphology
from workbench.runs import with_params
from workbench.studies import load_study


def show_morphology(
    file: str | None,
    study: str | None,
    params: str | None,
    changes: Sequence[str],
    morphology: str | None,
    limits: str | None,
    words: dict[str, Any],
    out: Path | None,
    reading: Reading,
) -> None:
    """Draw a file's shape, a study's cell, or the study's cell with that shape; print the file."""
    from workbench.reports.shapes import Look, plot_cell

    look = Look(**words, limits=None if limits is None else two(limits, "--limits", "LOW,HIGH"))
    cell: Morphology | CellRecipe
    if study is None:
        if file is None or params is not None or changes:
            raise InputError(
                "name a FILE to be drawn, or a cell: --study STUDY, with --params SET and --set"
            )
        cell = load_morphology(file, **reading)
    else:
        loaded, values = with_params(load_study(study), params)
        loaded = loaded.on_morphology(morphology)
        cell = loaded.problem.recipe.with_values(values | pairs(list(changes), "--set"))
        if file is not None:
            cell = cell.with_morphology(load_morphology(file, **reading))
    ending = "html" if look.kind == "3d" else "png"
    target = out or Path(f"{_name(file or str(study))}.{ending}")
    plot_cell(cell, look, out=target)
    console.print(str(target))


def _name(given: str) -> str:
    return Path(given).stem or "cell"
