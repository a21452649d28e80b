import numpy as np

from workbench.search import make_search


def test_it_begins_at_the_first_initial_row():
    """With a small step the whole first population lies around it."""
    search = make_search("cma", 3, 1, 12, seed=1, initial=[[0.2, 0.5, 0.7]], sigma=1e-3)
    assert np.abs(search.ask() - [0.2, 0.5, 0.7]).max() < 0.01


def test_it_begins_anew_when_it_has_shrunk_to_a_point():
    """BluePyOpt would stop: the step is below 1e-12. No generation is spent on equal rows."""
    search, spreads, best = make_search("cma", 2, 1, 8, seed=2), [], np.inf
    for _ in range(400):
        rows = search.ask()
        spreads.append(np.ptp(rows, axis=0).max())
        scores = ((rows - 0.3) ** 2).sum(axis=1, keepdims=True)
        best = min(best, scores.min())
        search.tell(rows, scores)
    shrunk = int(np.argmax(np.array(spreads) < 1e-11))
    assert 0 < shrunk < 250
    assert max(spreads[shrunk : shrunk + 30]) > 0.1
    assert best < 1e-20


def test_it_begins_anew_when_no_sum_differs_by_the_tolerance():
    """Within 0.1 on a parabola of depth 2 is a spread of 0.2; 10 + 30 * 2 / 10 generations so."""
    search, spreads = make_search("cma", 2, 1, 10, seed=4, tolerance=0.1), []
    for _ in range(60):
        rows = search.ask()
        spreads.append(np.ptp(rows, axis=0).max())
        search.tell(rows, 4 * ((rows - 0.3) ** 2).sum(axis=1, keepdims=True))
    narrow = int(np.argmax(np.array(spreads) < 0.1))
    assert 0 < narrow < 20
    anew = narrow + int(np.argmax(np.array(spreads[narrow:]) > 0.3))
    assert 12 < anew < narrow + 20


def test_only_the_sum_of_the_scores_matters():
    split, summed = (make_search("cma", 4, k, 6, seed=3) for k in (2, 1))
    for _ in range(8):
        rows = split.ask()
        assert np.array_equal(rows, summed.ask())
        parts = np.stack([rows[:, 0] + 0.5, rows[:, 1] ** 2], axis=1)
        split.tell(rows, parts)
        summed.tell(rows, parts.sum(axis=1, keepdims=True))
