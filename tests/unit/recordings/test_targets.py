"""Features of sweeps to targets: numbers that BluePyEfe 2.3.63 printed, and what a study reads."""

import tomllib

import numpy as np
import pytest

from tests.recorded_files import passive_mV, step_nA, write_family
from workbench.errors import InputError
from workbench.features import Missing
from workbench.recordings import (
    Recordings,
    Sweep,
    features_of,
    floor_of,
    load_recordings,
    targets_of,
    write_targets,
)
from workbench.studies import load_study

BLUEPYEFE = {
    "IDRest_-50": {
        "Spikecount": (0.0, 0.0, 2),
        "voltage_base": (-86.0, 1.0, 2),
        "steady_state_voltage_stimend": (-91.5, 1.5, 2),
        "ohmic_input_resistance": (99.99999866510437, 2.0178655262270695e-06, 2),
    },
    "IDRest_100": {
        "Spikecount": (7.0, 0.0, 2),
        "mean_frequency": (26.52885443583691, 0.6029285099049666, 2),
        "time_to_first_spike": (18.000000000009706, 0.0, 2),
        "AP_height": (16.027777396874068, 0.0024785994483487173, 2),
        "AP_duration_half_width": (0.9999999999997401, 0.0, 2),
        "voltage_base": (-85.99999999999999, 1.0, 2),
        "steady_state_voltage_stimend": (-74.26062499990425, 0.7393750000957482, 2),
        "ohmic_input_resistance": (99.99999470698366, 1.0089326849538338e-06, 2),
        "AHP_depth": (10.76101902553036, 0.978673662458168, 2),
    },
    "IDRest_150": {
        "Spikecount": (10.5, 0.5, 2),
        "mean_frequency": (37.30150406438257, 1.2004210318826019, 2),
        "time_to_first_spike": (19.000000000009933, 0.0, 2),
        "AP_height": (16.026532318014787, 0.00348496011240762, 2),
        "AP_duration_half_width": (0.9999999999996847, 0.0, 2),
        "voltage_base": (-85.99999999999999, 1.0, 2),
        "steady_state_voltage_stimend": (-66.64999999999742, 0.48333333333332007, 2),
        "ohmic_input_resistance": (99.9999988720649, 2.587007088550308e-07, 2),
        "AHP_depth": (16.271728168834564, 1.4700168262828779, 2),
    },
}
"""What extract_efeatures found in the same waves: mean, SD and number, by per cent of rheobase."""


@pytest.fixture(scope="module")
def family(tmp_path_factory):
    return load_recordings(write_family(tmp_path_factory.mktemp("family")), ljp_mV=14)


@pytest.fixture(scope="module")
def measured(family):
    return features_of(family, list(BLUEPYEFE["IDRest_150"]))


def test_as_bluepyefe(measured):
    """BluePyEfe computes in single precision, and has 0.001 where the SD is 0."""
    found = targets_of(measured, at=[-50, 100, 150], tolerance=20)
    groups = {one.name.replace("__", "_-"): one for one in found.groups}
    assert groups.keys() == BLUEPYEFE.keys()
    for name, expected in BLUEPYEFE.items():
        aims = {one.feature: one for one in groups[name].aims}
        assert aims.keys() == expected.keys()
        for feature, (mean, sd, n) in expected.items():
            assert aims[feature].mean == pytest.approx(mean, rel=1e-6)
            assert aims[feature].sd == pytest.approx(sd, abs=1e-6 * abs(mean) + 1e-9)
            assert aims[feature].n == n
    step = groups["IDRest_150"]
    assert step.amplitude_nA == pytest.approx(0.1650000020124329, rel=1e-6)
    assert step.holding_nA == pytest.approx(-0.010000000707805157, rel=1e-6)


def test_rheobase_and_per_cent(measured):
    assert measured.rheobase_nA == {"A": pytest.approx(0.1), "B": pytest.approx(0.12)}
    table = measured.table()
    assert table["cell"].tolist() == sorted(table["cell"])
    of_one = table[(table.feature == "Spikecount") & (table.cell == "A")]
    assert of_one["percent_of_rheobase"].tolist() == pytest.approx([-50, 50, 100, 150])
    assert of_one["value"].tolist() == [0, 0, 7, 11]
    silent = table[(table.feature == "AP_height") & (table.sweep == "A_IDRest_0")]
    assert silent["value"].isna().all()
    assert silent["reason"].item()


