"""The runs below a folder, and what is in the ledger of one, as rows of a table."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.errors import LedgerError
from workbench.evaluations import Ledger, flat
from workbench.fitting import best_row
from workbench.runs.facts import plan_told_by, record_told_by
from workbench.runs.provenance import planned
from workbench.runs.summary import read_run


def find_runs(root: Path) -> list[Path]:
    """Return the run folders below a folder, the oldest first."""
    ledgers = sorted(root.glob("**/ledger.sqlite"), key=lambda path: path.stat().st_ctime)
    return [path.parent for path in ledgers]


def state_of(folder: Path) -> dict[str, Any]:
    """Return how far a run is, by column; of one that cannot be read only why."""
    try:
        with Ledger.open(folder / "ledger.sqlite") as ledger:
            facts, told = ledger.facts(), ledger.told_at()
            best = best_row(ledger.competitors())
            count = sum(1 for _ in ledger.table())
            plan = planned(folder, plan_told_by(facts), ledger)
    except LedgerError as error:
        return {"run": str(folder), "state": str(error)}
    return {
        "run": str(folder),
        "study": Path(facts["study"]).name,
        "algorithm": plan.algorithm,
        "seed": plan.seed,
        "generations": f"{len(told)}/{plan.generations}",
        "evaluations": count,
        "best": None if best is None else round(float(best.scores.sum()), 3),
        "state": _state(facts, len(told) >= plan.generations),
    }


def _state(facts: Mapping[str, Any], whole: bool) -> str:
    if facts.get("rescored"):
        return "scored anew"
    return "finished" if whole else "can be resumed"


def evaluations(folder: Path) -> list[dict[str, Any]]:
    """Return key, status, sum of scores, parameters, features and scores of every evaluation.

    Raises
    ------
    LedgerError
        If there is no run in the folder, or what is there is damaged.
    """
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        problem = record_told_by(ledger, folder).problem
        parameters = [parameter.name for parameter in problem.parameters]
        objectives = [objective.name for objective in problem.objectives]
        traces = {one.name for one in problem.objectives if one.against is not None}
        return [flat(row, parameters, objectives, traces) for row in ledger.rows()]


def generations(folder: Path) -> list[dict[str, Any]]:
    """Return how far a run was after each generation: sums, and the scores of the best so far.

    Of the best so far the scores of protocols, each the sum of its features', and of features are
    in columns `<name> [SD]`; None while all had failed.
    """
    run = read_run(folder)
    protocols = dict.fromkeys(one.protocol for one in run.objectives)
    found = []
    for one in run.generations:
        scores = one.scores or (None,) * len(run.objectives)
        pairs = list(zip(run.objectives, scores, strict=True))
        sums = {
            name: None
            if one.scores is None
            else sum(s or 0.0 for o, s in pairs if o.protocol == name)
            for name in protocols
        }
        found.append(
            {
                "generation": one.number,
                "evaluated": one.evaluated,
                "failed": one.failed,
                "best": one.best,
                "median": one.median,
                "best_so_far": one.best_so_far,
                **{f"{name} [SD]": score for name, score in sums.items()},
                **{f"{objective.name} [SD]": score for objective, score in pairs},
            }
        )
    return found


def attempts(folder: Path) -> list[dict[str, Any]]:
    """Return every attempt: what was tried, when, where, and what came of it."""
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        return list(ledger.attempts())


def evaluated(folder: Path) -> int:
    """Return how many evaluations a run has."""
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        return sum(1 for _ in ledger.rows())
