"""Making a poor picture from a good one."""

from collections.abc import Callable

import numpy as np

#: A picture, float32 (3,H,W) in [0,1], and a generator → the degraded picture and the numbers that were drawn.
Degradation = Callable[[np.ndarray, np.random.Generator], tuple[np.ndarray, dict[str, float]]]
