"""Which model is meant: an individual of a run, or a parameter set of a study."""

from pathlib import Path

from workbench.errors import InputError
from workbench.evaluations import Ledger
from workbench.runs.facts import study_of
from workbench.runs.folder import holds_run, run_named
from workbench.runs.individuals import picked
from workbench.runs.parameters import Params, with_params
from workbench.studies import Study, load_study


def run_meant(given: str | Path | Study) -> Path | None:
    """Return the folder of the run that is meant, or None if it is a study."""
    if isinstance(given, str | Path) and holds_run(folder := run_named(given)):
        return folder
    return None


def model_named(
    given: str | Path | Study, pick: str | int | None = None, params: Params | None = None
) -> tuple[Study, dict[str, float], str]:
    """Return a study, values of its parameters, and what they are called.

    Parameters
    ----------
    given
        A study, its name or folder, or a run, whose study is as it was when the run began.
    pick
        Of a run: 12 for the twelfth of its Pareto archive, "2/7" for individual 7 of generation 2,
        or "best", which None is.
    params
        Of a study, as `with_params` has it.

    Raises
    ------
    InputError
        If `pick` is given of a study or `params` of a run, or there is no such study, individual or
        parameter set.
    LedgerError
        If the run cannot be read, or its study has changed since.
    AllFailed
        If no individual of the run could be simulated.
    """
    if (folder := run_meant(given)) is not None:
        if params is not None:
            raise InputError(
                f"params is {params!r}, and {folder} is a run; name its individual with pick, or "
                "the study in place of the run"
            )
        study, _ = study_of(folder)
        which = "best" if pick is None else str(pick)
        with Ledger.open(folder / "ledger.sqlite") as ledger:
            row = picked(ledger, folder, which)
        names = study.problem.parameter_names
        values = dict(zip(names, row.parameters.tolist(), strict=True))
        return study, values, f"{folder.name}, individual {row.generation}/{row.individual}"
    study = given if isinstance(given, Study) else load_study(given)
    if pick is not None:
        raise InputError(
            f"pick is {pick!r}, and {study.name} is a study, not a run; name a parameter set with "
            "params"
        )
    study, values = with_params(study, params)
    return study, values, "given" if params is None or isinstance(params, dict) else str(params)
