"""What limits what, on ledgers of which the answer is known."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from workbench.runs import read_limits
from workbench.runs.archive import archive_table
from workbench.runs.limits import correlations


def trade(run, count=20):
    """Add individuals that have AP_height at the expense of the dendrite's, by two kinds of cell.

    Heights are 0 to 4 SD off and amplitudes 4 to 0; gNa is 0.2 or 1.8 of 2.
    """
    for i, share in enumerate(np.linspace(0, 1, count)):
        sodium = (0.2 if i % 2 else 1.8) + 0.01 * share
        values = [[20 + 16 * share], [5.0], [45 + 40 * (1 - share**2)]]
        run.add(0, i, values, [sodium, 10 ** (2 * share)])


def test_features_that_are_met_at_one_anothers_expense(new_run):
    run = new_run()
    trade(run)
    run.add(1, 0, ["it failed"] * 3, status="ABSURD")
    run.add(1, 1, [[90.0], [9.0], [90.0]])  # worse than all: not in the archive
    found = read_limits(run.write())
    assert found.compared == 20
    [conflict] = found.conflicts
    names = ("Step.soma.AP_height", "bAP.dend1.AP_amplitude")
    assert (conflict.first, conflict.second) == names
    assert conflict.rho == pytest.approx(-1.0)
    shares = np.linspace(0, 1, 20)
    heights, amplitudes = 4 * shares, 4 * (1 - shares**2)
    assert conflict.first_SD == pytest.approx(heights[amplitudes <= 2].min())
    assert conflict.second_SD == pytest.approx(amplitudes[heights <= 2].min())
    assert np.isnan(found.between_features[1]).all()  # counts are the same throughout


def test_correlations_are_those_of_scipy(new_run):
    run, draw = new_run(), np.random.default_rng(3)
    for i in range(60):
        a, b = draw.random(2) * 4
        values = [[20 + 4 * a], [5 + 0.5 * b], [45 + 10 * (8 - a - b + draw.random())]]
        run.add(0, i, values, [2 * draw.random(), 1 + 99 * draw.random()])
    folder = run.write()
    table = archive_table(folder, "features")
    names = ["Step.soma.AP_height", "Step.soma.Spikecount", "bAP.dend1.AP_amplitude"]
    scores = np.array([[row[f"{name} [SD]"] for name in names] for row in table])
    assert read_limits(folder).between_features == pytest.approx(spearmanr(scores).statistic)


def test_good_models_fall_into_the_groups_that_they_were_made_in(new_run):
    run = new_run()
    for i in range(12):
        first = i % 3 == 0
        places = [0.3, 2.0] if first else [1.7, 50.0]
        run.add(0, i, [[24.0 + i / 10], [5.0], [45.0]], [places[0] + i / 1000, places[1]])
    run.add(1, 0, [[29.0], [5.0], [45.0]], [1.0, 10.0])  # 2.25 SD: more than twice the best
    found = read_limits(run.write())
    assert found.good == 12
    assert [(one.name, one.count) for one in found.clusters] == [("0/0", 4), ("0/1", 8)]
    assert found.clusters[0].ranges == [(0.3, 0.309), (2.0, 2.0)]


def test_parameters_are_compared_on_their_scales(new_run):
    run = new_run()
    for i, place in enumerate(np.linspace(0, 1, 12)):
        run.add(0, i, [[24.0], [5.0], [45.0]], [2 * place, 100**place])  # one linear, one log
    assert read_limits(run.write()).between_parameters == pytest.approx(np.ones((2, 2)))


def test_of_few_individuals_nothing_is_said(new_run):
    run = new_run()
    trade(run, 9)
    found = read_limits(run.write())
    assert np.isnan(found.between_features).all()
    assert found.conflicts == ()
    empty = read_limits(new_run().write())
    assert (empty.compared, empty.good, empty.clusters) == (0, 0, ())


def test_what_does_not_vary_has_no_correlation():
    columns = np.column_stack([np.arange(20.0), np.ones(20), -np.arange(20.0)])
    found = correlations(columns)
    assert np.isnan(found[1]).all()
    assert found[0, 2] == pytest.approx(-1.0)
