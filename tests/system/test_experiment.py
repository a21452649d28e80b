"""An experiment gives what single simulations give, for any workers, killed or not."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import workbench as wb
from workbench.experiments import known
from workbench.morphology import Cylinder, cylinder_tree

MEASURES = ["soma.v.Spikecount", "soma.v.AP_height", "soma.v.voltage_base"]
AMPLITUDES_nA = [0.2, 0.5, 1.0, 2.0]
FACTORS = {"gnabar_hh.all": [0.1, 0.12], "step.amplitude_nA": AMPLITUDES_nA}


def cells() -> dict[str, wb.Cell]:
    cell = wb.load_cell("hodgkin_huxley", params="published")
    tree = cylinder_tree("forked", [Cylinder("somatic", 56, 56), Cylinder("axonal", 200, 2, 0)])
    return {"patch": cell, "forked": cell.with_morphology(tree)}


def done(**words: object) -> pd.DataFrame:
    """Return the table of the experiment that all of these tests do."""
    quiet = {"progress": False, **words}
    return wb.experiment(cells(), "step", MEASURES, factors=FACTORS, values=True, **quiet)


def killed_at_the_third(out: str, workers: int) -> None:
    """Do the experiment, and kill this process as its third simulation is told."""
    told: list[wb.ExperimentProgress] = []

    def tell(progress: wb.ExperimentProgress) -> None:
        told.append(progress)
        if len(told) == 3:
            os.kill(os.getpid(), signal.SIGKILL)

    done(out=out, workers=workers, progress=tell)


@pytest.fixture(scope="module")
def alone() -> pd.DataFrame:
    return done(workers=1)


def test_values_are_those_of_single_simulations(alone: pd.DataFrame) -> None:
    assert len(alone) == 2 * 2 * 4
    assert set(alone["status"]) == {"OK"}
    names = [measure.rpartition(".")[2] for measure in MEASURES]
    for amplitude_nA, rows in alone.groupby("step.amplitude_nA"):
        painted = [
            cells()[row["cell"]].with_values({"gnabar_hh.all": row["gnabar_hh.all"]})
            for _, row in rows.iterrows()
        ]
        responses = wb.simulate(painted, "step", amplitude_nA=amplitude_nA)
        for (_, row), response in zip(rows.iterrows(), responses, strict=True):
            features = response["soma.v"].features(names)
            for measure, name in zip(MEASURES, names, strict=True):
                values = features[name]
                assert row[f"{measure} values"].tolist() == values.tolist()
                assert row[measure] == values.mean() if values.size else np.isnan(row[measure])
                assert (measure in row["reason"]) == (values.size == 0)


def test_two_workers_give_the_same_table(alone: pd.DataFrame) -> None:
    assert_frame_equal(done(workers=2), alone, check_exact=True)


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_and_gone_on_with_it_is_the_same_table(
    alone: pd.DataFrame, tmp_path: Path, workers: int
) -> None:
    run = tmp_path / "run"
    program = (
        "from tests.system.test_experiment import killed_at_the_third; import sys; "
        f"killed_at_the_third(sys.argv[1], {workers})"
    )
    begun = subprocess.run(
        [sys.executable, "-c", program, str(run)], cwd=Path(__file__).parents[2], timeout=300
    )
    assert begun.returncode == -signal.SIGKILL
    before = known(run)
    assert 3 <= before < 16
    told: list[wb.ExperimentProgress] = []
    again = done(out=run, workers=3 - workers, progress=told.append)
    assert len(told) == 16 - before
    assert_frame_equal(again, alone, check_exact=True)


def test_a_failure_is_a_row() -> None:
    cell = wb.load_cell("hodgkin_huxley", params="published")
    factors = {"step.amplitude_nA": [1.0, 1e6]}
    table = wb.experiment(cell, "step", MEASURES, factors=factors, progress=False)
    assert table["status"].tolist()[0] == "OK"
    assert table["status"].tolist()[1] != "OK"
    assert table["reason"].tolist()[1]
    assert table.loc[1, MEASURES].isna().all()


def test_rows_may_be_a_frame() -> None:
    cell = wb.load_cell("hodgkin_huxley", params="published")
    rows = pd.DataFrame({"step.amplitude_nA": [0.5, None], "gnabar_hh.all": [None, 0.1]})
    table = wb.experiment(cell, "step", ["soma.v.Spikecount"], rows=rows, progress=False)
    assert table["step.amplitude_nA"].isna().tolist() == [False, True]
    factors = {"gnabar_hh.all": [0.1]}
    crossed = wb.experiment(cell, "step", ["soma.v.Spikecount"], factors=factors, progress=False)
    assert table.loc[1, "soma.v.Spikecount"] == crossed.loc[0, "soma.v.Spikecount"]
