"""What is drawn is what was computed: lengths, rows, ways and counts, read back from the axes."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from tests.unit.morphology.shapes import forked_trees
from tests.unit.reports.shapes.cells import SMALL, passive
from workbench.cells import electrotonic
from workbench.errors import InputError, MorphologyError
from workbench.morphology import REGION_COLOURS, Cylinder, cylinder_tree
from workbench.reports.shapes import Look, Subject, plot_cell
from workbench.reports.shapes.canvas import nice
from workbench.reports.shapes.dendrogram import advance_of, rows_of, starts_of
from workbench.reports.shapes.transform import places_of, transformed


def drawn(cell=SMALL, **look):
    return plot_cell(cell, Look(**look), ax=Figure().subplots())


def polygons(axes, region=None):
    found = [one for one in axes.collections if isinstance(one, PolyCollection)]
    return [
        path.vertices
        for one in found
        if region is None or one.get_gid() == region
        for path in one.get_paths()
    ]


def extent(shapes):
    every = np.vstack(shapes)
    return (every.max(axis=0) - every.min(axis=0)).tolist()


def test_a_projection_is_to_scale():
    axes = drawn()
    assert extent(polygons(axes, "somatic")) == pytest.approx([20, 20])
    assert extent(polygons(axes, "axonal")) == pytest.approx([1, 50])
    assert axes.get_aspect() == 1
    assert not axes.axison
    [bar] = axes.lines
    length = np.ptp(bar.get_xdata())
    assert [text.get_text() for text in axes.texts] == [f"{length:g} um"]
    low, high = axes.get_xlim()
    assert low < -30.5 < 40 < high


@pytest.mark.parametrize(("plane", "size"), [("xz", [20, 20]), ("zy", [20, 20])])
def test_a_soma_seen_along_its_axis_is_a_disc(plane, size):
    assert extent(polygons(drawn(plane=plane), "somatic")) == pytest.approx(size)


def test_regions_have_the_colours_of_the_field_and_a_legend():
    axes = drawn()
    for one in axes.collections:
        assert {to_hex(c) for c in one.get_facecolor()} == {REGION_COLOURS[one.get_gid()]}
    legend = axes.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["somatic", "axonal", "apical"]


def test_values_have_a_bar_with_its_label_and_what_has_none_is_grey():
    axes = drawn(colour={"apic[0]": 1.5, "apic[1]": 2.5}, limits=(0, 5))
    bar = axes.figure.axes[1]
    assert bar.get_ylabel() == "value"
    assert bar.get_ylim() == (0, 5)
    assert "no value" in bar.get_title(loc="left")
    soma = next(one for one in axes.collections if one.get_gid() == "somatic")
    assert {to_hex(c) for c in soma.get_facecolor()} == {"#c3c9d0"}


def test_cylinders_are_laid_out():
    tree = cylinder_tree("ball", [Cylinder("somatic", 20, 20), Cylinder("basal", 100, 2, 0, 1.0)])
    axes = drawn(tree)
    assert extent(polygons(axes, "somatic")) == pytest.approx([20, 20])
    assert np.hypot(*extent(polygons(axes, "basal"))) == pytest.approx(100, rel=0.05)


@pytest.mark.parametrize("along", ["path", "area", "electrotonic"])
def test_a_dendrogram_ends_where_the_measure_does(along):
    cell = passive()
    subject = Subject(cell)
    starts = starts_of(SMALL, advance_of(subject, along), along)
    rows = rows_of(SMALL)
    axes = drawn(cell, kind="dendrogram", along=along)
    [lines] = [one for one in axes.collections if isinstance(one, LineCollection)]
    level = [path for path in lines.get_segments() if path[0, 1] == path[1, 1]]
    found = {path[0, 1]: path[:, 0].tolist() for path in level}
    cable = electrotonic(cell)
    for index, row in rows.items():
        length = {
            "path": SMALL.sections[index].length_um,
            "area": SMALL.sections[index].area_um2,
            "electrotonic": cable.lengths[index],
        }[along]
        assert found[row] == pytest.approx([starts[index], starts[index] + length])
    if along == "path":
        ends = [float(SMALL.path_distance_um(index, 1.0)) for index in rows]
        assert [found[row][1] for row in rows.values()] == pytest.approx(ends)
    if along == "electrotonic":
        assert found[rows[3]][1] == pytest.approx(cable.lengths[[2, 3]].sum())


@settings(deadline=None)
@given(forked_trees())
def test_rows_of_tips_differ_and_forks_lie_between_their_branches(tree):
    rows = rows_of(tree)
    assert set(rows) == {i for i, one in enumerate(tree.sections) if one.region != "somatic"}
    tips = [rows[i] for i in rows if not tree.children[i]]
    assert len(set(tips)) == len(tips)
    for index in rows:
        if below := [rows[child] for child in tree.children[index]]:
            assert rows[index] == (min(below) + max(below)) / 2


def test_a_branch_from_the_inside_has_a_row_of_its_own():
    rows = rows_of(SMALL)
    assert rows[5] not in (rows[2], rows[3], rows[4])
    starts = starts_of(SMALL, advance_of(Subject(SMALL), "path"), "path")
    assert starts[5] == pytest.approx(60)


@pytest.mark.parametrize("direction", ["out", "in"])
@pytest.mark.parametrize("site", ["soma(0.5)", "apic[2](0.95)"])
def test_ways_on_the_transform_are_log_attenuations(direction, site):
    cell = passive()
    subject, look = Subject(cell), Look("electrotonic", site=site, direction=direction)
    cable = electrotonic(cell)
    expected = cable.log_attenuations(site, direction)
    places = transformed(subject, look)
    ways = []
    for index, here in enumerate(places):
        steps = np.linalg.norm(np.diff(here, axis=0), axis=1)
        assert steps == pytest.approx(np.abs(np.diff(expected[index])), abs=1e-12)
        ways.append(steps)
    index, x = cable.place(site)
    nearest = np.abs(places_of(len(places[index])) - x).argmin()
    assert places[index][nearest] == pytest.approx([0, 0])
    # Out of the site: from it to the tip of apic[1], by section and by hand.
    if site == "soma(0.5)":
        half = len(ways[0]) // 2
        way = ways[0][half:].sum() + ways[2].sum() + ways[3].sum()
        here, there = (site, "apic[1](1)") if direction == "out" else ("apic[1](1)", site)
        assert way == pytest.approx(cable.log_attenuation(here, there))


def test_the_transform_keeps_directions_and_says_what_it_is():
    axes = drawn(passive(), kind="electrotonic", site="soma(0.5)", frequency_Hz=100.0)
    assert axes.get_title() == "small\nln attenuation out of soma(0.5), 100 Hz"
    [lines] = axes.collections
    straight = [path for path in lines.get_segments() if abs(path[1, 0]) < 1e-9]
    assert straight
    axon = transformed(Subject(passive()), Look("electrotonic"))[1]
    assert np.diff(axon[:, 0]) == pytest.approx(0)
    assert (np.diff(axon[:, 1]) <= 0).all()


def brute_crossings(tree, region, radius_um):
    """Count changes of side along finely sampled sections."""
    count = 0
    for one in tree.sections:
        if one.region == "somatic" or region not in ("all", one.region):
            continue
        for a, b in zip(one.points[:-1, :3], one.points[1:, :3], strict=True):
            through = np.linspace(0, 1, 4001)[:, None]
            outside = np.linalg.norm(a + through * (b - a), axis=1) >= radius_um
            count += int((outside[1:] != outside[:-1]).sum())
    return count


def test_sholl_lines_are_counts_by_brute_force():
    axes = drawn(kind="sholl", step_um=7.0)
    assert [line.get_label() for line in axes.lines] == ["all", "axonal", "apical"]
    for line in axes.lines:
        assert line.get_xdata()[0] == 7.0
        for radius, count in zip(line.get_xdata(), line.get_ydata(), strict=True):
            if radius > 10:
                assert count == brute_crossings(SMALL, line.get_label(), radius), radius
    assert axes.get_ylabel() == "intersections, every 7 um"


def test_what_cannot_be_drawn_is_said():
    ball = cylinder_tree("ball", [Cylinder("somatic", 20, 20)])
    for kind in ("sholl", "dendrogram"):
        with pytest.raises(MorphologyError, match="ball has a soma alone"):
            drawn(ball, kind=kind)
    with pytest.raises(InputError, match="at most 10000 spheres"):
        drawn(kind="sholl", step_um=1e-3)
    with pytest.raises(InputError, match="there is no positive number to be shown"):
        drawn(colour={"soma": -1.0}, log=True)
    with pytest.raises(InputError, match="with log both are above 0"):
        drawn(colour={"soma": 1.0}, log=True, limits=(0, 1))
    with pytest.raises(InputError, match="small is a shape alone"):
        drawn(kind="electrotonic")


@pytest.mark.parametrize(
    ("kind", "region"),
    [
        ("projection", "somatic"),
        ("electrotonic", "somatic"),
        ("projection", "basal"),
        ("dendrogram", "basal"),
        ("electrotonic", "basal"),
    ],
)
def test_a_cell_of_one_section_is_drawn(kind, region):
    tree = cylinder_tree("one", [Cylinder(region, 100, 20)])
    cell = dataclasses.replace(passive(), morphology=tree)
    axes = drawn(cell, kind=kind, site=f"{tree.names[0]}(0.5)")
    assert axes.collections


@given(length=...)
def test_scale_bars_have_round_lengths(length: float):
    if 1e-6 < length < 1e9:
        found = nice(length)
        assert found <= length * (1 + 1e-6) < 2.6 * found
        assert f"{found:e}"[0] in "125"
