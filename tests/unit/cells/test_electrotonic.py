"""Cable measures against closed forms (Rall 1977) and van Elburg & van Ooyen 2010."""

import math

import numpy as np
import pytest

from workbench.cells import CellRecipe, MaximalLength, Paint, electrotonic
from workbench.errors import InputError, StudyError
from workbench.morphology import Cylinder, cylinder_tree

G_S_per_cm2, RA_ohm_cm, DIAMETER_um = 1e-4, 150.0, 2.0
LAMBDA_um = 1e4 * math.sqrt(DIAMETER_um * 1e-4 / (4 * RA_ohm_cm * G_S_per_cm2))
INFINITE_MOhm = (
    1e-6 * 2 / math.pi * math.sqrt(RA_ohm_cm / G_S_per_cm2) * (DIAMETER_um * 1e-4) ** -1.5
)
TAU_ms = 10.0


def passive(cylinders, length_um, *more, leaking="all", Ra=RA_ohm_cm, g=G_S_per_cm2, cm=1.0):
    paint = (Paint("g_pas", leaking, g), Paint("Ra", "all", Ra), Paint("cm", "all", cm))
    return CellRecipe(
        "passive",
        cylinder_tree("passive", cylinders),
        inserted=((leaking, "pas"),),
        paint=(*paint, *more),
        segments=MaximalLength(length_um),
    )


def cable(lengths=2.0):
    return electrotonic(passive([Cylinder("basal", lengths * LAMBDA_um, DIAMETER_um)], 4.0))


def test_a_sealed_cable():
    """R = R_infinite coth L, V(0) / V(L) = cosh L, tau_n = tau / (1 + (n pi / L)^2)."""
    found = cable()
    assert found.lambda_um.tolist() == pytest.approx([LAMBDA_um])
    assert found.lengths.tolist() == pytest.approx([2.0])
    assert found.mean_path == pytest.approx(2.0)
    assert found.input_MOhm("dend[0](0)") == pytest.approx(INFINITE_MOhm / math.tanh(2), rel=1e-5)
    transfer = INFINITE_MOhm / math.sinh(2)
    assert found.transfer_MOhm("dend[0](0)", "dend[0](1)") == pytest.approx(transfer, rel=1e-5)
    attenuation = found.log_attenuation("dend[0](0)", "dend[0](1)")
    assert attenuation == pytest.approx(math.log(math.cosh(2)), rel=1e-5)
    taus = [TAU_ms / (1 + (n * math.pi / 2) ** 2) for n in range(3)]
    assert found.time_constants_ms(3) == pytest.approx(taus, rel=1e-4)


@pytest.mark.parametrize("frequency_Hz", [5.0, 100.0])
def test_a_sealed_cable_at_a_frequency(frequency_Hz):
    """The same with q = sqrt(1 + i omega tau) lengths."""
    q = np.sqrt(1 + 2j * math.pi * frequency_Hz * TAU_ms / 1000)
    exact = INFINITE_MOhm / q / np.tanh(2 * q)
    found = cable().impedance_MOhm("dend[0](0)", "dend[0](0)", frequency_Hz)
    assert found == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize("frequency_Hz", [0.0, 50.0])
def test_all_places_at_once_are_what_each_is_by_itself(frequency_Hz):
    """Rall's recursion for input impedances, and the sparse solution that single sites have."""
    rows = [Cylinder("somatic", 20, 20), Cylinder("basal", 300, 1, 0, 1.0)]
    rows += [Cylinder("apical", 400, 2, 0, 0.3), Cylinder("apical", 100, 1, 2, 0.5)]
    found, site = electrotonic(passive(rows, 30.0)), "apic[0](0.7)"
    inputs = found.inputs_MOhm(frequency_Hz)
    out, into = (found.log_attenuations(site, way, frequency_Hz) for way in ("out", "in"))
    for index, name in enumerate(found.morphology.names):
        count = len(inputs[index]) - 2
        for row, x in enumerate([0, *((np.arange(count) + 0.5) / count), 1]):
            here = f"{name}({x:.9f})"
            assert inputs[index][row] == pytest.approx(found.input_MOhm(here, frequency_Hz))
            away = found.log_attenuation(site, here, frequency_Hz)
            back = found.log_attenuation(here, site, frequency_Hz)
            assert out[index][row] == pytest.approx(away, abs=1e-9)
            assert into[index][row] == pytest.approx(back, abs=1e-9)
    with pytest.raises(InputError, match=r"unknown direction 'inward'\. Allowed: in, out"):
        found.log_attenuations(site, "inward")