def test_sweeps_that_are_in_no_target_are_told(measured):
    found = targets_of(measured, at=[100], tolerance=20)
    assert "its 150 % of rheobase are not within 20 % of 100" in found.unused["A_IDRest_3"]
    [group] = found.groups
    [silent] = [one for one in targets_of(measured).groups if one.name == "IDRest_50"]
    assert set(silent.without["AP_height"]) == {"A_IDRest_1", "B_IDRest_1"}
    assert {one.name for one in group.sweeps} == {"A_IDRest_2", "B_IDRest_2"}


def test_amplitudes_in_nA(measured):
    found = targets_of(measured, at_nA=[0.11], tolerance_nA=0.02)
    [group] = found.groups
    assert group.name == "IDRest_110pA"
    assert group.amplitude_nA == pytest.approx(0.11)


def test_over_cells(family):
    """Of 7, 7 and 10 spikes the sweeps have 8 ± sqrt(2), the cells, 7 and 10, 8.5 ± 1.5."""
    one = family["A_IDRest_2"]
    again = Sweep("A", "again", "IDRest", (), 0.1, one.v_mV, one.i_nA)
    both = Recordings((one, again, family["B_IDRest_3"]))
    found = features_of(both, ["Spikecount"], rheobase_nA={"A": 0.1, "B": 0.18})
    values = {one.sweep.name: one.value for one in found.found}
    assert values == {"A_IDRest_2": 7, "again": 7, "B_IDRest_3": 10}
    [sweeps] = [group.aims[0] for group in targets_of(found).groups]
    assert (sweeps.n, sweeps.mean, sweeps.sd) == (3, 8.0, pytest.approx(np.sqrt(2)))
    [cells] = [group.aims[0] for group in targets_of(found, over="cells").groups]
    assert (cells.n, cells.mean, cells.sd) == (2, 8.5, 1.5)


def test_floors():
    assert floor_of("AP_height", 30, {}) == 2.0
    assert floor_of("AP_height", 30, {"AP_height": 0.5}) == 0.5
    assert floor_of("maximum_voltage_from_voltagebase", 40, {}) == pytest.approx(2.0)
    assert floor_of("sag_ratio1", 0.0, {}) == 1e-3


def test_what_is_written(measured, tmp_path):
    out = tmp_path / "study" / "targets.toml"
    found = targets_of(measured, at=[100], tolerance=20)
    assert [path.name for path in write_targets(found, out)] == ["targets.toml", "protocols.toml"]
    targets = tomllib.loads(out.read_text())["IDRest_100"]["soma"]
    assert targets["window_ms"] == pytest.approx([100, 400])
    assert targets["features"]["Spikecount"] == [7.0, 0.0]
    assert targets["floor"]["Spikecount"] == 0.5
    assert targets["n"]["Spikecount"] == 2
    assert targets["source"]["Spikecount"] == ["A_IDRest_2", "B_IDRest_2"]
    assert "# A liquid junction potential of 14 mV was subtracted" in out.read_text()
    protocol = tomllib.loads((out.parent / "protocols.toml").read_text())["IDRest_100"]
    step, holding = protocol["stimuli"]
    assert step["amplitude_nA"] == pytest.approx(0.11)
    assert (holding["delay_ms"], holding["duration_ms"]) == (0, 500)
    with pytest.raises(InputError, match=r"targets\.toml is there already"):
        write_targets(found, out)


def test_relative_to_each_individual(measured, tmp_path):
    """The cells fire from 0.1 and 0.12 nA on, held at -85 and -87 mV by -10 pA through 100 MOhm."""
    found = targets_of(measured, at=[100, 150, -50], tolerance=20)
    (tmp_path / "study.toml").write_text('title = "x"\nbase = "hodgkin_huxley"\n')
    write_targets(found, tmp_path / "targets.toml", relative=True)
    study = load_study(tmp_path)
    target = next(o for o in study.problem.objectives if o.name == "rheobase.soma.rheobase")
    assert (target.mean, target.std) == (pytest.approx(0.11), pytest.approx(0.01))
    written = tomllib.loads((tmp_path / "protocols.toml").read_text())
    assert written["rheobase"]["parameters"]["amplitude"] == {"to_fire": "soma"}
    assert written["IDRest_150"]["parameters"] == {
        "amplitude": {"percent_of_rheobase": pytest.approx(150)},
        "holding": {"to_mV": pytest.approx(-86)},
    }
    absolute = targets_of(measured, at_nA=[0.11], tolerance_nA=0.02)
    with pytest.raises(InputError, match="no step in per cent of a rheobase"):
        write_targets(absolute, tmp_path / "other" / "targets.toml", relative=True)
    assert not (tmp_path / "other").exists()


