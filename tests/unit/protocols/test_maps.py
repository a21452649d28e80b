"""Maps as values: what they keep of traces that can be worked out by hand, and what cannot be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.cells import CellRecipe, MaximalLength, Paint, Placed
from workbench.digests import digest
from workbench.errors import MorphologyError, StudyError
from workbench.morphology import Cylinder, cylinder_tree
from workbench.protocols import WORDS, Map, Protocol, check_protocol, mapped, segments_of

TREE = cylinder_tree("tree", [Cylinder("somatic", 20, 20), Cylinder("apical", 100, 2, parent=0)])
CELL = CellRecipe(
    "cell",
    TREE,
    inserted=(("all", "pas"), ("somatic", "hh")),
    paint=(Paint("g_pas", "all", 1e-4),),
    segments=MaximalLength(60.0),
    placed=(Placed("syn", "ExpSyn", "apic[0](1)", {"weight": 1e-3}),),
)
T_ms = np.array([0.0, 1.0, 2.0, 4.0, 6.0, 10.0])
HILL = np.array([-70.0, -70.0, -60.0, -50.0, -60.0, -68.0])


def kept(*words, t_ms=T_ms, values=HILL, **more):
    return Map(keep=words, **more).kept(np.array(t_ms), np.array(values)).tolist()


def test_what_is_kept_of_straight_lines():
    assert kept("maximum", "time_of_maximum_ms", "end") == [-50, 4, -68]
    assert kept("minimum", "time_of_minimum_ms") == [-70, 0]
    # Half the peak, -60, is passed at 2 and at 6 ms.
    assert kept("width_at_half_ms") == [4]
    # Trapezoids of 0, 5, 30, 30 and 24 above -70.
    assert kept("integral", "mean") == [89, -70 + 89 / 10]


def test_half_the_peak_is_passed_on_a_straight_line():
    """From 0 to 4 in 1 ms and back in 2 ms: above 2 from 0.5 to 2 ms."""
    assert kept("width_at_half_ms", t_ms=[0.0, 1.0, 3.0], values=[0.0, 4.0, 0.0]) == [1.5]


def test_the_width_is_that_of_the_whole_response():
    """Two humps: from the first crossing upwards, at 0.5, to the last one downwards, at 3.5."""
    humps = np.array([0.0, 4.0, 1.0, 4.0, 0.0])
    assert kept("width_at_half_ms", t_ms=np.arange(5.0), values=humps) == [3.0]


@pytest.mark.parametrize("values", [[-70.0] * 3, [-70.0, -71.0, -70.0], [-70.0, -60.0, -60.0]])
def test_no_width_where_nothing_rises_or_nothing_falls(values):
    assert np.isnan(kept("width_at_half_ms", t_ms=np.arange(3.0), values=np.array(values))[0])


def test_a_window_begins_anew():
    assert kept("maximum", "integral", window_ms=(4, 10)) == [-50, -10 - 56]
    assert np.isnan(kept("maximum", window_ms=(2.5, 3.5))[0]), "no sample, no value"


@given(
    values=st.lists(st.floats(-100, 50), min_size=2, max_size=30),
    shift_mV=st.floats(-50, 50),
    later_ms=st.floats(0, 100),
)
@settings(deadline=None)
def test_what_a_shift_does_and_does_not_do(values, shift_mV, later_ms):
    t_ms, values = np.arange(len(values), dtype=float), np.array(values)
    here = dict(zip(WORDS, kept(*WORDS, t_ms=t_ms, values=values), strict=True))
    there = dict(
        zip(WORDS, kept(*WORDS, t_ms=t_ms + later_ms, values=values + shift_mV), strict=True)
    )
    assert here["minimum"] <= here["mean"] + 1e-9
    assert here["mean"] <= here["maximum"] + 1e-9
    for word in ("maximum", "minimum", "mean", "end"):
        assert there[word] - here[word] == pytest.approx(shift_mV, abs=1e-9)
    assert there["integral"] == pytest.approx(here["integral"], abs=1e-6)


def test_segments_and_their_table():
    one = Map("all", keep=("maximum", "end"))
    assert segments_of(one, CELL) == [(0, 0.5), (1, 1 / 6), (1, 0.5), (1, 5 / 6)]
    values = np.array([[1.0, 5.0], [2.0, np.nan], [3.0, 5.0], [4.0, 7.0]])
    found = mapped(one, CELL, values)
    assert found.sections == ("soma[0]", "apic[0]", "apic[0]", "apic[0]")
    # The dendrite begins 10 um from soma(0.5).
    assert found.distance_um == pytest.approx([0, 10 + 100 / 6, 60, 10 + 500 / 6])
    assert found.area_um2 == pytest.approx([np.pi * 400, *[np.pi * 2 * 100 / 3] * 3])
    assert found.reduced("maximum", "maximum") == 4
    assert found.reduced("end", "minimum") == 5
    areas = found.area_um2
    assert found.reduced("maximum", "mean") == pytest.approx(values[:, 0] @ areas / areas.sum())
    assert list(found.columns) == ["section", "x", "distance_um", "area_um2", "maximum", "end"]


def test_a_protocol_without_maps_has_the_digest_that_it_had():
    plain = Protocol("p", 100.0)
    assert digest(plain) == digest(plain.with_maps())
    assert digest(plain) != digest(plain.with_maps(Map()))


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: Map(keep=("maximun",)), "map map: keep: unknown word 'maximun'; did you mean"),
        (lambda: Map(keep=()), "map map keeps nothing; allowed: maximum, time_of_maximum_ms"),
        (lambda: Map(keep=("end", "end")), "map map keeps end twice"),
        (lambda: Map(name="a.b"), "a map is called 'a.b'"),
        (lambda: Map(window_ms=(5, 5)), "window_ms is from 5 to 5"),
        (lambda: Protocol("p", 9.0).with_maps(Map(), Map()), "are named map; give each a name"),
        (
            lambda: Protocol("p", 9.0).with_recording("map", "soma(0.5)").with_maps(Map()),
            "two maps or recordings are named map",
        ),
        (
            lambda: Protocol("p", 9.0).with_maps(Map(window_ms=(5, 10))),
            "map map is looked at until 10 ms, and the run ends at 9 ms",
        ),
    ],
)
def test_what_is_no_map(made, says):
    with pytest.raises(StudyError) as caught:
        made()
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("one", "kind", "says"),
    [
        (Map("apcal"), MorphologyError, "map map: unknown region 'apcal'; did you mean 'apical'"),
        (Map("axonal"), StudyError, "map map: this cell has no axonal section"),
        (Map(variable="ina"), StudyError, "map map: apic[0]: unknown variable 'ina'"),
    ],
)
def test_what_a_cell_has_not(one, kind, says):
    with pytest.raises(kind) as caught:
        check_protocol(Protocol("p", 9.0).with_maps(one), CELL)
    assert says in str(caught.value)


def test_what_a_cell_has():
    for one in (Map(), Map("somatic", "ina"), Map("somatic", "m_hh"), Map("all", "i_pas")):
        check_protocol(Protocol("p", 9.0).with_maps(one), CELL)


# Recordings of what is placed.


@pytest.mark.parametrize(
    ("site", "variables"),
    [
        ("syn", ("g", "i", "tau")),
        ("syn[0]", ("i",)),
        ("soma(0.5)", ("v", "gna_hh", "nai", "i_pas")),
    ],
)
def test_what_can_be_recorded(site, variables):
    check_protocol(Protocol("p", 9.0).with_recording("there", site, *variables), CELL)


@pytest.mark.parametrize(
    ("site", "variable", "says"),
    [
        (
            "syn",
            "gg",
            "p.recordings.there: there.gg, at syn: unknown variable 'gg'; did you mean 'g'",
        ),
        ("syn", "v", "there.v, at syn: unknown variable 'v'"),
        ("sin", "g", "sin: unknown placed point process 'sin'; did you mean 'syn'? Allowed: syn"),
        ("syn[1]", "g", "syn[1]: syn has 1 points; name one, syn[0] to syn[0]"),
        ("apic[0](1)", "ina", "unknown variable 'ina'"),
    ],
)
def test_what_cannot_be_recorded(site, variable, says):
    with pytest.raises(StudyError) as caught:
        check_protocol(Protocol("p", 9.0).with_recording("there", site, variable), CELL)
    assert says in str(caught.value)
