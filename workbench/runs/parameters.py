"""Parameter sets: a name of the study, a file, an individual of a run, or values by name."""

from collections.abc import Mapping
from pathlib import Path

from workbench.errors import InputError, StudyError, shortened, unknown
from workbench.inputs import json_value
from workbench.runs.individuals import FORMS, split, values_of
from workbench.studies import Study

Params = str | Path | Mapping[str, float]
"""A parameter set as it is given."""


def with_params(study: Study, params: Params | None) -> tuple[Study, dict[str, float]]:
    """Return the study with the cell of a parameter set, and the set's values by name.

    Parameters
    ----------
    study
        As it was loaded.
    params
        The name of a parameter set of the study, which may have a cell of its own; a JSON file,
        `best.json` of a run among them; a run, whose best individual is taken, or another of its
        individuals, as `runs.individuals` has it; values by name, or None for no values.

    Raises
    ------
    InputError
        If it is none of these, the file does not hold numbers by name, or the run holds no such
        individual.
    LedgerError
        If the run cannot be read.
    AllFailed
        If no individual of the run could be simulated.
    """
    if params is None or isinstance(params, Mapping):
        return study, dict(params or {})
    if not isinstance(params, str | Path):
        raise InputError(
            f"params is {shortened(repr(params))}; give the name of a parameter set, a JSON file, "
            "a run folder, or values by name"
        )
    name, place = str(params), Path(params)
    if name in study.published:
        return study.with_params(name), dict(study.values(name))
    if place.suffix == ".json":
        return study, _read(place)
    if found := split(name):
        return study, values_of(*found)
    what = unknown("parameter set", name, study.published)
    raise StudyError(f"{study.name}: {what}; or a JSON file, or a run folder: {FORMS}")


def _read(path: Path) -> dict[str, float]:
    given = json_value(path)
    if isinstance(given, dict) and isinstance(given.get("parameters"), dict):
        given = given["parameters"]
    numbers = isinstance(given, dict) and all(
        isinstance(v, int | float) and not isinstance(v, bool) for v in given.values()
    )
    if not numbers:
        raise InputError(
            f'{path}: a parameter set is {{"<parameter>.<region>": number, ...}}, by itself or as '
            '"parameters" of a table, as in best.json of a run'
        )
    return {str(key): float(value) for key, value in given.items()}
