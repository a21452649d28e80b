"""Several morphologies of one cell: a fit has one parameter set for all of them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from workbench.cells import CellRecipe
from workbench.errors import StudyError
from workbench.evaluations import Measure, on_morphology
from workbench.fitting import Objective, Parameter, Penalty
from workbench.morphology import Morphology
from workbench.protocols import Protocol
from workbench.studies.cell_tables import CellTable, MorphologyTable
from workbench.studies.cells import cell_from
from workbench.studies.files import at

Shapes = tuple[tuple[str, Morphology], ...]
"""Morphologies by what they are called."""

_LABEL = re.compile(r"[A-Za-z0-9_-]+")


def cells_from(
    path: Path, name: str, table: CellTable, shape: str | Path | None = None
) -> tuple[CellRecipe, tuple[Parameter, ...], Shapes]:
    """Return the cell that a cell.toml describes, the parameters that it leaves free, its shapes.

    The cell has the first of several morphologies; of one alone there are no shapes. `shape` is a
    morphology in place of that one.

    Raises
    ------
    InputError
        As `cell_from`, of each morphology; or if two are called the same.
    """
    if isinstance(table.morphology, MorphologyTable):
        return *cell_from(path, name, table, shape), ()
    if shape is not None:
        raise StudyError(f"{path}: morphology: the cell has several, which {shape} cannot replace")
    found: dict[str, tuple[CellRecipe, tuple[Parameter, ...]]] = {}
    for number, one in enumerate(table.morphology):
        label = _label(path, number, one)
        if label in found:
            raise StudyError(
                f"{path}: morphology.{number}: two are called {label}; give each a label of its own"
            )
        with at(f"morphology {label}"):
            found[label] = cell_from(path, name, table.model_copy(update={"morphology": one}))
    shapes = tuple((label, recipe.morphology) for label, (recipe, _) in found.items())
    if len(shapes) == 1:
        raise StudyError(f"{path}: morphology: there is one; write it as [morphology]")
    return *next(iter(found.values())), shapes


def _label(path: Path, number: int, table: MorphologyTable) -> str:
    label = table.label or table.name or (Path(table.file).stem if table.file else "")
    if not _LABEL.fullmatch(label):
        raise StudyError(
            f"{path}: morphology.{number}: one of several is called by letters, digits, _ and - "
            f'(here: {label!r}); give it a label: label = "..."'
        )
    return label


def spread(
    shapes: Shapes, protocols: Sequence[Protocol], objectives: Sequence[Objective], how: str
) -> tuple[tuple[Protocol, ...], tuple[Objective, ...]]:
    """Return protocols and objectives on each morphology; as they are if there is one alone.

    The mean of scores is the sum of those that are weighed by the number of morphologies.

    Raises
    ------
    StudyError
        If names of protocols or recordings hold the sign that names morphologies.
    """
    if not shapes:
        return tuple(protocols), tuple(objectives)
    names = [name for p in protocols for name in (p.name, *(r.name for r in p.recordings))]
    if with_sign := [name for name in names if "@" in name]:
        raise StudyError(
            f"{', '.join(with_sign)}: protocols are called Step1@{shapes[0][0]} on several "
            "morphologies; leave @ out of their names and those of their recordings"
        )
    count = 1 if how == "worst" else len(shapes)
    done = tuple(
        replace(one, name=on_morphology(one.name, label), morphology=label)
        for label, _ in shapes
        for one in protocols
    )
    aimed = tuple(
        replace(
            one,
            protocol=on_morphology(one.protocol, label),
            minus=_on(one.minus, label),
            over=_on(one.over, label),
            morphology=label,
            weight=one.weight / count,
        )
        for label, _ in shapes
        for one in objectives
    )
    return done, aimed


def _on(measure: Measure | None, label: str) -> Measure | None:
    if measure is None:
        return None
    return replace(measure, protocol=on_morphology(measure.protocol, label), morphology=label)


def spread_penalties(shapes: Shapes, penalties: Sequence[Penalty]) -> tuple[Penalty, ...]:
    """Return penalties on each morphology; as they are if there is one alone."""
    if not shapes:
        return tuple(penalties)
    return tuple(
        replace(one, protocol=on_morphology(one.protocol, label))
        for label, _ in shapes
        for one in penalties
    )
