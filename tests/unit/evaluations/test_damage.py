"""Cut, flipped, full or elsewhere: a ledger is whole, or it says that it is not."""

import logging
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import LedgerError, StoppedEarly
from workbench.evaluations import Attempt, Entry, Evaluation, Ledger, Row
from workbench.evaluations.filesystems import mount_of, refuse_unsafe
from workbench.evaluations.salvage import salvage
from workbench.features import Missing

GENERATIONS, INDIVIDUALS = 3, 8
LONG = "a reason that does not fit on one page of the file. " * 120


def make_row(generation, individual):
    random = np.random.default_rng([generation, individual])
    reason = LONG if individual == 5 else "no spike"
    evaluation = Evaluation((random.normal(size=3), Missing(reason), random.normal(size=1)))
    return Row(generation, individual, random.uniform(size=10), evaluation, random.uniform(size=3))


def contents(ledger):
    """Return all that a resumed run or a report takes from a ledger."""
    return (
        ledger.facts(),
        list(ledger.table()),
        ledger.attempts(),
        ledger.tellings(),
        ledger.told_at(),
        ledger.last_state(),
    )


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Return the bytes of a ledger of some pages, long records and freed pages included."""
    path = tmp_path_factory.mktemp("sound") / "ledger.sqlite"
    with Ledger.create(path, {"problem": "abc", "plan": {"seed": 7}}) as ledger:
        ledger._db.execute("PRAGMA synchronous=OFF")
        for generation in range(GENERATIONS):
            ledger.lost(generation, 0, Attempt("worker-2", 9.0, "worker-2 was ended by SIGKILL"))
            ledger.extend(
                Entry(
                    generation, i, Attempt("worker-1", 1.5, asked_after=i), make_row(generation, i)
                )
                for i in range(INDIVIDUALS)
            )
            ledger.told(generation, bytes([generation]) * 6000)
    return path.read_bytes()


@pytest.fixture
def path(folder_in_memory):
    return folder_in_memory / "ledger.sqlite"


@pytest.fixture
def truth(sound, path):
    path.write_bytes(sound)
    with Ledger.open(path) as ledger:
        return contents(ledger)


def is_noticed(path, changed, truth):
    """Whether a damaged file is refused; if not, all that it holds must be true.

    A run may go on with it, so what is written next must not spoil it either.
    """
    path.write_bytes(changed)
    try:
        with Ledger.open(path, write=True) as ledger:
            assert contents(ledger) == truth
            ledger._db.execute("PRAGMA synchronous=OFF")
            for individual in range(INDIVIDUALS):
                ledger.append(make_row(GENERATIONS, individual), Attempt("worker-1", 1.5))
            ledger.told(GENERATIONS, b"3" * 6000)
        with Ledger.open(path) as ledger:
            assert list(ledger.table())[: len(truth[1])] == truth[1]
    except LedgerError:
        return True
    return False


def salvaged_is_true(path, changed, truth):
    """Salvage gives nothing that was not written; return how many rows it finds."""
    path.write_bytes(changed)
    found = salvage(path)
    facts = {name: value for name, value in truth[0].items()}
    assert found.facts in (facts, None)
    for row, attempt in found.rows:
        written = make_row(row.generation, row.individual)
        assert row.parameters.tobytes() == written.parameters.tobytes()
        assert row.scores.tobytes() == written.scores.tobytes()
        assert row.evaluation.reasons == written.evaluation.reasons
        assert row.evaluation.values.tobytes() == written.evaluation.values.tobytes()
        assert isinstance(attempt, Attempt)
    return len(found.rows)


def test_cut_at_every_100th_byte_it_is_noticed(sound, path, truth):
    for size in range(0, len(sound), 100):
        assert is_noticed(path, sound[:size], truth), size
        salvaged_is_true(path, sound[:size], truth)


def test_200_flipped_bits_are_noticed_or_harmless(sound, path, truth):
    """Places that hold something, since a bit of a page's empty middle is harmless for sure."""
    random = np.random.default_rng(1)
    used = [place for place, byte in enumerate(sound) if byte]
    noticed, rows = 0, []
    for place in random.choice(used, 200, replace=False):
        changed = bytearray(sound)
        changed[place] ^= 1 << int(random.integers(8))
        noticed += is_noticed(path, changed, truth)
        rows.append(salvaged_is_true(path, changed, truth))
    assert noticed > 100
    assert np.mean(rows) > GENERATIONS * INDIVIDUALS - 2, "one bit costs one page at most"


