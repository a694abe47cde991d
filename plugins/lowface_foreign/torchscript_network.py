"""A TorchScript archive as a network."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lowface_core.errors import WeightsError
from lowface_core.weights.distrust import check_sums, check_unpacked
from lowface_foreign.opened import OpenedNetwork


class TorchScriptNetwork(OpenedNetwork):
    """A ``.torchscript`` or ``.pt`` file of ``torch.jit.save``; gradients reach the picture.

    Such an archive holds code beside weights. Torch interprets it in a language of its own, which has no files, no
    processes and no imports, but which may loop forever, fill the memory, and print: open only what you would run.

    Args:
        path: the file.
        outputs: how many answers the network gives.

    Raises:
        WeightsError: the file cannot be read.
    """

    def __init__(self, path: str | Path, outputs: int = 1) -> None:
        super().__init__()
        self.source, self.outputs = str(path), tuple(f"output_{place}" for place in range(outputs))
        try:
            check_unpacked(Path(path))
            check_sums(Path(path))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # FutureWarning and DeprecationWarning: torch.export is no substitute
                self.network: Any = torch.jit.load(str(path), map_location="cpu")
        except WeightsError:
            raise
        except Exception as error:  # zip, and whatever torch's reader throws
            told = " ".join(str(error).split())[:200]
            raise WeightsError(f"{path}: cannot be read as TorchScript ({told}); save or copy it again") from error
        self.eval()

    def forward(self, picture: Tensor) -> tuple[Tensor, ...]:
        """See the base class.

        Raises:
            WeightsError: the script fails on such a picture, or answers with something else than tensors.
        """
        try:
            answer = self.network(picture)
        except Exception as error:  # torch.jit.Error, RuntimeError, whatever the script raises
            told = (str(error).strip().splitlines() or [type(error).__name__])[-1][:200]
            raise WeightsError(f"{self.source}: fails on a picture {tuple(picture.shape)} ({told})") from error
        answers = (
            (answer,) if isinstance(answer, Tensor) else tuple(answer) if isinstance(answer, (list, tuple)) else ()
        )
        if len(answers) < len(self.outputs) or not all(isinstance(each, Tensor) for each in answers):
            what = f"{len(answers)} tensors" if answers else type(answer).__name__
            raise WeightsError(f"{self.source}: answers with {what}, not with {len(self.outputs)} tensors")
        return answers
