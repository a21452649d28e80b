"""Studies to be fitted, and run folders made by hand."""

from tests.made_runs import full_run, new_run
from tests.unit.studies.conftest import change, l5pc, quick, quick_morphologies

__all__ = ["change", "full_run", "l5pc", "new_run", "quick", "quick_morphologies"]
