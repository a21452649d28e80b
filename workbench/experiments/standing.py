"""Where the point processes of an experiment's cells stand."""

from typing import Any

from workbench.experiments.experiment import Experiment


def standing(experiment: Experiment) -> list[dict[str, Any]]:
    """Return a row for each point of each cell, led by the number of its first row in the table."""
    rows: list[dict[str, Any]] = []
    seen = set()
    for number, condition in enumerate(experiment.conditions):
        recipe = condition.job.recipe
        layout = (recipe.morphology, tuple(one.sites for one in recipe.placed))
        if layout not in seen:
            seen.add(layout)
            rows += [{"row": number, **point._asdict()} for point in recipe.placements()]
    return rows
