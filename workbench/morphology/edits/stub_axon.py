"""The axon replaced as published models replace it."""

from typing import Literal

from workbench.errors import MorphologyError
from workbench.morphology.edits.axon import replace_axon
from workbench.morphology.edits.edit import edit
from workbench.morphology.tree import Morphology

Model = Literal["bluepyopt", "hay", "allen-perisomatic", "allen-all-active"]


@edit
def stub_axon(morphology: Morphology, *, like: Model = "bluepyopt") -> Morphology:
    """Return the cell with the stub of a family of models, two cylinders of 30 um, for its axon.

    `bluepyopt` takes their diameters from the axon, in the middle segments of sections cut every
    40 um, and hangs them on soma(1) (Van Geit et al. 2016). `allen-all-active` hangs them there, as
    thick as the first and the last section of the axon, each as a whole (Billeh et al. 2020). `hay`
    (Hay et al. 2011) and `allen-perisomatic` (Gouwens et al. 2018) are 1 um thick on soma(0.5).

    Parameters
    ----------
    like
        `bluepyopt`, `hay`, `allen-perisomatic` or `allen-all-active`.

    Raises
    ------
    MorphologyError
        The axon cannot be taken off, or there is none to take diameters from.
    """
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
