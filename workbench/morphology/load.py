"""From a file or a name in the catalogue to a Morphology."""

import os
from pathlib import Path

import numpy as np

from workbench.errors import MorphologyError, unknown
from workbench.inputs import content
from workbench.morphology.branches import to_sections
from workbench.morphology.download import at_hand
from workbench.morphology.generate import read_table
from workbench.morphology.hoc import read_hoc
from workbench.morphology.known_cells import catalogue
from workbench.morphology.soma import SOMA_MODELS, SomaModel, with_single_soma
from workbench.morphology.swc import read_swc
from workbench.morphology.tree import Morphology
from workbench.resources import shipped

SUFFIXES = (".swc", ".asc", ".h5", ".hoc", ".toml")


def load_morphology(
    path_or_name: str | Path, soma: SomaModel = "neuron", *, trust_hoc: bool = False
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
    trust_hoc
        Run a .hoc file, which is a program, although the catalogue does not know it.

    Returns
    -------
    The cell with NEURON's section names and order; `notes` holds the reader's warnings.

    Raises
    ------
    MorphologyError
        No such file or name, a file that cannot be read, no soma or several, or an unknown
        soma model.
    """
    if soma not in SOMA_MODELS:
        raise MorphologyError(unknown("soma model", soma, SOMA_MODELS))
    path = _find(path_or_name)
    if path.suffix.lower() not in SUFFIXES:
        raise MorphologyError(f"{path}: {unknown('suffix', path.suffix, SUFFIXES)}")
    if path.suffix.lower() == ".toml":
        return read_table(path)
    if path.suffix.lower() == ".hoc":
        if soma != "neuron":
            raise MorphologyError(f"{path}: a hoc file draws the soma itself; leave {soma!r} out")
        return read_hoc(path, content(path, MorphologyError), trust_hoc)
    from workbench.morphology.reconstruction import open_file, soma_sphere, traced_branches

    read, warnings = open_file(path)
    if path.suffix.lower() == ".swc":
        branches, oddities = read_swc(path)
    else:
        branches, oddities = traced_branches(read, path), ()
    sections, left_out = to_sections(branches)
    if soma != "neuron":
        somatic = [section for section in sections if section.region == "somatic"]
        centre, area_um2 = soma_sphere(read)
        if soma == "cylinder":
            area_um2 = sum(section.area_um2 for section in somatic)
        sections = with_single_soma(sections, np.asarray(centre), area_um2)
    notes = (*warnings, *oddities, *left_out)
    return Morphology(path.stem, sections, soma, source=path.name, notes=notes)


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
    return generated if generated.is_file() else at_hand(name)


def _find(path_or_name: str | Path) -> Path:
    path = Path(os.path.expanduser(path_or_name))
    if path.is_file():
        return path
    if path.suffix or len(path.parts) > 1:
        what = "is a folder" if path.is_dir() else "does not exist"
        raise MorphologyError(f"the file {path.absolute()} {what}. {_names()}")
    return find_named(str(path_or_name))


def _names() -> str:
    cells = ", ".join(cell.name for cell in catalogue())
    return f"Names without a suffix are cells of the catalogue: {cells}"
