"""Every component that ships with lowface passes the suites that plugin authors subclass."""

# ruff: noqa: C408  (written as plugin authors write configs)

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from PIL import Image

from lowface_core.data.images import write_image
from lowface_core.registry.loader import plugins
from lowface_core.registry.registration import KINDS, NAME
from lowface_core.testing import (
    DatasetContract,
    DegradationContract,
    EnhancerContract,
    HeadContract,
    LossContract,
    MetricContract,
    tiny_batch,
    tiny_dataset,
)
from lowface_core.testing.suite import Contract

DARK = {"type": "linear", "low": 0.2, "high": 0.3}
EMBEDDED = {"weights": "embedded"}


def suite(base: type[Contract], component: str, label: str = "", slow: bool = False, **members: Any) -> None:
    """Adds a suite to this module, as the lines ``class Test…(base)`` of a plugin author would."""
    name = f"Test_{base.kind}_{component}_{label}".rstrip("_")
    assert name not in globals()
    made = type(name, (base,), {"component": component, **members})
    globals()[name] = pytest.mark.slow(made) if slow else made


# --- enhancers --------------------------------------------------------------------------------------------------------

RECIPE = dict(channels=8, illumination_channels=1, residual="bound", init="he", start=0.2)
suite(EnhancerContract, "retinex", "of_the_paper", arguments=dict(channels=8))
suite(EnhancerContract, "retinex", "of_the_recipe", arguments=RECIPE)
for name in ("gamma", "gain", "zero_dce", "scl_lle", "sci", "ruas", "retinexnet", "ssienet"):
    suite(EnhancerContract, name)
suite(EnhancerContract, "ruas", "with_noise_removal", arguments=dict(denoise=True))
for name in ("base", "small"):
    suite(EnhancerContract, "night", name, arguments=dict(size=name), smallest=1)
suite(EnhancerContract, "sci", "in_training", arguments=dict(stages=3))
suite(EnhancerContract, "retinexnet", "narrow", arguments=dict(width=8, trained="decomposition"))
suite(EnhancerContract, "ssienet", "narrow", arguments=dict(width=8))
for name, smallest, reason in (
    ("histogram_equalization", 1, "the levels are those of the whole picture"),
    ("clahe", 1, "the grid of regions is laid over the whole picture"),
    ("lime", 1, "one linear system couples all pixels"),
    ("zero_dcepp", EnhancerContract.smallest, "the strengths are enlarged, by a step that depends on the size"),
):
    suite(EnhancerContract, name, smallest=smallest, whole_picture=reason)


class TestSpandrel(EnhancerContract):
    component = "spandrel"
    smallest = 1
    whole_picture = "how far the network of a checkpoint looks is not stated"

    def weights(self) -> Path:
        pytest.importorskip("spandrel", reason='needs pip install "lowface[spandrel]"')
        from spandrel.architectures.NAFNet import NAFNet

        path = self.folder / "nafnet.pth"
        if not path.is_file():
            torch.manual_seed(0)
            network = NAFNet(width=8, middle_blk_num=1, enc_blk_nums=[1], dec_blk_nums=[1])
            drawn = {key: value + 0.02 * torch.randn_like(value) for key, value in network.state_dict().items()}
            torch.save(drawn, path)
        return path


class Exported(EnhancerContract):
    """An exported file; ``format`` says of which runtime."""

    smallest = 1
    format = "torch"

    def weights(self) -> Path:
        from lowface_deploy.exporting import export
        from lowface_deploy.writers import FORMATS

        for package in {"onnx": ("onnx", "onnxruntime"), "openvino": ("openvino",)}.get(self.format, ()):
            pytest.importorskip(package, reason=f'needs pip install "lowface[{self.format}]"')
        path = self.folder / f"exported{FORMATS[self.format][1]}"
        if not path.is_file():
            export("gain", self.format, path)
        return path


class TestOnnx(Exported):
    component = "onnx"
    format = "onnx"


class TestOpenvino(Exported):
    component = "openvino"
    format = "openvino"


class TestTorchscript(Exported):
    component = "torchscript"


# --- losses -----------------------------------------------------------------------------------------------------------

RELEASED = dict(form="released")
for name in ("brightness_cr", "color", "smoothness", "perceptual", "semantic_brightness", "identity"):
    suite(LossContract, name)
for name in ("total_variation", "color_constancy", "spatial_consistency", "exposure_control", "maximum_entropy"):
    suite(LossContract, name)