@given(
    cut=st.none() | st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=4),
)
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_damage_gives_another_ledger(sound, path, truth, cut, flips):
    changed = bytearray(sound)
    for where, bits in flips:
        changed[int(where * len(sound))] ^= bits
    changed = changed if cut is None else changed[: int(cut * len(sound))]
    is_noticed(path, changed, truth)
    salvaged_is_true(path, changed, truth)


def test_all_of_a_sound_ledger_is_salvaged(sound, path, truth):
    assert salvaged_is_true(path, sound, truth) == GENERATIONS * INDIVIDUALS
    found = salvage(path)
    assert (found.facts, found.gone) == (truth[0], 0)
    assert {attempt.worker for _, attempt in found.rows} == {"worker-1"}


def test_pages_without_their_tree_are_salvaged(sound, path, truth):
    """The header and the roots of all tables are gone."""
    count = salvaged_is_true(path, bytes(4096) + sound[4096:], truth)
    assert count == GENERATIONS * INDIVIDUALS


def test_what_is_gone_is_counted(sound, path, truth):
    """A page of evaluations is wiped; its attempts tell of them."""
    marker = make_row(1, 2).scores.tobytes()
    page = sound.index(marker) // 4096
    changed = sound[: page * 4096] + bytes(4096) + sound[(page + 1) * 4096 :]
    path.write_bytes(changed)
    found = salvage(path)
    assert 0 < found.gone < GENERATIONS * INDIVIDUALS
    assert len(found.rows) + found.gone == GENERATIONS * INDIVIDUALS


def test_a_lost_tail_is_told(sound, path, truth, caplog):
    """The file system forgets the last writes: an older state of the file, sound in itself."""
    path.write_bytes(sound)
    with Ledger.open(path, write=True) as ledger:
        for individual in range(3):
            ledger.append(make_row(3, individual), Attempt("worker-1", 1.5))
    path.write_bytes(sound)
    with caplog.at_level(logging.WARNING), Ledger.open(path, write=True) as ledger:
        assert contents(ledger) == truth
    assert "the last 3 of 30 attempts" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        Ledger.open(path, write=True).close()
    assert caplog.text == "", "told once"


LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np
from workbench.errors import WorkbenchError
from workbench.evaluations import Attempt, Evaluation, Ledger, Row
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), -1))
def row(i):
    return Row(0, i, np.full(100, 1.0 * i), Evaluation((np.arange(100.0),)), np.array([0.5]))
try:
    with Ledger.create(Path(sys.argv[1]), {"problem": "abc"}) as ledger:
        for i in range(10000):
            ledger.append(row(i), Attempt("here", 1.0))
            print(i, flush=True)
except WorkbenchError as error:
    print(error, file=sys.stderr)
    sys.exit(error.exit_code)
