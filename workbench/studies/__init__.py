"""Studies: folders of TOML files to values, and run folders."""

from workbench.studies.expected import Expected, load_expected, reproducible
from workbench.studies.files import find_study, study_names
from workbench.studies.notes import cell_notes
from workbench.studies.origin import identity
from workbench.studies.reproduction import FINER, Reproduced, Tightened, converge, reproduce
from workbench.studies.runs import (
    SearchPlan,
    find_runs,
    new_folder,
    plan_of,
    prepare,
    resume,
    start,
    start_or_resume,
    study_of,
)
from workbench.studies.salvaging import SalvagedRun, salvage_run
from workbench.studies.setting import CALIBRATION, Setting, calibrated, setting_of
from workbench.studies.study import Study, load_study

__all__ = [
    "CALIBRATION",
    "FINER",
    "Expected",
    "Reproduced",
    "SalvagedRun",
    "SearchPlan",
    "Setting",
    "Study",
    "Tightened",
    "calibrated",
    "cell_notes",
    "converge",
    "find_runs",
    "find_study",
    "identity",
    "load_expected",
    "load_study",
    "new_folder",
    "plan_of",
    "prepare",
    "reproduce",
    "reproducible",
    "resume",
    "salvage_run",
    "setting_of",
    "start",
    "start_or_resume",
    "study_names",
    "study_of",
]
