"""Rows of measures: a cell each, or a cell and a region."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from workbench.arrays import Floats
from workbench.errors import MorphologyError, unknown
from workbench.morphology.measures import by_neurom, own  # noqa: F401 - they fill MEASURES
from workbench.morphology.measures.shape import MEASURES, Shape, drawn_of
from workbench.morphology.readers.load import load_morphology
from workbench.morphology.readers.soma import SomaModel
from workbench.morphology.readers.swc_rows import Kinds
from workbench.morphology.regions.named import GivenRegion
from workbench.morphology.section import REGIONS
from workbench.morphology.tree import Morphology

By = Literal["cell", "region"]
"""What has a row of its own."""

BYS: tuple[By, ...] = ("cell", "region")
FEWEST = 2
"""Other values that a mean and an SD need."""

Row = dict[str, Any]


def measure_morphologies(
    cells: Iterable[str | Path | Morphology],
    by: By = "cell",
    *,
    soma: SomaModel = "neuron",
    unit: str = "um",
    kinds: Kinds = MappingProxyType({}),
    trust_hoc: bool = False,
    regions: Mapping[str, GivenRegion] = MappingProxyType({}),
) -> list[Row]:
    """Return the measures of cells, a row each; of each region with `by="region"`.

    Parameters
    ----------
    cells
        Files, names of the catalogue, or morphologies.
    by
        "cell": all neurites together, with the soma's area; "region": a row for each region that
        the cell has, the soma without, and for each of its named regions.
    soma, unit, kinds, trust_hoc
        How files are read, see `load_morphology`.
    regions
        Named regions that each of the cells has besides its own, see `Morphology.with_regions`.

    Returns
    -------
    Rows with the same keys: `cell`, `region`, the measures, `z_` and a measure, and `reason`. A
    z-score is the distance from the mean of the other cells' values (same region) in their SD,
    where there are two others or more. A measure that a shape does not have is NaN. A file that
    cannot be read is a row too: its `reason` says why, and its measures are NaN.

    Raises
    ------
    MorphologyError
        Another `by`.
    """
    if by not in BYS:
        raise MorphologyError(unknown("by", by, BYS))
    rows: list[Row] = []
    for cell in cells:
        try:
            loaded = cell
            if not isinstance(loaded, Morphology):
                loaded = load_morphology(loaded, soma, unit=unit, kinds=kinds, trust_hoc=trust_hoc)
            rows += _rows(loaded.with_regions(regions), by)
        except MorphologyError as error:
            name = cell.name if isinstance(cell, Morphology) else str(cell)
            rows.append({"cell": name, "region": "", "reason": str(error)})
    return _completed(rows, by)


def _rows(morphology: Morphology, by: By) -> Iterator[Row]:
    in_space = drawn_of(morphology)
    neurites: list[str] = [region for region in REGIONS[1:] if morphology.indices(region)]
    if not neurites:
        raise MorphologyError(f"{morphology.name} has a soma alone, and measures are of neurites")
    neurites += [region for region, sections in in_space.named.items() if sections]
    for region in neurites if by == "region" else ["all"]:
        shape = Shape(in_space, region)
        row: Row = {"cell": morphology.name, "region": region}
        row |= {name: float(function(shape)) for name, function in MEASURES.items()}
        if by == "cell":
            row["soma_area_um2"] = morphology.area_um2("somatic")
        else:
            others = REGIONS[1:]
            row |= {f"overlap_{other}": own.overlap(shape, other) for other in others}
        yield row


def _completed(rows: Sequence[Row], by: By) -> list[Row]:
    """Return rows with the same keys, and z-scores."""
    more = ["soma_area_um2"] if by == "cell" else [f"overlap_{one}" for one in REGIONS[1:]]
    names = [*MEASURES, *more]
    values = np.array([[row.get(name, np.nan) for name in names] for row in rows], dtype=float)
    regions = np.array([row["region"] for row in rows])
    done = []
    for number, row in enumerate(rows):
        others = (regions == row["region"]) & (np.arange(len(rows)) != number)
        scores = [
            _z(one, them)
            for one, them in zip(values[number].tolist(), values[others].T, strict=True)
        ]
        made = {"cell": row["cell"], "region": row["region"]}
        made |= dict(zip(names, values[number].tolist(), strict=True))
        made |= {f"z_{name}": score for name, score in zip(names, scores, strict=True)}
        done.append(made | {"reason": row.get("reason", "")})
    return done


def _z(value: float, others: Floats) -> float:
    known = others[np.isfinite(others)]
    spread = float(known.std(ddof=1)) if len(known) >= FEWEST else 0.0
    return float((value - known.mean()) / spread) if spread > 0 else float("nan")
