"""Released data sets built as small trees: each is read, recognised and checked, and what is planted is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from lowface_core.config.build import build_from
from lowface_core.errors import DataError
from lowface_data.audit.check import check
from lowface_data.folders.source import PLACED, recognise

_drawn = 0


def picture(path: Path, size: tuple[int, int] = (9, 6)) -> Path:
    """Writes a picture that no other has."""
    global _drawn
    _drawn += 1
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(_drawn).integers(0, 256, (size[1], size[0], 3), np.uint8)
    image = Image.fromarray(pixels)
    (image.convert("L") if path.suffix == ".pgm" else image).save(path)
    return path


def text(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def names(values: list[str]) -> np.ndarray:
    """Texts as MATLAB keeps cells."""
    cells = np.empty((len(values), 1), object)
    cells[:, 0] = values
    return cells


def matlab(path: Path, name: str, pictures: list[str], people: list[int]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, {f"{name}_set": names(pictures), f"{name}_ids": np.array(people, np.uint16)[:, None]})


def lol(root: Path) -> None:
    for folder, numbers in (("our485", (2, 5, 10)), ("eval15", (1, 22))):
        for number in numbers:
            for light in ("low", "high"):
                picture(root / folder / light / f"{number}.png")


def lol_v2(root: Path) -> None:
    for split in ("Train", "Test"):
        for number in (1, 2):
            for light in ("Low", "Normal"):
                picture(root / "Real_captured" / split / light / f"{light.lower()}{number:05d}.png")
                picture(root / "Synthetic" / split / light / f"r0{number}6405t.png")


def lsrw(root: Path) -> None:
    for split in ("Training data", "Eval"):
        for camera in ("Huawei", "Nikon"):
            for light in ("low", "high"):
                picture(root / split / camera / light / "1.jpg")


def ve_lol(root: Path) -> None:
    for split in ("train", "test"):
        for light in ("Low", "Normal"):
            name = f"{light.lower()}00001.png"
            picture(root / "VE-LOL-L-Cap-Full" / f"VE-LOL-L-Cap-{light}_{split}" / name)
            picture(root / "VE-LOL-L-Syn" / f"VE-LOL-L-Syn-{light}_{split}" / "r001.png")


def sice(root: Path) -> None:
    for part, scene, count in (("Dataset_Part1", "1", 7), ("Dataset_Part1", "4", 9), ("Dataset_Part2", "4", 7)):
        picture(root / part / "Label" / f"{scene}.JPG")
        for number in range(1, count + 1):
            picture(root / part / scene / f"{number}.JPG")


def fivek(root: Path) -> None:
    for split in ("train", "test"):
        for folder, ending in (("input", "tif"), ("expertA", "png"), ("expertC", "jpg")):
            picture(root / split / folder / f"a0001-{split}.{ending}")


def dark_face(root: Path) -> None:
    for number, boxes in ((1, ["1 1 4 5", "0 2 9 6"]), (2, []), (10, ["2 2 3 3"])):
        picture(root / "image" / f"{number}.png")
        text(root / "label" / f"{number}.txt", "\n".join([str(len(boxes)), *boxes, ""]))


def exdark(root: Path) -> None:
    lines = ["Name | Class | Light | In/Out | Train/Val/Test"]
    for split, (kind, name) in enumerate((("Bicycle", "2015_00001.png"), ("Cat", "2.JPG"), ("Cat", "3.jpg")), 1):
        picture(root / "ExDark" / kind / name)
        boxes = f"% bbGt version=3\n{kind} 1 2 4 3 0 0 0 0 0 0 0\nPeople 0 0 9 6 0 0 0 0 0 0 0\n"
        text(root / "ExDark_Annno" / kind / f"{name}.txt", boxes)
        lines.append(f"{name} {split} 1 1 {split}")
    text(root / "imageclasslist.txt", "\n".join(lines) + "\n")


def extended_yale_b(root: Path) -> None:
    for person in ("yaleB01", "yaleB39"):
        for angles in ("A+000E+00", "A+035E-20", "A-110E+65", "A+120E+00", "_Ambient"):
            picture(root / person / f"{person}_P00{angles}.pgm")
        text(root / person / f"{person}_P00A+000E-35.pgm.bad", "broken")


def scface(root: Path) -> None:
    for person in ("001", "002"):
        picture(root / "mugshot_frontal_cropped_all" / f"{person}_frontal.JPG")
        for camera in ("cam1_1", "cam1_3", "cam6_2", "cam8"):
            picture(root / "surveillance_cameras_all" / f"{person}_{camera}.jpg")


def tinyface(root: Path) -> None:
    test = root / "Testing_Set"
    for folder, file, name in (("Gallery_Match", "gallery_match", "gallery"), ("Probe", "probe", "probe")):
        listed = [f"{person}_{folder[0]}.jpg" for person in (7, 9)]
        for each in listed:
            picture(test / folder / each)
        matlab(test / f"{file}_img_ID_pairs.mat", name, listed, [1, 2])
    for number in (1, 2):
        picture(test / "Gallery_Distractor" / f"d{number}.jpg")
        picture(root / "Training_Set" / "1" / f"1_{number}.jpg")


def survface(root: Path) -> None:
    test = root / "Face_Identification_Test_Set"
    for name in ("gallery", "mated_probe"):
        listed = [f"{person}_cam{len(name)}_1.jpg" for person in (3, 4)]
        for each in listed:
            picture(test / name / each)
        matlab(test / f"{name}_img_ID_pairs.mat", name, listed, [1, 2])
    picture(test / "unmated_probe" / "99_cam1_1.jpg")
    picture(root / "training_set" / "5" / "5_cam1_1.jpg")


#: Name of a data set → its tree.
TREES: dict[str, Callable[[Path], None]] = {
    each.__name__: each
    for each in (lol, lol_v2, lsrw, ve_lol, sice, fivek, dark_face, exdark, extended_yale_b, scface, tinyface, survface)
}
#: What ``data check`` says of a sound tree beyond pictures: the number of them, low-light ones, and of people.
SOUND = {
    "lol": (5, 5, 0), "lol_v2": (8, 8, 0), "lsrw": (4, 4, 0), "ve_lol": (4, 4, 0), "sice": (10, 10, 0),
    "fivek": (2, 2, 0), "dark_face": (3, 0, 0), "exdark": (3, 0, 0), "extended_yale_b": (6, 6, 2), "scface": (10, 0, 2),
    "tinyface": (8, 0, 5), "survface": (5, 0, 3),
}  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path) -> Callable[[str], Path]:
    def build(name: str) -> Path:
        TREES[name](tmp_path / "tree")
        return tmp_path / "tree"

    return build


def test_every_set_has_a_tree() -> None:
    assert set(TREES) == {one.registered for one in PLACED} == set(SOUND) == set(FAULTS)
    assert all(len(faults) >= 5 for faults in FAULTS.values())


@pytest.mark.parametrize("name", TREES)
def test_a_sound_tree_is_recognised_read_and_without_faults(tree: Callable[[str], Path], name: str) -> None:
    root = tree(name)
    assert recognise(root) == name
    report = check(root)
    harmless = {"single"} if name in ("tinyface", "survface") else set()  # a training person with a single picture
    assert {finding.kind for finding in report.findings} <= harmless, report.findings
    summary = report.summary
    assert (summary["pictures"], summary["low_light"], summary["identities"]) == SOUND[name]
    data = build_from("dataset", {"type": name, "root": str(root)}, "d")
    assert len(data)
    keys = [data[index]["key"] for index in range(len(data))]
    assert len(set(keys)) == len(keys)


def cut(place: str) -> Callable[[Path], Any]:
    """The file holds half of what it held."""
    return lambda root: (root / place).write_bytes((root / place).read_bytes()[: (root / place).stat().st_size // 2])


def gone(place: str) -> Callable[[Path], Any]:
    return lambda root: shutil.rmtree(root / place) if (root / place).is_dir() else (root / place).unlink()


def copied(source: str, target: str) -> Callable[[Path], Any]:
    def copy(root: Path) -> None:
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / source, root / target)

    return copy


def added(place: str, size: tuple[int, int] = (9, 6)) -> Callable[[Path], Any]:
    return lambda root: picture(root / place, size)


def said(place: str, content: str) -> Callable[[Path], Any]:
    return lambda root: text(root / place, content)


def of_pairs(low: str, normal: str, other: str, beyond: str) -> list[tuple[Callable[[Path], Any], str, str]]:
    """Faults of pairs: two pictures of one, a low-light one of the same folder, and one of another split."""
    twin = str(Path(low).with_suffix(".bmp"))
    return [
        (cut(low), "unreadable", low),
        (gone(normal), "orphan", low),
        (gone(other), "spare", Path(other).stem.removeprefix("low")),
        (added(low, (5, 5)), "size", low),
        (added(twin), "same_key", twin),
        (copied(normal, beyond), "picture_leak", beyond),
        (gone(str(Path(normal).parent)), "folder", str(Path(normal).parent)),
    ]


TINY, SURV = "Testing_Set/", "Face_Identification_Test_Set/"
# data set → (how a fault is planted, its kind, what the line about it names)
FAULTS: dict[str, list[tuple[Callable[[Path], Any], str, str]]] = {
    "lol": of_pairs("our485/low/2.png", "our485/high/2.png", "our485/low/5.png", "eval15/high/1.png"),
    "lol_v2": of_pairs(
        "Real_captured/Train/Low/low00001.png",
        "Real_captured/Train/Normal/normal00001.png",
        "Real_captured/Train/Low/low00002.png",
        "Real_captured/Test/Normal/normal00002.png",
    ),
    "lsrw": of_pairs(
        "Training data/Huawei/low/1.jpg",
        "Training data/Huawei/high/1.jpg",
        "Eval/Nikon/low/1.jpg",
        "Eval/Huawei/high/1.jpg",
    ),
    "ve_lol": of_pairs(
        "VE-LOL-L-Syn/VE-LOL-L-Syn-Low_train/r001.png",
        "VE-LOL-L-Syn/VE-LOL-L-Syn-Normal_train/r001.png",
        "VE-LOL-L-Cap-Full/VE-LOL-L-Cap-Low_train/low00001.png",
        "VE-LOL-L-Syn/VE-LOL-L-Syn-Normal_test/r001.png",
    ),
    "fivek": of_pairs(
        "train/input/a0001-train.tif",
        "train/expertC/a0001-train.jpg",
        "test/input/a0001-test.tif",
        "test/expertC/a0001-test.jpg",
    )[:-1],  # without the folder of one expert another's is taken
    "sice": [
        (cut("Dataset_Part1/1/2.JPG"), "unreadable", "1/2.JPG"),
        (gone("Dataset_Part1/Label/1.JPG"), "orphan", "Dataset_Part1/1"),
        (gone("Dataset_Part1/1"), "spare", "Label/1.JPG"),
        (added("Dataset_Part1/1/2.JPG", (5, 5)), "size", "1/2.JPG"),
        (added("Dataset_Part1/1/dark.JPG"), "name", "dark.JPG"),
        (added("Dataset_Part1/1/02.JPG"), "same_key", "2.JPG"),
        (copied("Dataset_Part1/Label/1.JPG", "Dataset_Part1/Label/4.JPG"), "picture_leak", "Label/4.JPG"),
    ],
    "dark_face": [
        (cut("image/1.png"), "unreadable", "1.png"),
        (gone("label/2.txt"), "orphan", "2.png"),
        (gone("image/2.png"), "spare", "2.txt"),
        (said("label/1.txt", "3\n1 1 4 5\n"), "boxes", "1.txt: promises 3 boxes and holds 1"),
        (said("label/1.txt", "1\n4 1 1 5\n"), "boxes", "1.txt: box 1 is empty"),
        (said("label/1.txt", "1\n4 1 40 5\n"), "boxes", "reaches out of its picture of 9x6"),
        (said("label/1.txt", "1\n4 one 5 5\n"), "boxes", "'4 one 5 5'"),
        (copied("image/1.png", "image/2.png"), "duplicate", "2.png"),
    ],
    "exdark": [
        (cut("ExDark/Cat/3.jpg"), "unreadable", "3.jpg"),
        (gone("ExDark_Annno/Cat/3.jpg.txt"), "orphan", "3.jpg"),
        (added("ExDark/Kat/9.jpg"), "name", "did you mean 'Cat'"),
        (said("ExDark_Annno/Cat/3.jpg.txt", "Cat 1 2 4 3 0\n"), "boxes", "bbGt version=3"),
        (said("imageclasslist.txt", "3.jpg 6 1 1 7\n"), "list", "line 1"),
        (gone("ExDark/Cat/2.JPG"), "orphan", "'2.JPG'"),
        (copied("ExDark/Cat/3.jpg", "ExDark/Cat/2.JPG"), "picture_leak", "2.JPG"),
    ],
    "extended_yale_b": [
        (cut("yaleB01/yaleB01_P00A+035E-20.pgm"), "unreadable", "A+035E-20.pgm"),
        (gone("yaleB01/yaleB01_P00A+000E+00.pgm"), "orphan", "A+035E-20.pgm"),
        (added("yaleB01/yaleB39_P00A+035E+15.pgm"), "name", "yaleB39_P00A+035E+15.pgm"),
        (added("yaleB01/portrait.pgm"), "name", "portrait.pgm"),
        (added("yaleB01/yaleB01_P00A+035E-20.pgm", (5, 5)), "size", "A+035E-20.pgm"),
        (gone("yaleB39/yaleB39_P00A+000E+00.pgm"), "orphan", "yaleB39"),
    ],
    "scface": [
        (cut("surveillance_cameras_all/001_cam1_3.jpg"), "unreadable", "001_cam1_3.jpg"),
        (gone("mugshot_frontal_cropped_all/002_frontal.JPG"), "orphan", "002_cam1_1.jpg"),
        (added("surveillance_cameras_all/somebody.jpg"), "name", "somebody.jpg"),
        (added("mugshot_frontal_cropped_all/003_frontal.JPG"), "spare", "003_frontal.JPG"),
        (added("mugshot_frontal_cropped_all/3.JPG"), "name", "3.JPG"),
        (
            copied("surveillance_cameras_all/001_cam1_1.jpg", "surveillance_cameras_all/001_cam2_1.jpg"),
            "duplicate",
            "2_1",
        ),
        (gone("mugshot_frontal_cropped_all"), "folder", "mugshot_frontal_cropped_all"),
    ],
    "tinyface": [
        (cut(TINY + "Probe/7_P.jpg"), "unreadable", "7_P.jpg"),
        (gone(TINY + "Probe/7_P.jpg"), "orphan", "'7_P.jpg'"),
        (added(TINY + "Probe/8_P.jpg"), "spare", "8_P.jpg"),
        (cut(TINY + "probe_img_ID_pairs.mat"), "list", "probe_img_ID_pairs.mat"),
        (lambda root: matlab(root / TINY / "probe_img_ID_pairs.mat", "prob", ["7_P.jpg"], [1]), "list", "'probe_set'"),
        (
            lambda root: matlab(root / TINY / "probe_img_ID_pairs.mat", "probe", ["7_P.jpg"], [1, 2]),
            "list",
            "1 names and 2 identities",
        ),
        (copied(TINY + "Probe/7_P.jpg", "Training_Set/1/1_2.jpg"), "picture_leak", "1_2.jpg"),
        (gone(TINY + "Probe"), "list", "Probe"),
    ],
    "survface": [
        (cut(SURV + "gallery/3_cam7_1.jpg"), "unreadable", "3_cam7_1.jpg"),
        (gone(SURV + "gallery/3_cam7_1.jpg"), "orphan", "'3_cam7_1.jpg'"),
        (added(SURV + "mated_probe/8_cam1_1.jpg"), "spare", "8_cam1_1.jpg"),
        (said(SURV + "gallery_img_ID_pairs.mat", "no matrix"), "list", "gallery_img_ID_pairs.mat"),
        (gone(SURV + "mated_probe_img_ID_pairs.mat"), "list", "mated_probe_img_ID_pairs.mat"),
        (copied(SURV + "gallery/3_cam7_1.jpg", "training_set/5/5_cam1_1.jpg"), "picture_leak", "5_cam1_1.jpg"),
    ],
}
PLANTED = [(name, place) for name, faults in FAULTS.items() for place in range(len(faults))]


@pytest.mark.parametrize(("name", "place"), PLANTED)
def test_a_planted_fault_is_named(tree: Callable[[str], Path], name: str, place: int) -> None:
    root = tree(name)
    plant, kind, named = FAULTS[name][place]
    plant(root)
    found = [finding for finding in check(root, layout=name).findings if finding.kind == kind]
    assert any(named in finding.message for finding in found), (kind, named, found)
    assert all("\n" not in finding.message for finding in found)


def test_reading_ends_at_the_first_misfit_but_not_at_what_is_left_over(tree: Callable[[str], Path]) -> None:
    root = tree("lol")
    spec = {"type": "lol", "root": str(root)}
    (root / "our485/low/5.png").unlink()
    assert [item["key"] for item in build_from("dataset", spec, "d")] == ["our485/10", "our485/2"]
    (root / "our485/high/2.png").unlink()
    with pytest.raises(DataError, match=r"our485/low/2\.png: a low-light picture without a normal-light one"):
        build_from("dataset", spec, "d")
    with pytest.raises(DataError, match="holds no pictures of the split 'train'"):
        build_from("dataset", {**spec, "root": str(root / "eval15")}, "d")
    with pytest.raises(DataError, match="no such folder"):
        build_from("dataset", {**spec, "root": str(root / "nowhere")}, "d")
