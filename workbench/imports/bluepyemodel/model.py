"""The parameters of a recipe: in BluePyEModel's own list, or in the older tables by region."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import Field

from workbench.errors import InputError, unknown
from workbench.imports.bluepyemodel.recipe import Recipe
from workbench.imports.bluepyopt.problem import GROUPS, Given, Painted
from workbench.imports.bluepyopt.tables import Exact, uncommented
from workbench.imports.source import Foreign, tables
from workbench.inputs import json_value
from workbench.morphology import REGIONS

Pair = Annotated[list[float], Field(min_length=2, max_length=2)]

MYELIN = "myelinated"
TAPERED = "initial_segment"
"""The region that BluePyEModel calls axonal where its own rule replaces the axon."""

_GLOBAL, _OF_DISTRIBUTION = "global", "distribution_"
_UNIFORM = ("uniform", "constant")
_HOT_SPOT = "step"


class _Distribution(Foreign):
    function: str | None = None
    name: str = ""
    fun: str = ""
    parameters: str | list[str] | None = None
    soma_ref_location: float | None = None


class _Amount(Exact):
    name: str
    val: float | Pair
    dist: str | None = None


class _Inserted(Foreign):
    mech: list[str]


class _Regional(Foreign):
    mechanisms: dict[str, _Inserted]
    distributions: dict[str, _Distribution] = Field(default_factory=dict)
    parameters: dict[str, list[_Amount]]


class _ListedAmount(Exact):
    name: str
    value: float | Pair
    location: str | list[str]
    mechanism: str | None = None
    dist: str | None = None
    distribution: str | None = None


class _ListedMechanism(Foreign):
    name: str
    location: str | list[str]


class _Listed(Foreign):
    mechanisms: list[_ListedMechanism]
    distributions: list[_Distribution] = Field(default_factory=list)
    parameters: list[_ListedAmount]


@dataclass(frozen=True)
class _Row:
    name: str
    location: str
    value: float | list[float]
    distribution: str

    @property
    def full_name(self) -> str:
        """What BluePyEModel calls it in a parameter set."""
        return self.name if self.location == _GLOBAL else f"{self.name}.{self.location}"


@dataclass
class Model:
    """What the parameters say, in the terms of a `Problem`.

    Attributes
    ----------
    free
        BluePyEModel's names of free parameters, each with the region and the name in a study.
    unused
        Free parameters that change nothing in BluePyEModel either.
    notes
        What has been left out, a sentence each.
    """

    groups: dict[str, tuple[str, ...]]
    inserted: list[tuple[str, str]] = field(default_factory=list)
    painted: list[Painted] = field(default_factory=list)
    conditions: dict[str, Given] = field(default_factory=dict)
    constants: dict[str, dict[str, Given]] = field(default_factory=dict)
    free: dict[str, tuple[str, str]] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_model(recipe: Recipe) -> Model:
    """Return what a file of parameters says.

    Raises
    ------
    InputError
        If it has mistakes, or the study would be another model.
    """
    path = recipe.params
    rows, inserted, distributions = _read(path)
    has_myelin = recipe.modifier == "replace_axon_with_taper"
    model = Model(_groups(recipe, has_myelin))
    texts = {name: _text(path, name, one) for name, one in distributions.items()}
    names = {name: _study_name(name, one) for name, one in distributions.items()}
    model.constants |= {names[n]: {} for n, one in distributions.items() if _constants(one)}
    for location, suffix in inserted:
        if "Stoch" in suffix:
            raise InputError(
                f"{path}: {suffix}: a channel with random numbers that BluePyOpt gives it, which a "
                "study cannot; use one without"
            )
        if has_myelin or location != MYELIN:
            model.inserted.append((_region(location, has_myelin), suffix))
    for row in _used(rows, model):
        free = isinstance(row.value, list)
        region = _region(row.location, has_myelin)
        if row.location == MYELIN and not has_myelin:
            model.notes.append(f"{row.full_name}: the cell has no myelin. It is left out.")
            model.unused += [row.full_name] * free
            continue
        if row.location == _GLOBAL:
            model.conditions[row.name] = row.value
        elif row.location.startswith(_OF_DISTRIBUTION):
            region = _constant(path, row, distributions, names, model)
        else:
            known = row.distribution in (*_UNIFORM, "")
            scaler = None if known else _scaler(path, row, texts, names)
            model.painted.append(_painted(row, region, scaler))
        if free:
            model.free[row.full_name] = (region, row.name)
    _check_constants(path, distributions, names, model)
    return model


def _read(path: Path) -> tuple[list[_Row], list[tuple[str, str]], dict[str, _Distribution]]:
    """Return parameters, pairs of location and suffix, and distributions, of either form."""
    found = json_value(path)
    if isinstance(found, dict) and isinstance(found.get("mechanisms"), list):
        listed: _Listed = tables(path, _Listed, uncommented)
        for one in listed.parameters:
            if one.distribution is not None and one.distribution not in _UNIFORM:
                raise InputError(
                    f"{path}: {one.name}: BluePyEModel 1.0.50 reads its distribution from `dist` "
                    "and passes over `distribution`; write `dist`"
                )
        rows = [
            _Row(one.name, location, one.value, one.dist or "")
            for one in listed.parameters
            for location in _several(one.location)
        ]
        inserted = [(at, one.name) for one in listed.mechanisms for at in _several(one.location)]
        return rows, inserted, {one.name: one for one in listed.distributions}
    regional: _Regional = tables(path, _Regional, uncommented)
    rows = [
        _Row(one.name, location, one.val, one.dist or "")
        for location, amounts in regional.parameters.items()
        for one in amounts
    ]
    inserted = [(at, suffix) for at, one in regional.mechanisms.items() for suffix in one.mech]
    return rows, inserted, dict(regional.distributions)


def _several(given: str | list[str]) -> list[str]:
    return [given] if isinstance(given, str) else given


def _groups(recipe: Recipe, has_myelin: bool) -> dict[str, tuple[str, ...]]:
    for name in recipe.groups:
        if name in (*REGIONS, "all", MYELIN, TAPERED):
            raise InputError(
                f"{recipe.file}: multiloc_map.{name}: a section list; rename the group"
            )
    return {
        name: tuple(_region(one, has_myelin) for one in parts if has_myelin or one != MYELIN)
        for name, parts in {**GROUPS, **recipe.groups}.items()
    }


def _region(location: str, has_myelin: bool) -> str:
    return TAPERED if has_myelin and location == "axonal" else location


def _used(rows: list[_Row], model: Model) -> Iterator[_Row]:
    """Yield the parameters but those that come behind another one and are passed over."""
    used: list[_Row] = []
    for row in rows:
        same = [one for one in used if one.name == row.name]
        if any(row.location in ("all", one.location) for one in same):
            model.notes.append(
                f"{row.full_name}: BluePyEModel passes over it, since {same[0].full_name} stands "
                "before it. It is left out."
            )
            continue
        used.append(row)
        yield row


def _constants(one: _Distribution) -> list[str]:
    return [] if one.parameters is None else _several(one.parameters)


def _study_name(name: str, one: _Distribution) -> str:
    """Return a name with which its constants are called as BluePyEModel calls them."""
    return f"{_OF_DISTRIBUTION}{name}" if _constants(one) else name


def _text(path: Path, name: str, one: _Distribution) -> str:
    if one.soma_ref_location not in (None, 0.5):
        raise InputError(
            f"{path}: distribution {name!r}: soma_ref_location is {one.soma_ref_location:g}, and "
            "BluePyEModel 1.0.50 itself takes distances from soma(0.5) all the same; leave it out"
        )
    return one.function or one.fun


def _scaler(
    path: Path, row: _Row, texts: Mapping[str, str], names: Mapping[str, str]
) -> tuple[str, str]:
    if row.distribution not in texts:
        what = unknown("distribution", row.distribution, (*texts, *_UNIFORM))
        raise InputError(f"{path}: {row.full_name}: {what}")
    if row.distribution == _HOT_SPOT:
        raise InputError(
            f"{path}: {row.full_name}: the distribution {_HOT_SPOT!r} has its borders from the "
            "apical point of the morphology; write them as numbers in one of another name"
        )
    return names[row.distribution], texts[row.distribution]


def _painted(row: _Row, region: str, scaler: tuple[str, str] | None) -> Painted:
    if isinstance(row.value, list):
        return Painted(row.name, region, None, (row.value[0], row.value[1]), scaler)
    return Painted(row.name, region, row.value, None, scaler)


def _constant(
    path: Path,
    row: _Row,
    distributions: Mapping[str, _Distribution],
    names: Mapping[str, str],
    model: Model,
) -> str:
    """Add a constant to its distribution, and return what the study calls that."""
    of = row.location.removeprefix(_OF_DISTRIBUTION)
    if of not in distributions:
        raise InputError(f"{path}: {row.full_name}: {unknown('distribution', of, distributions)}")
    if row.name not in _constants(distributions[of]):
        what = unknown("constant", row.name, _constants(distributions[of]))
        raise InputError(f"{path}: {row.full_name}: {what}")
    model.constants[names[of]][row.name] = row.value
    return names[of]


def _check_constants(
    path: Path,
    distributions: Mapping[str, _Distribution],
    names: Mapping[str, str],
    model: Model,
) -> None:
    """Refuse constants without a value, and leave those out on which nothing depends."""
    used = {one.distribution[0] for one in model.painted if one.distribution}
    for name, one in distributions.items():
        given = model.constants.get(names[name], {})
        if names[name] not in used:
            for constant in given:
                full_name = f"{constant}.{names[name]}"
                model.notes.append(f"{full_name}: nothing is spread so. It is left out.")
                model.unused += [full_name] * (model.free.pop(full_name, None) is not None)
            continue
        for constant in _constants(one):
            if constant not in given:
                raise InputError(
                    f"{path}: distribution {name!r}: {constant} has no value; give one under "
                    f"{_OF_DISTRIBUTION}{name}"
                )
