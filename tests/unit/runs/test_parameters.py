"""A parameter set is a name, a file, the best of a run or values; or an error that names it."""

import contextlib
import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import AllFailed, InputError, LedgerError, StudyError
from workbench.runs import with_params
from workbench.studies import load_study

BOUNDED = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
one = st.floats() | st.integers() | st.text() | st.booleans() | st.none() | st.lists(st.floats())
HH = load_study("hodgkin_huxley")


def values_of(params):
    return with_params(HH, params)[1]


@BOUNDED
@given(value=st.dictionaries(st.text(), one) | one)
def test_any_json_is_numbers_or_refused(tmp_path, value):
    file = tmp_path / "p.json"
    file.write_text(json.dumps(value))
    with contextlib.suppress(InputError):
        found = values_of(file)
        assert found == {name: float(number) for name, number in value.items()}
        assert all(type(number) is float and math.isfinite(number) for number in found.values())


@BOUNDED
@given(data=st.binary() | st.text('{}[]":,.0189eE+- \\nultrfasNI').map(str.encode))
def test_any_bytes_are_numbers_or_refused(tmp_path, data):
    (tmp_path / "p.json").write_bytes(data)
    with contextlib.suppress(InputError):
        assert isinstance(values_of(tmp_path / "p.json"), dict)


@pytest.mark.parametrize("text", ["[1]", "1", '{"a": "1"}', '{"a": true}', '{"a": null}'])
def test_what_is_no_parameter_set_says_what_one_is(tmp_path, text):
    (tmp_path / "p.json").write_text(text)
    with pytest.raises(InputError, match=r"p\.json: a parameter set is"):
        values_of(tmp_path / "p.json")


def test_a_name_brings_its_values_and_its_own_cell():
    study, values = with_params(HH, "axon")
    assert values == HH.published["axon"]
    assert study.problem.recipe.morphology.length_um() > HH.problem.recipe.morphology.length_um()


def test_values_and_none_leave_the_study_as_it_is():
    assert with_params(HH, {"gl_hh.all": 1e-4}) == (HH, {"gl_hh.all": 1e-4})
    assert with_params(HH, None) == (HH, {})


def test_of_a_run_the_best_is_taken(new_run):
    run = new_run()
    run.add(0, 0, [[28.0], [5.0], [45.0]], [0.3, 3.0])  # 2 SD
    run.add(0, 1, [[24.0], [5.0], [45.0]], [0.1, 2.0])  # 1 SD
    assert values_of(run.write()) == {"gNa.somatic": 0.1, "decay.axonal": 2.0}


def test_of_a_run_without_a_model_nothing_is_taken(new_run):
    run = new_run()
    run.add(0, 0, ["silent"] * 3, status="UNFINISHED")
    with pytest.raises(AllFailed, match="no individual could be simulated"):
        values_of(run.write())


def test_a_damaged_run_says_so(tmp_path):
    (tmp_path / "ledger.sqlite").write_text("none")
    with pytest.raises(LedgerError):
        values_of(tmp_path)


@pytest.mark.parametrize("params", ["publisehd", "a\0b", "a" * 300, "/dev/null", "", "runs/none"])
def test_what_is_none_of_these_says_what_would_be(params):
    with pytest.raises(StudyError, match=r"unknown parameter set.*published; or a JSON file, or a"):
        values_of(params)


@pytest.mark.parametrize("params", [1, 1.5, ["published"], b"published"])
def test_what_can_be_no_parameter_set_is_refused(params):
    with pytest.raises(InputError, match=r"params is .*; give the name of a parameter set"):
        values_of(params)
