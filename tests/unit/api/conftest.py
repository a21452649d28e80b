"""Run folders made by hand."""

from tests.made_runs import full_run, new_run

__all__ = ["full_run", "new_run"]
