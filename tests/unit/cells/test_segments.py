import math

import numpy as np
import pytest

from workbench.cells import CellRecipe, Distribution, DLambda, MaximalLength, Paint
from workbench.errors import StudyError
from workbench.morphology import (
    Cylinder,
    Morphology,
    Section,
    cylinder_tree,
    load_morphology,
    replace_axon,
)


def stick(length_um, diameter_um=2.0):
    return cylinder_tree("stick", [Cylinder("apical", length_um, diameter_um)])


@pytest.mark.parametrize(
    ("length_um", "count"),
    [(1, 1), (39.9, 1), (40, 3), (79.9, 3), (80, 5), (100, 5), (1000, 51)],
)
def test_the_rule_of_40_um(length_um, count):
    """1 + 2 int(L/40), Hay et al. 2011."""
    assert CellRecipe("c", stick(length_um), segments=MaximalLength(40)).segment_counts == (count,)


@pytest.mark.parametrize(("length_um", "count"), [(49, 1), (50, 2), (116.67, 3), (200, 5)])
def test_numbers_need_not_be_odd(length_um, count):
    """int(L/50 + 1), van Elburg & van Ooyen 2010."""
    rule = MaximalLength(50, odd=False)
    assert CellRecipe("c", stick(length_um), segments=rule).segment_counts == (count,)
    assert str(rule) == "50 um, even numbers too"


def test_the_counts_of_the_l5pc_example():
    """1 somatic, 210 basal, 486 apical segments and a stub of 2 x 30 um."""
    morphology = replace_axon(load_morphology("C060114A7"))
    counts = CellRecipe("l5pc", morphology, segments=MaximalLength(40)).segment_counts
    by_region = {
        region: sum(counts[i] for i in morphology.indices(region))
        for region in ("somatic", "basal", "apical", "axonal")
    }
    assert by_region == {"somatic": 1, "basal": 210, "apical": 486, "axonal": 2}


@pytest.mark.parametrize(
    ("fraction", "count"),
    # lambda(100 Hz) = 1e5 sqrt(2 / (4 pi 100 100 1)) = 398.94 um; 1000 um are 2.5066 of it.
    [(0.1, 25), (0.3, 9), (1.0, 3), (3.0, 1)],
)
def test_d_lambda(fraction, count):
    recipe = CellRecipe(
        "c",
        stick(1000),
        paint=(Paint("Ra", "all", 100.0), Paint("cm", "all", 1.0)),
        segments=DLambda(fraction),
    )
    assert recipe.segment_counts == (count,)


@pytest.mark.parametrize("rule", [MaximalLength(1e-3), MaximalLength(1e-320), DLambda(1e-9)])
def test_more_segments_than_neuron_takes_are_refused_by_name(rule):
    with pytest.raises(StudyError, match=r"apic\[0\], 100 um long, .*32767 at most"):
        _ = CellRecipe("c", stick(100), segments=rule).segment_counts


def test_as_many_segments_as_neuron_takes():
    """1 + 2 int(L / 0.5) is 32767 from 8191.5 um and 32769 from 8192 um."""
    rule = MaximalLength(0.5)
    assert CellRecipe("c", stick(8191.75), segments=rule).segment_counts == (32767,)
    with pytest.raises(StudyError, match=r"8192 um long, .*32767 at most"):
        _ = CellRecipe("c", stick(8192), segments=rule).segment_counts


def by_hand(length_um, diameter_um, Ra, cm, fraction=0.1, frequency_Hz=100.0):
    """Hines & Carnevale 2001: the next odd number above L / (fraction lambda), to 0.1."""
    lambda_um = 1e5 * math.sqrt(diameter_um / (4 * math.pi * frequency_Hz * Ra * cm))
    return int((length_um / (fraction * lambda_um) + 0.9) / 2) * 2 + 1


