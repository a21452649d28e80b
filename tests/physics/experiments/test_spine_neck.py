"""A spine on a dendrite: what NEURON simulates against the cable's network and two resistances."""

import numpy as np
import pytest

from workbench.experiments import compared
from workbench.studies import load_expected_rows

EXPERIMENT = "spine_neck"


def test_every_number_that_was_computed_elsewhere(named, tables):
    found = compared(load_expected_rows(named.folder), [], tables)
    assert len(found) == 48
    missed = [str(one) for one in found if not one.holds]
    assert not missed, missed


def test_constant_currents_are_those_of_the_cable(tables):
    """Cells of this kind are at rest after 400 ms, 24 time constants."""
    for one in tables["necks"]:
        assert one["to_dendrite"] == pytest.approx(one["cable_to_dendrite"], rel=1e-6)
        assert one["to_head"] == pytest.approx(one["cable_to_head"], rel=1e-6)


def test_the_two_ways_are_not_swapped(tables):
    """What goes out is divided; what comes in is lost to the membrane of head and neck alone.

    A cylinder's membrane of Rm = 17000 ohm cm2 has Rm / (pi d l); half of the neck's current passes
    its whole resistance, R = 4 Ra l / (pi d^2).
    """

    def membrane_MOhm(diameter_um, length_um):
        return 17000 / (np.pi * diameter_um * length_um * 1e-8) / 1e6

    for one in tables["necks"]:
        neck_MOhm = one["neck_MOhm"]
        neck_um = np.sqrt(0.04 * 105 * 1 / (np.pi * neck_MOhm))
        lost = neck_MOhm * (1 / membrane_MOhm(0.5, 0.5) + 0.5 / membrane_MOhm(neck_um, 1))
        assert one["to_head"] == pytest.approx(1 - lost, abs=2e-6)
        assert one["to_dendrite"] < 1 / (1 + 0.95 * neck_MOhm / one["dendrite_MOhm"])


def test_with_the_neck_the_head_grows_and_the_soma_falls(tables):
    necks = [one for one in tables["necks"] if one["cell"] == "spine"]
    assert (np.diff([one["head_mV"] for one in necks]) > 0).all()
    for place in ("dendrite_mV", "soma_mV", "to_dendrite", "to_head"):
        assert (np.diff([one[place] for one in necks]) < 0).all()
