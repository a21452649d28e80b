"""What decides the digits of evaluations beside what is evaluated: what was compiled, and versions.

A run that goes on is bit for bit the one that was never stopped only where these are the same.
"""

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version

from workbench.cells import CellRecipe
from workbench.engines import Integrator
from workbench.engines.opening import compiled_for

PACKAGES = ("neuron-workbench", "neuron", "efel", "numpy")
"""Whose versions decide what a simulation and a feature give."""


def made_with(
    cells: Iterable[tuple[CellRecipe, Integrator]],
    report: Callable[[str], None] | None = None,
    packages: Iterable[str] = PACKAGES,
) -> dict[str, str]:
    """Return what evaluations of these cells are made with here, compiled if need be, by name.

    `report` is told what takes long.
    """
    compiled: dict[str, set[str]] = {}
    for recipe, integrator in cells:
        for name, key in compiled_for(recipe, integrator, report).items():
            compiled.setdefault(name, set()).add(key)
    return {
        **{name: ", ".join(sorted(keys)) for name, keys in compiled.items()},
        **{package: version(package) for package in packages},
    }


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Return a clause for each thing that is not as it was, as far as both sides tell."""
    known = [name for name in before if name in now and before[name] != now[name]]
    return tuple(_clause(name, before[name], now[name]) for name in known)


def _clause(name: str, before: str, now: str) -> str:
    if name.startswith("the build"):
        return f"{name} changed (another compiler or processor)"
    return f"{name} {before} became {now}"
