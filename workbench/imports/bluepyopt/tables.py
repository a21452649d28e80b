"""What both families of files have in common."""

from collections.abc import Mapping
from os.path import realpath
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict

from workbench.errors import InputError, unknown
from workbench.imports.source import Foreign, Source, only


class Exact(Foreign):
    """A table of which nothing may be left out, since it would be another problem."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Distance(Exact):
    """A recording at a distance from the soma."""

    type: Literal["somadistance"]
    name: str
    somadistance: float
    seclist_name: str
    var: str = "v"
    arbor_branch_index: int | None = None
    arbor_branch_index_with_replaced_axon: int | None = None

    def table(self) -> str | dict[str, str]:
        """Return the recording as protocols.toml has it; BluePyOpt takes the last section there."""
        site = f"{self.seclist_name}@{self.somadistance:g}um last"
        return site if self.var == "v" else {"site": site, "variable": self.var}


def mechanisms_of(source: Source) -> Path:
    """Return the folder of the .mod files.

    Raises
    ------
    InputError
        If there is none, or a choice.
    """
    if source.mechanisms:
        return source.mechanisms
    found = {file.parent for file in source.files(".mod")}
    return only("folder of .mod files", found, source.folder, "name it with --mechanisms FOLDER")


def morphology_of(source: Source) -> Path:
    """Return the only morphology of the folder, or the one that the user names.

    Raises
    ------
    InputError
        If there is none, or a choice.
    """
    if source.morphology:
        return source.morphology
    found = source.files(".asc", ".swc")
    return only("morphology", found, source.folder, "name it with --morphology FILE")


def uncommented(found: Any) -> Any:
    """Return what a file holds without the comments that stand in it as keys."""
    if isinstance(found, dict):
        return {key: uncommented(one) for key, one in found.items() if key != "__comment"}
    return [uncommented(one) for one in found] if isinstance(found, list) else found


def chosen(source: Source, path: Path, recipes: Mapping[str, Any]) -> str:
    """Return the name of the only recipe of a file, or of the one that the user names.

    Raises
    ------
    InputError
        If there is none of this name, or a choice.
    """
    if source.model is None and len(recipes) == 1:
        return next(iter(recipes))
    if source.model is None:
        named = ", ".join(recipes)
        raise InputError(f"{path} has {len(recipes)} recipes; name one with --model: {named}")
    if source.model not in recipes:
        raise InputError(f"{path}: {unknown('recipe', source.model, recipes)}")
    return source.model


def below(recipes: Path, top: Path, given: str) -> Path:
    """Return a file that recipes name.

    Raises
    ------
    InputError
        If it lies outside of their folder.
    """
    path = top / given
    if not Path(realpath(path)).is_relative_to(top.resolve()):
        raise InputError(f"{recipes}: {given} lies outside of {top}, the folder of the recipes")
    return path
