"""The axon taken off, or replaced by a short stub, as models of the field do.

The stub is BluePyOpt's (Van Geit et al. 2016, Front Neuroinform 10:17): two cylinders that take
their diameters from the reconstructed axon.
"""

from dataclasses import replace

from workbench.errors import MorphologyError
from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.trees import without
from workbench.morphology.section import Section
from workbench.morphology.tree import Morphology


@edit
def remove_axon(morphology: Morphology) -> Morphology:
    """Return the cell without its axonal sections.

    Raises
    ------
    MorphologyError
        Another region hangs on the axon, or nothing but axon is there.
    """
    try:
        return without(morphology, morphology.indices("axonal"), "which is axon")
    except MorphologyError as error:
        raise MorphologyError(
            f"the axon of {morphology.name!r} cannot be taken off: {error}"
        ) from None


@edit
def replace_axon(
    morphology: Morphology,
    *,
    length_um: float = 60.0,
    diameters_um: tuple[float, float] | None = None,
    soma_x: float = 1.0,
    um_per_segment: float = 40.0,
) -> Morphology:
    """Return the cell with two equal cylinders, one behind the other, for its axon.

    Parameters
    ----------
    length_um
        Length of the stub, half of it for each cylinder.
    diameters_um
        Of the two cylinders; those of the axon by `stub_diameters_um` if none are given.
    soma_x
        Place on soma[0] where the stub is attached.
    um_per_segment
        For the diameters of the axon: its middle one of 1 + 2 int(L / um_per_segment) segments.

    Raises
    ------
    MorphologyError
        The axon cannot be taken off.
    """
    near, far = diameters_um or stub_diameters_um(morphology, length_um, um_per_segment)
    rest = remove_axon(morphology)
    first = Section.cylinder("axonal", rest.index("soma[0]"), soma_x, length_um / 2, near)
    second = Section.cylinder("axonal", len(rest), 1.0, length_um / 2, far)
    return replace(rest, sections=(*rest.sections, first, second))


def stub_diameters_um(
    morphology: Morphology, distance_um: float = 60.0, um_per_segment: float = 40.0
) -> tuple[float, float]:
    """Return the diameters that BluePyOpt gives the two halves of a stub.

    The first is that of axon[0] in its middle segment, of 1 + 2 int(L / um_per_segment). The
    second is that of the first axonal section whose middle lies farther than `distance_um` from
    the middle of the soma; without one, or with a single axonal section, it is the first again.
    Without an axon both are 1 um.
    """
    axon = morphology.indices("axonal")
    if not axon:
        return 1.0, 1.0
    near = far = _middle_diameter_um(morphology.sections[axon[0]], um_per_segment)
    if len(axon) > 1:
        for index in axon:
            if morphology.path_distance_um(index, 0.5) > distance_um:
                far = _middle_diameter_um(morphology.sections[index], um_per_segment)
                break
    return near, far


def _middle_diameter_um(section: Section, um_per_segment: float) -> float:
    nseg = 1 + 2 * int(section.length_um / um_per_segment)
    return float(section.segment_diameters_um(nseg)[nseg // 2])
