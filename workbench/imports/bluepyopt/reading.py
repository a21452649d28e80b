"""Which family of files a folder holds, or a Python file."""

from workbench.errors import InputError
from workbench.imports.bluepyopt.evaluator import read_evaluator
from workbench.imports.bluepyopt.flat import read_flat
from workbench.imports.bluepyopt.problem import to_study
from workbench.imports.bluepyopt.recipes import read_recipe
from workbench.imports.source import Source
from workbench.imports.study import Imported


def read_bluepyopt(source: Source) -> Imported:
    """Return the problem of a folder, or of an evaluator in Python.

    Raises
    ------
    InputError
        If files are missing or cannot be read, or the study would be another problem.
    """
    if source.path.suffix == ".py":
        return read_evaluator(source)
    recipes, flat = source.files("recipes.json"), source.files("parameters.json")
    if recipes:
        return to_study(read_recipe(source, recipes))
    if flat:
        return to_study(read_flat(source, flat))
    raise InputError(
        f"{source.folder}: there is neither a recipes.json nor a parameters.json in it; a problem "
        "of BluePyOpt's in JSON has one of them, and one in Python is named as FILE.py:FUNCTION"
    )
