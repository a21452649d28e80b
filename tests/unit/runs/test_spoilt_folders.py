"""Whatever is damaged, missing or in the way beside the ledger, a run goes on."""

import contextlib
import errno
import json
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes import Workers
from tests.made_runs import provenance, sessions, table
from workbench.errors import LedgerError, StoppedEarly
from workbench.runs import read_run, resume, start
from workbench.runs.provenance import ProvenanceLostError, read_provenance, write_provenance
from workbench.runs.record import Record


@pytest.mark.parametrize(
    "left", [None, "", "{", "[1]", '{"schema_version": 1}', "[" * 10_000, "9" * 5_000, "\0"]
)
def test_a_lost_provenance_is_made_anew(study, plan, folder, left, caplog):
    with pytest.raises(StoppedEarly):
        start(study, plan, folder, Workers(stop_at=7))
    before = json.loads((folder / "provenance.json").read_text())
    (folder / "provenance.json").unlink()
    if left is not None:
        (folder / "provenance.json").write_text(left)
    rest = Workers()
    resume(folder, rest)
    assert rest.individuals == 6
    assert "was lost and is made anew" in caplog.text
    after = json.loads((folder / "provenance.json").read_text())
    assert before.keys() < after.keys()
    assert left is None or (folder / "provenance.damaged.json").read_text() == left
    for key in ("study", "problem", "search", "facts"):
        assert after[key] == before[key]
    assert sessions(folder) == ["told by the ledger alone", "finished"]
    assert read_run(folder).evaluated == 12


def test_a_provenance_of_another_version_is_left_alone(study, plan, folder):
    start(study, plan, folder, Workers())
    write_provenance(folder, read(folder).model_copy(update={"schema_version": 9}))
    written = (folder / "provenance.json").read_text()
    with pytest.raises(LedgerError, match="of version 9"):
        resume(folder, Workers())
    assert (folder / "provenance.json").read_text() == written


def read(folder):
    """Return the record of a run, which has to tell all without the study."""
    return read_provenance(folder, lambda: pytest.fail("the study was asked for"))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_no_changed_byte_of_a_provenance_goes_unseen(provenance_written, place, byte):
    """Unless the JSON says the same as before, as with another blank."""
    folder, before, data = provenance_written
    data = bytearray(data)
    data[int(place * len(data))] = byte
    (folder / "provenance.json").write_bytes(data)
    with contextlib.suppress(ProvenanceLostError):
        assert read(folder) == before


@pytest.fixture(scope="module")
def provenance_written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    record = Record.model_validate({**provenance(), "é": "ü", "restored": "\udcff"})
    write_provenance(folder, record)
    return folder, record, (folder / "provenance.json").read_bytes()


def spoil_a_trace(content):
    """Change a byte of a compressed trace, so that only its checksum tells."""
    begin = content.index(b"soma.v.npy")
    return content[: begin + 60] + bytes([content[begin + 60] ^ 255]) + content[begin + 61 :]


@pytest.mark.parametrize(
    "damage", [lambda _: b"", lambda _: b"{", lambda whole: whole[:-100], spoil_a_trace]
)
def test_damaged_traces_of_the_best_are_written_anew(study, plan, folder, damage):
    start(study, plan, folder, Workers())
    path = folder / "traces" / "best.npz"
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    workers = Workers()
    resume(folder, workers)
    assert (workers.individuals, workers.simulations) == (0, 3)
    with np.load(path) as kept:
        assert kept["Step2/soma.v"].size == 60


def test_a_pipe_in_the_place_of_the_traces_is_replaced(study, plan, folder):
    """To read from it would wait for ever."""
    start(study, plan, folder, Workers())
    path = folder / "traces" / "best.npz"
    path.unlink()
    os.mkfifo(path)
    resume(folder, Workers())
    with np.load(path) as kept:
        assert kept["Step2/soma.v"].size == 60


def test_a_folder_in_the_place_of_the_traces_is_named(study, plan, folder):
    start(study, plan, folder, Workers())
    path = folder / "traces" / "best.npz"
    path.unlink()
    path.mkdir()
    with pytest.raises(LedgerError, match=rf"{path} cannot be written: Is a directory; move away"):
        resume(folder, Workers())
    path.rmdir()
    resume(folder, Workers())
    assert path.is_file()


@pytest.mark.parametrize("left", ["[" * 4096, "{", "[1]", "9" * 4096])
def test_what_stands_in_the_lock_of_a_run_does_not_matter(study, plan, folder, left):
    start(study, plan, folder, Workers())
    (folder / "ledger.lock").write_text(left)
    resume(folder, Workers())


def test_nor_does_a_pipe_in_its_place(study, plan, folder):
    start(study, plan, folder, Workers())
    (folder / "ledger.lock").unlink()
    os.mkfifo(folder / "ledger.lock")
    resume(folder, Workers())
    assert len(table(folder)) == 12


class FullDisk:
    """Refuses to write files of a name, as a full disk does: it does not say which file."""

    def __init__(self, monkeypatch, where):
        self._patch, self._where = monkeypatch, where

    def fill(self, *_):
        self._patch.setattr(self._where, self._refuse)

    def _refuse(self, *_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_is_full_at_a_resume_changes_nothing(study, plan, folder, monkeypatch):
    with pytest.raises(StoppedEarly):
        start(study, plan, folder, Workers(stop_at=7))
    before = (folder / "provenance.json").read_bytes()
    with monkeypatch.context() as patch:
        FullDisk(patch, "workbench.runs.provenance.os.fsync").fill()
        with pytest.raises(StoppedEarly, match="No space left") as stopped:
            resume(folder, Workers())
    assert f"workbench resume {folder}" in str(stopped.value)
    assert (folder / "provenance.json").read_bytes() == before
    resume(folder, Workers())
    assert sessions(folder) == ["interrupted", "finished"]


def test_traces_that_find_no_room_are_kept_later(study, plan, folder, monkeypatch):
    with monkeypatch.context() as patch:
        FullDisk(patch, "workbench.runs.traces._write").fill()
        with pytest.raises(StoppedEarly, match="No space left"):
            start(study, plan, folder, Workers())
    assert len(table(folder)) == 12
    assert sessions(folder)[0].startswith("stopped: ")
    rest = Workers()
    resume(folder, rest)
    assert (rest.individuals, rest.simulations) == (0, 3)
