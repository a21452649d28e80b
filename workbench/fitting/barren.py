"""A fit in which no individual comes through stops after its first generation, and says why."""

from workbench.engines import FailureKind
from workbench.errors import AllFailed
from workbench.evaluations.ledger import Ledger


def refuse_if_all_failed(ledger: Ledger, generation: int | None = None) -> None:
    """Refuse to go on with a search whose individuals have all failed in one way.

    Those of one generation, or all that there are.

    Raises
    ------
    AllFailed
        With the way in which they failed, and what was said of one of them.
    """
    evaluations = [row.evaluation for row in ledger.rows(generation)]
    [status, *others] = {evaluation.status for evaluation in evaluations}
    if others or not evaluations[0].failed:
        return
    raise AllFailed(
        f"all {len(evaluations)} individuals of the first generation failed in one way: "
        f"{FailureKind[status].value} ({evaluations[0].why_failed}). A search learns nothing from "
        "that: see to the cell, its bounds and protocols, and begin a new run"
    )
