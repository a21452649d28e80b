"""Cells that hoc code draws: NEURON itself runs the file in a child, and the tree is copied out.

Most cells of ModelDB are such files: sections are created and connected in loops and procedures,
and points added one by one. Hoc is a programming language, so a file that nobody knows is not run
unless it is trusted. What was drawn is kept in the cache, by the file's text: it runs once.
"""

import contextlib
import hashlib
import importlib.metadata
import re
import shlex
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from workbench.caching import keep, recall
from workbench.errors import MorphologyError, unknown
from workbench.morphology.catalogue.entries import known_content
from workbench.morphology.readers.swc_rows import Kind
from workbench.morphology.section import Region, Section
from workbench.morphology.section_tree import parents_first
from workbench.morphology.tree import Morphology
from workbench.questions import ChildFailed, ask
from workbench.resources import cache_folder

LIMIT_s = 120.0
# Part of the cache's file names: raise it whenever the child answers otherwise.
_FORMAT = 1
_BEGINNINGS: Mapping[str, Region] = {
    "soma": "somatic",
    "axon": "axonal",
    "hill": "axonal",
    "iseg": "axonal",
    "ais": "axonal",
    "node": "axonal",
    "myelin": "axonal",
    "dend": "basal",
    "basal": "basal",
    "apic": "apical",
}
_ALONE = (
    "a morphology's file is run by itself, in an empty folder. Give the file that draws the cell"
)
# NEURON and the points that it keeps agree to rounding, or the copy is not the cell.
_SAME = 1e-6

Drawn = Mapping[str, Any]
"""A section as the child tells of it, see `hoc_child.py`."""


class RefusedHocError(MorphologyError):
    """NEURON refuses what stands in a hoc file."""


def read_hoc(path: Path, content: bytes, trusted: bool, kinds: Mapping[str, Kind]) -> Morphology:
    """Return the cell that a hoc file draws.

    Sections belong to the region that `kinds` or the beginning of their names tells: soma; axon, or
    a part of it in the field's words (hill, iseg, ais, node, myelin); dend or basal; apic. They
    keep NEURON's order, but for parents that were created after their children. One without 3-d
    points is a cylinder.

    Parameters
    ----------
    path
        Of the file, for messages and as the cell's name.
    content
        What it holds.
    trusted
        The user lets it run although the catalogue does not know it.
    kinds
        Regions by the sections' names without numbers, or "parent".

    Raises
    ------
    MorphologyError
        The file is not to be run, NEURON refuses it or does not come to its end, or what it draws
        is no cell: no section or several trees, other names, no soma at the root, sections whose
        diameter varies without 3-d points.
    """
    known = known_content(content)
    # Windows' editors put a byte order mark before the text.
    text = (known or content.removeprefix(BOM_UTF8)).decode("latin-1")
    drew = _cached(text)
    remembered = recall(drew, lambda drawn: _morphology(path, drawn, kinds))
    if remembered is not None:
        return remembered
    if known is None and not trusted:
        raise MorphologyError(
            f"{path} is hoc code, which would run with your rights, and no file that the catalogue "
            f"knows. If you trust it: workbench morphology check {shlex.quote(str(path))} "
            "--trust-hoc, or load_morphology(..., trust_hoc=True); what it draws is then remembered"
        )
    drawn = _run(path, text)
    # Where the cache cannot be written, every reading runs the file again.
    with contextlib.suppress(OSError):
        keep(drew, drawn)
    return _morphology(path, drawn, kinds)


def _run(path: Path, text: str) -> list[Drawn]:
    found: list[Drawn] = ask_neuron(path, "workbench.morphology.readers.hoc_child", text)[
        "sections"
    ]
    return found


def ask_neuron(
    path: Path, module: str, question: object, why_missing: str = _ALONE
) -> dict[str, Any]:
    """Return what a child says in which NEURON runs a hoc file.

    Parameters
    ----------
    why_missing
        What to say of a file that it loads and that is not there.

    Raises
    ------
    RefusedHocError
        NEURON refuses the file.
    MorphologyError
        It does not come to its end.
    """
    try:
        answer: dict[str, Any] = ask(module, question, limit_s=LIMIT_s)
    except ChildFailed as failed:
        raise MorphologyError(
            f"{path}: NEURON did not come to the file's end: {failed}; leave out what the file "
            "runs once the cell is there"
        ) from None
    if "refused" in answer:
        raise RefusedHocError(f"{path}{_complaint(path, answer['refused'], why_missing)}")
    return answer


def _complaint(path: Path, said: str, why_missing: str) -> str:
    """Return ":line: words" of what NEURON says when it refuses a file, or all that it said."""

    def place(file: str, line: str) -> str:
        return f":{line}" if file in ("cell.hoc", path.name) else f": {file}:{line}"

    missing = re.search(r"Couldn't find: (\S+)\s+in (\S+) near line (\d+)", said)
    if missing:
        where = place(missing[2], missing[3])
        return f"{where}: it loads {missing[1]}, which is no part of NEURON; {why_missing}"
    found = re.search(r"NEURON: (.+)\s+in (\S+) near line (\d+)", said)
    if found:
        return f"{place(found[2], found[3])}: NEURON says: {found[1]}"
    return f": NEURON says: {said.strip()[-1000:]}"


def _morphology(path: Path, drawn: Sequence[Drawn], kinds: Mapping[str, Kind]) -> Morphology:
    return drawn_cell(path, drawn, kinds)[0]


