"""How far an exported file is from the network that it was made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import lowface_core as lf
from lowface_core.data.batches import evaluation_batches
from lowface_core.data.images import list_images, read_image
from lowface_core.errors import ConfigError, DataError, LowfaceError

#: Height and width of the pictures compared, and how many at once. The last is larger and even: a decision by size that
#: was recorded as a constant shows there.
SIZES, BATCHES = ((33, 47), (65, 91), (127, 85), (192, 256)), (1, 3)
#: Sides of small pictures, tried from the largest down.
SMALL = (16, 7, 2, 1)
#: Largest difference of a pixel, or smallest PSNR in dB, of an export that is kept.
TOLERANCES: dict[str, dict[str, float]] = {"fp32": {"max": 1e-4}, "fp16": {"psnr": 50.0}, "int8": {"psnr": 40.0}}


def psnr(one: Tensor, other: Tensor) -> float:
    """In decibels, infinite where both are equal."""
    return float(-10 * torch.log10((one.double() - other.double()).square().mean()))


def samples(pictures: Sequence[np.ndarray]) -> Iterable[Tensor]:
    """What is compared: every size of :data:`SIZES` in batches of every number of :data:`BATCHES`.

    Args:
        pictures: (1,3,H,W), from which pieces are cut, mirrored where they are too small; empty: made-up dark scenes of
            smooth light and noise.
    """
    rng = np.random.default_rng(0)
    for height, width in SIZES:
        for batch in BATCHES:
            if pictures:
                chosen = [pictures[int(k)][0] for k in rng.integers(len(pictures), size=batch)]
                yield torch.from_numpy(np.stack([_piece(each, height, width, rng) for each in chosen]))
            else:
                coarse = torch.from_numpy(rng.random((batch, 3, 4, 4), dtype=np.float32))
                smooth = torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic").clamp(0, 1)
                noise = torch.from_numpy(rng.normal(0, 0.01, smooth.shape).astype(np.float32))
                yield (0.25 * smooth**2 + noise).clamp(0, 1)


def _piece(picture: np.ndarray, height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    rows, columns = picture.shape[1:]
    short = (max(height - rows, 0), max(width - columns, 0))
    padded = np.pad(picture, ((0, 0), (0, short[0]), (0, short[1])), mode="symmetric")
    y, x = (int(rng.integers(have - want + 1)) for have, want in zip(padded.shape[1:], (height, width), strict=True))
    return np.ascontiguousarray(padded[:, y : y + height, x : x + width])


@torch.no_grad()
def compare(network: nn.Module, exported: nn.Module, pictures: Sequence[np.ndarray]) -> dict[str, Any]:
    """Both on the same pictures.

    Args:
        network, exported: (B,3,H,W) → the same.
        pictures: see :func:`samples`.

    Returns:
        ``cases``, and over them ``max`` and ``mean`` of the absolute difference and the smallest ``psnr``.
    """
    cases = []
    for low in samples(pictures):
        want, got = network(low), exported(low)
        off = (want - got).abs()
        numbers = {"max": float(off.max()), "mean": float(off.mean()), "psnr": psnr(want, got)}
        cases.append({"batch": len(low), "height": low.shape[2], "width": low.shape[3], **numbers})
    return {
        "max": max(case["max"] for case in cases),
        "mean": float(np.mean([case["mean"] for case in cases])),
        "psnr": min(case["psnr"] for case in cases),
        "pictures": "cut from real ones" if pictures else "made up",
        "cases": cases,
    }


@torch.no_grad()
def smallest(network: nn.Module, exported: nn.Module, precision: str) -> int:
    """The smallest side in pixels with which pictures still come out as torch's, as far as was tried."""
    good = min(min(size) for size in SIZES)
    for side in SMALL:
        low = 0.2 * torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(side))
        try:
            off = (network(low) - exported(low)).abs()
        except (LowfaceError, RuntimeError):
            break
        if not float(off.max()) <= (TOLERANCES[precision].get("max") or 10 ** (-TOLERANCES[precision]["psnr"] / 20)):
            break
        good = side
    return good


def missed(parity: dict[str, Any], precision: str) -> str | None:
    """Why an export is not good enough, if it is not."""
    for number, bound in TOLERANCES[precision].items():
        found = parity[number]
        if number == "max" and not found <= bound:
            return f"pixels differ by up to {found:.2g} from torch's, and {bound:g} is allowed for {precision}"
        if number == "psnr" and not found >= bound:
            return f"its PSNR to torch's pictures is {found:.1f} dB, and {precision} must have {bound:g}"
    return None


