"""The LOL family: pairs of the same scene in low and in normal light, in folders of splits."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from lowface_data.folders.placed import PairedPlaces, Place

HALVES = ("degradation", "gallery_size")
Split = Literal["train", "test"]


class Lol(PairedPlaces, without=HALVES):
    """LOL: 485 pairs for training and 15 for evaluation, photographed at two exposures.

    Layout below ``root``: ``our485|eval15/{low,high}/<n>.png``.

    Args:
        root: the folder that holds ``our485`` and ``eval15``.
        split: ``train`` (``our485``) or ``test`` (``eval15``); None takes both.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: a folder or a picture's partner is missing, or two files share a name.

    References:
        Wei et al., Deep Retinex Decomposition for Low-Light Enhancement, BMVC 2018.
    """

    registered, layout, low_folder = "lol", "our485|eval15/{low,high}", "low/"
    splits, signs = ("train", "test"), ("our485/low", "eval15/low")
    places = (
        Place("train", "", "our485", "our485/low", "our485/high"),
        Place("test", "", "eval15", "eval15/low", "eval15/high"),
    )

    def __init__(self, root: str | Path, split: Split | None = "train", **shared: Any) -> None:
        super().__init__(root, split, **shared)


class LolV2(PairedPlaces, without=HALVES):
    """LOL-v2: 789 photographed and 1,000 synthetic pairs.

    Layout below ``root``: ``Real_captured|Synthetic/{Train,Test}/{Low,Normal}``. Photographed pairs are called
    ``low<n>.png`` and ``normal<n>.png``, synthetic ones the same on both sides.

    Args:
        root: the folder that holds ``Real_captured`` and ``Synthetic``.
        split: ``train`` or ``test``; None takes both.
        part: ``real`` or ``synthetic``; None takes both.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: a folder or a picture's partner is missing, or two files share a name.

    References:
        Yang et al., Sparse Gradient Regularized Deep Retinex Network for Robust Low-Light Image Enhancement, IEEE TIP
        30 (2021).
    """

    registered, layout, low_folder = "lol_v2", "Real_captured|Synthetic/{Train,Test}/{Low,Normal}", "Low/"
    splits = ("train", "test")
    signs = ("Real_captured/T*/Low", "Synthetic/T*/Low")
    places = tuple(
        Place(split.lower(), part, f"{folder}/{split}", f"{folder}/{split}/Low", f"{folder}/{split}/Normal")
        for part, folder in (("real", "Real_captured"), ("synthetic", "Synthetic"))
        for split in ("Train", "Test")
    )

    def __init__(
        self,
        root: str | Path,
        split: Split | None = "train",
        part: Literal["real", "synthetic"] | None = "real",
        **shared: Any,
    ) -> None:
        super().__init__(root, split, part, **shared)


class Lsrw(PairedPlaces, without=HALVES):
    """LSRW: 5,650 pairs of two cameras, a Huawei telephone and a Nikon.

    Layout below ``root``: ``Training data|Eval/{Huawei,Nikon}/{low,high}/<n>.jpg``.

    Args:
        root: the folder that holds ``Training data`` and ``Eval``.
        split: ``train`` or ``test`` (``Eval``); None takes both.
        part: ``huawei`` or ``nikon``; None takes both.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: a folder or a picture's partner is missing, or two files share a name.

    References:
        Hai et al., R2RNet: Low-light Image Enhancement via Real-low to Real-normal Network, Journal of Visual
        Communication and Image Representation 90 (2023).
    """

    registered, layout, low_folder = "lsrw", "Training data|Eval/{Huawei,Nikon}/{low,high}", "low/"
    splits, signs = ("train", "test"), ("Training data/*/low", "Eval/*/low")
    places = tuple(
        Place(split, part.lower(), f"{folder}/{part}", f"{folder}/{part}/low", f"{folder}/{part}/high")
        for split, folder in (("train", "Training data"), ("test", "Eval"))
        for part in ("Huawei", "Nikon")
    )

    def __init__(
        self,
        root: str | Path,
        split: Split | None = "train",
        part: Literal["huawei", "nikon"] | None = None,
        **shared: Any,
    ) -> None:
        super().__init__(root, split, part, **shared)


class VeLol(PairedPlaces, without=HALVES):
    """VE-LOL-L: the low-level part of VE-LOL, photographed and synthetic pairs.

    Layout below ``root``: ``VE-LOL-L-Cap-Full/VE-LOL-L-Cap-{Low,Normal}_{train,test}`` and
    ``VE-LOL-L-Syn/VE-LOL-L-Syn-{Low,Normal}_{train,test}``. Pairs have the same name, or ``low<n>`` and ``normal<n>``.

    Args:
        root: the folder that holds ``VE-LOL-L-Cap-Full`` and ``VE-LOL-L-Syn``.
        split: ``train`` or ``test``; None takes both.
        part: ``real`` (``Cap``) or ``synthetic`` (``Syn``); None takes both.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: a folder or a picture's partner is missing, or two files share a name.

    References:
        Liu et al., Benchmarking Low-Light Image Enhancement and Beyond, International Journal of Computer Vision 129
        (2021).
    """

    registered, low_folder = "ve_lol", "Low/"
    layout = "VE-LOL-L-Cap-Full/VE-LOL-L-Cap-{Low,Normal}_{train,test}, VE-LOL-L-Syn likewise"
    splits = ("train", "test")
    signs = ("VE-LOL-L-Cap-Full/VE-LOL-L-Cap-Low_*", "VE-LOL-L-Syn/VE-LOL-L-Syn-Low_*")
    places = tuple(
        Place(
            split,
            part,
            f"{name}/{split}",
            *(f"{folder}/VE-LOL-L-{name}-{light}_{split}" for light in ("Low", "Normal")),
        )
        for part, name, folder in (("real", "Cap", "VE-LOL-L-Cap-Full"), ("synthetic", "Syn", "VE-LOL-L-Syn"))
        for split in ("train", "test")
    )

    def __init__(
        self,
        root: str | Path,
        split: Split | None = "train",
        part: Literal["real", "synthetic"] | None = "real",
        **shared: Any,
    ) -> None:
        super().__init__(root, split, part, **shared)
