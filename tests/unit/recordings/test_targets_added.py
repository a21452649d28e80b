"""Targets of a second electrode beside those of the first, and voltages that are followed."""

import tomllib

import numpy as np
import pytest

from tests.recorded_files import passive_mV, step_nA, with_spikes
from workbench.errors import InputError, MorphologyError
from workbench.protocols import VoltageFile
from workbench.recordings import Recordings, Sweep, features_of, targets_of, write_targets

I_nA = step_nA(-0.05)
DEND = ("dend", "apical@100um")


def targets(*sweeps, amplitude_nA=-0.05):
    found = features_of(Recordings(sweeps), ["voltage_base", "Spikecount"])
    return targets_of(found, at_nA=[amplitude_nA], tolerance_nA=0.01)


def sweep(name, v_mV, i_nA=I_nA, **words):
    return Sweep("A", name, "IV", (), 0.1, v_mV, i_nA, **words)


@pytest.fixture
def noisy():
    """Three repeats of one response, with noise of 0.3 mV."""
    rng = np.random.default_rng(5)
    clean = passive_mV(I_nA)
    return [sweep(f"s{n}", clean + rng.normal(0, 0.3, clean.size)) for n in range(3)]


def test_the_mean_of_sweeps_is_followed(tmp_path, noisy):
    """The noise of the mean of 3 is 0.3 / sqrt(3); 5,000 samples tell it to a per cent."""
    out = tmp_path / "targets.toml"
    written = write_targets(targets(*noisy), out, traces=True)
    trace = tomllib.loads(out.read_text())["IV_-50pA"]["soma"]["trace"]
    assert trace["sd_mV"] == pytest.approx(0.3 / np.sqrt(3), rel=0.03)
    assert trace["window_ms"] == pytest.approx([50, 499.9])
    assert written[-1] == tmp_path / trace["file"]
    mean = VoltageFile.read(written[-1])
    np.testing.assert_allclose(mean.v_mV, np.mean([one.v_mV for one in noisy], axis=0))
    alone = tmp_path / "alone" / "targets.toml"
    write_targets(targets(noisy[0]), alone, traces=True)
    sd_mV = tomllib.loads(alone.read_text())["IV_-50pA"]["soma"]["trace"]["sd_mV"]
    # Of 500 samples before the stimulus: 3 % is one SD.
    assert sd_mV == pytest.approx(0.3, rel=0.12)


def test_what_cannot_be_followed(tmp_path, noisy):
    fired = sweep("fired", with_spikes(passive_mV(-I_nA), [150.0]), -I_nA)
    with pytest.raises(InputError, match="every protocol has spikes"):
        write_targets(targets(fired, amplitude_nA=0.05), tmp_path / "t.toml", traces=True)
    late = sweep("late", noisy[0].v_mV, np.roll(I_nA, 5))
    with pytest.raises(
        InputError, match=r"its stimulus at 100 ms, late every 0\.1 ms and at 100\.5"
    ):
        write_targets(targets(noisy[0], late), tmp_path / "t.toml", traces=True)
    assert not list(tmp_path.iterdir())


def test_a_second_electrode(tmp_path, noisy):
    out = tmp_path / "targets.toml"
    write_targets(targets(*noisy), out)
    write_targets(targets(*noisy[:2]), out, recording=DEND, add=True)
    [(name, places)] = tomllib.loads(out.read_text()).items()
    assert (name, places.keys()) == ("IV_-50pA", {"soma", "dend"})
    assert places["dend"]["n"]["voltage_base"] == 2
    protocol = tomllib.loads((tmp_path / "protocols.toml").read_text())["IV_-50pA"]
    assert protocol["recordings"] == {"soma": "soma(0.5)", "dend": "apical@100um"}
    assert [one["site"] for one in protocol["stimuli"]] == ["soma(0.5)"]
    heading = [line for line in out.read_text().splitlines() if line.startswith("#")]
    assert len(heading) == len(set(heading)) == 2


def test_what_contradicts_is_refused(tmp_path, noisy):
    out = tmp_path / "targets.toml"
    found = targets(*noisy)
    write_targets(found, out)
    before = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    with pytest.raises(InputError, match=r"IV_-50pA\.soma has targets already"):
        write_targets(found, out, add=True)
    longer_nA = step_nA(-0.05, until_ms=600.0)
    longer = targets(sweep("longer", passive_mV(longer_nA), longer_nA))
    with pytest.raises(InputError, match="there already, with another duration or other stimuli"):
        write_targets(longer, out, recording=DEND, add=True)
    with pytest.raises(MorphologyError):
        write_targets(found, out, recording=("dend", "nowhere("), add=True)
    with pytest.raises(InputError, match=r"recordings are .* call another place the same"):
        write_targets(found, tmp_path / "other.toml", recording=("soma", "apical@9um"), add=True)
    (tmp_path / "r").mkdir()
    spoilt = tmp_path / "r" / "s.toml"
    spoilt.write_text('"IV_-50pA" = 3\n')
    with pytest.raises(InputError, match="IV_-50pA is 3 already, it must be a table"):
        write_targets(found, spoilt, add=True)
    spoilt.write_text("# head\n[a.soma]\n  # mine\n")
    with pytest.raises(InputError, match=r"comments below .*# mine.*would be lost"):
        write_targets(found, spoilt, add=True)
    spoilt.unlink()
    spoilt.parent.rmdir()
    with pytest.raises(InputError, match="relative: the rheobase is that of"):
        write_targets(found, tmp_path / "r" / "t.toml", recording=DEND, relative=True)
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == before
