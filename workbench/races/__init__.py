"""Searches side by side: each with its seeds on one study, at equal evaluations.

Every one of them is a run in a folder of its own with its ledger, so that a race that was killed
goes on where it was, and each of its runs can be read and reported like any other.
"""

from workbench.races.curves import Curves, read_curves
from workbench.races.entrants import Entrant, entrants_of
from workbench.races.progress import RaceProgress
from workbench.races.race import Race, race_of, run_race
from workbench.races.writing import write_curves

__all__ = [
    "Curves",
    "Entrant",
    "Race",
    "RaceProgress",
    "entrants_of",
    "race_of",
    "read_curves",
    "run_race",
    "write_curves",
]
