"""From one file of a cell to another, and what the other cannot hold."""

import os
from pathlib import Path
from types import MappingProxyType

from workbench.errors import MorphologyError, unknown
from workbench.morphology.comparing import Difference, compare_morphologies
from workbench.morphology.readers.load import load_morphology
from workbench.morphology.readers.soma import SomaModel
from workbench.morphology.readers.swc_rows import Kinds
from workbench.morphology.tree import Morphology
from workbench.morphology.writers.drawn import drawn
from workbench.morphology.writers.mutable import write_traced
from workbench.morphology.writers.swc import swc_text

FORMATS = (".swc", ".asc", ".h5")


def convert_morphology(
    source: str | Path | Morphology,
    out: str | Path,
    soma: SomaModel = "neuron",
    *,
    unit: str = "um",
    kinds: Kinds = MappingProxyType({}),
    trust_hoc: bool = False,
) -> tuple[Difference, ...]:
    """Write a cell as an SWC, Neurolucida or H5 file, and tell what became of it.

    The file is read back and compared. In SWC, sections keep their lengths, diameters and order;
    one that begins away from where it hangs is moved there, and one that goes on in a single child
    of its region becomes one with it. In ASC and H5 the soma is an outline, and all trees hang on
    its middle. Cylinders, which have no place, are laid out in x and y.

    Parameters
    ----------
    source
        A morphology, or the file or name of one.
    out
        The file to write; its suffix says the format: .swc, .asc or .h5.
    soma, unit, kinds, trust_hoc
        How the source is read, see `load_morphology`.

    Returns
    -------
    What differs between the source and the file as it is read back; nothing if nothing does.

    Raises
    ------
    MorphologyError
        A source that cannot be read, another suffix, or a cell without a soma for ASC or H5.
    OSError
        If the file cannot be written.
    """
    path = Path(os.path.expanduser(out))
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise MorphologyError(f"{out}: {unknown('suffix to write', path.suffix, FORMATS)}")
    cell = source
    if not isinstance(cell, Morphology):
        cell = load_morphology(cell, soma, unit=unit, kinds=kinds, trust_hoc=trust_hoc)
    if suffix != ".swc" and cell.sections[0].region != "somatic":
        raise MorphologyError(f"{out}: {cell.name} has no soma, and {suffix} files need one")
    partial = path.with_name(f"{path.stem}.partial{suffix}")
    try:
        if suffix == ".swc":
            partial.write_text(swc_text(drawn(cell)), encoding="utf-8")
        else:
            write_traced(drawn(cell), partial)
        found = compare_morphologies(cell, _read_back(partial, cell))
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return found


def _read_back(path: Path, cell: Morphology) -> Morphology:
    try:
        return load_morphology(path)
    except MorphologyError as error:
        raise MorphologyError(
            f"{cell.name} cannot be kept in a {path.suffix} file, which would be none that can be "
            f"read: {error}. Try another format: {', '.join(FORMATS)}"
        ) from None