@torch.no_grad()
def loss_on(dataset: Any, network: nn.Module, exported: nn.Module, recogniser: str | None = None) -> dict[str, Any]:
    """What a set of pictures loses by the export.

    Args:
        dataset: its items carry ``low``, and ``normal`` where quality is to be measured.
        recogniser: config with the face head to ask, or None.

    Returns:
        number of ``pictures``, the smallest and mean ``psnr`` between both, and with references for ``psnr``,
        ``ssim`` and, with a recogniser, ``similarity`` to the same face in normal light (cosine, over the faces found
        in all three) each network's mean and what is ``lost``.

    Raises:
        ConfigError: a recogniser is given, and there are no references.
    """
    between: list[float] = []
    metrics: dict[str, list[Any]] = {name: [lf.build("metric", name) for _ in range(2)] for name in ("psnr", "ssim")}
    judged, similar = "normal" in dataset.names, []
    if recogniser is not None and not judged:
        raise ConfigError("--recogniser: compares with normal-light pictures; --check something that has them")
    recognise = None if recogniser is None else _recogniser(recogniser)
    for batch in evaluation_batches(dataset, 1, 0):
        answers = [network(batch["low"]), exported(batch["low"])]
        between.append(psnr(*answers))
        for pair in metrics.values() if judged else ():
            for metric, answer in zip(pair, answers, strict=True):
                metric.update(image=answer, normal=batch["normal"])
        if recognise is not None:
            embedded = [recognise(picture) for picture in (*answers, batch["normal"])]
            if all(bool(seen.all()) for _, seen in embedded):
                right = embedded[2][0]
                similar.append([float(torch.cosine_similarity(one, right).mean()) for one, _ in embedded[:2]])
    found: dict[str, Any] = {
        "pictures": len(between),
        "psnr_between": {"min": min(between), "mean": float(np.mean(between))},
    }
    for name, pair in metrics.items() if judged else ():
        was, is_now = (float(metric.compute()) for metric in pair)
        found[name] = {"torch": was, "exported": is_now, "lost": was - is_now}
    if similar:
        was, is_now = np.mean(similar, axis=0).tolist()
        found["similarity"] = {"faces": len(similar), "torch": was, "exported": is_now, "lost": was - is_now}
    return found


def _recogniser(config: str) -> Any:
    from lowface_recognition.recogniser import Recogniser, face_config

    return Recogniser(face_config(config, ()), torch.device("cpu"))


def folder_or_config(given: str) -> Any:
    """The data set that ``--check`` means: a folder of pictures, one with ``low`` and ``normal`` inside, or a config.

    Raises:
        LowfaceError: there is no such thing, or it has no pictures to judge.
    """
    folder = Path(given).expanduser()
    if folder.is_dir():
        if (folder / "low").is_dir() and (folder / "normal").is_dir():
            return lf.build("dataset", "paired_folder", low=str(folder / "low"), normal=str(folder / "normal"))
        from lowface_core.evaluation.folders import Folders

        return _AsLow(Folders(folder))
    from lowface_core.config.build import build_from
    from lowface_core.config.load import load

    cfg = load(given)
    section = next((s for s in ("test_dataset", "val_dataset") if cfg.get(s)), None)
    if section is None:
        raise ConfigError(f"{given}: has no test_dataset and no val_dataset to check with; give a folder of pictures")
    return build_from("dataset", cfg[section], section)


class _AsLow(lf.Dataset):
    """A folder's pictures as dark ones."""

    names = ("low", "key")

    def __init__(self, folders: Any) -> None:
        self.folders = folders

    def __len__(self) -> int:
        return len(self.folders)

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """``low`` and ``key``."""
        item = self.folders.item(index, rng)
        return {"low": item["enhanced"], "key": item["key"]}


def read_folder(folder: Path, most: int) -> list[np.ndarray]:
    """Pictures of a folder and those below, evenly chosen, float32 (1,3,H,W).

    Raises:
        DataError: it is missing, holds none, or one cannot be read.
    """
    files = list_images(folder, recursive=True)
    if not files:
        raise DataError(f"{folder}: holds no pictures")
    chosen = [files[k * len(files) // min(most, len(files))] for k in range(min(most, len(files)))]
    return [read_image(file)[None] for file in chosen]
