"""MPI ranks as workers: the contract, and what only several processes can get wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.command import REPOSITORY
from tests.system.running import MPIRUN

WORKERS = Path(__file__).parent
IMPORTABLE = WORKERS / "importable"

Done = subprocess.CompletedProcess[str]


def mpirun(count: int, *command: object, first_in_path: Path = IMPORTABLE) -> Done:
    path = [str(first_in_path), str(IMPORTABLE), os.environ.get("PYTHONPATH", "")]
    return subprocess.run(
        [MPIRUN, "-n", str(count), *map(str, command)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("count", [2, 3])
def test_ranks_keep_the_contract(count: int) -> None:
    runner = IMPORTABLE / "contract_under_mpirun.py"
    done = mpirun(count, sys.executable, runner, WORKERS / "test_contract.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def ranks(tmp_path: Path, body: str, count: int = 3, first_in_path: Path = IMPORTABLE) -> Done:
    """Run a script on rank 0 of several; `crew` is its crew."""
    script = tmp_path / "script.py"
    script.write_text(
        "import os, sys, time\n"
        "import worker_tasks\n"
        "from functools import partial\n"
        "from workbench.workers import enlist, find_launch\n"
        f"with enlist(find_launch(os.environ)) as crew:\n    {body}\n"
    )
    return mpirun(count, sys.executable, script, first_in_path=first_in_path)


def test_ranks_that_agree_go_on_and_those_that_differ_are_named(tmp_path: Path) -> None:
    same = ranks(tmp_path, "crew.agree(partial(worker_tasks.facts, 'same')); print('went on')")
    assert (same.returncode, same.stdout) == (0, "went on\n"), same.stderr
    other = ranks(tmp_path, "crew.agree(partial(worker_tasks.facts, 'rank 2')); print('went on')")
    assert other.returncode != 0
    assert other.stdout == ""
    assert other.stderr.count("errors.LaunchError: ") == 1
    assert "colour: green on rank 2" in other.stderr
    assert "red on rank 0" in other.stderr


def test_a_rank_with_other_code_is_named_before_anything_else_is_done(tmp_path: Path) -> None:
    """Rank 1's files differ from those of the others."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, workbench.workers.serving as serving\n"
        "if os.environ.get('PMI_RANK') == '1':\n"
        "    ours = serving.code_facts\n"
        "    serving.code_facts = lambda: {**ours(), \"the workbench's own files\": '0123abcd'}\n"
    )
    done = ranks(tmp_path, "print('went on')", first_in_path=tmp_path)
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.count("errors.LaunchError: ") == 1
    assert "the workbench's own files: 0123abcd on rank 1" in done.stderr


def test_an_exception_on_one_rank_ends_all_with_one_message(tmp_path: Path) -> None:
    """Rank 0 waits for an answer that never comes: this hangs where nobody ends the others."""
    done = ranks(tmp_path, "crew.agree(partial(worker_tasks.facts, 'bug')); print('went on')")
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.count("Traceback") == 1
    assert "rank 1 of 3 on " in done.stderr
    assert "ZeroDivisionError: a bug on rank 1" in done.stderr


def test_an_exception_on_rank_0_ends_all_with_one_message(tmp_path: Path) -> None:
    done = ranks(tmp_path, "1 / 0")
    assert done.returncode != 0
    assert done.stderr.count("Traceback") == 1
    assert "rank 0 of 3" in done.stderr


def test_a_message_is_not_lost_when_the_launcher_is_slow_to_read_it(tmp_path: Path) -> None:
    """MPICH's launcher forgets what it has not read when it learns of an abort."""
    done = ranks(tmp_path, "worker_tasks.halt_launcher(); 1 / 0")
    assert done.returncode != 0
    assert "ZeroDivisionError" in done.stderr


def test_an_error_of_ours_on_one_rank_comes_out_on_rank_0(tmp_path: Path) -> None:
    body = "crew.agree(partial(worker_tasks.facts, 'no compiler'))"
    done = ranks(tmp_path, body)
    assert done.stderr.count("Traceback") == 1
    assert "BuildError: rank 1 (" in done.stderr
    assert "there is no compiler" in done.stderr


def test_waiting_ranks_do_not_spin(tmp_path: Path) -> None:
    """A blocking receive costs a second of processor time each second."""
    done = ranks(tmp_path, "crew.agree(worker_tasks.processor_time)", count=2)
    assert "waited" in done.stderr, done.stderr
    spent, waited = map(float, done.stderr.partition("waited ")[2].split()[:2])
    assert spent < 0.5 * waited
