"""The type of nearly all arrays."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""An array of numbers in double precision."""