def test_d_lambda_sees_the_passive_values_that_the_region_really_has():
    """Counts taken with NEURON's defaults, or before the later paint, would be others."""
    tree = cylinder_tree(
        "tree",
        [
            Cylinder("somatic", 20, 20),
            Cylinder("apical", 900, 2, parent=0),
            Cylinder("basal", 900, 2, parent=0),
        ],
    )
    paint = (
        Paint("Ra", "all", 150.0),
        Paint("cm", "all", 1.0),
        Paint("cm", "apical", 2.0),
        Paint("Ra", "basal", 400.0),
    )
    recipe = CellRecipe("c", tree, paint=paint, segments=DLambda(0.1, 50.0))
    assert recipe.segment_counts == (
        by_hand(20, 20, 150, 1, frequency_Hz=50),
        by_hand(900, 2, 150, 2, frequency_Hz=50),
        by_hand(900, 2, 400, 1, frequency_Hz=50),
    )
    assert len(set(recipe.segment_counts)) == 3


def test_d_lambda_of_an_unpainted_cell_uses_the_defaults_of_neuron():
    assert CellRecipe("c", stick(900), segments=DLambda()).segment_counts == (
        by_hand(900, 2, 35.4, 1),
    )


def test_d_lambda_sees_a_distributed_capacitance_at_the_middle():
    doubled = Distribution("spines", "2 * value if distance_um > 60 else value")
    recipe = CellRecipe(
        "c", stick(900), paint=(Paint("cm", "all", 1.0, doubled),), segments=DLambda()
    )
    assert recipe.segment_counts == (by_hand(900, 2, 35.4, 1),)  # the root's middle is at 0 um
    tree = cylinder_tree("t", [Cylinder("somatic", 20, 20), Cylinder("apical", 900, 2, parent=0)])
    recipe = CellRecipe("c", tree, paint=(Paint("cm", "all", 1.0, doubled),), segments=DLambda())
    assert recipe.segment_counts[1] == by_hand(900, 2, 35.4, 2)


def test_d_lambda_takes_each_frustum_with_its_own_diameter():
    """NEURON's lambda_f: 300 um from 1 to 3 um wide, then 500 um of 8 um, as lambdas together."""
    points = np.array([[0, 0, 0, 1.0], [0, 0, 300, 3.0], [0, 0, 300, 8.0], [0, 0, 800, 8.0]])
    recipe = CellRecipe(
        "c", Morphology("cone", (Section("apical", -1, 0.0, points),)), segments=DLambda()
    )
    lambdas = sum(
        length / (1e5 * math.sqrt(diameter / (4 * math.pi * 100 * 35.4)))
        for length, diameter in ((300, 2), (500, 8))
    )
    assert recipe.segment_counts == (int((lambdas / 0.1 + 0.9) / 2) * 2 + 1,)
    assert recipe.segment_counts != (by_hand(800, (300 * 2 + 500 * 8) / 800, 35.4, 1),)


def test_d_lambda_needs_a_diameter():
    points = np.array([[0, 0, 0, 1.0], [0, 0, 100, 0.0], [0, 0, 200, 0.0]])
    thread = Morphology("thread", (Section("apical", -1, 0.0, points),))
    with pytest.raises(StudyError, match=r"diameters above 0, apic\[0\]"):
        _ = CellRecipe("c", thread, segments=DLambda()).segment_counts


@pytest.mark.parametrize(
    "make",
    [
        lambda: MaximalLength(0),
        lambda: MaximalLength(-1),
        lambda: MaximalLength(math.nan),
        lambda: DLambda(0),
        lambda: DLambda(0.1, 0),
        lambda: DLambda(math.nan),
    ],
)
def test_a_rule_that_cuts_nothing_is_refused(make):
    with pytest.raises(StudyError, match="must be above 0"):
        make()


@pytest.mark.parametrize(("variable", "value"), [("cm", 0.0), ("Ra", -1.0)])
def test_d_lambda_refuses_passive_values_without_a_space_constant(variable, value):
    recipe = CellRecipe("c", stick(900), paint=(Paint(variable, "all", value),), segments=DLambda())
    with pytest.raises(StudyError, match=r"Ra.*cm.*above 0"):
        _ = recipe.segment_counts
