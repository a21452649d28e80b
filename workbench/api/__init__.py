"""What a notebook or a script uses: cells, simulations, scores and fits in a few lines.

Every simulation runs in child processes, so that two studies with different mechanisms can live
in one notebook and a script needs no main guard.
"""

from workbench.api.cables import electrotonic
from workbench.api.cells import Cell, load_cell
from workbench.api.currents import CurrentsResult, currents
from workbench.api.evaluators import fit_evaluator
from workbench.api.experiments import ExperimentResult, experiment, named_experiment
from workbench.api.exports import export
from workbench.api.fits import FitResult, fit, open_run, rescore, resume, score
from workbench.api.limits import RunLimits, SensitivityResult, sensitivity
from workbench.api.measures import measure
from workbench.api.plots import draw_features, plot
from workbench.api.races import SearchBench, bench_search
from workbench.api.recordings import write_nwb
from workbench.api.reproductions import reproduce
from workbench.api.simulations import RecordedTrace, Response, simulate
from workbench.api.validation import ValidationResult, validate
from workbench.cells import Placed, Pointer, Spines
from workbench.engines.population.showing import mechanism_text
from workbench.experiments import ExperimentProgress
from workbench.exports.exported import Exported
from workbench.imports import import_study, import_targets
from workbench.morphology import (
    check_morphology,
    compare_morphologies,
    convert_morphology,
    load_morphology,
    mend_morphology,
)
from workbench.protocols import EventSequence, EventTimes, Map, PoissonEvents, RegularEvents
from workbench.races import RaceProgress
from workbench.recordings import (
    Recordings,
    Sweep,
    SweepFeatures,
    Targets,
    features_of,
    load_recordings,
    targets_of,
    write_targets,
)
from workbench.runs import Progress
from workbench.studies import EngineChoice, load_study

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
