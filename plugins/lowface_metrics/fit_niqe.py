"""``python -m lowface_metrics.fit_niqe FOLDER MODEL.npz``: a pristine model of NIQE from one's own pictures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lowface_core.data.images import list_images, read_image
from lowface_core.errors import DataError, LowfaceError
from lowface_core.progress import tracked
from lowface_metrics.pristine import GREYS, Pristine


def main(words: Sequence[str] | None = None) -> int:
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m lowface_metrics.fit_niqe", description=(__doc__ or "").strip())
    parser.add_argument("folder", type=Path, help="pictures free of noise, blur and compression; 100 or more")
    parser.add_argument("model", type=Path, help="file to write, ends in .npz")
    parser.add_argument("--name", help="what results call the model; default: the file's name")
    parser.add_argument("--variant", choices=GREYS, default="released", help="how pictures become grey")
    options = parser.parse_args(words)
    try:
        pictures = list_images(options.folder, recursive=True)
        if not pictures:
            raise DataError(f"{options.folder}: holds no pictures")
        every = (read_image(path) for path in tracked(pictures, "pristine pictures"))
        made = Pristine.fit(every, options.name or options.model.stem, options.variant)
        made.write(options.model)
    except LowfaceError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{options.model}: {made.label}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
