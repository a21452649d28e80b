"""Be the child in which a user's Python builds an evaluator of BluePyOpt's, told as plain tables.

The question holds the `file`, the dotted name of its `module` or "", the `folders` in which Python
looks for modules, the `function` or object of the module ("" for the only one there is) and the
`argument` of a function that takes one. The answer is `refused`, a sentence, or `evaluator` and the
`conditions` that NEURON has afterwards.

An object of BluePyOpt's is a table: `type` is BluePyOpt's own class, `kind` the class that it is
of, `own` the methods that `kind` has in place of BluePyOpt's, `id` the same for the same object;
the rest are its attributes. An objective with code of its own has `differs`: "", if its scores are
those of BluePyOpt's feature times its weight, else how they are not.
"""

import copy
import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from workbench.questions import answer

_FREE = ("name", "value", "bounds", "frozen")
_PAINTED = (*_FREE, "param_name", "value_scaler", "locations", "param_dependencies")
_SCALER = ("distribution", "dist_param_names", "ref_section", "ref_location", "name")
_STIMULUS = ("total_duration", "location")
TOLD: Mapping[str, Sequence[str]] = {
    "CellEvaluator": (
        *("cell_model", "param_names", "fitness_protocols", "fitness_calculator"),
        "sim",
    ),
    "CellModel": ("name", "morphology", "mechanisms", "params"),
    "NrnFileMorphology": (
        *("morphology_path", "do_replace_axon", "axon_stub_length", "axon_nseg_frequency"),
        *("do_set_nseg", "nseg_frequency", "morph_modifiers"),
    ),
    "NrnMODMechanism": ("name", "suffix", "locations", "deterministic"),
    "NrnMODPointProcessMechanism": ("name", "suffix", "locations"),
    "NrnPointProcessParameter": (*_FREE, "param_name", "locations"),
    "NrnPointProcessLocation": ("name", "pprocess_mech"),
    "NrnNetStimStimulus": (
        *("total_duration", "locations", "interval", "number", "start", "noise", "weight"),
    ),
    "NrnGlobalParameter": (*_FREE, "param_name"),
    "NrnSectionParameter": _PAINTED,
    "NrnRangeParameter": _PAINTED,
    "MetaParameter": (*_FREE, "obj", "attr_name"),
    "NrnMetaListEqualParameter": (*_FREE, "sub_parameters"),
    "NrnSegmentLinearScaler": ("multiplier", "offset"),
    "NrnSegmentSectionDistanceScaler": _SCALER,
    "NrnSegmentSomaDistanceScaler": _SCALER,
    "NrnSegmentSomaDistanceStepScaler": (*_SCALER, "step_begin", "step_end"),
    "NrnSeclistLocation": ("seclist_name",),
    "NrnSeclistCompLocation": ("name", "seclist_name", "sec_index", "comp_x"),
    "NrnSectionCompLocation": ("name", "sec_name", "comp_x"),
    "NrnSomaDistanceCompLocation": ("name", "soma_distance", "seclist_name"),
    "SequenceProtocol": ("name", "protocols"),
    "SweepProtocol": ("name", "stimuli", "recordings", "cvode_active", "total_duration"),
    "StepProtocol": ("name", "stimuli", "recordings", "cvode_active", "total_duration"),
    "NrnSquarePulse": (*_STIMULUS, "step_amplitude", "step_delay", "step_duration"),
    "NrnRampPulse": (
        *(*_STIMULUS, "ramp_amplitude_start", "ramp_amplitude_end", "ramp_delay", "ramp_duration"),
    ),
    "NrnCurrentPlayStimulus": (*_STIMULUS, "time_points", "current_points"),
    "CompRecording": ("name", "location", "variable"),
    "ObjectivesCalculator": ("objectives",),
    "EFeatureObjective": ("name", "features", "weight"),
    "SingletonObjective": ("name", "features"),
    "SingletonWeightObjective": ("name", "features", "weight"),
    "WeightedSumObjective": ("name", "features", "weights"),
    "eFELFeature": (
        *("name", "efel_feature_name", "recording_names", "stim_start", "stim_end", "exp_mean"),
        *("exp_std", "threshold", "interp_step", "stimulus_current", "double_settings"),
        *("int_settings", "string_settings", "force_max_score", "max_score"),
    ),
    "NrnSimulator": ("dt", "cvode_active", "cvode_minstep_value"),
}
"""The attributes that are told of an object, by its class of BluePyOpt's."""


_WHERE = (
    "It ran in an empty folder: paths in it have to begin at its own, os.path.dirname(__file__)"
)


class RefusedError(Exception):
    """The message says why there is no evaluator."""


def reply(question: dict[str, Any]) -> dict[str, Any]:
    """Return the evaluator that the question names."""
    sys.path[:0] = question["folders"]
    try:
        module = _module(Path(question["file"]), question["module"])
        evaluator = evaluator_of(module, question["function"], question["argument"])
        return {"evaluator": told(evaluator), "conditions": _conditions(evaluator.sim)}
    except RefusedError as error:
        return {"refused": str(error)}
    except (Exception, SystemExit) as error:
        said = f"{_place(error, question['file'])}{type(error).__name__}: {error}"
        return {"refused": f"{said}. {_WHERE}"}