suite(LossContract, "torchmetrics", arguments=dict(name="total_variation", options=dict(reduction="mean")))
suite(LossContract, "torchmetrics", "compared", arguments=dict(name="structural_similarity_index_measure"))
suite(LossContract, "total_variation", "squared", arguments=dict(squared=True))
suite(LossContract, "exposure_triplet", arguments=dict(feature_margin=1.0, brightness_margin=1.0))  # never satisfied
for name in ("color", "smoothness", "identity"):
    suite(LossContract, name, "released", arguments=RELEASED)
suite(LossContract, "feature_cr", batch_independent=False)  # a ratio of distances over the whole batch
suite(LossContract, "brightness_cr", "released", arguments=RELEASED, batch_independent=False)  # one of means over it
suite(LossContract, "semantic_brightness", "released", arguments=RELEASED, batch_independent=False)  # its regions
suite(LossContract, "semantic_brightness", "through_a_parser", arguments=dict(regions="parser"))
suite(LossContract, "identity", "with_a_margin", arguments=dict(margin=0.3, margin_type="arcface"))
for name in ("charbonnier", "feature_distance", "embedding"):
    suite(LossContract, name)
for name in ("infonce", "triplet"):  # their negatives come from the batch
    suite(LossContract, "embedding", name, arguments=dict(form=name), batch_independent=False)


class Enhance(torch.nn.Module):
    """A network under training, for losses that have it enhance parts of the picture."""

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        return (picture * 3 / (1 + picture)).clamp(0, 1)


class OfDarkPictures(LossContract):
    """A loss that needs no normal picture, and the network itself."""

    smallest = 2
    trained = ("enhanced", "low")  # which the network makes another picture of

    def heads(self) -> dict[str, torch.nn.Module]:
        return {**super().heads(), "enhance": Enhance()}


for name in ("neighbor2neighbor", "zero_shot_noise2noise"):
    suite(OfDarkPictures, name)


class Decompose(torch.nn.Module):
    """What RetinexNet gives as ``decompose``: picture (B,3,H,W) → reflectance and illumination."""

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        illumination = (picture.amax(1, keepdim=True) * 0.9 + 0.05).clamp(0, 1)
        return picture / illumination, illumination


class OfParts(LossContract):
    """A loss of what networks take pictures apart into."""

    trained = ("enhanced", "reflectance", "illumination", "stages")

    def names(self, height: int = 32, width: int = 32, pictures: int = 4) -> dict[str, Any]:
        names = super().names(height, width, pictures)
        low, illumination = names["low"], names["illumination"]
        return {
            **names,
            "reflectance": names["enhanced"],
            "first_illumination": low.amax(1, keepdim=True),
            "stages": torch.cat([illumination, illumination, illumination, low.sqrt()], 1),
            "stage_inputs": torch.cat([low, low * 1.5], 1),
        }

    def heads(self) -> dict[str, torch.nn.Module]:
        return {**super().heads(), "decompose": Decompose()}


for name in ("retinex_reconstruction", "retinexnet_decomposition", "structure_smoothness", "illumination_fidelity"):
    suite(OfParts, name)
for name in ("relative_total_variation", "stage_smoothness"):
    suite(OfParts, name)


# --- heads: those that ship with weights have theirs, the others random ones ------------------------------------------

for name in ("small_features", "deeplabv3plus", "face_encoder"):
    suite(HeadContract, name, arguments=EMBEDDED)
suite(HeadContract, "face", arguments=dict(locate="labels", encoder=dict(type="face_encoder", **EMBEDDED)))
for name in ("mtcnn", "retinaface", "yunet"):
    suite(HeadContract, name, differentiable=False)
for name in ("mobilenet_v1", "mobilefacenet", "sface"):
    suite(HeadContract, name)
for name in ("vgg16", "deeplabv3plus_mobilenet", "facenet_mobilenet", "facenet_inception_resnetv1", "facenet"):
    suite(HeadContract, name, slow=True)
suite(HeadContract, "vgg16_blur", slow=True)


class Timm(HeadContract):
    """A small network of timm with random weights."""

    arguments: ClassVar = dict(model="mobilenetv3_small_050")

    def weights(self) -> Path:
        import timm

        path = self.folder / "timm.pth"
        if not path.is_file():
            torch.manual_seed(0)
            torch.save(timm.create_model("mobilenetv3_small_050").state_dict(), path)
        return path


for name in ("timm_features", "timm_classifier"):
    suite(Timm, name)


