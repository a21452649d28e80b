"""Features of recordings drawn on the sweeps that they came from."""

import numpy as np
import pytest

from tests.recorded_files import write_family
from workbench.errors import InputError
from workbench.recordings import features_of, load_recordings, targets_of
from workbench.reports.figures import house_style
from workbench.reports.sweep_figure import draw_features, sweep_figure


@pytest.fixture(scope="module")
def targets(tmp_path_factory):
    recordings = load_recordings(write_family(tmp_path_factory.mktemp("family")))
    names = ["AP_height", "voltage_base", "time_to_first_spike", "ISI_values", "sag_amplitude"]
    return targets_of(features_of(recordings, names), at=[100, -50], tolerance=20)


def drawn(targets, place):
    group = targets.groups[place]
    with house_style():
        return group.sweeps[0], sweep_figure(targets.features, group, group.sweeps[0])


def test_marks_stand_where_the_features_were_measured(targets):
    sweep, figure = drawn(targets, 1)
    voltage = next(one for one in figure.axes if one.get_ylabel() == "mV")
    peaks = next(one for one in voltage.lines if one.get_marker() == "o")
    assert len(peaks.get_xdata()) == sweep.spikes_ms.size
    np.testing.assert_allclose(peaks.get_ydata(), 30.0, atol=0.2)
    first_ms = sweep.spikes_ms[0]
    assert any(
        np.ptp(one.get_xdata()) == 0 and one.get_xdata()[0] == pytest.approx(first_ms, abs=1.0)
        for one in voltage.lines
    )
    current = next(one for one in figure.axes if one.get_ylabel() == "nA")
    assert current.lines[0].get_ydata().max() == pytest.approx(sweep.i_nA.max())
    assert "100 % of rheobase" in voltage.get_title()


def test_why_there_is_no_value_stands_beside_it(targets):
    _, figure = drawn(targets, 0)
    beside = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert "AP_height" in beside
    assert any("needs 1 spike" in text for text in beside)


def test_a_figure_a_sweep(targets, tmp_path):
    files = draw_features(targets, tmp_path / "figures")
    assert [path.name for path in files] == [
        "IDRest_-50.B_IDRest_0.svg",
        "IDRest_-50.A_IDRest_0.svg",
        "IDRest_100.A_IDRest_2.svg",
        "IDRest_100.B_IDRest_2.svg",
    ]
    assert all(path.read_text().startswith("<?xml") for path in files)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file; name a folder"):
        draw_features(targets, tmp_path / "file")
