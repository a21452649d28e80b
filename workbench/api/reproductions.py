"""Published numbers beside ours, from Python."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.reports import Way, reproduction_of
from workbench.studies import EngineChoice, reproducible
from workbench.workers import check_count

if TYPE_CHECKING:
    import pandas as pd


def reproduce(
    names: str | Sequence[str] | None = None,
    *,
    engine: str | EngineChoice | None = None,
    workers: int = 1,
    converged: bool = False,
    trust_python: bool = False,
    progress: bool = True,
) -> "pd.DataFrame":
    """Compare the numbers of studies and experiments with ours.

    Parameters
    ----------
    names
        Studies and experiments; None for all that ship.
    engine
        Who simulates them, and in which steps, as in `simulate`; None as each number says.
    workers
        Processes.
    converged
        Whether each number is tried at other tolerances of CVODE too.
    trust_python
        Whether Python beside an experiment's file may run; what ships always may.
    progress
        Whether that of experiments is shown.

    Returns
    -------
    A row a number: `study`, `name`, `source`, `integrator`, `expected` and `tolerance`, `found`,
    `difference` (ours minus the expected), each a tuple in the feature's unit, `holds`, `refused`
    (the engine does not run it), and `reason`, why there is none.

    Raises
    ------
    StudyError
        If there is no such study or experiment, or it says no numbers.
    InputError, EngineError
        If the engine is none that can be asked for.

    Examples
    --------
    >>> import workbench as wb
    >>> numbers = wb.reproduce("hodgkin_huxley", engine="population")  # doctest: +SKIP
    >>> numbers["holds"].all()  # doctest: +SKIP
    True
    """
    import pandas as pd

    check_count(workers)
    given = [names] if isinstance(names, str) else names or reproducible()
    choice = engine if isinstance(engine, EngineChoice) else EngineChoice(engine)
    way = Way(workers, choice, "", converged, trust_python, progress, _say)
    return pd.DataFrame([one for name in given for one in reproduction_of(name, way).entries])


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
