"""Makes of SSIENet's published TensorFlow checkpoint the .npz of variables that the enhancer `ssienet` loads.

    python tools/ssienet_from_tensorflow.py checkpoint/Decom/model-6000 ssienet.npz

The first argument is the checkpoint's path without .index or .data-00000-of-00001 (with one of them will do), both of
which must lie there. What the optimizer kept is left out; the variables must be all that the network has. TensorFlow
is not needed.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
import torch
from tensor_bundle import read_bundle

import lowface_core as lf
from lowface_core.errors import LowfaceError, WeightsError
from lowface_core.files import write_whole
from lowface_core.weights.state_dict import fit

SUFFIX = re.compile(r"\.(index|meta|data-\d{5}-of-\d{5})$")
#: Names of the network's own variables; an optimizer's are longer.
OWN = re.compile(r"DecomNet/\w+/(kernel|bias)")
#: Has the network's width.
FIRST = "DecomNet.shallow_feature_extraction.bias"


def convert(checkpoint: Path, target: Path) -> list[str]:
    """Writes the variables as ``target``, if the network takes them.

    Returns:
        the names of the variables.

    Raises:
        LowfaceError: the checkpoint cannot be read or is of another network, or ``target`` exists or is no .npz.
    """
    if target.suffix != ".npz" or target.exists():
        raise WeightsError(f"{target}: {'exists' if target.exists() else 'must end in .npz'}; name another file")
    prefix = checkpoint.with_name(SUFFIX.sub("", checkpoint.name))
    variables = {n.replace("/", "."): v for n, v in read_bundle(prefix).items() if OWN.fullmatch(n)}
    network = lf.build("enhancer", "ssienet", width=variables.get(FIRST, np.empty(64)).size)
    fit(network, {name: torch.from_numpy(value.copy()) for name, value in variables.items()}, prefix, "ssienet")

    def write(part: Path) -> None:
        with part.open("wb") as file:
            np.savez(file, **variables)  # type: ignore[arg-type]  # its stub takes names for allow_pickle

    write_whole(target, write)
    return sorted(variables)


def main() -> None:
    """Converts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path)
    args = parser.parse_args()
    try:
        print(f"{args.target}: {len(convert(args.checkpoint, args.target))} variables")
    except LowfaceError as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
