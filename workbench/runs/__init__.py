"""Run folders: a fit is started, gone on with, rescued and read here, and nowhere else."""

from workbench.runs.archive import Archive, archive_table, read_archive
from workbench.runs.beginning import begin_from, begun_words
from workbench.runs.currents import Currents, currents_of, read_currents, write_currents
from workbench.runs.evaluators import (
    EvaluatorRun,
    evaluator_problem,
    evaluator_run,
    resume_evaluator,
    start_or_resume_evaluator,
)
from workbench.runs.facts import as_begun, study_of
from workbench.runs.folder import new_folder
from workbench.runs.held_out import read_held_out
from workbench.runs.limits import Limits, read_limits
from workbench.runs.listing import (
    attempts,
    evaluated,
    evaluations,
    find_runs,
    generations,
    state_of,
)
from workbench.runs.morphologies import Race
from workbench.runs.origin import identity, prepare
from workbench.runs.parameters import Params, with_params
from workbench.runs.picking import trace_few, trace_picked
from workbench.runs.progress import Progress, Watch
from workbench.runs.rescoring import rescore
from workbench.runs.running import resume, start, start_or_resume
from workbench.runs.salvaging import SalvagedRun, salvage_run
from workbench.runs.scoring import evaluate
from workbench.runs.sensitivity import (
    Sensitivity,
    read_sensitivity,
    sensitivity_of,
    write_sensitivity,
)
from workbench.runs.showing import Show, shown
from workbench.runs.stages import StageSummary, error_table, stage_table
from workbench.runs.summary import RunSummary, read_run
from workbench.runs.table import FeatureRow, feature_table
from workbench.runs.validating import study_under, validate_run
from workbench.runs.validation import Validation

__all__ = [
    "Archive",
    "Currents",
    "EvaluatorRun",
    "FeatureRow",
    "Limits",
    "Params",
    "Progress",
    "Race",
    "RunSummary",
    "SalvagedRun",
    "Sensitivity",
    "Show",
    "StageSummary",
    "Validation",
    "Watch",
    "archive_table",
    "as_begun",
    "attempts",
    "begin_from",
    "begun_words",
    "currents_of",
    "error_table",
    "evaluate",
    "evaluated",
    "evaluations",
    "evaluator_problem",
    "evaluator_run",
    "feature_table",
    "find_runs",
    "generations",
    "identity",
    "new_folder",
    "prepare",
    "read_archive",
    "read_currents",
    "read_held_out",
    "read_limits",
    "read_run",
    "read_sensitivity",
    "rescore",
    "resume",
    "resume_evaluator",
    "salvage_run",
    "sensitivity_of",
    "shown",
    "stage_table",
    "start",
    "start_or_resume",
    "start_or_resume_evaluator",
    "state_of",
    "study_of",
    "study_under",
    "trace_few",
    "trace_picked",
    "validate_run",
    "with_params",
    "write_currents",
    "write_sensitivity",
]
