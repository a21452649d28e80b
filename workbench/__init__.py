"""A NEURON-backed workbench for morphologies and for fitting neuron models.

    import workbench as wb

    cell = wb.load_cell("l5pc", params="release")
    response = wb.simulate(cell, "Step1")
    response["soma.v"].features(["AP_height"])

The names below are loaded when they are first used: `import workbench` costs milliseconds.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.api import *

__all__ = [
    "Cell",
    "CurrentsResult",
    "EngineChoice",
    "EventSequence",
    "EventTimes",
    "ExperimentProgress",
    "ExperimentResult",
    "Exported",
    "FitResult",
    "Map",
    "Placed",
    "Pointer",
    "PoissonEvents",
    "Progress",
    "RaceProgress",
    "RecordedTrace",
    "Recordings",
    "RegularEvents",
    "Response",
    "RunLimits",
    "SearchBench",
    "SensitivityResult",
    "Spines",
    "Sweep",
    "SweepFeatures",
    "Targets",
    "ValidationResult",
    "bench_search",
    "check_morphology",
    "compare_morphologies",
    "convert_morphology",
    "currents",
    "draw_features",
    "electrotonic",
    "experiment",
    "export",
    "features_of",
    "fit",
    "fit_evaluator",
    "import_study",
    "import_targets",
    "load_cell",
    "load_morphology",
    "load_recordings",
    "load_study",
    "measure",
    "mechanism_text",
    "mend_morphology",
    "named_experiment",
    "open_run",
    "plot",
    "reproduce",
    "rescore",
    "resume",
    "score",
    "sensitivity",
    "simulate",
    "targets_of",
    "validate",
    "write_nwb",
    "write_targets",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("neuron-workbench")
    if name not in __all__:
        raise AttributeError(f"workbench has no {name!r}; it has {', '.join(__all__)}")
    from workbench import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
