"""The fit: ask, evaluate, write down, tell. One loop serves every way to run it."""

from collections.abc import Sequence

from workbench.evaluations.answered import Listener
from workbench.evaluations.ledger import Ledger
from workbench.fitting.generations import run_generations
from workbench.fitting.problem import Problem
from workbench.fitting.staged import Stages, fit_stages
from workbench.fitting.steady import fit_steadily
from workbench.fitting.tasks import AnyProblem
from workbench.search import AnySearch, SteadySearch
from workbench.workers.task import Workers


def fit(
    problem: AnyProblem,
    search: AnySearch | Stages,
    workers: Workers,
    ledger: Ledger,
    generations: int,
    listeners: Sequence[Listener] = (),
    *,
    racing: bool = False,
) -> None:
    """Run a search to its last generation, from wherever the ledger stands.

    Every evaluation is in the ledger before the search is told of it, so the process may be
    killed at any moment. Listeners are told every row, those found in the ledger too.

    The table of a `Search` is the same for any workers, killed or not. A `SteadySearch` waits for
    nobody: its `generations * population` rows depend on who was how quick, and only what one
    `SerialWorkers` computes is the same again. `Stages` say themselves how long each of them is.

    `racing` individuals of a `Problem` with several morphologies are not run on all of them where
    that cannot change what the search does: one with `beaten_above`.

    Raises
    ------
    LedgerError
        If the search proposes other individuals than the ledger holds.
    AllFailed
        If every individual of the first generation failed in one way.
    """
    if isinstance(search, SteadySearch):
        fit_steadily(problem, search, workers, ledger, generations, listeners)
        return
    if isinstance(search, Stages):
        assert isinstance(problem, Problem)
        fit_stages(problem, search, workers, ledger, listeners)
        return
    span = range(generations)
    run_generations(problem, search, workers, ledger, span, listeners, racing=racing)
