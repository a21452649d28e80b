"""From a file or a name in the catalogue to a Morphology."""

import os
from pathlib import Path
from types import MappingProxyType

from workbench.arrays import Floats
from workbench.errors import InputError, MorphologyError, unknown
from workbench.inputs import content, is_file, parsing
from workbench.morphology.catalogue.download import at_hand
from workbench.morphology.catalogue.entries import known_cells
from workbench.morphology.generate.tables import read_table
from workbench.morphology.readers.branches import to_sections
from workbench.morphology.readers.hoc import read_hoc
from workbench.morphology.readers.soma import SOMA_MODELS, SomaModel, with_single_soma
from workbench.morphology.readers.soma_forms import differing
from workbench.morphology.readers.swc import soma_rows, swc_branches
from workbench.morphology.readers.swc_rows import (
    Kinds,
    Points,
    check_regions,
    numbered,
    read_points,
)
from workbench.morphology.section import Section
from workbench.morphology.tree import Morphology
from workbench.resources import shipped
from workbench.units import quantity

SUFFIXES = (".swc", ".asc", ".h5", ".hoc", ".toml")
LARGEST_MB = 512


def load_morphology(
    path_or_name: str | Path,
    soma: SomaModel = "neuron",
    *,
    unit: str = "um",
    kinds: Kinds = MappingProxyType({}),
    trust_hoc: bool = False,
) -> Morphology:
    """Return the cell of a morphology file.

    Parameters
    ----------
    path_or_name
        A file (.swc, Neurolucida .asc, .h5, .hoc, or .toml with a table of cylinders), or a name
        without a suffix: a generated cell that ships, or one of the catalogue.
    soma
        "neuron": as NEURON's Import3d reads it; an outline becomes a stack of frusta along its
        principal axis, a single point a cylinder with the area of a sphere.
        "sphere": one cylinder as long as wide, with the area of NeuroM's soma.
        "cylinder": one cylinder as long as wide, with the area of NEURON's reading.
    unit
        The file's unit of length: "um", "nm", "mm", or a multiple such as "8 nm".
    kinds
        What the points of kind 0 or above 4 of an SWC file are, or the sections of a .hoc file
        with names of their own (`{"user5": "apical"}`): a region, or "parent" for the region of
        what they grow from.
    trust_hoc
        Run a .hoc file, which is a program, although the catalogue does not know it.

    Returns
    -------
    The cell with NEURON's section names and order; `notes` tells what was odd about the file.

    Raises
    ------
    MorphologyError
        No such file or name, a file that cannot be read, several somata, or an unknown soma
        model, unit or kind. `check_morphology` finds what can be read and not simulated.

    Examples
    --------
    >>> patch = load_morphology("patch")
    >>> patch.names
    ('soma[0]',)
    >>> round(patch.sections[0].area_um2)
    10000
    """
    if soma not in SOMA_MODELS:
        raise MorphologyError(unknown("soma model", soma, SOMA_MODELS))
    path, um = path_of(path_or_name), in_um(unit)
    suffix = path.suffix.lower()
    check_regions(kinds)
    with parsing(path, "a morphology that can be read", MorphologyError):
        if kinds and suffix not in (".swc", ".hoc"):
            raise MorphologyError(f"{path}: kinds are given, and only .swc and .hoc files have any")
        if suffix not in (".toml", ".hoc"):
            return _traced(path, soma, um, kinds)
        if um != 1:
            raise MorphologyError(f"{path}: a {suffix} file is in um; leave {unit!r} out")
        if suffix == ".toml":
            return read_table(path)
        if soma != "neuron":
            raise MorphologyError(f"{path}: a hoc file draws the soma itself; leave {soma!r} out")
        named = {str(name): kind for name, kind in kinds.items()}
        return read_hoc(path, content(path, MorphologyError), trust_hoc, named)


