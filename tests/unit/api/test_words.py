"""In Python the words of the command line do what they do there."""

from types import SimpleNamespace

import pytest

from workbench import api
from workbench.api import fits, simulations
from workbench.cells import MaximalLength
from workbench.engines import Failure, FailureKind, fixed_step
from workbench.errors import EngineError, InputError, LedgerError, StudyError


@pytest.fixture
def cell():
    return api.load_cell("hodgkin_huxley", params="published")


def test_a_cell_takes_an_engine_and_a_temperature(cell):
    warm = cell.with_engine(api.EngineChoice("coreneuron", dt=0.025, celsius=20.0))
    assert warm.integrator == fixed_step(0.025, 2, "coreneuron")
    assert warm.recipe.celsius_degC == 20.0
    assert warm.recipe.paint == cell.recipe.paint


def test_a_simulation_is_of_the_engine_that_is_named(cell, monkeypatch):
    asked = []

    def fail(jobs, pool):
        asked.extend(jobs)
        return [Failure(FailureKind.SIMULATOR, "asked for")] * len(jobs)

    monkeypatch.setattr(simulations, "run_jobs", fail)
    with pytest.raises(EngineError, match="asked for"):
        api.simulate(cell, "pulse", engine="coreneuron", amplitude_nA=1)
    [job] = asked
    assert job.integrator == fixed_step(0.01, 2, "coreneuron")
    assert job.protocol.parameters["amplitude_nA"] == 1


def test_auto_is_for_the_shape_that_was_calibrated():
    cell = api.load_cell("l5pc", params="release")
    auto = cell.with_engine("auto")
    assert auto.recipe.segments == auto.study.problem.recipe.segments
    assert auto.recipe.segments != cell.recipe.segments
    other = cell.with_morphology(api.load_cell("hodgkin_huxley").morphology)
    with pytest.raises(InputError, match="auto is chosen for C060114A7, this cell is"):
        other.with_engine("auto")


@pytest.mark.parametrize(
    "call",
    [
        lambda engine: api.fit("hodgkin_huxley", engine=engine),
        lambda engine: api.score("hodgkin_huxley", "published", engine=engine),
    ],
)
def test_a_fit_and_a_score_have_the_same_words(call):
    with pytest.raises(InputError, match="engine auto takes step and tolerance from"):
        call(api.EngineChoice("auto", dt=0.1))
    with pytest.raises(InputError, match="dt and cvode exclude one another"):
        call(api.EngineChoice(dt=0.1, cvode=0.1))


def test_a_score_takes_every_kind_of_parameter_set(monkeypatch, tmp_path):
    seen = []

    def evaluate(study, values):
        seen.append(values)
        return SimpleNamespace(failed=True)

    monkeypatch.setattr(fits, "evaluate", evaluate)
    file = tmp_path / "p.json"
    file.write_text('{"gl_hh.all": 1e-4}')
    for params in ("published", file, str(file), {"gl_hh.all": 1e-4}):
        assert set(api.score("hodgkin_huxley", params).values()) == {500.0}
    assert seen[1:] == [{"gl_hh.all": 1e-4}] * 3
    assert api.load_cell("hodgkin_huxley", params=file).recipe.free == (
        "gnabar_hh.all",
        "gkbar_hh.all",
    )
    with pytest.raises(StudyError, match="or a JSON file, or a run folder"):
        api.score("hodgkin_huxley", "publishd")


def test_a_run_that_cannot_go_on_says_so_in_both(full_run, tmp_path):
    with pytest.raises(LedgerError):
        api.resume(tmp_path)
    with pytest.raises(LedgerError):
        api.resume(full_run.write(), progress=False)


@pytest.mark.parametrize("walltime", ["", "12", "1:2", "00:00:00", "1:60:00", 60])
def test_a_walltime_is_read_as_on_the_command_line(full_run, walltime):
    for call in (
        lambda: api.fit("hodgkin_huxley", walltime=walltime),
        lambda: api.resume(full_run.folder, walltime=walltime),
    ):
        with pytest.raises(InputError, match=r"walltime .* cannot be read; write HH:MM:SS or D-HH"):
            call()


@pytest.mark.parametrize("out", ["a" * 300, "/dev/null/run"])
def test_a_folder_that_cannot_be_is_refused(out):
    with pytest.raises(LedgerError, match="no run can be begun in"):
        api.fit("hodgkin_huxley", population=2, generations=1, out=out, progress=False)


def test_a_cell_is_cut_by_another_rule(cell):
    """By 1 + 2 int(L / 5)."""
    fine = cell.with_segments(MaximalLength(5.0))
    length_um = cell.morphology.length_um()
    assert fine.recipe.segment_counts == (1 + 2 * int(length_um / 5),)
