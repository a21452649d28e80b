"""What is inserted and painted by region, of what each section carries."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.cells.ions import overrules
from workbench.errors import InputError
from workbench.mechanisms import Mechanism, Parameter
from workbench.morphology import REGIONS, Morphology

Built = Mapping[str, Any]
"""A section as the child tells of it, see `child.py`."""


@dataclass
class Painting:
    """The tables of a cell.toml that hold its membrane."""

    insert: dict[str, list[str]] = field(default_factory=dict)
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)
    regions: dict[str, list[str]] = field(default_factory=dict)
    distributions: dict[str, dict[str, dict[str, float | list[float]]]] = field(
        default_factory=dict
    )


def painting_of(
    path: Path,
    tree: Morphology,
    built: Sequence[Built],
    pool: Mapping[str, Mechanism],
    held: Collection[str],
) -> Painting:
    """Return what a study says of the sections of a tree.

    Values at NEURON's defaults are left out, and those of ions that NEURON computes by itself, but
    for reversal potentials that are held.

    Raises
    ------
    InputError
        If there are mechanisms of which no study can have the values.
    """
    if strange := sorted({suffix for one in built for suffix in one["carries"]} - pool.keys()):
        raise InputError(f"{path}: it inserts {_some(strange)}, of which there is no .mod file")
    found = Painting()
    whole = {region: tree.indices(region) for region in REGIONS if tree.indices(region)}
    for region, indices in whole.items():
        carried = {index: pool.keys() & built[index]["carries"] for index in indices}
        everywhere = set.intersection(*map(set, carried.values()))
        found.insert[region] = [s for s in built[indices[0]]["carries"] if s in everywhere]
        _paint(found, region, indices, tree, built, pool, held)
        for suffix in sorted(set().union(*carried.values()) - everywhere):
            some = [index for index in indices if suffix in carried[index]]
            name = f"{suffix}_{region}"
            found.regions[name] = [tree.names[index] for index in some]
            found.insert[name] = [suffix]
            _paint(found, name, some, tree, built, pool, held)
    _gather(found, list(whole))
    return found


def _paint(
    found: Painting,
    region: str,
    indices: Sequence[int],
    tree: Morphology,
    built: Sequence[Built],
    pool: Mapping[str, Mechanism],
    held: Collection[str],
) -> None:
    """Paint what a region's own mechanisms bring."""
    names = [tree.names[index] for index in indices]
    cable = ["cable"] if region in REGIONS else []
    here = [pool[suffix] for suffix in (*cable, *found.insert[region])]
    for variable, default, values_in in _variables(here, pool, held):
        values = {n: values_in(built[index]) for n, index in zip(names, indices, strict=True)}
        if any(set(each) != {default} for each in values.values()):
            entry = _entry(found, region, variable, values)
            found.parameters.setdefault(region, {})[variable] = entry


def _variables(
    here: Sequence[Mechanism], pool: Mapping[str, Mechanism], held: Collection[str]
) -> Iterator[tuple[str, float, Callable[[Built], Sequence[float]]]]:
    """Yield each variable of a region's membrane, its default and how a section tells it."""
    for mechanism in here:
        for parameter in mechanism.range_parameters:
            if mechanism.kind == "cable":
                yield parameter.name, parameter.default, _cable(parameter.name)
                continue
            variable = f"{parameter.name}_{mechanism.suffix}"
            yield variable, parameter.default, _inside("carries", mechanism.suffix, parameter.name)
    for ion in sorted({ion.name for mechanism in here for ion in mechanism.ions}):
        known = pool.get(f"{ion}_ion")
        own = known.range_parameters if known else (Parameter(f"e{ion}", 0.0, "mV"),)
        for parameter in own:
            overruled = any(overrules(mechanism, ion, parameter.name) for mechanism in here)
            if parameter.name in held or not overruled:
                yield parameter.name, parameter.default, _inside("ions", ion, parameter.name)


def _cable(name: str) -> Callable[[Built], Sequence[float]]:
    return lambda one: one[name] if isinstance(one[name], list) else [one[name]]


def _inside(kind: str, whose: str, name: str) -> Callable[[Built], Sequence[float]]:
    def values(one: Built) -> Sequence[float]:
        found: Sequence[float] = one[kind][whose][name]
        return found

    return values


def _entry(
    found: Painting, region: str, variable: str, values: Mapping[str, Sequence[float]]
) -> Any:
    """Return a number, or a value of 1 with a factor for each section or segment."""
    distinct = {value for each in values.values() for value in each}
    if len(distinct) == 1:
        return distinct.pop()
    name = f"{variable}_{region}"
    found.distributions[name] = {
        "factors": {n: each[0] if len(set(each)) == 1 else list(each) for n, each in values.items()}
    }
    return {"value": 1.0, "distribution": name}


def _gather(found: Painting, regions: Sequence[str]) -> None:
    """Say of all sections what is so in every region."""
    everywhere = [s for s in found.insert[regions[0]] if all(s in found.insert[r] for r in regions)]
    painted = [found.parameters.get(region, {}) for region in regions]
    alike = {
        name: value
        for name, value in painted[0].items()
        if not isinstance(value, dict) and all(one.get(name) == value for one in painted)
    }
    own = {r: [s for s in found.insert[r] if s not in everywhere] for r in found.insert}
    found.insert = {"all": everywhere, **{r: suffixes for r, suffixes in own.items() if suffixes}}
    rest = {
        r: {n: v for n, v in one.items() if n not in alike} for r, one in found.parameters.items()
    }
    found.parameters = {"all": alike, **{r: values for r, values in rest.items() if values}}


def _some(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" * (len(names) > most))
