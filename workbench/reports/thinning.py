"""Fewer samples that draw the same picture."""

import numpy as np

from workbench.arrays import Floats


def thin_out(t_ms: Floats, values: Floats, bins: int) -> tuple[Floats, Floats]:
    """Return fewer samples that draw the same picture on `bins` columns of pixels.

    Of each column the first, last, lowest and highest sample stay, so no spike is lost (the M4
    aggregation of Jugel et al. 2014, Proc. VLDB Endowment 7:797).

    Parameters
    ----------
    t_ms, values
        Times that do not decrease, and values, (n,).
    bins
        Columns; at most 4 samples of each are kept.
    """
    span_ms = t_ms[-1] - t_ms[0] if t_ms.size else 0.0
    if t_ms.size <= 4 * bins or span_ms <= 0:
        return t_ms, values
    column = np.minimum(((t_ms - t_ms[0]) / span_ms * bins).astype(int), bins - 1)
    first = np.flatnonzero(np.diff(column, prepend=-1))
    last = np.append(first[1:] - 1, t_ms.size - 1)
    by_height = np.lexsort((values, column))
    kept = np.unique(np.concatenate([first, last, by_height[first], by_height[last]]))
    return t_ms[kept], values[kept]
