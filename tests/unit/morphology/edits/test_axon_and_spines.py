"""Axons as models replace them, and spines of given resistances."""

import numpy as np
import pytest

from workbench.errors import MorphologyError
from workbench.morphology import (
    Morphology,
    Section,
    add_spines,
    remove_axon,
    replace_axon,
    stub_axon,
    taper_axon,
)


def test_stubs_of_the_field(cell):
    assert stub_axon(cell) == replace_axon(cell)
    hay = stub_axon(cell, like="hay")
    assert hay == stub_axon(cell, like="allen-perisomatic")
    # Two of 30 x 1 um on soma(0.5): 188.50 um2 (Hay et al. 2011).
    assert hay.area_um2("axonal") == pytest.approx(188.50, abs=0.005)
    first, second = (hay.sections[i] for i in hay.indices("axonal"))
    assert (first.parent, first.parent_x, second.parent_x) == (0, 0.5, 1.0)
    active = stub_axon(cell, like="allen-all-active")
    assert active.sections[-2].parent_x == 1.0
    ends = [cell.sections[i] for i in (cell.indices("axonal")[0], cell.indices("axonal")[-1])]
    # A segment's diameter is that of the cylinder with its area and length, as in NEURON.
    thick = [section.area_um2 / np.pi / section.length_um for section in ends]
    assert active.sections[-2].points[0, 3] == pytest.approx(thick[0])
    assert active.sections[-1].points[0, 3] == pytest.approx(thick[1])
    with pytest.raises(MorphologyError, match="no axon"):
        stub_axon(remove_axon(cell), like="allen-all-active")


def test_an_initial_segment_and_its_myelin():
    """Pieces of 15, 33 and 50 um: 1 + 2 int(L / 12) of each give 3, 5 and 9 diameters."""
    lengths_um, ends_um = (15, 33, 50), [(4, 3), (3, 2), (2, 1)]
    sections = [Section("somatic", -1, 0.0, [[-10, 0, 0, 20], [10, 0, 0, 20]])]
    place_um = 0.0
    for number, (length_um, (near, far)) in enumerate(zip(lengths_um, ends_um, strict=True)):
        points = [[0, place_um, 0, near], [0, place_um + length_um, 0, far]]
        sections.append(Section("axonal", number, 0.5 if number == 0 else 1.0, points))
        place_um += length_um
    cell = Morphology("cell", tuple(sections))
    new = stub_axon(cell, like="bluepyemodel")
    axon = new.sections[1:]
    assert [one.length_um for one in axon] == [6.0] * 10 + [1000.0]
    # A frustum's piece is as thick as the cylinder of its length and area: as its middle, times
    # the slant's 1 + 1/2 (dr/dx)^2.
    middles = [4 - (n + 0.5) / 3 for n in range(3)] + [3 - (n + 0.5) / 5 for n in range(5)]
    middles += [2 - (n + 0.5) / 9 for n in range(2)]
    thick = [float(one.points[0, 3]) for one in axon]
    assert thick == pytest.approx([*middles, middles[-1]], rel=1e-3)
    assert [(one.parent, one.parent_x) for one in axon] == [(n, 1.0) for n in range(11)]
    short = Morphology("cell", cell.sections[:3])
    with pytest.raises(MorphologyError, match="has 2 axonal sections with 8 pieces"):
        stub_axon(short, like="bluepyemodel")


def test_an_initial_segment_that_tapers(cell_with_places):
    new = taper_axon(cell_with_places, start_um=3, end_um=1, length_um=40)
    axon = new.sections[-1]
    assert axon.points[[0, -1]].tolist() == [[0, 0, 0, 3], [0, -40, 0, 1]]
    assert axon.area_um2 == pytest.approx(np.pi / 2 * (3 + 1) * np.hypot(40, 1))


def test_a_neck_by_its_resistance(cell):
    """Of 1 um at 105 ohm cm: 514 MOhm are 0.051 um, 100 MOhm 0.1156 um (Palmer & Stuart 2009)."""
    for neck_MOhm, neck_um in ((514, 0.051), (100, 0.1156)):
        given = {"neck_MOhm": neck_MOhm, "Ra_ohm_cm": 105, "head_um": 1}
        new = add_spines(cell, region="apic[3]", x=0.5, **given)
        neck, head = new.sections[-2:]
        assert (neck.parent, neck.parent_x, head.parent_x) == (cell.index("apic[3]"), 0.5, 1.0)
        assert neck.points[0, 3] == pytest.approx(neck_um, rel=2e-3)
        assert head.area_um2 == pytest.approx(np.pi)


def test_their_number_and_places(cell):
    new = add_spines(cell, region="apical", density_per_um=2, neck_um=0.1, seed=3)
    added = new.sections[len(cell) :]
    assert len(added) == 2 * 2 * 320
    assert new.names[: len(cell)] == cell.names
    assert {s.region for s in added} == {"apical"}
    shares = {i: sum(s.parent == i for s in added[::2]) / 640 for i in cell.indices("apical")}
    expected = {i: cell.sections[i].length_um / 320 for i in cell.indices("apical")}
    assert shares == pytest.approx(expected, abs=0.06)  # three SDs of 640 draws


def test_what_is_given_twice_or_not_at_all(cell):
    for given in ({"x": 0.5}, {"neck_um": 1.0}, {"x": 0.5, "neck_um": 0.1, "neck_MOhm": 3.0}):
        with pytest.raises(MorphologyError, match="give either x or density_per_um, and either"):
            add_spines(cell, region="all", **given)
