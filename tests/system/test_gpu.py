"""The command with --gpu, through NVIDIA's cuda-core, on a driver that emulates a GPU."""

from pathlib import Path

import pytest

from tests.physics.engines.emulated import put_driver
from tests.system.command import Run
from tests.system.running import table
from workbench.engines.population.frame import frame_of
from workbench.studies import load_study

ON_A_GPU = ["--engine", "population", "--gpu"]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a folder where the system finds a driver that knows one kernel."""
    folder = tmp_path_factory.mktemp("driver")
    put_driver(frame_of(load_study("hodgkin_huxley").problem.recipe), folder)
    return str(folder)


def test_a_gpu_scores_as_lanes_do(workbench: Run, driver: str) -> None:
    score = ["score", "hodgkin_huxley", "--params", "published"]
    there = workbench(*score, *ON_A_GPU, LD_LIBRARY_PATH=driver)
    here = workbench(*score, "--engine", "population")
    assert "(population engine (GPU), adaptive steps 0.02 mV)" in there.stdout
    assert there.stdout.replace("population engine (GPU)", "population engine") == here.stdout


def test_a_fit_is_the_same_on_one_gpu_and_on_two(
    workbench: Run, driver: str, tmp_path: Path
) -> None:
    """Two workers have a GPU each here, and other individuals beside each other."""
    fit = ["fit", "hodgkin_huxley", *ON_A_GPU, "--population", 8, "--generations", 2, "--seed", 3]
    for workers in (1, 2):
        out = ["--workers", workers, "--out", tmp_path / str(workers)]
        workbench(*fit, *out, LD_LIBRARY_PATH=driver)
    assert len(table(tmp_path / "1")) == 16
    assert table(tmp_path / "1") == table(tmp_path / "2")


def test_no_gpu_is_no_traceback(workbench: Run) -> None:
    score = ["score", "hodgkin_huxley", "--params", "published"]
    said = workbench(*score, *ON_A_GPU, code=2, CUDA_VISIBLE_DEVICES="")
    assert said.stderr == (
        "workbench: gpu was asked for, but NVIDIA's driver finds no GPU here; allowed: a machine "
        "on which nvidia-smi lists one (mind CUDA_VISIBLE_DEVICES). Or leave out --gpu\n"
    )


def test_a_full_gpu_is_no_traceback(workbench: Run, driver: str) -> None:
    score = ["score", "hodgkin_huxley", "--params", "published"]
    full = {"LD_LIBRARY_PATH": driver, "EMULATED_DRIVER_IS_FULL": "1"}
    said = workbench(*score, *ON_A_GPU, code=2, **full)
    assert "Traceback" not in said.stderr
    assert "the GPU fails: CUDA_ERROR_OUT_OF_MEMORY" in said.stderr
