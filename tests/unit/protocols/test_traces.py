import pickle

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.protocols import Trace, Traces, check_units

T_ms = np.arange(5.0)


def traces():
    return Traces("Step1", np.arange(5.0), {"soma.v": np.full(5, -70.0), "soma.cai": np.zeros(5)})


def test_traces_are_a_mapping_from_names_to_recordings():
    found = traces()
    assert list(found) == ["soma.v", "soma.cai"]
    assert len(found) == 2
    assert found["soma.v"].name == "soma.v"
    assert found["soma.v"].values.tolist() == [-70.0] * 5
    assert found["soma.cai"].t_ms.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_an_unknown_recording_names_the_nearest():
    with pytest.raises(KeyError, match=r"did you mean 'soma\.v'"):
        traces()["soma.w"]


@pytest.mark.parametrize(
    "values", [np.zeros(4), np.zeros((5, 1)), np.zeros((1, 5)), np.array(0.0)], ids=np.shape
)
def test_times_and_values_are_rows_of_one_length(values):
    with pytest.raises(InputError, match=r"soma\.v.*one row of equal length"):
        Trace("soma.v", T_ms, values)


def test_times_are_one_row():
    with pytest.raises(InputError, match="one row"):
        Trace("soma.v", np.zeros((2, 2)), np.zeros((2, 2)))


def test_the_arrays_are_locked():
    found = traces()
    for array in (found.t_ms, found.recorded["soma.v"], found["soma.v"].values):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


def test_the_arrays_are_locked_behind_a_worker_too():
    """A pickle forgets that an array was locked."""
    found = pickle.loads(pickle.dumps(traces()))
    with pytest.raises(ValueError, match="read-only"):
        found["soma.v"].values[0] = 1.0


def test_a_recording_in_other_units_is_refused():
    """A cell at rest with a spike, sampled at 20 kHz for 1.2 s; and what is odd but can be."""
    t_ms = np.arange(0.0, 1200.0, 0.05)
    v_mV = np.where(np.abs(t_ms - 600.0) < 1.0, 30.0, -70.0)
    check_units(Trace("soma.v", t_ms, v_mV))
    with pytest.raises(InputError, match=r"from -0\.07 to 0\.03 mV, which is a membrane in V"):
        check_units(Trace("soma.v", t_ms, v_mV / 1000))
    with pytest.raises(InputError, match=r"from 0 to 1\.19995 ms, .* are times in s"):
        check_units(Trace("soma.v", t_ms / 1000, v_mV))
    check_units(Trace("soma.cai", t_ms, np.full(t_ms.size, 5e-5)))
    check_units(Trace("soma.v", t_ms[:3], v_mV[:3]))
    check_units(Trace("soma.v", np.empty(0), np.empty(0)))
