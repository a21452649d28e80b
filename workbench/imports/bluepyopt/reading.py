"""Which family of files a folder holds."""

from workbench.errors import InputError
from workbench.imports.bluepyopt.flat import read_flat
from workbench.imports.bluepyopt.problem import to_study
from workbench.imports.bluepyopt.recipes import read_recipe
from workbench.imports.source import Source
from workbench.imports.study import Imported


def read_bluepyopt(source: Source) -> Imported:
    """Return the problem of a folder.

    Raises
    ------
    InputError
        If files are missing or cannot be read, or the study would be another problem.
    """
    recipes, flat = source.files("recipes.json"), source.files("parameters.json")
    if recipes:
        return to_study(read_recipe(source, recipes))
    if flat:
        return to_study(read_flat(source, flat))
    raise InputError(
        f"{source.folder}: there is neither a recipes.json nor a parameters.json in it; a problem "
        "of BluePyOpt's in JSON has one of them"
    )
