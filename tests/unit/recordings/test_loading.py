"""Every format gives the numbers that were written, in mV, nA and ms, or asks for what it lacks."""

from pathlib import Path

import numpy as np
import pyabf.abfWriter
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recorded_files import give_command, passive_mV, step_nA, write_ibw, write_nwb
from workbench.errors import InputError
from workbench.recordings import load_recordings

I_nA = step_nA(0.05, holding_nA=-0.01)
V_mV = passive_mV(I_nA)


def csv(path: Path, names: str, *columns: object) -> Path:
    np.savetxt(path, np.column_stack(columns), "%.9g", ",", header=names, comments="")
    return path


@pytest.mark.parametrize("paired", ["table", "number", "name"])
def test_nwb(tmp_path, paired):
    """Numbers times conversion, whatever the amplifier's gain; the stimulus by whatever link."""
    path = tmp_path / "one.nwb"
    write_nwb(path, [(V_mV, I_nA), (V_mV + 1, 2 * I_nA)], paired=paired)
    found = load_recordings(path)
    assert [one.name for one in found] == ["sweep_0", "sweep_1"]
    assert found.cells == ["one"]
    first, second = found
    np.testing.assert_allclose(first.v_mV, V_mV, rtol=1e-12)
    np.testing.assert_allclose(second.i_nA, 2 * I_nA, rtol=1e-12, atol=1e-15)
    assert first.dt_ms == pytest.approx(0.1, rel=1e-12)
    assert first.protocol == "Long Square"
    facts = first.facts
    assert (facts.bridge_MOhm, facts.bias_nA) == (pytest.approx(15.0), pytest.approx(0.02))
    assert (facts.seal_MOhm, facts.access_MOhm) == (800.0, 12.0)
    assert [one.reason for one in found.remarks["sweep_0"]] == ["seal"]


def test_nwb_without_a_stimulus_asks_for_it(tmp_path):
    path = tmp_path / "one.nwb"
    write_nwb(path, [(V_mV, None)], paired="name")
    with pytest.raises(InputError, match=r"it holds no current.*--step DELAY_ms,DURATION_ms"):
        load_recordings(path)
    assert load_recordings(path, step=(100, 300, 0.05))[0].shape.amplitude_nA == 0.05


@pytest.mark.parametrize("text", [b"", b"no HDF5", b"\x89HDF\r\n\x1a\n" + bytes(200)])
def test_what_is_no_nwb(tmp_path, text):
    path = tmp_path / "one.nwb"
    path.write_bytes(text)
    with pytest.raises(InputError, match=r"one\.nwb is no NWB file"):
        load_recordings(path)


def test_abf_round_trips(tmp_path):
    """pyabf's writer keeps 16 bits; without a command the current is asked for."""
    path = tmp_path / "one.abf"
    sweeps = np.array([V_mV, V_mV + 3])
    pyabf.abfWriter.writeABF1(sweeps, str(path), 10_000, units="mV")
    with pytest.raises(InputError, match="its protocol has no command waveform"):
        load_recordings(path)
    found = load_recordings(path, step=(100, 300, 0.05, 0.1), cell="A")
    assert [one.shape.amplitude_nA for one in found] == [0.05, 0.1]
    assert {(one.cell, one.dt_ms) for one in found} == {("A", 0.1)}
    for one, written in zip(found, sweeps, strict=True):
        np.testing.assert_allclose(one.v_mV, written, atol=np.abs(sweeps).max() / 2**13)


def test_abf_with_a_command(tmp_path):
    """Epochs stand behind a pre-epoch of a 64th of the sweep, and rise from sweep to sweep."""
    path = tmp_path / "one.abf"
    pyabf.abfWriter.writeABF1(np.array([V_mV, V_mV]), str(path), 10_000, units="mV")
    give_command(path, "pA", [0.0, 50.0, 0.0], [900, 3000, 500])
    first, second = load_recordings(path)
    before = 5000 // 64
    assert first.shape.onset_ms == pytest.approx((before + 900) * 0.1)
    assert first.shape.duration_ms == pytest.approx(300)
    assert first.shape.amplitude_nA == pytest.approx(0.05)
    assert second.shape.amplitude_nA == pytest.approx(0.1)
    give_command(path, "mV", [0.0, 50.0, 0.0], [900, 3000, 500])
    with pytest.raises(InputError, match="its command is in mV"):
        load_recordings(path)


def test_voltage_clamp_is_refused(tmp_path):
    path = tmp_path / "one.abf"
    pyabf.abfWriter.writeABF1(np.array([V_mV]), str(path), 10_000, units="pA")
    with pytest.raises(InputError, match="its channels are in pA, none of them is a voltage"):
        load_recordings(path)


def test_igor_waves_in_pairs(tmp_path):
    """Which is the current is told by the units, not by the channel's number."""
    for channel, values, unit in ((0, I_nA * 1e3, "pA"), (3, V_mV, "mV")):
        write_ibw(tmp_path / f"B95_Ch{channel}_IDRest_107.ibw", values, unit)
    write_ibw(tmp_path / "C_ch0_1.ibw", V_mV / 1e3, "V")
    write_ibw(tmp_path / "C_ch1_1.ibw", I_nA / 1e9, "A")
    first, second = load_recordings(sorted(tmp_path.glob("*.ibw")))
    assert (first.cell, first.name, first.protocol) == ("B95", "B95_IDRest_107", "IDRest")
    for one in (first, second):
        np.testing.assert_allclose(one.v_mV, V_mV, rtol=1e-6)
        np.testing.assert_allclose(one.i_nA, I_nA, rtol=1e-6)
        assert one.dt_ms == pytest.approx(0.1)


