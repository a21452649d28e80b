import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from workbench.reports.thinning import thin_out


@given(
    values=arrays(float, st.integers(1, 400), elements=st.floats(-1e3, 1e3)),
    bins=st.integers(1, 20),
    data=st.data(),
)
def test_thinning_keeps_ends_and_extremes_in_order(values, bins, data):
    steps = data.draw(arrays(float, values.size, elements=st.floats(0, 10)))
    t_ms = np.cumsum(steps)
    thin_t_ms, thin = thin_out(t_ms, values, bins)
    assert (thin.min(), thin.max()) == (values.min(), values.max())
    assert (thin[0], thin[-1]) == (values[0], values[-1])
    assert (np.diff(thin_t_ms) >= 0).all()
    if t_ms[-1] > t_ms[0]:
        assert thin.size <= 4 * bins


def test_every_narrow_spike_survives():
    t_ms = np.arange(0, 3000, 0.025)
    v = np.full(t_ms.size, -70.0)
    spikes = np.arange(500, t_ms.size, 4000)
    v[spikes] = np.linspace(10, 40, spikes.size)  # one sample wide
    thin_t_ms, thin = thin_out(t_ms, v, 1000)
    assert thin.size < 5000
    assert np.array_equal(thin_t_ms[thin > -70], t_ms[spikes])
