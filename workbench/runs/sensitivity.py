"""How far each feature of a cell moves as each of its parameters does: finite differences."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats
from workbench.errors import EngineError, InputError
from workbench.evaluations import Evaluation
from workbench.evaluations.counting import PartDone
from workbench.features import Missing
from workbench.fitting import FitTask, Problem
from workbench.runs.folder import write_whole
from workbench.studies import Study
from workbench.units import amount
from workbench.workers.task import Workers
from workbench.workers.together import run_together

FILE = "sensitivity.json"
STEP = 0.01
_ALLOWED = (1e-6, 0.25)


@dataclass(frozen=True)
class Sensitivity:
    """How far the features of one parameter set move with its parameters.

    A parameter is moved by `step` of the way from its lower to its upper bound, on its own scale,
    down and up, as far as the bounds let it; and by half of that.

    Attributes
    ----------
    parameters, features
        Names, d and k of them.
    at
        The parameter set, by name.
    step
        A share of the bounds.
    places
        Where between its bounds, 0 to 1, each parameter then was: down, up, and down and up by half
        of the step, (4, d).
    ends
        The first two of these in the parameter's own unit, (2, d).
    std
        Of each target, in the feature's unit, (k,).
    values
        Mean of each feature's values, (k,); NaN where it has none.
    moved
        The same with each parameter at these places, (4, d, k).
    """

    parameters: tuple[str, ...]
    features: tuple[str, ...]
    at: Mapping[str, float]
    step: float
    places: Floats
    ends: Floats
    std: Floats
    values: Floats
    moved: Floats

    def __repr__(self) -> str:
        return (
            f"<Sensitivity: {len(self.features)} features, {len(self.parameters)} parameters, "
            f"steps of {self.step:g} of the bounds>"
        )

    @property
    def slopes_SD(self) -> Floats:
        """By how many SD each feature moves for a hundredth of each parameter's bounds, (d, k).

        The difference of both sides over the way between them; NaN where a side has no value.
        """
        return self._slopes(0)

    @property
    def sure(self) -> NDArray[np.bool_]:
        """Whether half of the step gives the same sign, and a slope of half to twice, (d, k).

        Where it does not the feature jumps or bends, such as a mean over one spike more.
        """
        whole, half = np.abs(self._slopes(0)), np.abs(self._slopes(2))
        alike = (whole <= 2 * half) & (half <= 2 * whole)
        sure: NDArray[np.bool_] = alike & (self._slopes(0) * self._slopes(2) >= 0)
        return sure

    def _slopes(self, side: int) -> Floats:
        way = (self.places[side + 1] - self.places[side])[:, None]
        slopes: Floats = (self.moved[side + 1] - self.moved[side]) / self.std / way / 100
        return slopes

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each feature and parameter, None where there is no value."""
        slopes, sure = self.slopes_SD, self.sure
        return [
            {
                "feature": feature,
                "parameter": parameter,
                "slope_SD": _number(slopes[i, k]),
                "sure": bool(sure[i, k]),
                "low": float(self.ends[0, i]),
                "high": float(self.ends[1, i]),
                "value": _number(self.values[k]),
                "below": _number(self.moved[0, i, k]),
                "above": _number(self.moved[1, i, k]),
            }
            for k, feature in enumerate(self.features)
            for i, parameter in enumerate(self.parameters)
        ]