"""


@pytest.mark.parametrize("limit", [30_000, 100_000, 101_000])
def test_a_file_that_may_not_grow_stops_the_run_and_stays_whole(path, limit):
    command = [sys.executable, "-c", LIMITED, str(path), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == StoppedEarly.exit_code
    assert f"{path} cannot be written" in done.stderr
    assert "make room" in done.stderr
    written = len(done.stdout.split())
    with Ledger.open(path, write=True) as ledger:
        assert [row.individual for row in ledger.rows()] == list(range(written))
        ledger.append(make_row(1, 0), Attempt("worker-1", 1.5))


def test_a_file_that_may_not_begin_leaves_no_ledger(path):
    command = [sys.executable, "-c", LIMITED, str(path), "1000"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == LedgerError.exit_code
    assert "no ledger can be written" in done.stderr
    assert not path.exists()


@pytest.fixture
def small_disk(tmp_path):
    """Return a folder on a disk of 256 kB; only root may make one."""
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("a small disk can only be mounted by root")
    command = [mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(tmp_path)]
    if subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount a disk")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def test_a_full_disk_stops_the_run_and_leaves_it_whole(small_disk):
    path = small_disk / "ledger.sqlite"
    rest = small_disk / "of somebody else"
    written = []

    def fill(ledger):
        for individual in range(1000):
            ledger.append(make_row(0, individual), Attempt("here", 1.0))
            written.append(individual)

    with Ledger.create(path, {"problem": "abc"}) as ledger:
        rest.write_bytes(bytes(100_000))
        with pytest.raises(StoppedEarly, match="disk is full"):
            fill(ledger)
        # The same process may have more to write down, and fails as clearly.
        with pytest.raises(StoppedEarly):
            ledger.append(make_row(1, 0), Attempt("here", 1.0))
    rest.unlink()
    with Ledger.open(path, write=True) as ledger:
        assert [row.individual for row in ledger.rows()] == written
        ledger.append(make_row(1, 0), Attempt("here", 1.0))


LINE = "36 35 98:0 / {point} {options} - {kind} server:/export {superblock}"
MOUNTS = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw"


def mounts(kind, options="rw", superblock="rw", point="/scratch"):
    line = LINE.format(kind=kind, options=options, superblock=superblock, point=point)
    return f"{MOUNTS}\n{line}"


@pytest.mark.parametrize(
    ("kind", "superblock"),
    [
        ("lustre", "rw,lazystatfs"),
        ("lustre", "rw,localflock"),
        ("nfs", "rw,vers=3,nolock,local_lock=all"),
        ("nfs", "rw,vers=3,local_lock=posix"),
        ("cifs", "rw,nobrl"),
        ("fuse.sshfs", "rw"),
        ("9p", "rw"),
        ("afs", "rw"),
    ],
)
def test_a_file_system_without_shared_locks_is_refused_with_advice(kind, superblock):
    with pytest.raises(LedgerError, match=rf"/scratch \({kind}\).*--out.*TMPDIR"):
        refuse_unsafe(Path("/scratch/me/run"), mounts(kind, superblock=superblock))


@pytest.mark.parametrize(
    ("kind", "superblock"),
    [
        ("ext4", "rw"),
        ("tmpfs", "rw"),
        ("lustre", "rw,flock,lazystatfs"),
        ("nfs4", "rw,vers=4.2,local_lock=none"),
        ("nfs", "rw,vers=3,local_lock=none"),
        ("gpfs", "rw"),
        ("beegfs", "rw"),
        ("ceph", "rw"),
        ("cifs", "rw"),
    ],
)
def test_others_are_taken(kind, superblock):
    refuse_unsafe(Path("/scratch/me/run"), mounts(kind, superblock=superblock))


def test_the_nearest_mount_counts():
    text = (
        mounts("9p")
        + "\n"
        + LINE.format(kind="ext4", options="rw", superblock="rw", point="/scratch/local")
    )
    assert mount_of(Path("/scratch/local/run"), text).kind == "ext4"
    assert mount_of(Path("/scratch/localhost"), text).kind == "9p"
    assert mount_of(Path("/home"), text).kind == "ext4"
    covered = (
        text
        + "\n"
        + LINE.format(kind="tmpfs", options="rw", superblock="rw", point="/scratch/local")
    )
    assert mount_of(Path("/scratch/local/run"), covered).kind == "tmpfs"


def test_a_blank_in_a_mount_point_is_read():
    text = mounts("9p", point="/my\\040disk")
    assert mount_of(Path("/my disk/run"), text).kind == "9p"


def test_this_machine_is_asked(monkeypatch, folder_in_memory):
    def refuse(folder):
        raise LedgerError(f"not on {folder}")

    monkeypatch.setattr("workbench.evaluations.claim.refuse_unsafe", refuse)
    with pytest.raises(LedgerError, match="not on"):
        Ledger.create(folder_in_memory / "ledger.sqlite", {})


def test_two_runs_begun_at_once_do_not_mix(path):
    """The one that comes second touches nothing, not even the record beside the ledger."""
    called = []

    def second():
        with pytest.raises(LedgerError, match="in use"):
            Ledger.create(path, {}, before=lambda: called.append("second"))

    Ledger.create(path, {}, before=second).close()
    assert called == []


def test_a_ledger_is_never_half_made(path):
    """A process killed while it makes one leaves none, and the next one is not in its way."""

    def killed(*_):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workbench.evaluations.schema.os.rename", killed)
        with pytest.raises(KeyboardInterrupt):
            Ledger.create(path, {"problem": "abc"})
    assert not path.exists()
    with Ledger.create(path, {"problem": "abc"}) as ledger:
        ledger.append(make_row(0, 0), Attempt("here", 1.0))
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    db.close()
