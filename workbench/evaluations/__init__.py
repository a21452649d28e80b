"""What is asked of simulated cells, what came out, and the ledger that keeps it."""

from workbench.evaluations.answered import Listener
from workbench.evaluations.competing import Competing
from workbench.evaluations.evaluation import BEATEN, Evaluation, beaten_after, was_run
from workbench.evaluations.flat import flat
from workbench.evaluations.ledger import Ledger
from workbench.evaluations.measures import (
    Measure,
    check_found,
    evaluation_of,
    on_morphology,
    without_morphology,
)
from workbench.evaluations.records import Attempt, Entry, Row
from workbench.evaluations.rounds import Rounds, in_rounds
from workbench.evaluations.simulated import Simulated, simulated, together

__all__ = [
    "BEATEN",
    "Attempt",
    "Competing",
    "Entry",
    "Evaluation",
    "Ledger",
    "Listener",
    "Measure",
    "Rounds",
    "Row",
    "Simulated",
    "beaten_after",
    "check_found",
    "evaluation_of",
    "flat",
    "in_rounds",
    "on_morphology",
    "simulated",
    "together",
    "was_run",
    "without_morphology",
]
