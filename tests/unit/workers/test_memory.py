"""Control groups as they are mounted here and there; as proc(5) and cgroups(7) tell."""

import os

import pytest

from workbench.workers.memory import killed_for_memory, memory_MB
from workbench.workers.seat import share_of_memory_MB

MACHINE_MB = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6
V1 = "9:name=systemd:/x\n4:hugetlb,memory:/slurm/uid_1/job_7/step_0/task_0\n0::/\n"


class Machine:
    """A fake of /proc and /sys/fs/cgroup."""

    def __init__(self, root):
        self.root = root
        self.proc = root / "proc"
        (self.proc / "self").mkdir(parents=True)

    def mounts(self, cgroup, *mounts):
        """`mounts` are root, folder below, type and options of each."""
        (self.proc / "self" / "cgroup").write_text(cgroup)
        lines = ["22 1 8:1 / / rw,relatime - ext4 /dev/root rw"]
        for root, folder, kind, options in mounts:
            mount = str(self.root / folder).replace(" ", "\\040")
            lines.append(
                f"35 31 0:32 {root} {mount} rw,relatime master:3 - {kind} {kind} {options}"
            )
        (self.proc / "self" / "mountinfo").write_text("\n".join(lines) + "\n")

    def write(self, file, text):
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_version_2_counts_a_group_and_all_below_it(machine):
    """systemd's slices; a limit stands in the job's folder, the kill in all from ours upwards."""
    machine.mounts("0::/slurm/job_7/step_0\n", ("/", "cgroup", "cgroup2", "rw,nsdelegate"))
    events = "low 0\nhigh 0\nmax 812\noom 2\noom_kill {}\noom_group_kill 9\n"
    machine.write("cgroup/slurm/job_7/step_0/memory.events", events.format(0))
    machine.write("cgroup/slurm/job_7/step_0/memory.max", "max\n")
    machine.write("cgroup/slurm/job_7/memory.events", events.format(5))
    machine.write("cgroup/slurm/job_7/memory.max", "512000000\n")
    assert killed_for_memory(machine.proc) == 0
    machine.write("cgroup/slurm/job_7/step_0/memory.events", events.format(1))
    assert killed_for_memory(machine.proc) == 1
    assert memory_MB(machine.proc) == 512


def test_version_2_where_only_a_group_above_ours_counts(machine):
    machine.mounts("0::/user.slice/shell\n", ("/", "cgroup", "cgroup2", "rw"))
    machine.write("cgroup/user.slice/shell/cgroup.procs", "1\n")
    machine.write("cgroup/user.slice/memory.events", "oom 1\noom_kill 4\n")
    assert killed_for_memory(machine.proc) == 4


def test_version_1_counts_in_the_group_and_limits_in_any_above_it(machine):
    machine.mounts(
        V1,
        ("/", "cg/cpu", "cgroup", "rw,cpu"),
        ("/", "cg/unified", "cgroup2", "rw"),
        ("/", "cg/memory one", "cgroup", "rw,hugetlb,memory"),
    )
    job = "cg/memory one/slurm/uid_1/job_7"
    control = "oom_kill_disable 0\nunder_oom 0\noom_kill {}\n"
    machine.write(f"{job}/step_0/task_0/memory.oom_control", control.format(2))
    machine.write(f"{job}/step_0/task_0/memory.limit_in_bytes", "9223372036854771712\n")
    machine.write(f"{job}/memory.limit_in_bytes", "300000000\n")
    machine.write(f"{job}/memory.failcnt", "99\n")
    assert killed_for_memory(machine.proc) == 2
    assert memory_MB(machine.proc) == 300


def test_version_1_of_an_old_kernel(machine):
    """It says only how often a limit was met."""
    machine.mounts(V1, ("/", "cg/memory", "cgroup", "rw,memory"))
    task = "cg/memory/slurm/uid_1/job_7/step_0/task_0"
    machine.write(f"{task}/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\n")
    machine.write(f"{task}/memory.failcnt", "0\n")
    machine.write("cg/memory/slurm/uid_1/job_7/memory.failcnt", "0\n")
    assert killed_for_memory(machine.proc) == 0
    machine.write("cg/memory/slurm/uid_1/job_7/memory.failcnt", "7\n")
    assert killed_for_memory(machine.proc) == 7


@pytest.mark.parametrize(
    ("path", "root"),
    [("/docker/4ac", "/docker/4ac"), ("/docker/4ac", "/"), ("/", "/"), ("/../../host", "/")],
)
def test_in_a_container_its_own_group_is_the_mount(machine, path, root):
    machine.mounts(f"0::{path}\n", (root, "cgroup", "cgroup2", "rw"))
    machine.write("cgroup/memory.events", "oom_kill 3\n")
    machine.write("cgroup/memory.max", "2000000\n")
    assert killed_for_memory(machine.proc) == 3
    assert memory_MB(machine.proc) == 2


def test_without_control_groups_the_machine_counts(machine):
    (machine.proc / "vmstat").write_text("nr_free_pages 12\noom_kill 6\n")
    assert killed_for_memory(machine.proc) == 6
    assert memory_MB(machine.proc) == pytest.approx(MACHINE_MB)


def test_where_nobody_counts(machine):
    machine.mounts("0::/\n", ("/", "cgroup", "cgroup2", "rw"))
    assert killed_for_memory(machine.proc) == 0
    assert memory_MB(machine.proc) == pytest.approx(MACHINE_MB)


def test_this_machine():
    assert killed_for_memory() >= 0
    assert share_of_memory_MB(2) == pytest.approx(0.45 * memory_MB())
