"""Neurolucida and H5 files, and NeuroM's somata: what MorphIO reads in a child of its own.

A damaged file may crash MorphIO or keep it busy for ever; so each is opened once, by a child with
a limit in time, and what came out is kept.
"""

import hashlib
import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.errors import MorphologyError
from workbench.morphology.readers.branches import Branch, Notes
from workbench.morphology.readers.outlines import outlines_of
from workbench.morphology.readers.soma import SomaModel, circles_of, contour_stack, point_soma
from workbench.morphology.readers.soma_forms import differing_outline
from workbench.morphology.section import FARTHEST_um, Region
from workbench.questions import ChildFailed, ask

# MorphIO's numbers of section types are those of SWC.
KINDS: dict[int, Region] = {2: "axonal", 3: "basal", 4: "apical"}

LIMIT_s = 120.0


def read_traced(
    path: Path, content: bytes, um: float, model: SomaModel
) -> tuple[list[Branch], Notes, tuple[Floats, float] | None]:
    """Return the branches of a Neurolucida or H5 file, the soma first; and what was odd.

    Every tree hangs on the middle of the soma, wherever it starts (as in NEURON's Import3d).

    Parameters
    ----------
    um
        The file's unit of length in um.
    model
        Other than "neuron", NeuroM is asked for the soma's centre and area in um2: the last answer.

    Raises
    ------
    MorphologyError
        A file that MorphIO cannot read; a section that is neither axon nor basal nor apical
        dendrite; no soma, several, or one without shape.
    """
    outlines: Sequence[Floats] = ()
    text, suffix = None, path.suffix.lower()
    if suffix == ".asc":
        outlines, text = outlines_of(path, _legible(content))
    read = _asked(str(path.absolute()), suffix, text, _digest(content), model != "neuron")
    if "refused" in read:
        raise MorphologyError(f"{path}: {read['refused']}")
    if not read["outline"]:
        raise MorphologyError(f"{path}: no soma found. A cell needs one as its root")
    notes = tuple(read["warnings"])
    centre, area_um2 = read["sphere"] or (None, 0.0)
    if len(outlines) > 1:
        if model == "sphere":
            raise MorphologyError(
                f"{path}: soma='sphere' is NeuroM's, which refuses a soma of several outlines; "
                "'neuron' and 'cylinder' take them as NEURON does"
            )
        soma = circles_of([outline * um for outline in outlines])
        centre = soma[:, :3].mean(axis=0) / um
        notes += (
            f"the soma is a stack of {len(outlines)} outlines, read as frusta through one circle "
            "each, as NEURON does; MorphIO and NeuroM refuse it",
        )
    else:
        soma = _soma_points(read, um, path)
        if len(read["outline"]) > 2:
            notes += tuple(differing_outline(np.array(read["outline"]) * um, soma))
    branches = [Branch("somatic", -1, 0.0, soma)]
    for number, section in enumerate(read["sections"]):
        region = KINDS.get(section["type"])
        if region is None:
            raise MorphologyError(
                f"{path}: section {number} is of type {section['type']}; a section is axon, "
                "basal or apical dendrite"
            )
        points = np.array(section["points"]) * um
        _check_places(path, f"section {number}", points)
        on_soma = section["parent"] < 0
        parent, parent_x = (0, 0.5) if on_soma else (section["parent"] + 1, 1.0)
        branches.append(Branch(region, parent, parent_x, points))
    found = None if centre is None else (np.array(centre) * um, area_um2 * um**2)
    return branches, Notes(notes), found


def _legible(content: bytes) -> str:
    """Return a Neurolucida file's text as MorphIO can read it, line by line the same.

    Names and comments may be in any letters, in the middle of which MorphIO would cut its messages.
    Numbers may be written as .5 and 5., which NEURON reads.
    """
    text = content.removeprefix(BOM_UTF8).decode("ascii", errors="replace").replace("\ufffd", "?")
    text = re.sub(r"(?<=[\s(,+-])\.(?=\d)", "0.", text)
    return re.sub(r"(?<=\d)\.(?=[\s,)eE])", ".0", text)


def soma_sphere(path: Path, soma: str) -> tuple[Floats, float]:
    """Return NeuroM's centre of a soma given as the rows of an SWC file, and its area in um2.

    Raises
    ------
    MorphologyError
        NeuroM cannot read it.
    """
    read = _asked(str(path), ".swc", soma, _digest(soma.encode()), True)
    if "refused" in read:
        raise MorphologyError(f"{path}: {read['refused']}")
    centre, area_um2 = read["sphere"]
    return np.array(centre), area_um2


def read_by_neurom(path: Path) -> Any:
    """Return the sizes of a file's sections by kind, and of its soma, as NeuroM reads them.

    Raises
    ------
    MorphologyError
        NeuroM cannot read it.
    """
    question = {"path": str(path.absolute()), "suffix": path.suffix.lower(), "sizes": True}
    try:
        read: Any = ask("workbench.morphology.readers.foreign", question, LIMIT_s)
    except ChildFailed as failure:
        raise MorphologyError(f"NeuroM ended without an answer: {_last_line(failure)}") from None
    if "refused" in read:
        raise MorphologyError(f"NeuroM cannot read it: {read['refused']}")
    return read


@lru_cache(maxsize=32)
def _asked(path: str, suffix: str, text: str | None, digest: str, sphere: bool) -> Any:
    """Return the child's answer; `digest` tells two contents of one path apart."""
    source = {"path": path} if text is None else {"text": text}
    try:
        question = {"suffix": suffix, "sphere": sphere, **source}
        return ask("workbench.morphology.readers.foreign", question, LIMIT_s)
    except ChildFailed as failure:
        return {
            "refused": f"MorphIO, which reads {suffix} files, ended without an answer "
            f"({_last_line(failure)}): the file is damaged or too large. Write it again from its "
            "source, or convert it to .swc"
        }


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _last_line(failure: ChildFailed) -> str:
    return str(failure).strip().splitlines()[-1]


def _check_places(path: Path, where: str, places: Floats) -> None:
    if not (np.abs(places) <= FARTHEST_um).all():
        raise MorphologyError(
            f"{path}: {where} has a point at {np.abs(places).max():g} um; a number of at most "
            f"{FARTHEST_um:g} is needed"
        )


def _soma_points(read: Any, um: float, path: Path) -> Floats:
    outline = np.array(read["outline"]) * um
    _check_places(path, "the soma", outline)
    if len(outline) == 1:
        return point_soma(outline[0], read["diameters"][0] * um)
    if len(outline) == 2:
        raise MorphologyError(f"{path}: a soma of two points; one or an outline of three is needed")
    try:
        return contour_stack(outline)
    except MorphologyError as error:
        raise MorphologyError(f"{path}: {error}; try soma='sphere'") from error
