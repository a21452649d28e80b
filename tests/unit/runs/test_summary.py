"""Every number here is computed by hand from the rows that the test itself writes."""

import json

import numpy as np
import pytest

from workbench.errors import LedgerError
from workbench.evaluations import Attempt, Competing, Ledger
from workbench.fitting import best_row
from workbench.reports import render
from workbench.runs import feature_table, generations, read_run
from workbench.runs.provenance import checksum, write_provenance
from workbench.runs.record import Record
from workbench.runs.table import spread
from workbench.runs.tally import Tally


def test_the_best_has_the_lowest_sum_and_ties_go_to_the_earlier_key(new_run):
    run = new_run()
    run.add(0, 1, [[24.0], [5.0], [45.0]], [0.1, 2.0])  # 1 + 0 + 0
    run.add(1, 0, [[16.0], [5.0], [45.0]], [0.2, 2.0])  # 1 + 0 + 0 again, later
    run.add(0, 0, [[28.0], [5.0], [45.0]], [0.3, 2.0])  # 2
    summary = read_run(run.write())
    assert (summary.best.generation, summary.best.individual) == (0, 1)
    assert summary.best_sum == 1.0
    assert [(row.generation, row.individual) for row in summary.elite] == [(0, 1), (1, 0), (0, 0)]


def test_a_failed_individual_is_never_the_best_whatever_its_scores_say(new_run):
    run = new_run()
    run.add(0, 0, [[20.0]] * 3, status="UNFINISHED", scores=[0.0, 0.0, 0.0])
    run.add(0, 1, ["silent", "silent", "silent"], [0.2, 2.0])
    summary = read_run(run.write())
    assert summary.best.individual == 1
    assert summary.best_sum == 750.0


def test_the_report_and_the_run_agree_on_the_best(full_run):
    folder = full_run.write()
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        expected = best_row(list(ledger.rows()))
    best = read_run(folder).best
    assert (best.generation, best.individual) == (expected.generation, expected.individual)


def test_the_elite_holds_each_parameter_set_once(new_run):
    run = new_run()
    for individual in range(12):
        run.add(0, individual, [[20.0], [5.0], [45.0]], [1.0, 10.0])
    run.add(1, 0, [[24.0], [5.0], [45.0]], [0.5, 10.0])
    assert [row.generation for row in read_run(run.write()).elite] == [0, 1]


def test_the_table_of_features(new_run):
    run = new_run()
    run.add(0, 0, [[18.0, 26.0, 28.0], [5.0], "there is no spike"])
    run.add(0, 1, [[500.0], [3.0], [40.0]], [0.5, 2.0], scores=[120.0, 4.0, 250.0])
    height, count, dendrite = feature_table(read_run(run.write()))
    assert (height.name, height.protocol) == ("Step.soma.AP_height", "Step")
    assert (height.mean, height.std) == (20.0, 4.0)
    assert height.value == pytest.approx(24.0)  # (18 + 26 + 28) / 3
    assert height.count == 3
    assert height.distance_SD == pytest.approx(4 / 3)  # (2 + 6 + 8) / 3 / 4
    assert height.bias_SD == pytest.approx(1.0)  # (24 - 20) / 4
    assert height.closest_SD == pytest.approx(4 / 3)
    assert (count.value, count.distance_SD, count.reason) == (5.0, 0.0, "")
    assert (dendrite.value, dendrite.distance_SD, dendrite.bias_SD) == (None, None, None)
    assert (dendrite.count, dendrite.score) == (0, 250.0)
    assert dendrite.reason == "there is no spike"
    assert dendrite.closest_SD == pytest.approx(0.5)  # the other individual: |40 - 45| / 10


def test_a_capped_score_does_not_hide_the_distance(new_run):
    run = new_run()
    run.add(0, 0, [[2020.0], [5.0], [45.0]], scores=[250.0, 0.0, 0.0])
    row = feature_table(read_run(run.write()))[0]
    assert (row.score, row.distance_SD) == (250.0, 500.0)


def test_a_failed_individual_does_not_count_as_having_come_near(new_run):
    run = new_run()
    run.add(0, 0, [[20.0], "none", "none"], status="ABSURD")
    run.add(0, 1, [[28.0], "none", "none"], [0.5, 2.0])
    rows = feature_table(read_run(run.write()))
    assert rows[0].closest_SD == 2.0
    assert rows[1].closest_SD is None