class Opened(HeadContract):
    """A file of another format, made of a small network with drawn weights."""

    arguments: ClassVar = dict(role="features")

    def network(self) -> torch.nn.Module:
        torch.manual_seed(0)
        convolution = torch.nn.Conv2d(3, 4, 3, padding=1)
        return torch.nn.Sequential(convolution, torch.nn.Tanh(), torch.nn.AvgPool2d(2)).eval()


class TestOpenedOnnx(Opened):
    component = "onnx"

    def weights(self) -> Path:
        pytest.importorskip("onnx2torch", reason='needs pip install "lowface[onnx2torch]"')
        path = self.folder / "network.onnx"
        if not path.is_file():
            axes = {"input": {0: "batch", 2: "height", 3: "width"}}
            options: dict[str, Any] = dict(dynamo=False, input_names=["input"], dynamic_axes=axes)
            torch.onnx.export(self.network(), (torch.rand(1, 3, 48, 48),), str(path), **options)
        return path


class TestOpenedTorchScript(Opened):
    component = "torchscript"

    def weights(self) -> Path:
        path = self.folder / "network.torchscript"
        if not path.is_file():
            torch.jit.trace(self.network(), torch.rand(1, 3, 48, 48)).save(str(path))
        return path


# --- metrics ----------------------------------------------------------------------------------------------------------

for name in ("psnr", "ssim", "brightness_error", "loe"):
    suite(MetricContract, name)
for name in ("rank1", "brightness"):
    suite(MetricContract, name, directed=True)
for name in ("lpips", "unique"):
    suite(MetricContract, name, slow=True)
suite(MetricContract, "torchmetrics", arguments=dict(name="universal_image_quality_index"))
suite(MetricContract, "torchmetrics", "alone", arguments=dict(name="total_variation", options=dict(reduction="mean")))
suite(MetricContract, "psnr", "of_luma", arguments=dict(variant="y"))
suite(MetricContract, "ssim", "of_scaled_pictures", arguments=dict(variant="valid_gt_mean"))
suite(MetricContract, "fid_features", arguments=dict(features=dict(type="small_features", **EMBEDDED), layer="relu1_2"))


class TestNIQE(MetricContract):
    component = "niqe"
    smallest = 96

    def names(self, height: int = 96, width: int = 192, pictures: int = 4) -> dict[str, Any]:
        return super().names(height, max(width, 192), pictures)  # two patches at least

    def weights(self) -> Path:
        from lowface_metrics.pristine import Pristine

        path = self.folder / "pristine.npz"
        if not path.is_file():
            rng = np.random.default_rng(0)
            Pristine.fit((rng.random((3, 480, 480)) for _ in range(3)), "noise").write(path)
        return path


# --- data sets: rendered faces, as files where files are read ---------------------------------------------------------

FACES = dict(size=32, identities=3, contrast=True, degradation=DARK)
suite(DatasetContract, "rendered_faces", arguments=dict(**FACES, pictures=2), changed=dict(size=40))
AUGMENTED = dict(dataset=dict(type="rendered_faces", **FACES), crop=24)
suite(DatasetContract, "augmented", arguments=AUGMENTED, described=lambda self: ())  # passes on what is inside
PLAIN = dict(type="rendered_faces", size=40, identities=3, pictures=2)
PARTS = dict(datasets=[PLAIN, dict(PLAIN, pictures=1, degradation=DARK)])
suite(DatasetContract, "concat", arguments=PARTS, changed=dict(shares=[2, 1]), described=lambda self: ())
SOME = dict(dataset=PLAIN, count=4)
suite(DatasetContract, "subset", arguments=SOME, changed=dict(seed=1), described=lambda self: ())
NIGHT = dict(dataset=PLAIN, degradation=dict(type="night"))
suite(DatasetContract, "darkened", arguments=NIGHT, changed=dict(hue=0.0), described=lambda self: ("low", "normal"))
MOVED = ("normal", "labels", "box", "landmarks")
STAGED = dict(dataset=PLAIN, places=4)
suite(DatasetContract, "staged", arguments=STAGED, changed=dict(places=5), described=lambda self: MOVED)


