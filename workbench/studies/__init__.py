"""Studies: folders of TOML files to values."""

from workbench.studies.aims import Aim
from workbench.studies.comparisons import Comparison
from workbench.studies.engine_choice import (
    EngineChoice,
    cell_with_engine,
    integrator_under,
    with_engine,
)
from workbench.studies.expected import Expected, load_expected, load_expected_rows, reproducible
from workbench.studies.expected_rows import ExpectedRow
from workbench.studies.files import find_study, study_names
from workbench.studies.linked import let_read
from workbench.studies.notes import cell_notes
from workbench.studies.plan import Beginning, SearchPlan, evaluator_plan, plan_of
from workbench.studies.reproduction import (
    FINER,
    Reproduced,
    Tightened,
    converge,
    reproduce,
    reproduce_under,
)
from workbench.studies.setting import CALIBRATION, Setting, calibrated, exact, fine, setting_of
from workbench.studies.study import Study, load_study

__all__ = [
    "CALIBRATION",
    "FINER",
    "Aim",
    "Beginning",
    "Comparison",
    "EngineChoice",
    "Expected",
    "ExpectedRow",
    "Reproduced",
    "SearchPlan",
    "Setting",
    "Study",
    "Tightened",
    "calibrated",
    "cell_notes",
    "cell_with_engine",
    "converge",
    "evaluator_plan",
    "exact",
    "find_study",
    "fine",
    "integrator_under",
    "let_read",
    "load_expected",
    "load_expected_rows",
    "load_study",
    "plan_of",
    "reproduce",
    "reproduce_under",
    "reproducible",
    "setting_of",
    "study_names",
    "with_engine",
]