def test_log_attenuations_of_a_sealed_cable():
    """Out of its 0 end ln(cosh L / cosh(L - X)); into it ln(cosh X)."""
    out, into = (cable().log_attenuations("dend[0](0)", way)[0] for way in ("out", "in"))
    count = len(out) - 2
    X = 2 * np.array([0, *((np.arange(count) + 0.5) / count), 1])
    assert out == pytest.approx(np.log(np.cosh(2) / np.cosh(2 - X)), abs=1e-5)
    assert into == pytest.approx(np.log(np.cosh(X)), abs=1e-5)


def test_a_patch_has_one_time_constant():
    found = electrotonic(passive([Cylinder("somatic", 20, 20)], 40.0))
    assert found.time_constants_ms() == pytest.approx((TAU_ms,))
    area_cm2 = math.pi * (20e-4) ** 2
    assert found.input_MOhm("soma(0.5)") == pytest.approx(1e-6 / (G_S_per_cm2 * area_cm2))
    assert found.mean_path == 0


def test_what_is_thin_attenuates_towards_what_is_thick():
    rows = [Cylinder("somatic", 20, 20), Cylinder("basal", 300, 1, 0, 1.0)]
    found = electrotonic(passive(rows, 10.0))
    here, there = "soma(0.5)", "dend[0](1)"
    assert found.transfer_MOhm(here, there) == pytest.approx(found.transfer_MOhm(there, here))
    assert found.log_attenuation(there, here) > found.log_attenuation(here, there) > 0


def tree(tips):
    """Return the cylinders of nested pairs of tips, d = 0.7 um tips^(2/3), 15 of 1750 um in all."""

    def count(node):
        return 1 if node == 1 else sum(map(count, node))

    rows = [Cylinder("somatic", 14, 14)]

    def grow(node, parent):
        rows.append(Cylinder("basal", 1750 / 15, 0.7 * count(node) ** (2 / 3), parent, 1.0))
        index = len(rows) - 1
        for child in () if node == 1 else node:
            grow(child, index)

    grow(tips, 0)
    return rows


def comb(tips):
    return 1 if tips == 1 else (comb(tips - 1), 1)


@pytest.mark.parametrize(
    ("tips", "mean_path", "g_uS"),
    [(comb(8), 0.5053, 0.002278), ((((1, 1), (1, 1)), ((1, 1), (1, 1))), 0.4210, 0.001993)],
    ids=["most asymmetric", "symmetric"],
)
def test_mean_path_lengths_of_van_elburg(tips, mean_path, g_uS):
    """Trees 1 and 23; the paper's soma has no leak. The conductances are those with channels."""
    rows = tree(tips)
    assert len(rows) == 16
    recipe = passive(rows, 20.0, leaking="basal", Ra=80.0, g=3.333e-5, cm=0.75)
    found = electrotonic(recipe)
    assert found.mean_path == pytest.approx(mean_path, rel=1e-3)
    assert 1 / found.input_MOhm("soma(0.5)") < g_uS


def test_what_has_no_answer_says_so():
    cell = passive([Cylinder("somatic", 20, 20)], 40.0)
    channels = CellRecipe("hh", cell.morphology, inserted=(("all", "hh"),))
    with pytest.raises(StudyError, match="hh is not passive: it has hh"):
        electrotonic(channels)
    bare = electrotonic(CellRecipe("bare", cell.morphology))
    with pytest.raises(InputError, match="the membrane leaks nowhere"):
        bare.time_constants_ms()
