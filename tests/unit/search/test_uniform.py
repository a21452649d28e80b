import numpy as np

from workbench.search import make_search


def test_the_rows_are_one_stream_of_numpy_cut_into_populations():
    search, asked = make_search("random", 3, 1, 5, seed=8), []
    for _ in range(6):
        asked.append(search.ask())
        search.tell(asked[-1], np.ones((5, 1)))
    stream = np.random.Generator(np.random.PCG64(8)).random((30, 3))
    assert np.array_equal(np.concatenate(asked), stream)