def _module(file: Path, name: str) -> ModuleType:
    if name:
        return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[file.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def evaluator_of(module: ModuleType, name: str, argument: str | None) -> Any:
    """Return an evaluator that a module has under a name, or that a function of it returns.

    Raises
    ------
    RefusedError
        If there is none.
    """
    there = {n: one for n, one in vars(module).items() if not n.startswith("_")}
    if not name:
        found = [n for n, one in there.items() if _stock(one) == "CellEvaluator"]
        if len(found) != 1 or argument is not None:
            functions = [n for n, one in there.items() if inspect.isfunction(one)]
            raise RefusedError(
                f"it makes {len(found)} evaluators by itself; name one, or the function that "
                f"returns one, as in {Path(str(module.__file__)).name}:create. There are: "
                f"{', '.join((*found, *functions)) or 'none'}"
            )
        return there[found[0]]
    if name not in there:
        raise RefusedError(f"it has no {name}; there are: {', '.join(sorted(there))}")
    one = there[name]
    if callable(one) and _stock(one) is None:
        one = _called(name, one, argument)
    elif argument is not None:
        raise RefusedError(f"{name} is no function; leave --model out")
    if _stock(one) != "CellEvaluator":
        what = f"a {type(one).__name__}" if _stock(one) is None else f"BluePyOpt's {_stock(one)}"
        raise RefusedError(f"{name} gives {what}; what is imported is a CellEvaluator")
    return one


def _called(name: str, function: Any, argument: str | None) -> Any:
    needed = [
        one.name
        for one in inspect.signature(function).parameters.values()
        if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    ]
    if not needed and argument is None:
        return function()
    if len(needed) == 1 and argument is not None:
        return function(argument)
    what = f"{name} wants {', '.join(needed) or 'nothing'}"
    if not needed:
        raise RefusedError(f"{what}; leave --model out")
    if len(needed) == 1:
        raise RefusedError(f"{what}; give it with --model (model= in Python)")
    raise RefusedError(f"{what}; name a function that wants one at most")


def _place(error: BaseException, file: str) -> str:
    """Return the last line of the user's own at which an error came up."""
    folder = str(Path(file).parent)
    lines = [one for one in traceback.extract_tb(error.__traceback__) if folder in one.filename]
    return f"{lines[-1].filename}:{lines[-1].lineno}: " if lines else ""


def told(value: Any) -> Any:
    """Return a value of BluePyOpt's as JSON can hold it."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): told(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [told(one) for one in value]
    name = _stock(value)
    table = {"type": name, "kind": type(value).__name__, "id": id(value), "own": list(_own(value))}
    if name is None:
        return table
    # A parameter keeps its name in any kind, so that it can be told which it is.
    names = [one for one in TOLD.get(name, ("name",)) if hasattr(value, one)]
    table |= {one: told(getattr(value, one)) for one in names}
    if "features" in table:
        table["differs"] = _differs(value)
    return table


def _classes(value: Any) -> Iterator[type]:
    """Yield an object's classes that are not BluePyOpt's, then BluePyOpt's first one."""
    for one in type(value).__mro__:
        yield one
        if one.__module__.partition(".")[0] == "bluepyopt":
            return


def _stock(value: Any) -> str | None:
    *_, last = _classes(value)
    return None if last is object else last.__name__


def _own(value: Any) -> Iterator[str]:
    """Yield what an object does otherwise than its class of BluePyOpt's."""
    *classes, stock = _classes(value)
    for one in dict.fromkeys(
        name for cls in (value, *classes) for name in getattr(cls, "__dict__", {})
    ):
        is_code = callable(getattr(type(value), one, None)) or isinstance(
            inspect.getattr_static(stock, one, None), property
        )
        if not one.startswith("__") and hasattr(stock, one) and is_code:
            yield one


def _conditions(sim: Any) -> dict[str, float]:
    h = sim.neuron.h
    h.load_file("stdrun.hoc")
    return {
        **{name: float(getattr(h, name)) for name in ("celsius", "v_init", "secondorder")},
        "atol": float(h.CVode().atol()),
    }


def _differs(objective: Any) -> str:
    """Return how an objective scores otherwise than BluePyOpt's features and weights do."""
    [*classes], parts = _classes(objective), objective.features
    known = len(classes) == 1 and classes[0].__name__ != "EFeatureObjective"
    if known and not any(list(_own(feature)) for feature in parts):
        return ""
    weights = getattr(objective, "weights", [getattr(objective, "weight", 1.0)])
    try:
        for responses in _tried(parts):
            score = objective.calculate_score(responses)
            ours = sum(
                w * _as_stock(one).calculate_score(responses)
                for w, one in zip(weights, parts, strict=True)
            )
            if not np.isclose(score, ours, rtol=1e-12, atol=0):
                return f"{score:.6g} where BluePyOpt's own feature and weight give {ours:.6g}"
    except Exception as error:
        return f"it ends with {type(error).__name__}: {error}"
    return ""


def _as_stock(feature: Any) -> Any:
    """Return a feature with the same attributes and BluePyOpt's code."""
    stock = copy.copy(feature)
    *_, stock.__class__ = _classes(feature)
    return stock


def _tried(features: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Yield made-up responses of all recordings: none, one at rest, and one with spikes."""
    names = {name for one in features for name in one.recording_names.values()}
    begin, end = (float(getattr(features[0], f"stim_{what}")) for what in ("start", "end"))
    t_ms = np.arange(0, end + 100, 0.1)
    v_mV = np.where((t_ms >= begin) & (t_ms < end), -68.0, -75.0)
    yield dict.fromkeys(names)
    yield {name: {"time": t_ms, "voltage": v_mV} for name in names}
    for since, until in pairwise(np.linspace(begin, end, 7)):
        spike = 100 - 60 * np.abs(t_ms - (since + until) / 2)
        v_mV = np.where(spike > 0, np.maximum(v_mV, v_mV + spike), v_mV)
    yield {name: {"time": t_ms, "voltage": v_mV} for name in names}


if __name__ == "__main__":
    answer(reply)
