"""The plain words: what is said, and that nothing is said that does not hold."""

import pytest

from workbench.reports.diagnosis import at_bounds, findings, headline
from workbench.runs import feature_table, read_run


def words(run):
    summary = read_run(run.write())
    return [f"{f.title} {' | '.join(f.cases)}" for f in findings(summary, feature_table(summary))]


def finish(run):
    """Tell the search as many generations as the run was to have."""
    for generation in range(run.record["search"]["generations"]):
        run.ledger.told(generation, b"")


def test_a_feature_far_off_is_named_with_its_direction(new_run):
    run = new_run()
    run.add(0, 0, [[36.0], [5.0], [45.0]])  # 4 SD above
    [said] = [text for text in words(run) if "AP_height" in text]
    assert said.startswith("1 feature lies more than 3 SD from the target.")
    assert "4 SD, too high: 36 against 20 ± 4" in said
    assert "No individual of the run met it within 2 SD" in said


def test_a_feature_that_others_met_is_a_conflict(new_run):
    run = new_run()
    run.add(0, 0, [[30.0], [5.0], [45.0]])  # 2.5 SD in all
    run.add(0, 1, [[21.0], [8.0], [45.0]], [0.5, 2.0])  # 0.25 SD, but 6 SD elsewhere
    [said] = [text for text in words(run) if "AP_height" in text]
    assert said.startswith("1 feature lies 2 to 3 SD from the target.")
    assert "Other individuals of the run met it within 2 SD" in said


def test_values_on_both_sides_of_the_target_are_called_scattered(new_run):
    run = new_run()
    run.add(0, 0, [[0.0, 40.0], [5.0], [45.0]])  # mean on the target, each 5 SD away
    assert any("5 SD, values scattered around the target: 20" in text for text in words(run))


def test_a_missing_feature_is_named_with_its_reason(new_run):
    run = new_run()
    run.add(0, 0, [[20.0], [5.0], "the dendrite is silent"])
    said = " ".join(words(run))
    assert "1 feature has no value in the best model." in said
    assert "bAP.dend1.AP_amplitude: the dendrite is silent" in said
    assert "no individual of the run had a value" in said


@pytest.mark.parametrize(
    ("values", "sides"),
    [
        ([0.02, 10.0], {"gNa.somatic": "lower"}),  # 1 % of [0, 2]
        ([0.03, 10.0], {}),
        ([1.99, 10.0], {"gNa.somatic": "upper"}),
        ([1.0, 1.04], {"decay.axonal": "lower"}),  # log(1.04) / log(100) = 0.9 %
        ([1.0, 1.05], {}),  # 1.1 %, though 0.05 % of a linear scale
        ([1.0, 96.0], {"decay.axonal": "upper"}),  # 99.1 %, though 96 % of a linear scale
    ],
)
def test_parameters_within_one_percent_of_a_bound_on_their_own_scale(new_run, values, sides):
    run = new_run()
    run.add(0, 0, [[20.0], [5.0], [45.0]], values)
    found = at_bounds(read_run(run.write()))
    assert {bound.parameter.name: bound.side for bound in found} == sides


def test_bounds_say_how_many_of_the_best_sit_there(new_run):
    run = new_run()
    run.add(0, 0, [[20.0], [5.0], [45.0]], [2.0, 10.0])
    run.add(0, 1, [[21.0], [5.0], [45.0]], [1.995, 10.0])
    run.add(0, 2, [[22.0], [5.0], [45.0]], [1.0, 10.0])
    assert any(
        "gNa.somatic = 2, at its upper bound 2 (2 of the 3 best)" in text for text in words(run)
    )


def late(run, sums):
    for generation, total in enumerate(sums):
        run.add(generation, 0, [[20.0 + 4 * total], [5.0], [45.0]], [0.1 + generation / 100, 2])
    return " ".join(words(run))


def test_a_run_that_still_improves_may_go_on(new_run):
    said = late(new_run(), [10, 9, 8, 7, 6, 5, 4, 3])  # of 8 the last two: 5 to 3
    assert "still fell by 40 % over the last 2 of 8 generations, from 5 to 3" in said


def test_a_run_that_stands_still_is_not_sent_on(new_run):
    said = late(new_run(), [10, 4, 4, 4, 4, 4, 5, 6])
    assert "did not fall over the last 2 of 8 generations (now 4)" in said
    assert "may help" not in said


def test_a_short_run_is_not_judged(new_run):
    assert "too short to tell" in late(new_run(), [10, 4, 1])


def test_failures_and_lost_attempts_are_told_with_their_reasons(full_run):
    said = " ".join(words(full_run))
    assert "4 of 12 individuals failed (33 %)" in said
    assert "4: the membrane left every physiological voltage" in said
    assert "soma.v is 812 mV at 3.1 ms" in said
    assert "4 attempts came to nothing" in said
    assert "4: the worker died (signal 9)" in said


def test_an_unfinished_run_says_so_and_a_finished_one_does_not(new_run, full_run):
    assert "preliminary" not in " ".join(words(full_run))
    run = new_run()
    run.add(0, 0, [[20.0], [5.0], [45.0]])
    run.ledger.told(0, b"")
    assert "1 of 4 generations" in words(run)[0]


def test_a_perfect_fit_has_nothing_to_answer_for(new_run):
    run = new_run()
    run.record["search"]["generations"] = 8
    for generation in range(8):
        run.add(generation, 0, [[20.0], [5.0], [45.0]])
    finish(run)
    summary = read_run(run.write())
    table = feature_table(summary)
    assert headline(table, summary) == "The best model meets all 3 features within 2 SD."
    assert len(findings(summary, table)) == 1  # that the search has settled


def test_headlines_without_a_model(new_run):
    empty, failed = new_run(), new_run()
    failed.add(0, 0, ["far"] * 3, status="ABSURD")
    summary = read_run(empty.write())
    assert headline(feature_table(summary), summary) == "No individual has been evaluated yet."
    summary = read_run(failed.write())
    assert headline(feature_table(summary), summary).startswith("All 1 individuals failed")


def test_long_lists_are_cut_and_say_so(new_run):
    run = new_run()
    [objective] = [o for o in run.record["problem"]["objectives"] if o["feature"] == "AP_height"]
    run.record["problem"]["objectives"] = [
        {**objective, "feature": f"feature{i}", "name": f"Step.soma.feature{i}"} for i in range(11)
    ]
    run.add(0, 0, [[100.0]] * 11, scores=[20.0] * 11)
    [said] = [text for text in words(run) if text.startswith("11 features lie")]
    assert said.endswith("and 3 more, see below")
