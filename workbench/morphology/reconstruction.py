"""The door to MorphIO and NeuroM, which know the file formats of the field."""

import re
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import MorphologyError
from workbench.morphology.branches import Branch
from workbench.morphology.section import FloatArray, Region
from workbench.morphology.soma import contour_stack, point_soma

# MorphIO's numbers of section types are those of SWC.
KINDS: dict[int, Region] = {2: "axonal", 3: "basal", 4: "apical"}


def open_file(path: Path) -> tuple[Any, tuple[str, ...]]:
    """Return a file as MorphIO reads it, and MorphIO's warnings.

    Raises
    ------
    MorphologyError
        MorphIO cannot read it, finds several somata, or no soma.
    """
    import morphio

    morphio.set_maximum_warnings(0)
    warnings = morphio.WarningHandlerCollector()
    cut_where_kinds_change = morphio.Option.allow_unifurcated_section_change
    try:
        read = morphio.Morphology(*_source(path), cut_where_kinds_change, warning_handler=warnings)
    except morphio.SomaError as error:
        raise MorphologyError(f"{path}: one soma is needed. {_plain(error, path)}") from error
    except (morphio.MorphioError, RuntimeError) as error:
        raise MorphologyError(f"{path} cannot be read: {_plain(error, path)}") from error
    notes = tuple(_plain(found.warning.msg(), path) for found in warnings.get_all())
    if len(read.soma.points) == 0:
        raise MorphologyError(f"{path}: no soma found. A cell needs one as its root")
    return read, notes


def _source(path: Path) -> tuple[str, ...]:
    """Return what MorphIO opens: the file, or its text if MorphIO would trip over its first bytes.

    Windows' editors put a byte order mark before the text.
    """
    with path.open("rb") as file:
        if file.read(len(BOM_UTF8)) != BOM_UTF8:
            return (str(path),)
    return path.read_text(encoding="utf-8-sig", errors="replace"), path.suffix.lower()[1:]


def traced_branches(read: Any, path: Path) -> list[Branch]:
    """Return the branches of a Neurolucida or H5 file, the soma first.

    Every tree hangs on the middle of the soma, wherever it starts (as in NEURON's Import3d).

    Raises
    ------
    MorphologyError
        A section that is neither axon nor basal nor apical dendrite, or a soma without shape.
    """
    branches = [Branch("somatic", -1, 0.0, _soma_points(read, path))]
    for section in read.sections:
        region = KINDS.get(int(section.type))
        if region is None:
            raise MorphologyError(
                f"{path}: section {section.id} is of type {section.type}; a section is axon, "
                "basal or apical dendrite"
            )
        points = np.column_stack([section.points, section.diameters]).astype(np.float64)
        parent, parent_x = (0, 0.5) if section.is_root else (section.parent.id + 1, 1.0)
        branches.append(Branch(region, parent, parent_x, points))
    return branches


def soma_sphere(read: Any) -> tuple[FloatArray, float]:
    """Return NeuroM's centre of the soma and its membrane area in um2."""
    from neurom.core.soma import get_area, get_center

    return np.asarray(get_center(read.soma), dtype=float), float(get_area(read.soma))


def _soma_points(read: Any, path: Path) -> FloatArray:
    # MorphIO keeps single precision; the shortest decimal for it is the number in the file.
    outline = np.array([[float(str(value)) for value in point] for point in read.soma.points])
    if len(outline) == 1:
        return point_soma(outline[0], float(read.soma.diameters[0]))
    if len(outline) == 2:
        raise MorphologyError(f"{path}: a soma of two points; one or an outline of three is needed")
    try:
        return contour_stack(outline)
    except MorphologyError as error:
        raise MorphologyError(f"{path}: {error}; try soma='sphere'") from error


def _plain(message: object, path: Path) -> str:
    """Return MorphIO's message in one line, without colours and without the file's name."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(message))
    text = re.sub(re.escape(str(path)) + r":(\d+):(error|warning)", r"line \1:", text)
    return re.sub(r"\s+", " ", text.replace("line 0:", "").replace("Warning: ", "")).strip()