class Files(DatasetContract):
    """A data set of files in ``self.folder / "data"``: the places of picture ``n`` there, and of its parsing map.

    Of two people: ``m`` is 0 or 1, ``p`` A or B.
    """

    pictures: ClassVar[tuple[str, ...]]
    labels: ClassVar[str] = ""
    changed: ClassVar = dict(limit=3)
    arguments: ClassVar = dict(degradation=DARK, contrast=True)

    def build(self, **changes: Any) -> Any:
        root = self.folder / "data"
        for number, item in enumerate(tiny_dataset(4).gallery()):
            person = {"n": number, "m": number % 2, "p": "AB"[number % 2]}
            for picture in (root / each.format(**person) for each in self.pictures):
                if not picture.exists():
                    write_image(picture.with_suffix(picture.suffix.replace("pgm", "ppm")), item["normal"])
                    picture.with_suffix(picture.suffix.replace("pgm", "ppm")).rename(picture)
            if self.labels and not (labels := root / self.labels.format(**person)).exists():
                labels.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(item["labels"].astype(np.uint8)).save(labels)
        where = {} if {"low", "high"} & set(self.arguments) else {"root": root}
        folders = {k: root / v for k, v in self.arguments.items() if v in ("one", "two")}
        return self.built(**{"size": 24, **where, **self.arguments, **folders, **changes})


class PairedPlaces(Files):
    """Pairs in a released layout: the first places are normal light, the others low light."""

    arguments: ClassVar = dict(contrast=True)


class Boxed(Files):
    """Pictures in the dark with a file of boxes each, at the place ``boxes``."""

    arguments: ClassVar = {}
    boxes: ClassVar[tuple[str, str]]

    def build(self, **changes: Any) -> Any:
        for number in range(4):
            path = self.folder / "data" / self.boxes[0].format(n=number)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.boxes[1])
        return super().build(**changes)


class Listed(Files):
    """People whose names stand in MATLAB's lists, of which ``lists`` says file, variables and the pictures."""

    lists: ClassVar[tuple[tuple[str, str, str], ...]]

    def build(self, **changes: Any) -> Any:
        from scipy.io import savemat

        for file, name, picture in self.lists:
            path = self.folder / "data" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            pictures = [picture.format(n=number) for number in range(4)]
            savemat(
                path, {f"{name}_set": np.array(pictures, object)[:, None], f"{name}_ids": np.array([[1, 2, 1, 2]]).T}
            )
        return super().build(**changes)


class TestPacked(DatasetContract):
    """Pictures in a pickle."""

    component = "insightface_bin"
    changed: ClassVar = dict(limit=1)

    def build(self, **changes: Any) -> Any:
        path = self.folder / "faces.bin"
        if not path.exists():
            streams = [io.BytesIO() for _ in range(4)]
            for item, stream in zip(tiny_dataset(4).gallery(), streams, strict=True):
                pixels = (item["normal"].transpose(1, 2, 0) * 255).astype(np.uint8)
                Image.fromarray(pixels).save(stream, "JPEG")
            path.write_bytes(pickle.dumps(([stream.getvalue() for stream in streams], [True, False]), 4))
        return self.built(path=path, size=24, **changes)


MASKS = "CelebAMask-HQ-mask-anno/0/{n:05d}_skin.png"
suite(Files, "lapa_face", pictures=("normal/{n}_0.png",), labels="seg/{n}_0.png")
suite(Files, "lapa", pictures=("train/images/{n}_0.jpg",), labels="train/labels/{n}_0.png")
suite(Files, "celeba_mask_hq", pictures=("CelebA-HQ-img/{n}.jpg",), labels=MASKS)
suite(Files, "lfw", pictures=("Person_{p}/Person_{p}_{n:04d}.jpg",))
suite(Files, "casia_facev5", pictures=("{m:03d}/{m:03d}_{n}.bmp",))
for name, folders in {
    "lol": ("our485/high/{n}.png", "our485/low/{n}.png"),
    "lol_v2": ("Real_captured/Train/Normal/normal{n}.png", "Real_captured/Train/Low/low{n}.png"),
    "lsrw": ("Training data/Nikon/high/{n}.png", "Training data/Nikon/low/{n}.png"),
    "ve_lol": (
        "VE-LOL-L-Cap-Full/VE-LOL-L-Cap-Normal_train/{n}.png",
        "VE-LOL-L-Cap-Full/VE-LOL-L-Cap-Low_train/{n}.png",
    ),
    "sice": ("Dataset_Part1/Label/{n}.png", "Dataset_Part1/{n}/1.png", "Dataset_Part1/{n}/2.png"),
    "fivek": ("expertC/{n}.png", "input/{n}.png"),
    "extended_yale_b": ("yaleB0{m}/yaleB0{m}_P0{n}A+000E+00.pgm", "yaleB0{m}/yaleB0{m}_P0{n}A+035E+15.pgm"),
}.items():
    suite(
        PairedPlaces,
        name,
        slow=name in ("lol_v2", "lsrw", "ve_lol"),  # tables of the same class as lol
        pictures=folders,
        **({"arguments": dict(split=None, contrast=True)} if name == "sice" else {}),
    )