def test_generations_tell_best_median_and_best_so_far_without_the_failed(new_run):
    run = new_run()
    for individual, height in enumerate([24.0, 32.0, 40.0]):  # sums 1, 3, 5
        run.add(0, individual, [[height], [5.0], [45.0]], [0.1 * individual, 2.0])
    run.add(1, 0, [[28.0], [5.0], [45.0]])  # sum 2
    run.add(1, 1, ["", "", ""], status="ABSURD")
    run.add(2, 0, ["", "", ""], status="ABSURD")
    run.add(3, 0, [[22.0], [5.0], [45.0]])  # sum 0.5
    found = read_run(run.write()).generations
    assert [g.number for g in found] == [0, 1, 2, 3]
    assert [g.best for g in found] == [1.0, 2.0, None, 0.5]
    assert [g.median for g in found] == [3.0, 2.0, None, 0.5]
    assert [g.best_so_far for g in found] == [1.0, 1.0, 1.0, 0.5]
    assert [(g.evaluated, g.failed) for g in found] == [(3, 0), (2, 1), (1, 1), (1, 0)]
    assert [g.scores for g in found] == [(1.0, 0.0, 0.0)] * 3 + [(0.5, 0.0, 0.0)]
    last = generations(run.folder)[-1]
    assert (last["Step [SD]"], last["bAP [SD]"], last["Step.soma.Spikecount [SD]"]) == (0.5, 0, 0)
    assert last["best_so_far"] == 0.5


def test_a_stage_begins_without_the_scores_of_the_one_before(full_run):
    objectives = read_run(full_run.write()).objectives
    with Ledger.open(full_run.folder / "ledger.sqlite") as ledger:
        rows = list(ledger.rows())
    tally = Tally(objectives, Competing((0, 3), (False, False)))
    failed = [row for row in rows if row.generation < 3 or row.evaluation.failed]
    assert len(list(tally.sound(failed))) == 6
    *_, before, after = tally.generations()
    assert before.scores == pytest.approx((1.75, 2.2, 0.5))  # |27 - 20| / 4, ...
    assert (after.best_so_far, after.scores) == (None, None)


def test_failures_are_counted_by_reason_with_the_simulations_own_words(new_run):
    run = new_run()
    absurd = "soma.v is 812 mV at 3.1 ms"
    run.add(0, 0, ["eFEL cannot compute it on this trace", absurd, absurd], status="ABSURD")
    run.add(0, 1, [absurd] * 3, status="ABSURD")
    run.add(0, 2, ["it ended at 3 ms"] * 3, status="UNFINISHED")
    summary = read_run(run.write())
    assert (summary.evaluated, summary.failed) == (3, 3)
    first, second = summary.failures
    assert (first.status, first.count, first.example) == ("ABSURD", 2, absurd)
    assert first.meaning == "the membrane left every physiological voltage"
    assert (second.status, second.count) == ("UNFINISHED", 1)


def test_pace_counts_only_the_time_in_which_the_run_was_running(new_run, monkeypatch):
    run = new_run()
    # 03:04:05 is 1767323045 s after 1970; a pause of an hour lies between the sessions.
    clock = iter([1767323045.0 + s for s in (10, 20, 30, 3630, 3660)])
    monkeypatch.setattr("workbench.evaluations.records.time.time", lambda: next(clock))
    for individual, seconds in enumerate([1.0, 2.0, 9.0]):
        run.add(0, individual, [[20.0], [5.0], [45.0]], [0.1 * individual, 2], seconds=seconds)
    run.ledger.lost(1, 0, Attempt("child 1", 500.0, "the worker died"))
    run.add(1, 0, [[20.0], [5.0], [45.0]], seconds=3.0)
    run.record["sessions"].append(
        {"started": "2026-01-02T04:04:05+00:00", "ended": None, "workers": "2", "reason": "killed"}
    )
    pace = read_run(run.write()).pace
    assert pace.median_s == 2.5  # of 1, 2, 3, 9: the lost attempt is none
    assert pace.active_s == 90  # 30 s in the first session, 60 s in the second
    assert pace.per_minute == pytest.approx(4 / 1.5)
    assert pace.lost == {"the worker died": 1}


def test_idle_is_the_time_in_which_nobody_evaluated(new_run, monkeypatch):
    run = new_run()
    begun = 1767323045.0
    ended = iter([begun + s for s in (12, 16, 16, 20, 22, 3610, 3620)])
    monkeypatch.setattr("workbench.evaluations.records.time.time", lambda: next(ended))
    run.record["sessions"].append(
        {"started": "2026-01-02T04:04:05+00:00", "ended": None, "workers": "1", "reason": "killed"}
    )
    for generation, individual, worker, seconds in [
        (0, 0, "rank-0@node.1.1", 10.0),
        (0, 1, "rank-1@node.1.1", 3.0),
        (0, 2, "rank-1@node.1.1", 3.0),  # its twin: one evaluation
        (0, 3, "rank-1@node.1.2", 3.0),  # another child at the same seat
        (1, 0, "rank-0@node.1.1", 4.0),
        (1, 1, "rank-0@node.1.1", 5.0),
        (1, 2, "rank-0@node.1.1", 10.0),
    ]:
        features = [[20.0], [5.0], [45.0]]
        run.add(generation, individual, features, seconds=seconds, worker=worker)
    # 20 of 40 s were worked in the first session, 15 of 15 s in the second.
    assert read_run(run.write()).pace.idle == pytest.approx(20 / 55)


