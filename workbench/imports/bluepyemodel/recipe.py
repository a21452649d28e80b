"""A recipe of recipes.json, its pipeline settings, and the files that it names."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from workbench.errors import InputError, unknown
from workbench.imports.bluepyopt.tables import below, chosen, uncommented
from workbench.imports.source import Foreign, Source, only, tables

_MORPHOLOGIES = (".asc", ".swc")
_MODIFIERS = ("bluepyopt_replace_axon", "replace_axon_with_taper")
_EFEL = {"interp_step": 0.025, "strict_stiminterval": True}
"""Settings of eFEL in a pipeline that gives none."""


class Settings(Foreign):
    """`pipeline_settings`, of which an optimiser's are not asked for."""

    efel_settings: dict[str, Any] | None = None
    morph_modifiers: Any = None
    name_rmp_protocol: Any = None
    name_Rin_protocol: Any = None
    neuron_dt: float | None = None
    cvode_minstep: float = 0.0
    stochasticity: bool | list[str] = False
    threshold_efeature_std: float | None = None
    validation_protocols: list[str] | dict[str, list[float]] | None = None

    @property
    def efel(self) -> dict[str, Any]:
        """Settings of eFEL for all features."""
        return dict(_EFEL) if self.efel_settings is None else self.efel_settings

    @property
    def validations(self) -> list[str]:
        """The protocols whose features are no objectives, by name."""
        if isinstance(self.validation_protocols, dict):
            pairs = self.validation_protocols.items()
            return [f"{name}_{one:g}" for name, all_ in pairs for one in all_]
        return self.validation_protocols or []


class _Recipe(Foreign):
    morphology: str | list[list[str]]
    morph_path: str = "morphology"
    params: str | None = None
    parameters: str | None = None
    features: str
    protocol: str | None = None
    morph_modifiers: Any = None
    multiloc_map: dict[str, list[str]] | None = None
    pipeline_settings: Settings | str = Field(default_factory=Settings)
    seclist_names: Any = None
    final: str | None = None


@dataclass(frozen=True)
class Recipe:
    """What a recipe says.

    Attributes
    ----------
    file, top
        The recipes.json, and the folder from which its paths count.
    params, features, protocols
        The files that it names; `protocols` is that of the older families.
    modifier
        What is done to the axon: one of BluePyEModel's names, or nothing.
    groups
        Groups of section lists besides BluePyEModel's own.
    final
        A file with a best set, in place of final.json.
    """

    name: str
    file: Path
    top: Path
    morphology: Path
    params: Path
    features: Path
    protocols: Path | None
    modifier: str
    groups: dict[str, tuple[str, ...]]
    settings: Settings
    final: str | None


def read_recipe(source: Source) -> Recipe:
    """Return the recipe of a folder, or of a recipes.json.

    Raises
    ------
    InputError
        If files are missing or have mistakes, there is a choice, or the shape cannot be said.
    """
    path = _recipes(source)
    recipes: dict[str, _Recipe] = tables(path, dict[str, _Recipe], uncommented)
    name = chosen(source, path, recipes)
    recipe, top = recipes[name], path.parent.parent if path.parent.name == "config" else path.parent
    params = recipe.parameters or recipe.params
    if params is None:
        raise InputError(f"{path}: {name}.params: this key is missing")
    if recipe.seclist_names is not None:
        raise InputError(f"{path}: {name}.seclist_names: section lists of one's own cannot be said")
    settings = recipe.pipeline_settings
    if isinstance(settings, str):
        settings = tables(below(path, top, settings), Settings, uncommented)
    modifiers = recipe.morph_modifiers
    return Recipe(
        name,
        path,
        top,
        source.morphology or below(path, top, str(Path(recipe.morph_path, _shape(path, recipe)))),
        below(path, top, params),
        below(path, top, recipe.features),
        None if recipe.protocol is None else below(path, top, recipe.protocol),
        _modifier(path, settings.morph_modifiers if modifiers is None else modifiers),
        {group: tuple(parts) for group, parts in (recipe.multiloc_map or {}).items()},
        settings,
        recipe.final,
    )


def _recipes(source: Source) -> Path:
    if source.path.is_file():
        return source.path
    usual = source.path / "config" / "recipes.json"
    if usual.is_file():
        return usual
    return only("recipes.json", source.files("recipes.json"), source.folder, "name the file itself")


def _shape(path: Path, recipe: _Recipe) -> str:
    """Return the first morphology of a recipe that BluePyEModel can read."""
    given = recipe.morphology
    names = [given] if isinstance(given, str) else [pair[-1] for pair in given if pair]
    for name in names:
        if name.lower().endswith(_MORPHOLOGIES):
            return name
    raise InputError(
        f"{path}: morphology: {', '.join(names) or 'nothing'} is named; BluePyEModel reads "
        f"{' and '.join(_MORPHOLOGIES)}"
    )


def _modifier(path: Path, given: Any) -> str:
    """Return what is done to the axon; without a word it is BluePyEModel's own rule."""
    if given is None or given == [None]:
        return "replace_axon_with_taper"
    modifiers = [given] if isinstance(given, str) else given
    if modifiers == []:
        return ""
    key = f"{path}: morph_modifiers"
    if not isinstance(modifiers, list) or len(modifiers) != 1:
        raise InputError(f"{key}: {given!r} is given; one name of {', '.join(_MODIFIERS)} can be")
    if not isinstance(modifiers[0], str):
        raise InputError(
            f"{key}: {modifiers[0]!r} is a function of a program, which is not run; name one of "
            f"{', '.join(_MODIFIERS)}, or write [] and give the changed shape with --morphology"
        )
    if modifiers[0] not in _MODIFIERS:
        raise InputError(f"{key}: {unknown('modifier', modifiers[0], _MODIFIERS)}")
    return modifiers[0]
