"""No number of a study is beyond reason: one value too large, too small or of another kind in any
place of any file is refused with its file, or it is none the worse.
"""

import contextlib
import copy
import shutil
import tomllib

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import InputError, WorkbenchError
from workbench.resources import shipped
from workbench.studies import calibrated, load_expected, load_study, plan_of

BOUNDED = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
PLACES = [
    ("study.toml", "integrator", "dt_ms", 1e9, "dt_ms is 1000000000.0, it must be"),
    ("study.toml", "integrator", "steps_per_ms", 10**9, "at most 1000000"),
    ("study.toml", "fit", "population", 10**9, "less than or equal to 1000000"),
    ("study.toml", "fit", "generations", 10**9, "less than or equal to 10000000"),
    ("study.toml", "fit", "seed", 2**32, "less than 4294967296"),
    ("study.toml", "fit", "limit_s", 1e300, "less than or equal to 10000000"),
    ("study.toml", "score", "failed", 1e300, "between 0 and 1e+12"),
    ("cell.toml", "conditions", "celsius_degC", 1e9, "between -50 and 100 degC"),
    (
        "cell.toml",
        "conditions",
        "v_init_mV",
        -65000,
        "v_init_mV is -65000, it must lie between -200 and 200 mV",
    ),
    ("cell.toml", "conditions.segments", "max_length_um", 1e9, "at most 1e+06 um"),
    ("cell.toml", "conditions.segments", "max_length_um", 1e-9, "Choose longer ones"),
    ("cell.toml", "parameters.all", "ena", 1e300, "between -1e+30 and 1e+30"),
    ("cell.toml", "parameters.all", "gnabar_hh", [0, 1e300], "beyond every quantity"),
    ("protocols.toml", "step", "duration_ms", 1e9, "at most 1e+06"),
    ("protocols.toml", "step.stimuli.0", "amplitude_nA", 1e9, "between -1e+06 and 1e+06 nA"),
    ("protocols.toml", "step.stimuli.0", "delay_ms", 1e300, "at most 1e+09"),
    ("protocols.toml", "step", "v_init_mV", 1e9, "between -200 and 200 mV"),
    ("targets.toml", "step.soma", "threshold_mV", 1e9, "between -200 and 200 mV"),
    ("targets.toml", "step.soma", "settings", {"interp_step": 1e-9}, "at least 0.0001 ms"),
    ("targets.toml", "step.soma.features", "spike_count", [1e300, 1], "at most 1e+12"),
    ("targets.toml", "step.soma.features", "spike_count", [1, 1e-300], "at least 1e-12"),
]


@pytest.fixture(scope="module")
def patch(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studies") / "hodgkin_huxley"
    shutil.copytree(shipped("optimizations") / "hodgkin_huxley", folder)
    return folder


@pytest.fixture
def spoil(patch):
    """Return a function that sets a key of a file for one test."""
    whole = {file: file.read_bytes() for file in patch.glob("*.toml")}

    def spoil(name, place, key, value):
        tables = tomllib.loads(whole[patch / name].decode())
        here = tables
        for part in place.split("."):
            here = here[int(part)] if isinstance(here, list) else here.setdefault(part, {})
        here[key] = value
        (patch / name).write_text(tomli_w.dumps(tables))

    yield spoil
    for file, content in whole.items():
        file.write_bytes(content)


@pytest.mark.parametrize("case", PLACES, ids=lambda case: f"{case[1]}.{case[2]} {case[3]!r}"[:60])
def test_what_is_beyond_reason_is_refused_with_its_key(patch, spoil, case):
    name, place, key, value, words = case
    spoil(name, place, key, value)
    with pytest.raises(InputError) as caught:
        _ = load_study(patch).problem.recipe.segment_counts
    assert words in str(caught.value)


def places_of(value, path=()):
    inside = enumerate(value) if isinstance(value, list) else value.items()
    for key, one in inside:
        yield (*path, key)
        if isinstance(one, dict | list):
            yield from places_of(one, (*path, key))


values = (
    st.floats()
    | st.integers(-(2**70), 2**70)
    | st.text(max_size=8)
    | st.booleans()
    | st.sampled_from([1e-300, 1e300, 1e9, 10**18, "soma(0.5)", "1 nA", "step", "9**9**9", [], {}])
    | st.lists(st.floats() | st.text(max_size=3), max_size=3)
    | st.dictionaries(st.text(max_size=4), st.integers(), max_size=2)
)


@BOUNDED
@given(data=st.data())
def test_any_value_in_any_place_is_taken_or_refused(patch, data):
    file = data.draw(st.sampled_from(sorted(patch.glob("*.toml"))))
    before = file.read_bytes()
    tables = copy.deepcopy(tomllib.loads(before.decode()))
    *path, key = data.draw(st.sampled_from(list(places_of(tables))))
    here = tables
    for part in path:
        here = here[part]
    if data.draw(st.integers(0, 5)) == 0:
        del here[key]
    else:
        here[key] = data.draw(values)
    file.write_text(tomli_w.dumps(tables))
    error = refusal_of(patch)
    file.write_bytes(before)
    if error is not None:
        assert error.exit_code == 2
        assert "Error:" not in str(error), "no exception of a library is passed on by name"
        assert len(str(error)) < 5000


@BOUNDED
@given(data=st.data())
def test_any_value_in_a_calibration_is_taken_or_refused(l5pc_calibrated, tmp_path, data):
    study, written = l5pc_calibrated
    tables = copy.deepcopy(written)
    *path, key = data.draw(st.sampled_from(list(places_of(tables))))
    here = tables
    for part in path:
        here = here[part]
    here[key] = data.draw(values)
    file = tmp_path / "calibration.toml"
    file.write_text(tomli_w.dumps(tables))
    with contextlib.suppress(InputError):
        setting, table = calibrated(study, file)
        assert setting.apply(study).problem.digest
        assert str(table)


@pytest.fixture(scope="module")
def l5pc_calibrated():
    study = load_study("l5pc")
    written = tomllib.loads((study.folder / "calibration.toml").read_text())
    return study, written


def refusal_of(folder):
    try:
        study = load_study(folder)
        _ = study.problem.recipe.segment_counts, calibrated(study), load_expected(study)
        plan_of(study).search(study.problem)
    except WorkbenchError as error:
        return error