def test_a_run_without_evaluations_was_not_idle(new_run):
    assert read_run(new_run().write()).pace.idle is None


def test_progress_against_the_plan(new_run, full_run):
    assert read_run(full_run.write()).finished
    run = new_run()
    run.add(0, 0, [[20.0], [5.0], [45.0]])
    run.ledger.told(0, b"")
    summary = read_run(run.write())
    assert (summary.told, summary.planned, summary.finished) == (1, 4, False)


@pytest.mark.parametrize("status", [None, "ABSURD"])
def test_without_a_sound_individual_there_is_no_best_but_a_table(new_run, status):
    run = new_run()
    if status:
        run.add(0, 0, ["far"] * 3, status=status)
    summary = read_run(run.write())
    assert summary.best is None
    assert summary.best_sum is None
    rows = feature_table(summary)
    assert [row.value for row in rows] == [None, None, None]
    why = "every individual failed" if status else "no individual was evaluated"
    assert {row.reason for row in rows} == {why}


def test_a_run_whose_record_has_no_session_is_told_all_the_same(new_run):
    """It was killed between two lines; one evaluation of 2 s took the whole time."""
    run = new_run()
    run.add(0, 0, [[20.0], [5.0], [45.0]], [0.1, 2.0], seconds=2.0)
    run.record["sessions"] = []
    pace = read_run(run.write()).pace
    assert pace.active_s == pytest.approx(2.0)
    assert pace.idle == 0.0


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(LedgerError, match="no ledger"):
        read_run(tmp_path)


def write(run, record):
    said = {name: value for name, value in record.items() if name != "checksum"}
    write_provenance(run.folder, Record.model_validate(said))


def test_provenance_must_be_there_whole_of_this_version_and_of_this_run(new_run):
    run = new_run()
    path = run.write() / "provenance.json"
    record = json.loads(path.read_text())
    write(run, {**record, "schema_version": 9})
    with pytest.raises(LedgerError, match="version 9"):
        read_run(run.folder)
    for damaged in (json.dumps(record)[:100], json.dumps({**record, "schema_version": 9})):
        path.write_text(damaged)
        with pytest.raises(LedgerError, match=r"is damaged: .*; .workbench resume. makes it"):
            read_run(run.folder)
    path.write_bytes(json.dumps(record).encode()[:100] + b"\xac")
    with pytest.raises(LedgerError, match=r"is damaged: this is not .*resume") as caught:
        read_run(run.folder)
    assert "Error" not in str(caught.value)
    record["problem"]["digest"] = "another"
    write(run, record)
    with pytest.raises(LedgerError, match="different problems"):
        read_run(run.folder)
    path.unlink()
    with pytest.raises(LedgerError, match="missing"):
        read_run(run.folder)


def write_as_before(folder, record):
    """Write a record as an older workbench may have written it."""
    said = {name: value for name, value in record.items() if name != "checksum"}
    (folder / "provenance.json").write_text(json.dumps({**said, "checksum": checksum(said)}))


def test_what_an_older_workbench_did_not_tell_yet_is_left_out(full_run):
    folder = full_run.write()
    record = json.loads((folder / "provenance.json").read_text())
    del record["study"]["accuracy"]
    record["problem"].pop("notes", None)
    write_as_before(folder, record)
    assert read_run(folder).record.problem.notes == ()
    assert "not measured" in render(folder).read_text()


def test_a_record_that_is_none_is_damaged(full_run):
    folder = full_run.write()
    record = json.loads((folder / "provenance.json").read_text())
    record["problem"]["parameters"][0]["low"] = "none"
    write_as_before(folder, record)
    with pytest.raises(LedgerError, match=r"damaged: problem\.parameters\.0\.low: must be"):
        read_run(folder)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([19.57], ""),
        ([13.5, 25.5, 13.5, 25.5, 13.5, 25.9], "6 of 13.5 to 25.9"),
        ([7.0, 7.0], "2"),
        ([-70.123456, -70.0], "2 of -70.12 to -70"),
    ],
)
def test_several_values_are_told_beside_their_mean(values, said):
    """A mean of 19.57 against 19.72 ± 3.72 is 0.04 SD away, its six values 1.63 SD."""
    assert spread(np.array(values)) == said
