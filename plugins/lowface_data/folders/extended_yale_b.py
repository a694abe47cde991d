"""Extended Yale B: faces under a single light from 64 directions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lowface_core.data.normal_form import by_name
from lowface_data.folders.layout import Entry
from lowface_data.folders.placed import Placed, Tell

NAME = re.compile(r"(yaleB\d\d)_P(\d\d)A([+-]\d{3})E([+-]\d\d)")
#: Largest angle in degrees between the light and the camera's axis, of subsets 1 to 4; the rest are subset 5. Published
#: limits are 12, 25, 50 and 77; the light at 35, 40 lies at 51.1 and is counted to subset 3, which then has its 12.
LIMITS = (12.0, 25.01, 52.0, 77.0)
FRONTAL = "A+000E+00"


class ExtendedYaleB(Placed, without=("degradation", "gallery_size")):
    """Extended Yale Face Database B: 38 people, each under 64 lights; the further aside a light, the darker the face.

    Layout below ``root``: ``<person>/<person>_P<pose>A<azimuth>E<elevation>.pgm``, such as
    ``yaleB01/yaleB01_P00A+035E-20.pgm``. Pictures of the room's own light (``_Ambient.pgm``) and those that the release
    marks as broken (``.pgm.bad``) are passed over. ``normal`` is the picture of the same person and pose under the
    light from the camera, which is a sample of its own only without ``pairs``.

    Args:
        root: the folder of the people's folders, such as ``CroppedYale``.
        subsets: of the lights by their angle to the camera's axis: 1 up to 12 degrees, 2 to 25, 3 to 50, 4 to 77, 5
            beyond; None takes all.
        pairs: give ``low`` and ``normal``; False gives every picture as ``low`` alone, and those under the light from
            the camera are the gallery of ``lowface identify``.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: a name is another, or a pose has no picture under the light from the camera.

    References:
        Georghiades et al., From Few to Many: Illumination Cone Models for Face Recognition under Variable Lighting and
        Pose, IEEE TPAMI 23 (2001); Lee et al., Acquiring Linear Subspaces for Face Recognition under Variable Lighting,
        IEEE TPAMI 27 (2005).
    """

    registered, layout = "extended_yale_b", "yaleB<nn>/yaleB<nn>_P<nn>A<+nnn>E<+nn>.pgm"
    signs = ("yaleB*/yaleB*_P*A*E*.pgm",)

    def __init__(
        self, root: str | Path, subsets: Sequence[int] | None = None, pairs: bool = True, **shared: Any
    ) -> None:
        super().__init__(*self.placed(root, None, subsets=subsets, pairs=pairs), **shared)

    @classmethod
    def find(
        cls, root: Path, split: str | None, tell: Tell, subsets: Sequence[int] | None = None, pairs: bool = True
    ) -> Iterator[Entry]:
        for person in sorted(path for path in root.glob("yaleB*") if path.is_dir()):
            found = by_name(sorted(person.glob("*.pgm")), lambda path: path.stem)
            for stem, path in found.items():
                if stem.endswith("_Ambient"):
                    continue
                match = NAME.fullmatch(stem)
                if match is None or match[1] != person.name:
                    tell("name", f"{path}: is not called {person.name}_P00A+000E+00.pgm with its own angles")
                    continue
                camera = stem[: match.start(3) - 1] + FRONTAL
                if camera not in found:
                    tell("orphan", f"{path}: there is no {camera}.pgm, the same pose under the light from the camera")
                    continue
                frontal = stem == camera
                chosen = subsets is None or subset_of(int(match[3]), int(match[4])) in subsets
                if pairs and chosen and not frontal:
                    yield Entry(stem, person.name, normal=found[camera], low=path)
                elif not pairs and (chosen or frontal):
                    yield Entry(stem, person.name, low=path, role="gallery" if frontal else "probe")


def subset_of(azimuth: float, elevation: float) -> int:
    """The subset, 1 to 5, of a light at these angles in degrees."""
    away = math.degrees(math.acos(math.cos(math.radians(azimuth)) * math.cos(math.radians(elevation))))
    return next((number for number, limit in enumerate(LIMITS, 1) if away <= limit), len(LIMITS) + 1)
