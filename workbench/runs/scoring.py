"""One parameter set is evaluated as a fit would do it."""

from collections.abc import Callable, Mapping

from workbench.errors import EngineError
from workbench.evaluations import Evaluation
from workbench.fitting import FitTask
from workbench.runs.origin import prepare
from workbench.studies import Study
from workbench.workers import ProcessWorkers


def evaluate(
    study: Study, values: Mapping[str, float], report: Callable[[str], None] | None = None
) -> Evaluation:
    """Return the evaluation of a parameter set, simulated in a child process.

    Parameters
    ----------
    study
        The study, as it is to be simulated.
    values
        Of every free parameter, by name.
    report
        Told what takes long, and what is odd about the study.

    Raises
    ------
    StudyError
        If the study names no target, or a value is missing, unknown or no number of reason.
    EngineError
        If the study's integrator cannot run it, or its worker dies again and again.
    """
    study.check_targets()
    row = study.problem.row(values)
    prepare(study, report)
    with ProcessWorkers(1) as pool:
        [answer] = [a for a in pool.run(FitTask(study.problem), row[None, :]) if not a.again]
    if answer.lost:
        raise EngineError(f"{study.name}: the simulation crashed: {answer.lost}")
    found: Evaluation = answer.value
    return found