SHOTS = ("mugshot_frontal_cropped_all/00{n}_frontal.jpg", "surveillance_cameras_all/00{n}_cam1_1.jpg")
suite(Files, "scface", pictures=SHOTS)
BBGT = ("annotations/Cat/{n}.png.txt", "% bbGt version=3\nCat 1 1 9 9 0 0 0 0 0 0 0\n")
suite(Boxed, "exdark", pictures=("images/Cat/{n}.png",), boxes=BBGT)
suite(Boxed, "dark_face", pictures=("image/{n}.png",), boxes=("label/{n}.txt", "1\n1 1 9 9\n"))
TINYFACE = (("Testing_Set/gallery_match_img_ID_pairs.mat", "gallery", "{n}.jpg"),
            ("Testing_Set/probe_img_ID_pairs.mat", "probe", "{n}.jpg"))  # fmt: skip
suite(Listed, "tinyface", pictures=("Testing_Set/Gallery_Match/{n}.jpg", "Testing_Set/Probe/{n}.jpg"), lists=TINYFACE)
IDENTIFICATION = "Face_Identification_Test_Set/"
SURVFACE = tuple((f"{IDENTIFICATION}{k}_img_ID_pairs.mat", k, "{n}.jpg") for k in ("gallery", "mated_probe"))
SURVFACES = tuple(f"{IDENTIFICATION}{k}/{{n}}.jpg" for k in ("gallery", "mated_probe"))
suite(Listed, "survface", pictures=SURVFACES, lists=SURVFACE)
suite(Files, "image_folder", pictures=("{n}.png",), arguments=dict(**Files.arguments, light="normal"))
TWO = ("one/{n}.png", "two/{n}.png")
suite(Files, "paired_folder", pictures=TWO, arguments=dict(low="one", normal="two", contrast=True))
suite(Files, "unpaired_folder", pictures=TWO, arguments=dict(low="one", normal="two"))
suite(Files, "contrast", pictures=TWO, arguments=dict(high="one", low="two"), changed=dict(seed=1))


# --- degradations -----------------------------------------------------------------------------------------------------

for name in ("linear", "gamma_noise", "sensor", "additive_noise", "haze"):
    suite(DegradationContract, name)
suite(DegradationContract, "night", smallest=1)
suite(DegradationContract, "night", "of_a_study", arguments=dict(preset="hard"), smallest=1)
suite(DegradationContract, "gamma_noise", "legacy", arguments=dict(legacy=True))
suite(DegradationContract, "sensor", "with_jpeg", arguments=dict(jpeg=(40, 90)))
suite(DegradationContract, "compose", arguments=dict(steps=[dict(type="linear"), dict(type="haze")]))


# --- and nothing is left out ------------------------------------------------------------------------------------------


#: Components without a suite of their own, and why.
EXCUSED = {
    (
        "metric",
        "pyiqa",
    ): "pyiqa is never required: its licence forbids commercial use; tests/lowface_iqa has a stand-in",
    ("loss", "pyiqa"): "see the metric",
    ("metric", "fid"): "fid_features with another network, whose 2048 features take minutes to compare twenty times",
}


def test_every_shipped_component_has_a_suite() -> None:
    tried = {(suite.kind, suite.component) for suite in globals().values() if _is_suite(suite)}
    shipped = {(c.kind, c.name) for c in plugins().components() if c.distribution == "lowface" and c.kind in KINDS}
    left_out = shipped - tried - set(EXCUSED)
    assert not left_out, f"without a suite here, which takes a line: {sorted(left_out)}"
    assert tried <= shipped
    assert set(EXCUSED) <= shipped - tried
    assert all(NAME.match(name) for _, name in shipped)


def _is_suite(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Contract) and bool(value.component)


def test_the_suites_show_faces_and_not_noise() -> None:
    batch = tiny_batch()
    assert 0.2 < float(batch["normal"].mean()) < 0.8
    assert float(batch["low"].mean()) < 0.4 * float(batch["normal"].mean())
