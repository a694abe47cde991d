"""Annotations with bounds for the keywords of components: a config whose value lies outside is told so by its check.

``Annotated`` with the bounds of ``annotated_types`` says any other: ``Annotated[int, Ge(8), Le(16)]``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

#: Whole numbers of 32 bits: generators take no larger seed, and nothing that is counted here gets there.
LARGEST = 2**32 - 1
Count = Annotated[int, Ge(1), Le(LARGEST)]
Natural = Annotated[int, Ge(0), Le(LARGEST)]
Positive = Annotated[float, Gt(0)]
NotNegative = Annotated[float, Ge(0)]
#: More would leave no weight in its first update.
Decay = Annotated[float, Ge(0), Le(1e6)]
#: In [0,1], in (0,1], in (0,1).
Share = Annotated[float, Ge(0), Le(1)]
PositiveShare = Annotated[float, Gt(0), Le(1)]
Inside = Annotated[float, Gt(0), Lt(1)]
#: The two forms of an equation: as published, and as the authors' code computes it.
Form = Literal["paper", "released"]
