"""What NEURON built in a child, as the tables of a cell.toml."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any

from workbench.builds import build
from workbench.errors import InputError
from workbench.imports.geometry import section_table, segment_rule
from workbench.imports.hoc.ions import held_reversals
from workbench.imports.hoc.painting import Built, painting_of
from workbench.imports.source import Source, only
from workbench.mechanisms import Mechanism, MechanismSet, combine, read_mechanisms
from workbench.morphology import Kind, Morphology
from workbench.morphology.readers.hoc import drawn_cell

_GEOMETRY = "geometry.toml"
_NEURONS_concentration_mM = 1.0


@dataclass(frozen=True)
class BuiltCell:
    """A cell that NEURON built.

    Attributes
    ----------
    tree, order
        Its sections, and for each the index of what the child told.
    tables
        Of its cell.toml.
    texts
        Files that these name, by name.
    done, unsaid
        As those of `Imported`.
    """

    tree: Morphology
    order: Sequence[int]
    tables: Mapping[str, Any]
    texts: Mapping[str, str]
    done: Sequence[str]
    unsaid: Sequence[str]


def mechanism_sets(source: Source) -> tuple[MechanismSet, ...]:
    """Return the set of the .mod files of a model, if it has any.

    Raises
    ------
    InputError
        If they lie in several folders and nobody says in which.
    """
    folders = {file.parent for file in source.files(".mod")}
    if source.mechanisms is None and not folders:
        return ()
    instead = "name it with --mechanisms FOLDER"
    folder = source.mechanisms or only("folder of .mod files", folders, source.folder, instead)
    return (read_mechanisms(folder),)


def library_of(sets: Sequence[MechanismSet]) -> str | None:
    """Return the compiled mechanisms that a child loads."""
    return str(build(sets, coreneuron=False).library) if sets else None


def global_names(sets: Sequence[MechanismSet]) -> list[str]:
    """Return the GLOBALs that a child is asked for."""
    return sorted({n for one in combine(sets).values() if one.file for n in one.globals})


def built_cell(
    path: Path,
    answer: Mapping[str, Any],
    sets: Sequence[MechanismSet],
    kinds: Mapping[str, Kind],
    v_init_mV: float,
) -> BuiltCell:
    """Return the cell of a child's answer, see `child.py`.

    Raises
    ------
    InputError
        If it is no cell, or a study cannot say what it is.
    """
    pool = combine(sets)
    tree, order = drawn_cell(path, answer["sections"], kinds, as_simulated=True)
    built = [_from_the_parent(answer["sections"][index]) for index in order]
    held = held_reversals(path, built, answer["unsettled"])
    painting = painting_of(path, tree, built, pool, held)
    changed, idle = _globals(path, answer["globals"], pool, built)
    parameters = painting.parameters | ({"global": changed} if changed else {})
    middle = [one["cm"][len(one["cm"]) // 2] for one in built]
    counts = [one["segments"] for one in built]
    segments = segment_rule(tree, counts, [one["Ra"] for one in built], middle)
    tables = {
        "conditions": {
            "celsius_degC": answer["celsius"],
            "v_init_mV": v_init_mV,
            "segments": segments,
        },
        "morphology": {"file": _GEOMETRY},
        **({"regions": painting.regions} if painting.regions else {}),
        "mechanisms": {
            "folders": [one.folder for one in sets],
            **({"hold": held} if held else {}),
            "insert": painting.insert,
        },
        **({"distributions": painting.distributions} if painting.distributions else {}),
        "parameters": parameters,
    }
    texts = {_GEOMETRY: section_table(tree)}
    done = list(_done(tree, any(one["turned"] for one in built)))
    return BuiltCell(tree, order, tables, texts, done, idle)


def _from_the_parent(one: Built) -> Built:
    """Return a section with the values of its segments in the order of the study's segments."""
    if not one["turned"]:
        return one
    turned = {
        kind: {
            whose: {name: values[::-1] for name, values in variables.items()}
            for whose, variables in one[kind].items()
        }
        for kind in ("carries", "ions")
    }
    return {**one, **turned, "cm": one["cm"][::-1]}


def _done(tree: Morphology, turned: bool) -> Iterator[str]:
    yield f"{_GEOMETRY} holds the {len(tree)} sections, with the points that NEURON keeps."
    yield "Values that are NEURON's defaults are not written down."
    yield from (f"{note[:1].upper()}{note[1:]}." for note in tree.notes)
    if turned:
        yield (
            "NEURON simulates them with their first point at the parent, so their diameters keep "
            "the order in which they stand; they lie where they were drawn, mirrored end for end."
        )


def _globals(
    path: Path,
    found: Mapping[str, float],
    pool: Mapping[str, Mechanism],
    built: Sequence[Built],
) -> tuple[dict[str, float], list[str]]:
    """Return the GLOBALs that the file changes, and a sentence on those of what no section has.

    Raises
    ------
    InputError
        If it changes where the concentrations of an ion begin that a study does not know.
    """
    own = {name: one.default for each in pool.values() for name, one in each.globals.items()}
    changed = {
        name: value
        for name, value in found.items()
        if not isclose(value, own.get(name, _NEURONS_concentration_mM), rel_tol=1e-9)
    }
    if strange := sorted(changed.keys() - own.keys()):
        raise InputError(
            f"{path}: it sets {', '.join(strange)}, where concentrations of an ion begin; a study "
            "can say so of na, k and ca alone. A mechanism's INITIAL can give them a value"
        )
    carried = {suffix for one in built for suffix in one["carries"]}
    ions = {f"{ion.name}_ion" for suffix in carried for ion in pool[suffix].ions}
    here = {name for suffix in carried | (ions & pool.keys()) for name in pool[suffix].globals}
    idle = ", ".join(f"{name} = {value:g}" for name, value in changed.items() if name not in here)
    left = [f"It sets GLOBALs of mechanisms that no section has: {idle}."] if idle else []
    return {name: value for name, value in changed.items() if name in here}, left
