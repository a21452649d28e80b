"""The axon replaced as published models replace it."""

from dataclasses import replace
from typing import Literal

from workbench.errors import MorphologyError
from workbench.morphology.edits.axon import remove_axon, replace_axon
from workbench.morphology.edits.edit import edit
from workbench.morphology.section import Section
from workbench.morphology.tree import Morphology

Model = Literal["bluepyopt", "bluepyemodel", "hay", "allen-perisomatic", "allen-all-active"]

_PIECES, _PIECE_um, _MYELIN_um = 10, 6.0, 1000.0


@edit
def stub_axon(morphology: Morphology, *, like: Model = "bluepyopt") -> Morphology:
    """Return the cell with the stub of a family of models, two cylinders of 30 um, for its axon.

    That of `bluepyemodel` is ten cylinders of 6 um, as thick as the first ten pieces of about 6 um
    of the axon's sections, and 1000 um behind them, its myelin, as thick as the last: what
    BluePyEModel's `replace_axon_with_taper` makes as two sections of five segments and a third.

    `bluepyopt` takes their diameters from the axon, in the middle segments of sections cut every
    40 um, and hangs them on soma(1) (Van Geit et al. 2016). `allen-all-active` hangs them there, as
    thick as the first and the last section of the axon, each as a whole (Billeh et al. 2020). `hay`
    (Hay et al. 2011) and `allen-perisomatic` (Gouwens et al. 2018) are 1 um thick on soma(0.5).

    Parameters
    ----------
    like
        `bluepyopt`, `bluepyemodel`, `hay`, `allen-perisomatic` or `allen-all-active`.

    Raises
    ------
    MorphologyError
        The axon cannot be taken off, or there is none to take diameters from, or too little.
    """
    if like == "bluepyemodel":
        return _initial_segment_and_myelin(morphology)
    if like == "bluepyopt":
        return replace_axon(morphology)
    if like == "allen-all-active":
        axon = [morphology.sections[index] for index in morphology.indices("axonal")]
        if not axon:
            raise MorphologyError(
                f"{morphology.name} has no axon, from whose first and last section "
                "`allen-all-active` takes the diameters of its stub"
            )
        near, far = (float(one.segment_diameters_um(1)[0]) for one in (axon[0], axon[-1]))
        return replace_axon(morphology, diameters_um=(near, far))
    return replace_axon(morphology, diameters_um=(1.0, 1.0), soma_x=0.5)


def _initial_segment_and_myelin(morphology: Morphology) -> Morphology:
    axon = [morphology.sections[index] for index in morphology.indices("axonal")]
    counts = [1 + 2 * int(one.length_um / _PIECE_um / 2) for one in axon]
    found = [d for one, n in zip(axon, counts, strict=True) for d in one.segment_diameters_um(n)]
    if len(axon) < 3 or len(found) < _PIECES:
        raise MorphologyError(
            f"{morphology.name} has {len(axon)} axonal sections with {len(found)} pieces of about "
            f"{_PIECE_um:g} um; `bluepyemodel` takes the diameters of its initial segment from "
            f"{_PIECES} pieces of three sections or more"
        )
    rest = remove_axon(morphology)
    sections = list(rest.sections)
    for number, diameter_um in enumerate([*found[:_PIECES], found[_PIECES - 1]]):
        parent = len(sections) - 1 if number else rest.index("soma[0]")
        length_um = _PIECE_um if number < _PIECES else _MYELIN_um
        sections.append(Section.cylinder("axonal", parent, 1.0, length_um, float(diameter_um)))
    return replace(rest, sections=tuple(sections))
