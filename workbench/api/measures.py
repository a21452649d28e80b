"""Measures of cells as a table."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from workbench.api.cells import Cell
from workbench.morphology import By, GivenRegion, Kinds, Morphology, SomaModel, measure_morphologies

if TYPE_CHECKING:
    import pandas

Measurable = str | Path | Morphology | Cell


def measure(
    cells: Measurable | Iterable[Measurable],
    by: By = "cell",
    *,
    soma: SomaModel = "neuron",
    unit: str = "um",
    kinds: Kinds = MappingProxyType({}),
    trust_hoc: bool = False,
    regions: Mapping[str, GivenRegion] = MappingProxyType({}),
) -> "pandas.DataFrame":
    """Return the measures of one cell or of several, a row each.

    Parameters
    ----------
    cells
        A file, a name of the catalogue, a morphology or a cell; or several of them.
    by
        "cell": all neurites together, and the soma's area; "region": a row for each region, named
        ones among them.
    soma, unit, kinds, trust_hoc
        How files are read, see `load_morphology`.
    regions
        Named regions that each of the cells has besides its own, see `Morphology.with_regions`.

    Returns
    -------
    Columns `cell`, `region`, the measures with their units, `z_` and a measure (its distance from
    the other cells' mean in their SD; NaN for fewer than three cells), and `reason`, which says
    why a file could not be measured and is empty otherwise.

    Raises
    ------
    MorphologyError
        Another `by`.

    Examples
    --------
    >>> import workbench as wb
    >>> table = wb.measure("traub_ca3", by="region")
    >>> dict(zip(table["region"], table["total_length_um"].round(1), strict=True))
    {'basal': 880.0, 'apical': 1200.0}
    """
    import pandas

    given = [cells] if isinstance(cells, str | Path | Morphology | Cell) else list(cells)
    shapes = [one.morphology if isinstance(one, Cell) else one for one in given]
    rows = measure_morphologies(
        shapes, by, soma=soma, unit=unit, kinds=kinds, trust_hoc=trust_hoc, regions=regions
    )
    return pandas.DataFrame(rows)
