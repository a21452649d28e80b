"""Lengths and areas of real cells in NEURON and in NeuroM: alike to 0.5 %, or `check` says why."""

import os
from collections import defaultdict
from pathlib import Path

import neurom
import pytest

from tests.cells import known_cell
from tests.physics.morphology.against_neuron import import3d
from workbench.morphology import check_morphology, load_morphology

KNOWN = ("C060114A7", "hay_cell1", "halnes_in_091008A2")
LARGEST_bytes = 200_000
ARRAYS = {"axon": "axonal", "dend": "basal", "apic": "apical"}
SAYS = {"beginning", "NeuroM"}
"""Checks that tell of a difference between the two."""


def files():
    """Return the catalogue's cells, and what else of SWC files lies in the user's folder."""
    folder = os.environ.get("WORKBENCH_MORPHOLOGIES", "").split(os.pathsep)[0]
    found = sorted(Path(folder).rglob("*.swc")) if folder else []
    return [one for one in found if one.stem not in KNOWN and one.stat().st_size < LARGEST_bytes]


def in_neuron(path):
    sizes = defaultdict(lambda: [0.0, 0.0])
    for name, section in import3d(path)[0].items():
        if region := ARRAYS.get(name.partition("[")[0]):
            sizes[region][0] += section["length"]
            sizes[region][1] += sum(section["areas"])
    return sizes


def in_neurom(path):
    types = {
        neurom.AXON: "axonal",
        neurom.BASAL_DENDRITE: "basal",
        neurom.APICAL_DENDRITE: "apical",
    }
    sizes = defaultdict(lambda: [0.0, 0.0])
    for section in neurom.load_morphology(path).sections:
        sizes[types[section.type]][0] += section.length
        sizes[types[section.type]][1] += section.area
    return sizes


@pytest.mark.parametrize("cell", [*KNOWN, *files()], ids=str)
def test_both_agree_or_check_says_why(cell):
    path = known_cell(cell) if isinstance(cell, str) else cell
    if path.suffix == ".hoc":
        pytest.skip(f"{path}: neither reads hoc")
    ours, theirs = in_neuron(path), in_neurom(path)
    assert set(ours) == set(theirs)
    said = [one for one in check_morphology(path) if one.check in SAYS]
    rings_um2 = [note for note in load_morphology(path).unlike_neuron if "rings" in note]
    for region, (length_um, area_um2) in ours.items():
        alike = length_um == pytest.approx(theirs[region][0], rel=5e-3)
        alike &= area_um2 == pytest.approx(theirs[region][1], rel=5e-3)
        assert alike or rings_um2 or any(region in one.message for one in said), region


@pytest.mark.parametrize("cell", KNOWN)
def test_no_cell_of_the_catalogue_has_an_error(cell):
    path = known_cell(cell)
    assert not [one for one in check_morphology(path, "error")]
