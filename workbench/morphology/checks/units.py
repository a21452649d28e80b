"""Sizes that no cell has: another unit, another step in z."""

from collections.abc import Iterator

import numpy as np

from workbench.arrays import Floats
from workbench.morphology.checks.check import Finding, check, neurites, place_of
from workbench.morphology.checks.diameters import FEW, THINNEST_um
from workbench.morphology.tree import Morphology

SOMA_um = (0.5, 2000.0)
"""No soma is thinner or wider; those of wasps are 1 um wide, those of sea slugs 1 mm."""

NEURITE_um = (0.005, 100.0)
"""No tree of traced neurites is mostly thinner or wider."""

LIKELY_um = {"somatic": (2.0, 100.0), "neurites": (0.1, 10.0)}
UNITS_um = {"nm": 1e-3, "mm": 1e3}

FLAT = 0.05
"""Of its width: a cell less deep than that was pressed, or z was not measured."""

STEPS = 0.02
"""So many heights for a point, or fewer, are those of a stage and not of a cell."""

CUT = 0.3
"""Of the tips that end in one plane: such a part, or more, was cut."""
CUT_TIPS = 8
SLAB = 0.01
"""Thickness of that plane, of the cell's extent."""
SLAB_um = 1.0
AXES = "xyz"


@check("size", "error")
def size(morphology: Morphology) -> Iterator[Finding]:
    """Find somata, or else neurites, of a size that no cell has: another unit."""
    somatic = morphology.indices("somatic")
    traced = [s for s in morphology.sections if s.region != "somatic" and not s.is_cylinder]
    for index in somatic[:1]:
        widest = max(float(morphology.sections[i].points[:, 3].max()) for i in somatic)
        given_as_such = morphology.sections[index].is_cylinder
        if not SOMA_um[0] <= widest <= SOMA_um[1] and not given_as_such and widest > THINNEST_um:
            what = f"the soma is {widest:g} um wide, and no soma is wider than {SOMA_um[1]:g} um"
            if widest < SOMA_um[0]:
                what = f"the soma is {widest:g} um wide, and none is thinner than {SOMA_um[0]:g} um"
            name, place = morphology.names[index], place_of(morphology.sections[index], 0)
            yield Finding("size", name, what, "error", _meant(widest, "somatic"), place)
            return
    if traced and not somatic:
        middle = float(np.median(np.concatenate([s.points[:, 3] for s in traced])))
        if middle > NEURITE_um[1] or THINNEST_um < middle < NEURITE_um[0]:
            what = f"half of all points are wider than {middle:g} um, as in no cell"
            if middle < NEURITE_um[0]:
                what = f"half of all points are thinner than {middle:g} um, as in no cell"
            yield Finding("size", "", what, "error", _meant(middle, "neurites"))


def _meant(width_um: float, what: str) -> str:
    low, high = LIKELY_um[what]
    for unit, um in UNITS_um.items():
        if low <= width_um * um <= high:
            return (
                f"In {unit} it would be {width_um * um:.3g} um: name the unit, in cell.toml "
                f'[morphology] unit = "{unit}", in Python load_morphology(..., unit="{unit}"); '
                f"--fix --unit {unit} writes the file in um"
            )
    return "If the file is in another unit, name it: [morphology] unit"


@check("pixels", "note")
def pixels(morphology: Morphology) -> Iterator[Finding]:
    """Find tracings whose points all have whole numbers in x and y, as pixels have."""
    places = _places(morphology)
    if len(places) >= FEW and (places[:, :2] == np.round(places[:, :2])).all():
        message = (
            f"x and y of all {len(places)} points are whole numbers: these may be pixels, and no um"
        )
        mend = "If so, name their size, as in [morphology] unit = \"0.2 um\"; --fix --unit '0.2 um'"
        yield Finding("pixels", "", message, "note", mend + " writes the file in um")


@check("flat", "remark")
def flat(morphology: Morphology) -> Iterator[Finding]:
    """Find cells that are nearly flat in z."""
    places = _places(morphology)
    if len(places) < FEW:
        return
    width, height, depth = np.ptp(places, axis=0)
    if depth < FLAT * min(width, height):
        message = (
            f"the neurites are {depth:.3g} um deep, and {width:.3g} by {height:.3g} um wide: they "
            "were pressed, or traced in projection, and are longer than this"
        )
        mend = "If the shrinkage in z is known, the edit undo-shrinkage takes it back"
        yield Finding("flat", "", message, "remark", mend)


@check("steps in z", "remark")
def steps_in_z(morphology: Morphology) -> Iterator[Finding]:
    """Find cells whose points lie in a few planes in z alone."""
    places = _places(morphology)
    heights = np.unique(places[:, 2])
    if len(places) < FEW or not 1 < len(heights) <= max(2.0, STEPS * len(places)):
        return
    step = float(np.median(np.diff(heights)))
    message = (
        f"{len(places)} points lie in {len(heights)} planes, {step:.3g} um apart in z: the steps "
        "of a stage, along which neurites look longer or shorter than they are"
    )
    mend = "If these are numbers of images, multiply z by their distance; the edit smooth evens it"
    yield Finding("steps in z", "", message, "remark", mend)


@check("cut plane", "remark")
def cut_plane(morphology: Morphology) -> Iterator[Finding]:
    """Find dendrites of which many end in one plane: the face of a slice."""
    ends = [
        index
        for index in neurites(morphology)
        if morphology.sections[index].region != "axonal" and not morphology.children[index]
    ]
    if len(ends) < CUT_TIPS:
        return
    tips = np.array([morphology.sections[index].points[-1, :3] for index in ends])
    places = _places(morphology)
    for axis, name in enumerate(AXES):
        extent = float(np.ptp(places[:, axis]))
        slab = max(SLAB_um, SLAB * extent)
        if extent < 10 * slab:
            continue
        for edge, side in ((tips[:, axis].min(), "lowest"), (tips[:, axis].max(), "highest")):
            inside = np.flatnonzero(np.abs(tips[:, axis] - edge) <= slab)
            if len(inside) >= max(CUT_TIPS / 2, CUT * len(tips)):
                index = ends[int(inside[0])]
                message = (
                    f"{len(inside)} of {len(tips)} dendrites end within {slab:.3g} um of the "
                    f"{side} {name}, {edge:.4g} um: the face of a slice, in which they were cut"
                )
                mend = "What was cut off is not in the file; see what the missing dendrites do"
                place = place_of(morphology.sections[index], -1)
                yield Finding("cut plane", morphology.names[index], message, "remark", mend, place)


def _places(morphology: Morphology) -> Floats:
    """Return the places of all neurites' points, (n, 3)."""
    found = [morphology.sections[index].points[:, :3] for index in neurites(morphology)]
    return np.concatenate(found) if found else np.empty((0, 3))
