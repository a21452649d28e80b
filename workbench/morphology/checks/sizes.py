"""How large the parts of a cell are, as NEURON has them and as NeuroM does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from workbench.errors import MorphologyError
from workbench.morphology.checks.check import Finding
from workbench.morphology.checks.somata import before_first
from workbench.morphology.readers.load import in_um, path_of
from workbench.morphology.readers.swc_rows import KINDS, Kinds
from workbench.morphology.section import REGIONS
from workbench.morphology.tree import Morphology

READ_BY_NEUROM = (".swc", ".asc", ".h5")
APART = 0.005
"""Lengths and areas that differ by a larger part are no longer one reading."""


@dataclass(frozen=True)
class Size:
    """How large a part of a cell is.

    Attributes
    ----------
    sections
        How many there are; None where the reader counts none (NeuroM's soma).
    length_um, area_um2
        Of the frusta between points; the length is None where the reader has none.
    """

    sections: int | None
    length_um: float | None
    area_um2: float


def sizes_in_neuron(morphology: Morphology) -> dict[str, Size]:
    """Return the size of each region that there is, and of each named one, as NEURON has it."""
    return {
        region: Size(
            len(morphology.indices(region)),
            morphology.length_um(region),
            morphology.area_um2(region),
        )
        for region in morphology.region_names
        if region not in REGIONS or morphology.indices(region)
    }


def sizes_in_neurom(
    path_or_name: str | Path, *, unit: str = "um", kinds: Kinds = MappingProxyType({})
) -> dict[str, Size]:
    """Return the size of each region of a file as NeuroM reads it.

    Parameters
    ----------
    path_or_name, unit, kinds
        As `load_morphology` takes them. Other kinds stand under their number.

    Raises
    ------
    MorphologyError
        A file that NeuroM cannot read.
    """
    from workbench.morphology.readers.reconstruction import read_by_neurom

    path, um = path_of(path_or_name), in_um(unit)
    if path.suffix.lower() not in READ_BY_NEUROM:
        raise MorphologyError(f"NeuroM reads {', '.join(READ_BY_NEUROM)}, and no {path.suffix}")
    read = read_by_neurom(path)
    named = {str(code): region for code, region in KINDS.items()} | {
        str(code): kind for code, kind in kinds.items() if kind != "parent"
    }
    found = {}
    if read["soma_um2"] is not None:
        found["somatic"] = Size(None, None, read["soma_um2"] * um**2)
    for code, (count, length, area) in sorted(read["kinds"].items()):
        name = named.get(code, f"kind {code}")
        found[name] = Size(int(count), length * um, area * um**2)
    return found


def sizes_apart(morphology: Morphology, theirs: Mapping[str, Size]) -> Iterator[Finding]:
    """Yield the regions that are larger in NEURON or NeuroM by 0.5 %, where nothing else says so.

    The check `beginning` and the notes of the file's reader may have said why already.

    Parameters
    ----------
    theirs
        As `sizes_in_neurom` returns them.
    """
    ours = sizes_in_neuron(morphology)
    said = any("NeuroM" in note for note in morphology.notes)
    for region in dict.fromkeys((*ours, *theirs)):
        if region == "somatic" and said:
            continue
        here, there = (sizes.get(region, Size(0, 0.0, 0.0)) for sizes in (ours, theirs))
        _, before_um, before_um2 = before_first(morphology, region)
        apart = [
            f"{what} is {one:.5g} {unit} in NEURON and {other:.5g} in NeuroM"
            for what, unit, one, other, known in (
                ("length", "um", here.length_um, there.length_um, before_um),
                ("area", "um2", here.area_um2, there.area_um2, before_um2),
            )
            if one is not None and other is not None and _differ(one, other, known)
        ]
        if apart:
            yield Finding(
                "NeuroM", "", f"the {region} {', its '.join(apart)}. {_why(region)}", "remark"
            )


def _differ(one: float, other: float, known: float) -> bool:
    """Tell whether two sizes are apart, and not because of what is known to be between them."""
    most = APART * max(one, other)
    return abs(one - other) > most and abs(one - known - other) > most


def _why(region: str) -> str:
    if region == "somatic":
        return "NEURON draws frusta through its points, and NeuroM a sphere around their middle"
    return "They hang the rows of this file together in different ways"
