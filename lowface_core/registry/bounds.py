"""Annotations with bounds for the keywords of components: a config whose value lies outside is told so by its check.

``Annotated`` with the bounds of ``annotated_types`` says any other: ``Annotated[int, Ge(8), Le(16)]``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

Count = Annotated[int, Ge(1)]
Natural = Annotated[int, Ge(0)]
Positive = Annotated[float, Gt(0)]
NotNegative = Annotated[float, Ge(0)]
#: In [0,1], in (0,1], in (0,1).
Share = Annotated[float, Ge(0), Le(1)]
PositiveShare = Annotated[float, Gt(0), Le(1)]
Inside = Annotated[float, Gt(0), Lt(1)]
#: The two forms of an equation: as published, and as the authors' code computes it.
Form = Literal["paper", "released"]
