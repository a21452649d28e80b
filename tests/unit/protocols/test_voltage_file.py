"""Recorded voltages from CSV files."""

import numpy as np
import pytest

from workbench.errors import StudyError
from workbench.protocols import VoltageFile


@pytest.fixture
def read(tmp_path):
    def read(*lines):
        file = tmp_path / "recording.csv"
        file.write_text("\n".join(lines))
        return VoltageFile.read(file)

    return read


def test_columns_are_found_by_their_names_in_any_unit(read):
    plain = read("time_ms,v_mV", "0,-70", "0.5,-69.5", "1,-69")
    assert (plain.t_ms.tolist(), plain.v_mV.tolist()) == ([0, 0.5, 1], [-70, -69.5, -69])
    other = read("current_pA, v_V ,time_us", "7,-0.07,0", "7,-0.0695,500", "", "7,-0.069,1000")
    np.testing.assert_allclose(other.v_mV, plain.v_mV, rtol=1e-15)
    np.testing.assert_allclose(other.t_ms, plain.t_ms, rtol=1e-15)


def test_what_is_the_same_is_told_by_the_numbers_alone(read):
    first = read("time_ms,v_mV", "0,-70", "1,-69")
    assert first == read("v_mV,time_ms,more", "-70.0,0,1", "-69,1.0,2")
    assert first != read("time_ms,v_mV", "0,-70", "1,-69.5")
    assert VoltageFile("other.csv", [0, 1], [-70, -69]).digest == first.digest


def test_it_is_written_and_read_again_bit_for_bit(tmp_path):
    dice = np.random.default_rng(1)
    one = VoltageFile("a.csv", np.cumsum(dice.uniform(0.01, 1, 99)), dice.normal(-70, 5, 99))
    one.write(tmp_path / "b.csv")
    again = VoltageFile.read(tmp_path / "b.csv")
    assert (again.t_ms.tobytes(), again.v_mV.tobytes()) == (one.t_ms.tobytes(), one.v_mV.tobytes())


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((), r"the first line must name one column time_ms or .* with its unit \(given: ''\)"),
        (("time,v_mV", "0,-70"), r"one column time_ms or time_s or time_us"),
        (("time_ms,v", "0,-70"), r"one column v_mV or v_V, with its unit \(given: 'time_ms,v'\)"),
        (("time_ms,v_mV,v_V", "0,-70,-0.07"), "one column v_mV or v_V"),
        (("time_ms,v_nA", "0,-70"), "one column v_mV or v_V"),
        (("time_ms,v_mV", "0,-70", "1"), "not all lines have as many numbers"),
        (("time_ms,v_mV", "0,-70", "1,high"), "could not convert string to float: 'high'"),
        (("time_ms,v_mV", "0,-70"), "one row of equal length, from 2"),
        (("time_ms,v_mV", "0,-70", "1,nan"), "sample 2 has the v nan mV, it must lie between -200"),
        (("time_ms,v_mV", "0,-70", "inf,-70"), "sample 2 has the time inf ms"),
        (("time_ms,v_mV", "0,-70", "1,-700"), "sample 2 has the v -700 mV"),
        (("time_ms,v_mV", "0,-70", "2,-70", "2,-69"), "the time goes from 2 to 2 ms; it must grow"),
        (("time_ms,v_mV", "0,-0.07", "1,-0.069"), "a membrane in V; multiply them by 1000"),
        (("time_ms,v_mV", "0,-70", "1e-4,-69"), "are times in s; multiply them by 1000"),
    ],
)
def test_what_is_no_recording_is_refused(read, tmp_path, lines, says):
    with pytest.raises(StudyError, match=says) as caught:
        read(*lines)
    assert "recording.csv" in str(caught.value)


def test_there_has_to_be_a_file(tmp_path):
    with pytest.raises(StudyError, match="there is no such file"):
        VoltageFile.read(tmp_path / "gone.csv")
