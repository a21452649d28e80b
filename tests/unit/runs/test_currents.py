"""Currents as arrays of which all is known; which of a cell's variables they are made of."""

import numpy as np
import pytest

from workbench.engines import Integrator, fixed_step
from workbench.errors import InputError
from workbench.morphology import parse_site
from workbench.runs.currents import (
    Currents,
    _parts,
    currents_of,
    neuron_for,
    read_currents,
    write_currents,
)
from workbench.studies import load_study

HERE = {"gnabar_hh.all": 0.12}
T_ms = np.arange(0.0, 10.01, 0.1)


def made():
    """Return a spike of 2 ms, raised by `a` to three quarters, and ended by `c` alone."""
    v_mV = np.interp(T_ms, [0, 4, 5, 6, 10], [-60, -60, 40, -70, -60])
    rising, falling = (T_ms >= 3) & (T_ms <= 5), (T_ms > 5) & (T_ms <= 6)
    densities = np.array([-3.0 * rising, -1.0 * rising, 2.0 * falling])
    return Currents(
        at=HERE,
        site="soma(0.5)",
        protocol="pulse",
        integrator="NEURON",
        t_ms=T_ms,
        v_mV=v_mV,
        names=("a.ina", "b.i", "c.ik"),
        densities=densities,
        capacitive=-densities.sum(axis=0),
    )


def test_totals_and_shares():
    found = made()
    at_4, at_5_5 = 40, 55
    assert found.total(inward=True)[[0, at_4, at_5_5]].tolist() == [0, 4, 0]
    assert found.total(inward=False)[[0, at_4, at_5_5]].tolist() == [0, 0, 2]
    assert found.shares(inward=True)[:, at_4].tolist() == [0.75, 0.25, 0]
    assert found.shares(inward=True)[:, 0].tolist() == [0, 0, 0]
    assert found.shares(inward=False)[:, at_5_5].tolist() == [0, 0, 1]
    assert found.charges(3.5, 4.5, inward=True) == pytest.approx([3, 1, 0])


def test_what_makes_a_spike():
    rows = made().spikes()
    assert [(r["spike"], r["current"]) for r in rows] == [(1, "a.ina"), (1, "b.i"), (1, "c.ik")]
    assert [r["rise"] for r in rows] == pytest.approx([0.75, 0.25, 0])
    assert [r["fall"] for r in rows] == pytest.approx([0, 0, 1])
    assert (rows[0]["peak_ms"], rows[0]["peak_mV"]) == pytest.approx((5, 40))


def test_one_looks_at_all_of_it_and_at_the_first_spike():
    assert made().windows_ms() == ((0.0, 10.0), (pytest.approx(1.4, abs=0.1), 10.0))


def test_they_are_kept_for_the_individual_that_they_are_of(tmp_path):
    found = made()
    write_currents(tmp_path, found)
    again = read_currents(tmp_path, HERE)
    assert again.names == found.names
    assert again.densities.tobytes() == found.densities.tobytes()
    assert again.spikes() == found.spikes()
    assert [path.name for path in tmp_path.iterdir()] == ["currents.npz"]
    assert read_currents(tmp_path, {"gnabar_hh.all": 0.13}) is None
    whole = (tmp_path / "currents.npz").read_bytes()
    for spoilt in (b"", b"PK", whole[:-40]):
        (tmp_path / "currents.npz").write_bytes(spoilt)
        assert read_currents(tmp_path, HERE) is None


def parts(study, site="soma(0.5)"):
    return _parts(load_study(study).problem.recipe, parse_site(site))[0]


def test_a_current_that_its_file_does_not_give_alone_is_what_the_others_leave_of_the_ions():
    assert parts("hodgkin_huxley") == {"hh.il": ("il_hh",), "hh.ik": ("ik",), "hh.ina": ("ina",)}
    traub = parts("traub_ca3")
    assert traub["kdr_tr.ik"] == ("ik_kdr_tr",)
    assert traub["pas.i"] == ("i_pas",)
    assert not [one for one in traub.values() if one == ("ik",)]


def test_nobody_but_neuron_records_more_than_voltages():
    fixed = fixed_step(0.025)
    assert neuron_for(fixed) == fixed
    assert neuron_for(Integrator("population", atol=None, step_error_mV=1e-3)) == Integrator()
    assert neuron_for(Integrator(atol=None, step_error_mV=1e-3, native=True)).atol == 1e-3


@pytest.mark.parametrize(
    ("protocol", "site", "says"),
    [
        ("puls", "soma(0.5)", "unknown protocol 'puls'; did you mean 'pulse'"),
        ("pulse", "apic[3](0.5)", "apic"),
        ("pulse", "there", "there"),
    ],
)
def test_what_is_not_there(protocol, site, says):
    study = load_study("hodgkin_huxley")
    with pytest.raises(InputError, match=says.replace("[", r"\[").replace("(", r"\(")[:20]):
        currents_of(study, study.values("published"), protocol, site)
