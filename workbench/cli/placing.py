"""What the verb `placements` does, and the file of placements beside other outputs."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workbench.cells import CellRecipe
from workbench.cli.printing import notes, print_json, print_table
from workbench.cli.tables import writer_for
from workbench.studies import load_study


def placements(name: str, morphology: str | None, out: Path | None, as_json: bool) -> None:
    """Print where a study's placed point processes stand, or write it to a file."""
    write = writer_for(out)
    recipe = load_study(name).on_morphology(morphology).problem.recipe
    rows = rows_of(recipe)
    if out is not None:
        write(out, rows)
    if as_json:
        print_json(rows)
    elif out is None:
        columns = ["place", "mechanism", ">number", "section", ">x", ">distance_um"]
        print_table(columns, [[_cell(value) for value in row.values()] for row in rows])
    else:
        many = Counter(row["place"] for row in rows)
        said = ", ".join(f"{count} of {place}" for place, count in many.items())
        notes.print(f"wrote {out}: {said or 'nothing is placed'}")


def rows_of(recipe: CellRecipe) -> list[dict[str, Any]]:
    """Return a row for each point of what is placed on a cell."""
    return [point._asdict() for point in recipe.placements()]


def write_beside(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write where points stand to a CSV, if there are any."""
    if found := list(rows):
        writer_for(None)(path, found)
        notes.print(f"wrote {path}")


def _cell(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