def drawn_cell(
    path: Path, drawn: Sequence[Drawn], kinds: Mapping[str, Kind], *, as_simulated: bool = False
) -> tuple[Morphology, list[int]]:
    """Return the cell that a file drew, and for each of its sections the index of what was drawn.

    Parameters
    ----------
    as_simulated
        NEURON simulates a section with its first point at the parent, whichever end hangs there.
        Sections that are turned keep their diameters in this order, along the mirrored way.

    Raises
    ------
    MorphologyError
        If it is no cell.
    """
    if not drawn:
        raise MorphologyError(
            f"{path} makes no section; a file that only declares a template makes a cell with two "
            "lines more: `objref cell` and `cell = new Template()`"
        )
    roots = [one["name"] for one in drawn if one["parent"] < 0]
    if len(roots) > 1:
        raise MorphologyError(
            f"{path} draws {len(roots)} trees, with the roots {_some(roots)}; a cell is one tree"
        )
    order = parents_first([one["parent"] for one in drawn])
    regions = _regions(path, drawn, order, kinds)
    if regions[order[0]] != "somatic":
        raise MorphologyError(
            f"{path}: the tree grows from {roots[0]}; a cell needs its soma as its root"
        )
    new_index = {old: new for new, old in enumerate(order)} | {-1: -1}
    sections = []
    for old in order:
        one = drawn[old]
        turned = one["parent"] >= 0 and drawn[one["parent"]]["turned"]
        parent_x = 1 - one["parent_x"] if turned else one["parent_x"]
        try:
            section = _section(one, regions[old], new_index[one["parent"]], parent_x, as_simulated)
            sections.append(section)
        except MorphologyError as error:
            raise MorphologyError(f"{path}: {one['name']}: {error}") from None
    names = [drawn[old]["name"] for old in order]
    bare = Morphology(path.stem, tuple(sections))
    notes = tuple(_notes(names, bare.names, [drawn[old]["turned"] for old in order]))
    return Morphology(path.stem, bare.sections, "given", source=path.name, notes=notes), order


def _section(
    one: Drawn, region: Region, parent: int, parent_x: float, as_simulated: bool
) -> Section:
    if len(one["points"]) < 2:
        diameters = one["diameters_um"]
        if max(diameters) > min(diameters):
            raise MorphologyError(
                f"its diameter varies from {min(diameters):g} to {max(diameters):g} um, and it has "
                "no 3-d points that would say how; add some (pt3dadd)"
            )
        return Section.cylinder(region, parent, parent_x, one["length_um"], diameters[0])
    points = np.array(one["points"], dtype=float)
    if one["turned"] and as_simulated:
        points[:, :3] = points[0, :3] + points[-1, :3] - points[:, :3]
    elif one["turned"]:
        points = points[::-1]
    section = Section(region, parent, parent_x, points)
    for what, ours, unit in (
        ("length", section.length_um, "um"),
        ("area", section.area_um2, "um2"),
    ):
        theirs = one[f"{what}_{unit}"]
        if abs(ours - theirs) > _SAME * theirs:
            raise MorphologyError(
                f"NEURON gives it a {what} of {theirs:g} {unit}, and its points {ours:g} {unit}"
            )
    return section


def _regions(
    path: Path, drawn: Sequence[Drawn], order: Sequence[int], kinds: Mapping[str, Kind]
) -> dict[int, Region]:
    """Return the region of each section, parents first, so that a child may be of its parent's."""
    arrays = [_plain(one["name"]).partition("[")[0] for one in drawn]
    for key in kinds:
        if key not in arrays:
            raise MorphologyError(f"{path}: kinds: {unknown('section', key, set(arrays))}")
    told = {array: kinds.get(array) or _by_name(array) for array in arrays}
    if strange := [array for array, kind in told.items() if kind is None]:
        say = ", ".join(f'{array} = "basal"' for array in strange[:5])
        raise MorphologyError(
            f"{path}: the sections {_some(strange)} are of no known region; names begin with "
            f"{', '.join(_BEGINNINGS)}. A study can say what others are: in its cell.toml, "
            f'[morphology] kinds = {{{say}}}, with the region of each, or "parent" where it is '
            "that of the section that it grows from"
        )
    regions: dict[int, Region] = {}
    for index in order:
        kind, parent = told[arrays[index]], drawn[index]["parent"]
        if kind == "parent" and parent < 0:
            raise MorphologyError(f"{path}: kinds: {arrays[index]} is the root and has no parent")
        regions[index] = regions[parent] if kind == "parent" else cast("Region", kind)
    return regions


def _by_name(array: str) -> Region | None:
    beginnings = (b for b in _BEGINNINGS if array.lower().startswith(b))
    return next((_BEGINNINGS[beginning] for beginning in beginnings), None)


def _notes(theirs: Sequence[str], ours: Sequence[str], turned: Sequence[bool]) -> Iterator[str]:
    renamed = [
        f"{a} for {b}" for a, b in zip(ours, theirs, strict=True) if _plain(b) not in (a, a[:-3])
    ]
    if renamed:
        yield f"sections are called otherwise than in the file: {_some(renamed)}"
    if any(turned):
        backwards = [name for name, one in zip(ours, turned, strict=True) if one]
        yield (
            "sections that hang on their parent by their 1 end in the file are turned, so that "
            f"they begin there: {_some(backwards)}"
        )


def _plain(name: str) -> str:
    """Return a section's name without the object that it belongs to."""
    return name.rpartition(".")[2]


def _some(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (" ..." if len(names) > most else "")


def _cached(text: str) -> Path:
    """Return where the cache keeps what a file of this text drew."""
    sha256 = hashlib.sha256(text.encode("latin-1")).hexdigest()
    neuron = importlib.metadata.version("neuron")
    return cache_folder() / "hoc" / f"{sha256}-{_FORMAT}-{neuron}.json"