def _traced(path: Path, soma: SomaModel, um: float, kinds: Kinds) -> Morphology:
    """Return the cell of a reconstruction."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise MorphologyError(f"{path}: {unknown('suffix', path.suffix, SUFFIXES)}")
    data = content(path, MorphologyError, largest_MB=LARGEST_MB)
    if suffix == ".swc":
        text = data.decode("utf-8-sig", errors="replace")
        points, moved = read_points(path, text, um, numbered(kinds))
        branches, notes = swc_branches(points)
        notes = notes._replace(unlike_neuron=(*moved, *notes.unlike_neuron))
        sphere = _swc_sphere(path, points, soma) if soma != "neuron" else None
    else:
        from workbench.morphology.readers.reconstruction import read_traced

        branches, notes, sphere = read_traced(path, data, um, soma)
    try:
        sections, left_out = to_sections(branches)
    except MorphologyError as error:
        raise MorphologyError(f"{path}: {error}") from None
    odd = [*notes.odd, *left_out]
    if suffix == ".swc":
        somatic_um2 = sum(section.area_um2 for section in sections if section.region == "somatic")
        odd += differing(points, somatic_um2)
    if soma != "neuron":
        sections = _with_soma(path, sections, soma, sphere)
    return Morphology(path.stem, sections, soma, path.name, tuple(odd), notes.unlike_neuron)


def _with_soma(
    path: Path,
    sections: tuple[Section, ...],
    soma: SomaModel,
    sphere: tuple[Floats, float] | None,
) -> tuple[Section, ...]:
    """Return the cell with one soma, where NeuroM's is, and as large or as NEURON's reading."""
    if sphere is None:
        raise MorphologyError(f"{path} has no soma, which soma={soma!r} could draw otherwise")
    centre, area_um2 = sphere
    if soma == "cylinder":
        area_um2 = sum(section.area_um2 for section in sections if section.region == "somatic")
    return with_single_soma(sections, centre, area_um2)


def _swc_sphere(path: Path, points: Points, soma: SomaModel) -> tuple[Floats, float] | None:
    from workbench.morphology.readers.reconstruction import soma_sphere

    rows = soma_rows(points)
    if not rows or soma == "cylinder":
        return (points.places[0, :3], 0.0) if rows else None
    return soma_sphere(path, rows)


def in_um(unit: str) -> float:
    """Return a unit of length in um: "nm", or a multiple such as "8 nm".

    Raises
    ------
    MorphologyError
        It is none.
    """
    given = unit.strip() if isinstance(unit, str) else ""
    try:
        um = quantity(given if given[:1].isdigit() or given[:1] == "." else f"1 {given}", "um")
    except InputError as error:
        raise MorphologyError(f"unit {unit!r}: {error}") from None
    if not um > 0:
        raise MorphologyError(f"unit {unit!r}: a unit of length is above 0")
    return um


def find_named(name: str) -> Path:
    """Return the file of a cell that is called by name: one that ships, or of the catalogue.

    Raises
    ------
    MorphologyError
        No such cell, or its file is not on this machine; a path is no name.
    """
    if Path(name).name != name or Path(name).suffix:
        raise MorphologyError(f"{name!r} is a path and not a name. {_names()}")
    generated = shipped("morphologies") / "generated" / f"{name}.toml"
    return generated if is_file(generated) else at_hand(name)


def path_of(path_or_name: str | Path) -> Path:
    """Return the file of a path, or of a name as `find_named` takes it.

    Raises
    ------
    MorphologyError
        There is none.
    """
    path = Path(os.path.expanduser(path_or_name))
    with parsing(path, "a path of a morphology", MorphologyError):
        if path.is_file():
            return path
    if path.suffix or len(path.parts) > 1:
        what = "is no regular file" if path.exists() else "does not exist"
        what = "is a folder" if path.is_dir() else what
        raise MorphologyError(f"the file {path.absolute()} {what}. {_names()}")
    return find_named(str(path_or_name))


def _names() -> str:
    cells = ", ".join(cell.name for cell in known_cells())
    return f"Names without a suffix are cells of the catalogue: {cells}"
