"""Simulated voltages written as sweeps are read as they were, with the noise that was asked for."""

from dataclasses import replace

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.morphology import parse_site
from workbench.protocols import Protocol, Recording, Step, Trace, VoltageClamp
from workbench.recordings import features_of, load_recordings, targets_of
from workbench.recordings.writers.nwb import write_sweeps

SOMA, DEND = parse_site("soma(0.5)"), parse_site("apical@100um")
T_ms = np.array([0.0, 1.0, 1.5, 40.0, 100.0])
V_mV = np.array([-70.0, -60.0, -65.0, -50.0, -70.0])
PROTOCOL = Protocol(
    "pulse",
    100.0,
    (Step(SOMA, 20.0, 50.0, 0.1), Step(SOMA, 0.0, 100.0, -0.02)),
    (Recording("soma", SOMA), Recording("dend", DEND), Recording("soma", SOMA, "ina")),
)
TRACES = {
    "soma.v": Trace("soma.v", T_ms, V_mV),
    "dend.v": Trace("dend.v", T_ms, V_mV / 2 - 35),
    "soma.ina": Trace("soma.ina", T_ms, V_mV),
}


def test_what_was_written_is_read(tmp_path):
    path = tmp_path / "cell.nwb"
    write_sweeps(path, "cell", [(PROTOCOL, TRACES)], sampling_kHz=10)
    soma, dend = sorted(load_recordings(path), key=lambda one: one.facts.electrode, reverse=True)
    assert [soma.facts.electrode, dend.facts.electrode] == ["soma", "dend"]
    t_ms = np.arange(1000) / 10
    np.testing.assert_allclose(soma.v_mV, np.interp(t_ms, T_ms, V_mV), rtol=1e-12)
    np.testing.assert_allclose(dend.v_mV, soma.v_mV / 2 - 35, rtol=1e-12)
    for one in (soma, dend):
        assert one.protocol == "pulse"
        assert one.dt_ms == pytest.approx(0.1)
        shape = one.shape
        assert (shape.kind, shape.onset_ms, shape.duration_ms) == ("step", 20.0, 50.0)
        assert (shape.amplitude_nA, shape.holding_nA) == (pytest.approx(0.1), pytest.approx(-0.02))
    only = load_recordings(path, electrode="dend")
    assert [one.name for one in only] == [dend.name]
    with pytest.raises(InputError, match="unknown electrode 'dendrite'"):
        load_recordings(path, electrode="dendrite")
    with pytest.raises(InputError, match=r"several electrodes \(dend, soma\).*--electrode NAME"):
        targets_of(features_of(load_recordings(path), ["voltage_base"]))


def test_noise(tmp_path):
    """Its SD is that asked for, and above the filter's corner there is little of it.

    A Bessel filter of four poles has lost 13.4 dB at twice its corner (Zverev 1967, Handbook of
    Filter Synthesis), sampled by the bilinear transform more.
    """
    flat = replace(PROTOCOL, duration_ms=10_000.0, recordings=PROTOCOL.recordings[:1])
    rest = {"soma.v": Trace("soma.v", [0.0, 10_000.0], [-70.0, -70.0])}
    words = {"sweeps": 2, "noise_mV": 0.2, "sampling_kHz": 10}
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_sweeps(tmp_path / f"{name}.nwb", "cell", [(flat, rest)], seed=seed, **words)
    first, second = (one.v_mV + 70 for one in load_recordings(tmp_path / "a.nwb"))
    # The SD of an SD of 1e5 samples, of which neighbours are correlated, is below 0.5 %.
    assert [first.std(), second.std()] == pytest.approx([0.2, 0.2], rel=0.02)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.02
    power = np.abs(np.fft.rfft(first)) ** 2
    below, above = power[1:12_500].mean(), power[45_000:].mean()
    assert above < 0.045 * below
    again, other = (load_recordings(tmp_path / f"{name}.nwb")[0].v_mV + 70 for name in "bc")
    np.testing.assert_array_equal(first, again)
    assert abs(np.corrcoef(first, other)[0, 1]) < 0.02


CLAMP = Protocol("clamp", 9.0, (VoltageClamp(SOMA, 0.0, 9.0, -70.0, -50.0),), PROTOCOL.recordings)
BOTH = replace(PROTOCOL, stimuli=(*PROTOCOL.stimuli, Step(DEND, 20.0, 50.0, 0.1)))
MOVED = replace(PROTOCOL, name="moved", recordings=(Recording("soma", DEND),))


@pytest.mark.parametrize(
    ("protocols", "words", "says"),
    [
        ([CLAMP], {}, "decides on its current by the voltage"),
        ([BOTH], {}, r"injects at .* and .*; a sweep has the current of one electrode"),
        ([PROTOCOL, MOVED], {}, "an electrode stays where it is"),
        ([replace(PROTOCOL, recordings=PROTOCOL.recordings[2:])], {}, "no voltage is recorded"),
        ([PROTOCOL], {"sweeps": 0}, "sweeps is 0"),
        ([PROTOCOL], {"noise_mV": -1.0}, "noise is not below 0"),
        ([PROTOCOL], {"sampling_kHz": 0.001}, "sample it faster"),
    ],
)
def test_slips(tmp_path, protocols, words, says):
    path = tmp_path / "cell.nwb"
    with pytest.raises(InputError, match=says):
        write_sweeps(path, "cell", [(one, TRACES) for one in protocols], **words)
    assert not list(tmp_path.iterdir())
