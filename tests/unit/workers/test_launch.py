"""Who is a rank, and what the ranks of a run must have in common."""

import pytest

from workbench.errors import LaunchError
from workbench.workers.launch import Launch, find_launch, without_launcher
from workbench.workers.muster import code_facts, compare

LAUNCHERS = [
    ({"PMI_SIZE": "4", "PMI_RANK": "2"}, 4, 2),
    ({"OMPI_COMM_WORLD_SIZE": "3", "OMPI_COMM_WORLD_RANK": "0"}, 3, 0),
    ({"SLURM_STEP_NUM_TASKS": "8", "SLURM_PROCID": "7"}, 8, 7),
    # mpirun inside a job of two nodes: srun started one helper on each.
    ({"SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "1", "PMI_SIZE": "64", "PMI_RANK": "9"}, 64, 9),
    # Open MPI's mpirun in a shell that `srun --mpi=pmi2 --pty bash` started.
    (
        {
            "SLURM_STEP_NUM_TASKS": "1",
            "SLURM_PROCID": "0",
            "PMI_SIZE": "1",
            "PMI_RANK": "0",
            "OMPI_COMM_WORLD_SIZE": "4",
            "OMPI_COMM_WORLD_RANK": "3",
        },
        4,
        3,
    ),
]


@pytest.mark.parametrize(("environment", "size", "rank"), LAUNCHERS)
def test_a_launcher_is_known_by_its_variables(environment, size, rank):
    found = find_launch(environment)
    assert isinstance(found, Launch)
    assert (found.size, found.rank) == (size, rank)
    assert without_launcher({**environment, "PATH": "/bin"}) == {"PATH": "/bin"}


@pytest.mark.parametrize(
    "environment",
    [{}, {"PMI_SIZE": "1", "PMI_RANK": "0"}, {"SLURM_NTASKS": "64", "SLURM_PROCID": "0"}],
)
def test_a_process_that_was_started_alone(environment):
    """Also in a batch script before its srun: SLURM_NTASKS is what was asked for."""
    assert find_launch(environment) is None


def test_equal_facts_are_accepted():
    compare({0: code_facts(), 1: code_facts()}, {0: "a", 1: "b"})


def test_a_difference_says_what_and_where():
    theirs = {**code_facts(), "numpy": "1.0"}
    hosts = {0: "node1", 1: "node1", 2: "node7"}
    with pytest.raises(LaunchError, match=r"numpy: 1\.0 on rank 2 \(node7\), .*rank 0 \(node1\)"):
        compare({0: code_facts(), 1: code_facts(), 2: theirs}, hosts)


def test_many_differences_are_not_all_told():
    facts = {rank: {"numpy": str(rank)} for rank in range(100)}
    with pytest.raises(LaunchError, match="and 96 more") as caught:
        compare(facts, dict.fromkeys(facts, "node"))
    assert len(str(caught.value)) < 600