def test_noise_is_played_from_a_file(tmp_path):
    rng = np.random.default_rng(1)
    noise = np.convolve(rng.normal(0, 0.05, 5049), np.ones(50) / 7, "valid")
    both = Recordings(
        tuple(Sweep("A", name, "", (), 0.1, passive_mV(noise), noise) for name in ("a", "b"))
    )
    found = targets_of(features_of(both, ["Spikecount", "maximum_voltage"]))
    written = write_targets(found, tmp_path / "targets.toml")
    assert written[-1].name == "noise.csv"
    rows = np.loadtxt(written[-1], delimiter=",", skiprows=1)
    np.testing.assert_allclose(rows[:, 1], noise, rtol=1e-8)


def test_stimuli_of_other_times_are_another_protocol():
    sweeps = []
    for name, until_ms in (("a", 500.0), ("b", 500.0), ("c", 600.0)):
        i_nA = step_nA(0.05, until_ms=until_ms)
        if name == "c":
            i_nA = np.concatenate([np.zeros(1000), i_nA[:-1000]])
        sweeps.append(Sweep("A", name, "IV", (), 0.1, passive_mV(i_nA), i_nA))
    found = features_of(Recordings(tuple(sweeps)), ["voltage_base"], rheobase_nA={"A": 0.05})
    names = {one.name: [s.name for s in one.sweeps] for one in targets_of(found).groups}
    assert names == {"IV_100": ["a", "b"], "IV_100_2": ["c"]}


def test_without_a_stimulus_and_without_a_rheobase():
    i_nA = step_nA(0.05)
    sweeps = (
        Sweep("A", "a", "", (), 0.1, passive_mV(i_nA), i_nA),
        Sweep("A", "b", "", (), 0.1, passive_mV(0 * i_nA), 0 * i_nA),
    )
    found = features_of(Recordings(sweeps), ["voltage_base", "ohmic_input_resistance"])
    lacking = {(o.sweep.name, o.feature) for o in found.found if isinstance(o.measured, Missing)}
    assert lacking == {("b", "voltage_base"), ("b", "ohmic_input_resistance")}
    with pytest.raises(
        InputError, match=r"b: it has no stimulus; a: A has no rheobase.*--rheobase A=0\.1"
    ):
        targets_of(found)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"over": "sweep"}, "it must be 'sweeps' or 'cells'"),
        ({"at": [100], "at_nA": [0.1], "tolerance_nA": 0.1}, "in per cent of rheobase, or in nA"),
        ({"at_nA": [0.1]}, "give both, or none"),
        ({"floors": {"AP_height": -1}}, "floor of AP_height is -1"),
    ],
)
def test_slips(measured, words, says):
    with pytest.raises(InputError, match=says):
        targets_of(measured, **words)


def test_slips_of_features(family):
    with pytest.raises(InputError, match="unknown feature 'AP_heigth'"):
        features_of(family, ["AP_heigth"])
    with pytest.raises(InputError, match="unknown eFEL setting 'treshold'"):
        features_of(family, settings={"treshold": 1.0})
    with pytest.raises(InputError, match="unknown cell 'C'"):
        features_of(family, rheobase_nA={"C": 0.1})
    with pytest.raises(InputError, match=r"ends at 499\.9 ms"):
        features_of(family, window_ms=(100, 600))


def test_every_feature_of_a_sweep(family):
    """All that there are come back with a value or a reason, and none ends the process."""
    found = features_of(Recordings((family["A_IDRest_3"],)), "all")
    assert len(found.found) > 150
    assert sum(one.value is not None for one in found.found) > 100