def sensitivity_of(
    study: Study,
    values: Mapping[str, float],
    workers: Workers,
    step: float = STEP,
    show: Callable[[PartDone], None] | None = None,
) -> Sensitivity:
    """Return how far each feature moves as each parameter does, at a parameter set.

    4 d + 1 parameter sets are simulated, on workers. What the study needs has been compiled.

    Parameters
    ----------
    study
        As it is to be simulated.
    values
        Of every free parameter, by name, within its bounds.
    step
        The share of the bounds by which a parameter is moved, 1e-6 to 0.25.
    show
        Told how far it is.

    Raises
    ------
    InputError
        If a value is missing, unknown or beyond its bounds, the step is none, or nothing is free.
    EngineError
        If the study's integrator cannot run it, or a simulation fails at the parameter set itself.
    """
    study.check_targets()
    problem = study.problem
    if not problem.parameters:
        raise InputError(f"{study.name} has no free parameter that could be moved")
    step = amount("step", step, _ALLOWED)
    here = _place(problem, values)
    d, k = len(here), len(problem.objectives)
    places = np.clip(here + step * np.array([[-1.0], [1.0], [-0.5], [0.5]]), 0.0, 1.0)
    rows = np.tile(here, (4, d, 1))
    rows[:, np.arange(d), np.arange(d)] = places
    unit = np.vstack([here, rows.reshape(-1, d)])
    means = _means(study, problem.physical(unit), workers, show or (lambda _: None))
    return Sensitivity(
        parameters=problem.parameter_names,
        features=tuple(one.name for one in problem.objectives),
        at=dict(values),
        step=step,
        places=places,
        ends=problem.physical(places[:2]),
        std=np.array([one.std for one in problem.objectives]),
        values=means[0],
        moved=means[1:].reshape(4, d, k),
    )


def write_sensitivity(folder: Path, found: Sensitivity) -> None:
    """Write what was found of a run's individual into its folder, for the report."""
    said = {
        **{name: getattr(found, name) for name in ("parameters", "features", "at", "step")},
        **{name: _told(getattr(found, name)) for name in _ARRAYS},
    }
    write_whole(folder / FILE, json.dumps(said, indent=2, allow_nan=False) + "\n")


def read_sensitivity(folder: Path, values: Mapping[str, float]) -> Sensitivity | None:
    """Return what was found of this parameter set; None if nothing was, or it cannot be read."""
    try:
        said = json.loads((folder / FILE).read_bytes())
        if said["at"] != dict(values):
            return None
        arrays = {name: np.array(said[name], dtype=float) for name in _ARRAYS}
        found = Sensitivity(
            parameters=tuple(map(str, said["parameters"])),
            features=tuple(map(str, said["features"])),
            at=said["at"],
            step=float(said["step"]),
            **arrays,
        )
        d, k = len(found.parameters), len(found.features)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    shapes = ((4, d), (2, d), (k,), (k,), (4, d, k))
    whole = all(getattr(found, n).shape == s for n, s in zip(_ARRAYS, shapes, strict=True))
    return found if whole else None


_ARRAYS = ("places", "ends", "std", "values", "moved")


def _place(problem: Problem, values: Mapping[str, float]) -> Floats:
    """Return where a parameter set lies between the bounds, (d,), 0 to 1."""
    row = problem.row(values)
    for parameter, value in zip(problem.parameters, row.tolist(), strict=True):
        if not parameter.low <= value <= parameter.high:
            raise InputError(
                f"{parameter.name} is {value:g}, beyond its bounds [{parameter.low:g}, "
                f"{parameter.high:g}]; sensitivity is measured within them: widen them in "
                "cell.toml, or give another parameter set"
            )
    place: Floats = np.clip(problem.unit(row[None, :])[0], 0.0, 1.0)
    return place


def _means(
    study: Study, rows: Floats, workers: Workers, show: Callable[[PartDone], None]
) -> Floats:
    """Return the mean of each feature's values for each row, (n, k); NaN where there is none."""
    found = np.full((len(rows), len(study.problem.objectives)), np.nan)
    done = 0
    for answer in run_together(workers, FitTask(study.problem), rows):
        if answer.again:
            continue
        done += 1
        show(PartDone(done, len(rows), "parameter sets"))
        evaluation: Evaluation | None = None if answer.lost else answer.value
        if answer.row == 0 and (evaluation is None or evaluation.failed):
            why = answer.lost if evaluation is None else evaluation.why_failed
            raise EngineError(f"{study.name}: the parameter set cannot be simulated: {why}")
        if evaluation is not None and not evaluation.failed:
            means = [np.nan if isinstance(m, Missing) else m.mean() for m in evaluation.measured]
            found[answer.row] = means
    return found


def _told(values: Floats) -> Any:
    """Return an array as lists that JSON takes: None for what is no number."""
    if values.ndim > 1:
        return [_told(row) for row in values]
    return [_number(one) for one in values.tolist()]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