def test_igor_waves_lack(tmp_path):
    voltage, current = tmp_path / "v.ibw", tmp_path / "i.ibw"
    write_ibw(voltage, V_mV, "mV", of_time="")
    with pytest.raises(InputError, match=r"name both as VOLTAGE\.ibw\+CURRENT\.ibw"):
        load_recordings(voltage)
    both = f"{voltage}+{current}"
    write_ibw(current, I_nA * 1e3, "mV", of_time="")
    with pytest.raises(InputError, match=r"given are v\.ibw in mV and i\.ibw in mV"):
        load_recordings(both)
    write_ibw(current, I_nA * 1e3, "pA", of_time="")
    with pytest.raises(InputError, match=r"in which unit its time is; give it: --unit time=s"):
        load_recordings(both)
    assert load_recordings(both, units={"time": "s"})[0].dt_ms == pytest.approx(0.1)
    with pytest.raises(InputError, match="the file says that its voltage is in mV, and it was"):
        load_recordings(both, units={"time": "s", "v": "V"})
    write_ibw(current, I_nA[:-1] * 1e3, "pA", of_time="")
    with pytest.raises(InputError, match="they must be of one sweep"):
        load_recordings(both, units={"time": "s"})


def test_csv_and_text(tmp_path):
    t_ms = np.arange(V_mV.size) * 0.1
    with_current = csv(tmp_path / "a.csv", "time_s,v_V,i_pA", t_ms / 1e3, V_mV / 1e3, I_nA * 1e3)
    [one] = load_recordings(with_current)
    np.testing.assert_allclose(one.v_mV, V_mV, atol=1e-5)
    np.testing.assert_allclose(one.i_nA, I_nA, atol=1e-9)
    two = tmp_path / "b.txt"
    np.savetxt(two, np.column_stack([t_ms, V_mV]), "%.9g", "\t")
    with pytest.raises(InputError, match="does not name the columns with their units"):
        load_recordings(two)
    with pytest.raises(InputError, match=r"none of its columns .* is a current"):
        load_recordings(two, columns=["time_ms", "v_mV"])
    [one] = load_recordings(two, columns=["time_ms", "v_mV"], step=(100, 300, 0.05))
    np.testing.assert_allclose(one.i_nA, step_nA(0.05))
    without = csv(tmp_path / "c.csv", "time,v_mV", t_ms, V_mV)
    with pytest.raises(InputError, match="none of its columns is called time_s or time_ms"):
        load_recordings(without)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "does not name the columns"),
        ("time_ms,v_mV,i_nA\n", "it has no numbers"),
        ("time_ms,v_mV,i_nA\n0,1,2\n1,2\n", "has 2 numbers for 3 columns"),
        ("time_ms,v_mV,i_nA\n0,1,2\n1,x,2\n", "this is not a table of numbers"),
        ("time_ms,v_mV,i_nA\n0,1,2\n1,1,2\n5,1,2\n", "samples must be evenly spaced"),
        ("time_ms,v_mV,i_nA\n0,1,2\n1,nan,2\n", "sample 2 of the voltage is no number"),
        ("time_ms,v_mV,v_V,i_nA\n0,1,2,3\n", "2 columns are a v"),
    ],
)
def test_spoilt_texts(tmp_path, text, says):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        load_recordings(path)


@given(st.binary(max_size=300), st.sampled_from([".abf", ".ibw"]))
def test_any_bytes_are_refused(tmp_path_factory, data, ending):
    path = tmp_path_factory.mktemp("bytes") / f"a{ending}"
    path.write_bytes(data)
    named = f"{path}+{path}" if ending == ".ibw" else path
    with pytest.raises(InputError):
        load_recordings(named)


def test_the_junction_potential_is_subtracted_once_and_said(tmp_path):
    path = csv(tmp_path / "a.csv", "time_ms,v_mV,i_nA", np.arange(V_mV.size) * 0.1, V_mV, I_nA)
    found = load_recordings(path, ljp_mV=14)
    assert found[0].v_mV[0] == pytest.approx(V_mV[0] - 14)
    assert found[0].ljp_mV == 14
    assert found.done == ("a liquid junction potential of 14 mV was subtracted from all voltages",)
    assert load_recordings(path)[0].ljp_mV is None


def test_cells_by_name_and_by_folder(tmp_path):
    for folder in ("A", "B"):
        (tmp_path / folder).mkdir()
        csv(
            tmp_path / folder / "x.csv",
            "time_ms,v_mV,i_nA",
            np.arange(V_mV.size) * 0.1,
            V_mV,
            I_nA,
        )
    files = sorted(tmp_path.glob("*/x.csv"))
    found = load_recordings(files, cell="folder")
    assert found.cells == ["A", "B"]
    assert [one.name for one in found] == ["x", "B_x"]
    assert load_recordings({"one": files[:1], "two": files[1:]}).cells == ["one", "two"]
    with pytest.raises(InputError, match="the files are given by cell already"):
        load_recordings({"one": files}, cell="two")
    with pytest.raises(InputError, match="unknown sweep 'y'"):
        found["y"]


@pytest.mark.parametrize(
    ("name", "more", "says"),
    [
        ("a.xyz", {}, r"unknown format of recordings '\.xyz'"),
        ("nowhere.csv", {}, "there is no such file"),
        ("nowhere.nwb", {}, "there is no such file"),
        ("a.csv", {"units": {"volts": "mV"}}, "unknown quantity 'volts'"),
        ("a.csv", {"units": {"v": "mv"}}, "unknown unit of v 'mv'"),
        ("a.csv", {"ljp_mV": 500}, "ljp_mV is 500, it must lie between"),
    ],
)
def test_slips(tmp_path, name, more, says):
    with pytest.raises(InputError, match=says):
        load_recordings(tmp_path / name, **more)
