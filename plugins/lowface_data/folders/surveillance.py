"""Faces on cameras far away: SCface, TinyFace and QMUL-SurvFace, with the gallery and the probes of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from lowface_core.data.images import list_images
from lowface_core.data.normal_form import normal_form
from lowface_core.registry.bounds import Natural
from lowface_data.folders.layout import Entry
from lowface_data.folders.matlab_lists import IdentityList
from lowface_data.folders.placed import SPARE, Placed, Tell

CAMERA, FRONTAL = re.compile(r"(\d{3})_cam([1-8])(?:_([1-3]))?"), re.compile(r"(\d{3})_frontal")
#: SCface's cameras 6 and 7 are two of the others in their night mode, and 8 takes portraits in infrared.
CAMERAS = {"visible": range(1, 6), "infrared": range(6, 9), "all": range(1, 9)}


class ScFace(Placed):
    """SCface: 130 people on surveillance cameras at three distances, and a mugshot of each.

    Layout below ``root``: ``surveillance_cameras_all/<nnn>_cam<c>_<d>.jpg`` and
    ``mugshot_frontal_cropped_all/<nnn>_frontal.jpg`` (or ``mugshot_frontal_original_all``). Mugshots are the gallery of
    ``lowface identify``.

    Args:
        root: the folder that holds both, such as ``SCface_database``.
        cameras: ``visible`` (1 to 5), ``infrared`` (6 to 8) or ``all``.
        distance: 1 (4.20 m), 2 (2.60 m) or 3 (1.00 m) alone; None takes all.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: a name is another, or somebody on a camera has no mugshot.

    References:
        Grgic et al., SCface - surveillance cameras face database, Multimedia Tools and Applications 51 (2011).
    """

    registered, layout = "scface", "surveillance_cameras_all/<nnn>_cam<c>_<d>.jpg, mugshot_frontal_*_all/"
    signs = ("surveillance_cameras_all", "mugshot_frontal_*_all")

    def __init__(
        self,
        root: str | Path,
        cameras: Literal["visible", "infrared", "all"] = "visible",
        distance: Literal[1, 2, 3] | None = None,
        **shared: Any,
    ) -> None:
        super().__init__(*self.placed(root, None, cameras=cameras, distance=distance), **shared)

    @classmethod
    def find(
        cls, root: Path, split: str | None, tell: Tell, cameras: str = "all", distance: int | None = None
    ) -> Iterator[Entry]:
        places = [root / f"mugshot_frontal_{kind}_all" for kind in ("cropped", "original")]
        mugshots = next((place for place in places if place.is_dir()), places[0])
        if missing := [folder for folder in (mugshots, root / "surveillance_cameras_all") if not folder.is_dir()]:
            tell("folder", f"{missing[0]}: no such folder; the layout is {cls.layout}")
            return
        shown = {}
        for path in list_images(mugshots):
            if match := FRONTAL.fullmatch(path.stem):
                shown[match[1]] = path
            else:
                tell("name", f"{path}: is not called <nnn>_frontal.jpg")
        seen = []
        for path in list_images(root / "surveillance_cameras_all"):
            match = CAMERA.fullmatch(path.stem)
            if match is None:
                tell("name", f"{path}: is not called <nnn>_cam<c>_<d>.jpg")
            elif int(match[2]) in CAMERAS[cameras] and distance in (None, int(match[3] or 0)):
                if match[1] in shown:
                    seen.append(Entry(path.stem, match[1], normal=path, role="probe"))
                else:
                    tell("orphan", f"{path}: somebody without a mugshot in {mugshots}")
        for person in sorted(set(shown) - {entry.identity for entry in seen}):
            tell(SPARE, f"{shown[person]}: a mugshot of somebody on no camera that was asked for")
        for person, path in sorted(shown.items()):
            yield Entry(path.stem, person, normal=path, role="gallery")
        yield from seen


class TinyFace(Placed):
    """TinyFace: faces of about 20 pixels from the web, with a gallery, probes and 153,428 distractors.

    Layout below ``root``: ``Testing_Set/{Gallery_Match,Probe,Gallery_Distractor}/<picture>.jpg`` with
    ``Testing_Set/gallery_match_img_ID_pairs.mat`` and ``probe_img_ID_pairs.mat``, which say whom a picture shows, and
    ``Training_Set/<id>/<picture>.jpg``. People of the two splits are told apart: those of training are ``train-<id>``.

    Args:
        root: the folder that holds ``Testing_Set`` and ``Training_Set``.
        split: ``train`` or ``test``.
        distractors: how many pictures of strangers join the gallery, by name; None takes all, as the protocol does.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: a list cannot be read, or names a picture that is not there.

    References:
        Cheng, Zhu and Gong, Low-Resolution Face Recognition, ACCV 2018.
    """

    registered, layout = "tinyface", "Testing_Set/{Gallery_Match,Probe,Gallery_Distractor}, Training_Set/<id>"
    splits, signs = ("train", "test"), ("Testing_Set/Gallery_Match",)

    def __init__(
        self,
        root: str | Path,
        split: Literal["train", "test"] = "test",
        distractors: Natural | None = None,
        **shared: Any,
    ) -> None:
        super().__init__(*self.placed(root, split, distractors=distractors), **shared)

    @classmethod
    def find(cls, root: Path, split: str | None, tell: Tell, distractors: int | None = None) -> Iterator[Entry]:
        test = root / "Testing_Set"
        if split in (None, "test"):
            lists = (("gallery", "Gallery_Match", "gallery_match", "gallery"), ("probe", "Probe", "probe", "probe"))
            for role, folder, file, name in lists:
                yield from IdentityList(test / f"{file}_img_ID_pairs.mat", f"{name}_set", f"{name}_ids").entries(
                    test / folder, role, tell
                )
            strangers = test / "Gallery_Distractor"
            found = list_images(strangers) if strangers.is_dir() else []
            for path in found[:distractors]:
                yield Entry(f"{strangers.name}/{path.stem}", f"stranger-{path.stem}", normal=path, role="gallery")
        if split in (None, "train"):
            yield from people_in(root / "Training_Set", "Training_Set")


class SurvFace(Placed):
    """QMUL-SurvFace: faces of about 24 by 20 pixels on surveillance cameras, with gallery and probes.

    Layout below ``root``: ``Face_Identification_Test_Set/{gallery,mated_probe,unmated_probe}/<picture>.jpg`` with
    ``gallery_img_ID_pairs.mat`` and ``mated_probe_img_ID_pairs.mat`` beside them, and ``training_set/<id>/``. Probes of
    nobody in the gallery (``unmated_probe``) are left out: ``lowface identify`` draws strangers of its own. People of
    the two splits are told apart: those of training are ``train-<id>``.

    Args:
        root: the folder ``QMUL-SurvFace``.
        split: ``train`` or ``test``.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: a list cannot be read, or names a picture that is not there.

    References:
        Cheng, Zhu and Gong, Surveillance Face Recognition Challenge, arXiv:1804.09691 (2018).
    """

    registered, layout = "survface", "Face_Identification_Test_Set/{gallery,mated_probe}, training_set/<id>"
    splits, signs = ("train", "test"), ("Face_Identification_Test_Set/gallery",)

    def __init__(self, root: str | Path, split: Literal["train", "test"] = "test", **shared: Any) -> None:
        super().__init__(*self.placed(root, split), **shared)

    @classmethod
    def find(cls, root: Path, split: str | None, tell: Tell) -> Iterator[Entry]:
        if split in (None, "test"):
            for role, name in (("gallery", "gallery"), ("probe", "mated_probe")):
                test = root / "Face_Identification_Test_Set"
                names = IdentityList(test / f"{name}_img_ID_pairs.mat", f"{name}_set", f"{name}_ids")
                yield from names.entries(test / name, role, tell)
        if split in (None, "train"):
            yield from people_in(root / "training_set", "training_set")


def people_in(folder: Path, label: str) -> Iterator[Entry]:
    """Pictures of a folder of people's folders; nothing where there is none."""
    for path in list_images(folder, recursive=True) if folder.is_dir() else ():
        person = normal_form(path.relative_to(folder).parts[0])
        yield Entry(f"{label}/{person}/{path.stem}", f"train-{person}", normal=path)
