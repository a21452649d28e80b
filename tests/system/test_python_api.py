"""From Python the same mistakes are the same errors, and no library's exception gets through."""

import json
import os

import numpy as np
import pytest

import workbench as wb
from workbench.errors import InputError, WorkbenchError
from workbench.protocols import Trace


@pytest.fixture(scope="module")
def cell():
    return wb.load_cell("hodgkin_huxley", params="published")


@pytest.mark.parametrize(
    "study", ["nosuch", "a\0b", "a" * 300, "/dev/null", "\udcff", "", "~nobody", "/", "x/../y"]
)
def test_a_study_that_is_none(study):
    for call in (wb.load_study, wb.load_cell, wb.fit, lambda s: wb.score(s, "published")):
        with pytest.raises(InputError):
            call(study)


@pytest.mark.parametrize("name", ["nosuch", "a\0b", "a" * 300, "/dev/null", "/dev/zero.swc", "/"])
def test_a_morphology_that_is_none(name):
    with pytest.raises(InputError):
        wb.load_morphology(name)


def test_a_pipe_is_no_morphology(tmp_path):
    for suffix in (".swc", ".asc", ".h5", ".toml"):
        os.mkfifo(tmp_path / f"pipe{suffix}")
        with pytest.raises(InputError):
            wb.load_morphology(tmp_path / f"pipe{suffix}")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, "0.1", None, [0.1], True])
def test_a_parameter_that_is_no_number(cell, value):
    with pytest.raises(InputError, match=r"gnabar_hh\.all is"):
        cell.with_values({"gnabar_hh.all": value})
    row = {"gnabar_hh.all": value, "gkbar_hh.all": 0.036, "gl_hh.all": 3e-4}
    with pytest.raises(InputError, match=r"gnabar_hh\.all is"):
        wb.score("hodgkin_huxley", row)


@pytest.mark.parametrize("value", [float("nan"), 1e300, None, [1.0], "1 parsec"])
def test_a_parameter_of_a_protocol_that_is_none(cell, value):
    with pytest.raises(InputError, match="amplitude_nA"):
        wb.simulate(cell, "step", amplitude_nA=value)


@pytest.mark.parametrize("value", [float("nan"), 1e9, 0, None, [1.0], "1 parsec"])
def test_a_run_that_has_no_length(cell, value):
    with pytest.raises(InputError, match="duration_ms"):
        wb.simulate(cell, "step", duration_ms=value)


@pytest.mark.parametrize("workers", [0, -1, 10**9, 1.5, "2", None])
def test_workers_that_cannot_be(cell, workers, tmp_path):
    with pytest.raises(InputError, match="workers"):
        wb.simulate(cell, "step", workers=workers)
    with pytest.raises(InputError, match="workers"):
        wb.fit("hodgkin_huxley", workers=workers, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["population", "generations", "seed"])
@pytest.mark.parametrize("value", [-1, 10**30, 1.5, "2", float("nan")])
def test_a_search_that_cannot_be(name, value, tmp_path):
    with pytest.raises(InputError, match=name):
        wb.fit("hodgkin_huxley", **{name: value}, out=tmp_path / "run")


def test_a_run_that_is_none(tmp_path):
    for folder in (tmp_path, tmp_path / "nosuch", "a\0b", "a" * 300, "/dev/null"):
        with pytest.raises(WorkbenchError) as caught:
            wb.open_run(folder)
        assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("t_ms", "values"),
    [([0, 1], [2, "x"]), ([0, 1], [1]), ("ab", "cd"), (None, None), ([[0, 1]], [[0, 1]]), (1, 2)],
)
def test_a_trace_that_is_none(t_ms, values):
    with pytest.raises(InputError, match=r"soma\.v"):
        Trace("soma.v", t_ms, values)


def test_a_list_of_numbers_is_a_trace():
    trace = Trace("soma.v", [0, 1, 2], np.array([-65, -64, -63]))
    assert trace.values.dtype == float
    assert json.loads(json.dumps(trace.t_ms.tolist())) == [0.0, 1.0, 2.0]
