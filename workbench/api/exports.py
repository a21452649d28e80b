"""Models for other tools, from Python."""

import sys
from collections.abc import Sequence
from pathlib import Path

from workbench.calibration import checked_here
from workbench.exports.exported import Exported
from workbench.runs import Params
from workbench.runs.models import model_named
from workbench.studies import EngineChoice, Study, with_engine


def export(
    study: str | Path | Study,
    *,
    format: str = "python",
    out: str | Path | None = None,
    pick: str | int | None = None,
    params: Params | None = None,
    morphology: str | None = None,
    protocols: Sequence[str] = (),
    file: str | Path | None = None,
    python: str | Path | None = None,
    engine: str | EngineChoice | None = None,
    progress: bool = True,
) -> Exported:
    """Write a model as a folder that another tool runs, run it there, and compare it with ours.

    The export runs in processes that cannot import the workbench. With a fixed step each number
    has to be the same; under CVODE voltages have to be within 1 mV and 1 ms. Where the study's
    steps are none that the tool has, the export has fixed ones of 0.025 ms, and what that costs is
    told.

    Parameters
    ----------
    study
        A study, or a run: its name or folder.
    format
        `python`, `hoc`, `sonata`, `arbor` or `bluepyopt`.
    out
        A new folder, by default `STUDY-FORMAT`.
    pick
        Of a run, the individual, as in `FitResult.report`; by default its best.
    params
        Of a study, as in `score`.
    morphology
        Of a study with several morphologies, the name of one.
    protocols
        Names of protocols; by default all.
    file
        The morphology's file, for BluePyOpt to read by itself.
    python
        The Python of the environment in which the export is run, with the tool in it; by default
        this one, which has NEURON and BluePyOpt.
    engine
        As in `score`: the steps of the export, if the tool has them.
    progress
        Whether standard error is told what is being done.

    Raises
    ------
    InputError
        With everything that the format cannot say, or if something given cannot be used.
    LedgerError
        If the run cannot be read, or its study has changed.
    NotTheSame
        If the export does something else; the message says where they part first.

    Examples
    --------
    >>> import workbench as wb
    >>> made = wb.export(
    ...     "hodgkin_huxley", params="published", protocols=["pulse"], out="squid", progress=False
    ... )
    >>> made.protocols["pulse"].nearness.exact
    True
    """
    # It loads BluePyOpt.
    from workbench.exports.handing import hand_on

    loaded, values, label = model_named(study, pick, params)
    loaded = with_engine(loaded, engine, check=checked_here).on_morphology(morphology)
    folder = Path(f"{loaded.name}-{format}" if out is None else out)
    own = None if file is None else Path(file)
    where = None if python is None else Path(python)
    say = _say if progress else _hush
    return hand_on(loaded, values, label, format, folder, say, protocols, own, where)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _hush(sentence: str) -> None:
    """Say nothing."""
