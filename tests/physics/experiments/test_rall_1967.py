"""Rall's chain, tree and pulses against their equations, solved here without NEURON.

Of currents by the eigenvectors of the chain (Rall 1967, J Neurophysiol 30:1138), of conductances by
matrix exponentials between the times at which they change (Rall 1964). expected.toml holds the same
from another hand.
"""

import math

import numpy as np
import pytest
from scipy.linalg import expm

from workbench.experiments import compared
from workbench.studies import load_expected_rows

EXPERIMENT = "rall_1967"

COUNT = 10
STEP = 5e-4
T = np.arange(0, 5, STEP)


def chain(length):
    """Return A of V' = A V, for ten compartments of a chain so many space constants long."""
    coupling = (COUNT / length) ** 2
    neighbours = np.diag(np.full(COUNT - 1, coupling), 1)
    neighbours = neighbours + neighbours.T
    return neighbours - np.diag(neighbours.sum(axis=0) + 1)


def driven_by_currents(a, *compartments):
    """Return time to peak, width at half the peak, and peak in the first compartment."""
    rates, modes = np.linalg.eigh(-chain(2))
    v = np.zeros(T.size)
    for rate, mode in zip(rates, modes.T, strict=True):
        into = np.mean([mode[k - 1] for k in compartments])
        grown = np.exp(-rate * T) - np.exp(-a * T) * (1 + (a - rate) * T)
        v += mode[0] * into * a * math.e * grown / (a - rate) ** 2
    above = np.flatnonzero(v >= v.max() / 2)
    return T[v.argmax()], T[above[-1]] - T[above[0]], v.max()


def driven_by_conductances(length, *pieces):
    """Return times and voltages; a piece is how long it lasts, excitation and inhibition."""
    v, found = np.zeros(COUNT), [0.0]
    for lasts, excited, inhibited in [*pieces, (1, {}, {})]:
        E, J = (
            np.array([one.get(k + 1, 0.0) for k in range(COUNT)]) for one in (excited, inhibited)
        )
        rates = chain(length) - np.diag(E + J)
        towards, step = np.linalg.solve(rates, -E), expm(rates * STEP)
        for _ in range(round(lasts / STEP)):
            v = towards + step @ (v - towards)
            found.append(v[0])
    return STEP * np.arange(len(found)), np.array(found)


def test_every_number_that_was_computed_elsewhere(named, rows, tables):
    found = compared(load_expected_rows(named.folder), rows, tables)
    assert len(found) == 136
    missed = [str(one) for one in found if not one.holds]
    assert not missed, missed


def test_single_inputs_by_eigenvectors(tables):
    """To 1e-3 time constants; peaks of all by that of the soma to 1e-3 of themselves."""
    for one in tables["single"]:
        time, width, peak = driven_by_currents(one["a"], one["compartment"])
        assert one["time_to_peak"] == pytest.approx(time, abs=1e-3)
        assert one["width_at_half"] == pytest.approx(width, abs=1e-3)
        at_soma = driven_by_currents(one["a"], 1)[2]
        assert one["relative_peak"] == pytest.approx(peak / at_soma, rel=1e-3)


def test_both_indices_grow_with_the_distance(tables):
    for a in (50, 25, 12.5):
        own = [one for one in tables["single"] if one["a"] == a]
        assert [one["compartment"] for one in own] == list(range(1, COUNT + 1))
        for index in ("time_to_peak", "width_at_half"):
            assert (np.diff([one[index] for one in own]) > 0).all()


def test_spread_inputs_lie_above_the_locus(tables):
    assert len(tables["spread"]) == 5
    for one in tables["spread"]:
        compartments = range(one["first"], one["last"] + 1)
        time, width, _ = driven_by_currents(50, *compartments)
        assert one["time_to_peak"] == pytest.approx(time, abs=1e-3)
        assert one["width_at_half"] == pytest.approx(width, abs=1e-3)
        assert one["above_locus"] > 0


def test_pulses_by_matrix_exponentials(tables):
    found = {(one["input"], one["step"]): one for one in tables["pulses"]}
    near, far = dict.fromkeys(range(1, 6), 2.0), dict.fromkeys(range(6, 11), 2.0)
    all_ten = dict.fromkeys(range(1, 11), 1.0)
    for name, excited in (("everywhere", all_ten), ("proximal", near), ("distal", far)):
        t, v = driven_by_conductances(1, (2, excited, {}))
        at_2 = v[round(2 / STEP)]
        assert found[name, 1]["peak"] == pytest.approx(at_2, rel=1e-4)
        half = t[np.argmax(v >= at_2 / 2)]
        assert found[name, 1]["time_to_half"] == pytest.approx(half, abs=1e-3)
        _, v = driven_by_conductances(1, (0.2, excited, {}))
        assert found[name, 0]["peak"] == pytest.approx(v.max(), rel=1e-4)
    pairs = [dict.fromkeys((k, k + 1), 1.0) for k in (2, 4, 6, 8)]
    trains = {
        "outward": [(0.25, pair, {}) for pair in pairs],
        "inward": [(0.25, pair, {}) for pair in reversed(pairs)],
        "at_once": [(1, dict.fromkeys(range(2, 10), 0.25), {})],
    }
    trains |= {f"pair_{min(pair)}_{max(pair)}": [(0.25, pair, {})] for pair in pairs}
    for name, pieces in trains.items():
        t, v = driven_by_conductances(2, *pieces)
        assert found[name, 0]["peak"] == pytest.approx(v.max(), rel=1e-4)
        assert found[name, 0]["time_to_peak"] == pytest.approx(t[v.argmax()], abs=2e-3)
    excited = dict.fromkeys((5, 6), 1.0)
    for name, at in (("excited", ()), ("shunted_1_2", (1, 2)), ("shunted_5_6", (5, 6)),
                     ("shunted_9_10", (9, 10))):  # fmt: skip
        inhibited = dict.fromkeys(at, 1.0)
        _, v = driven_by_conductances(2, (0.25, excited, inhibited), (1, {}, inhibited))
        assert found[name, 0]["peak"] == pytest.approx(v.max(), rel=3e-4)


def test_a_cylinder_of_three_halves_attenuates_by_its_hyperbolic_cosine(rows):
    """A sealed cylinder of 1.5 space constants, in 201 segments."""
    [row] = [row for row in rows if (row["cell"], row["protocol"]) == ("cylinder", "far_end")]
    ratio = row["cell.passive.voltage_ratio(soma(0),soma(1))"]
    assert ratio == pytest.approx(1 / math.cosh(1.5), abs=1e-5)
