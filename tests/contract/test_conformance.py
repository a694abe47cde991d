"""Every component that ships with lowface passes the suites that plugin authors subclass."""

# ruff: noqa: C408, RUF012  (written as plugin authors write them)

from __future__ import annotations

from pathlib import Path
from typing import Any

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

# --- enhancers --------------------------------------------------------------------------------------------------------


class TestRetinexOfThePaper(EnhancerContract):
    component = "retinex"
    arguments = dict(channels=8)


class TestRetinexOfTheRecipe(EnhancerContract):
    component = "retinex"
    arguments = dict(channels=8, illumination_channels=1, residual="bound", init="he", start=0.2)


class TestGamma(EnhancerContract):
    component = "gamma"


class TestGain(EnhancerContract):
    component = "gain"


class TestHistogramEqualization(EnhancerContract):
    component = "histogram_equalization"
    smallest = 1
    whole_picture = "the levels are those of the whole picture"


class TestCLAHE(EnhancerContract):
    component = "clahe"
    smallest = 1
    whole_picture = "the grid of regions is laid over the whole picture"


class TestLIME(EnhancerContract):
    component = "lime"
    smallest = 1
    whole_picture = "one linear system couples all pixels"


class TestZeroDCE(EnhancerContract):
    component = "zero_dce"


class TestZeroDCEPlusPlus(EnhancerContract):
    component = "zero_dcepp"
    whole_picture = "the strengths are enlarged with their corners aligned, which shifts them by the picture's size"


class TestSCLLLE(EnhancerContract):
    component = "scl_lle"


class TestSCI(EnhancerContract):
    component = "sci"


class TestRUAS(EnhancerContract):
    component = "ruas"


class TestRUASWithNoiseRemoval(EnhancerContract):
    component = "ruas"
    arguments = dict(denoise=True)


class TestRetinexNet(EnhancerContract):
    component = "retinexnet"


class TestSSIENet(EnhancerContract):
    component = "ssienet"


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


# --- losses -----------------------------------------------------------------------------------------------------------


class TestFeatureCR(LossContract):
    component = "feature_cr"
    batch_independent = False  # a ratio of distances over the whole batch


class TestBrightnessCR(LossContract):
    component = "brightness_cr"


class TestBrightnessCRReleased(LossContract):
    component = "brightness_cr"
    arguments = dict(form="released")
    batch_independent = False  # a ratio of means over the whole batch


class TestColor(LossContract):
    component = "color"


class TestColorReleased(LossContract):
    component = "color"
    arguments = dict(form="released")


class TestSmoothness(LossContract):
    component = "smoothness"


class TestSmoothnessReleased(LossContract):
    component = "smoothness"
    arguments = dict(form="released")


class TestPerceptual(LossContract):
    component = "perceptual"


class TestSemanticBrightness(LossContract):
    component = "semantic_brightness"


class TestSemanticBrightnessThroughAParser(LossContract):
    component = "semantic_brightness"
    arguments = dict(regions="parser")


class TestSemanticBrightnessReleased(LossContract):
    component = "semantic_brightness"
    arguments = dict(form="released")
    batch_independent = False  # regions are those of the whole batch


class TestIdentity(LossContract):
    component = "identity"


class TestIdentityReleased(LossContract):
    component = "identity"
    arguments = dict(form="released")


class TestIdentityWithAMargin(LossContract):
    component = "identity"
    arguments = dict(margin=0.3, margin_type="arcface")


# --- heads: those that ship with weights have theirs, the others random ones ------------------------------------------


class TestSmallFeatures(HeadContract):
    component = "small_features"
    arguments = dict(weights="embedded")


class TestMobileNetV1(HeadContract):
    component = "mobilenet_v1"


class TestDeepLabV3Plus(HeadContract):
    component = "deeplabv3plus"
    arguments = dict(weights="embedded")


class TestFaceEncoder(HeadContract):
    component = "face_encoder"
    arguments = dict(weights="embedded")


class TestFace(HeadContract):
    component = "face"
    arguments = dict(locate="labels", encoder=dict(type="face_encoder", weights="embedded"))


class TestMTCNN(HeadContract):
    component = "mtcnn"
    differentiable = False


class TestRetinaFace(HeadContract):
    component = "retinaface"
    differentiable = False


class TestMobileFaceNet(HeadContract):
    component = "mobilefacenet"


class TimmHead(HeadContract):
    """A small network of timm with random weights."""

    arguments = dict(model="mobilenetv3_small_050")

    def weights(self) -> Path:
        import timm

        path = self.folder / "timm.pth"
        if not path.is_file():
            torch.manual_seed(0)
            torch.save(timm.create_model("mobilenetv3_small_050").state_dict(), path)
        return path


class TestTimmFeatures(TimmHead):
    component = "timm_features"


class TestTimmClassifier(TimmHead):
    component = "timm_classifier"


@pytest.mark.slow
class TestVGG16(HeadContract):
    component = "vgg16"


@pytest.mark.slow
class TestDeepLabV3PlusMobileNet(HeadContract):
    component = "deeplabv3plus_mobilenet"


@pytest.mark.slow
class TestFaceNetMobileNet(HeadContract):
    component = "facenet_mobilenet"


@pytest.mark.slow
class TestFaceNetInception(HeadContract):
    component = "facenet_inception_resnetv1"


@pytest.mark.slow
class TestFaceNet(HeadContract):
    component = "facenet"


# --- metrics ----------------------------------------------------------------------------------------------------------


class TestPSNR(MetricContract):
    component = "psnr"


class TestPSNROfLuma(MetricContract):
    component = "psnr"
    arguments = dict(variant="y")


class TestSSIM(MetricContract):
    component = "ssim"


class TestSSIMOfScaledPictures(MetricContract):
    component = "ssim"
    arguments = dict(variant="valid_gt_mean")


class TestRank1(MetricContract):
    component = "rank1"
    directed = True


class TestBrightness(MetricContract):
    component = "brightness"
    directed = True


class TestBrightnessError(MetricContract):
    component = "brightness_error"


class TestLOE(MetricContract):
    component = "loe"


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


class TestFIDFeatures(MetricContract):
    component = "fid_features"
    arguments = dict(features=dict(type="small_features", weights="embedded"), layer="relu1_2")


@pytest.mark.slow
class TestLPIPS(MetricContract):
    component = "lpips"


@pytest.mark.slow
class TestUnique(MetricContract):
    component = "unique"


# --- data sets: rendered faces, as files where files are read ---------------------------------------------------------


class TestRenderedFaces(DatasetContract):
    component = "rendered_faces"
    arguments = dict(size=32, identities=3, pictures=2, contrast=True, degradation=DARK)
    changed = dict(size=40)


class TestAugmented(DatasetContract):
    component = "augmented"
    arguments = dict(
        dataset=dict(type="rendered_faces", size=32, identities=3, contrast=True, degradation=DARK), crop=24
    )

    def described(self) -> tuple[str, ...]:
        return ()  # it passes on whatever the data set inside carries


class Files(DatasetContract):
    """A data set of files in ``self.folder / "data"``; a subclass says where each picture and its map go."""

    changed = dict(limit=3)

    def place(self, root: Path, number: int) -> tuple[Path, Path | None]:
        """Files of one picture and of its parsing map."""
        raise NotImplementedError

    def build(self, **changes: Any) -> Any:
        root = self.folder / "data"
        for number, item in enumerate(tiny_dataset(4).gallery()):
            picture, labels = self.place(root, number)
            if not picture.exists():
                write_image(picture, item["normal"])
                if labels is not None:
                    labels.parent.mkdir(parents=True, exist_ok=True)
                    Image.fromarray(item["labels"].astype(np.uint8)).save(labels)
        where = {} if {"low", "high"} & set(self.arguments) else {"root": root}
        folders = {k: root / v for k, v in self.arguments.items() if v in ("one", "two")}
        return self.built(**{"size": 24, **where, **self.arguments, **folders, **changes})


class TestLapaFace(Files):
    component = "lapa_face"
    arguments = dict(degradation=DARK, contrast=True)

    def place(self, root: Path, number: int) -> tuple[Path, Path | None]:
        return root / "normal" / f"{number}_0.png", root / "seg" / f"{number}_0.png"


class TestLapa(Files):
    component = "lapa"
    arguments = dict(degradation=DARK, contrast=True)

    def place(self, root: Path, number: int) -> tuple[Path, Path | None]:
        return root / "train" / "images" / f"{number}_0.jpg", root / "train" / "labels" / f"{number}_0.png"


class TestCelebAMaskHQ(Files):
    component = "celeba_mask_hq"
    arguments = dict(degradation=DARK, contrast=True)

    def place(self, root: Path, number: int) -> tuple[Path, Path | None]:
        masks = root / "CelebAMask-HQ-mask-anno" / "0" / f"{number:05d}_skin.png"
        return root / "CelebA-HQ-img" / f"{number}.jpg", masks


class TestLfw(Files):
    component = "lfw"
    arguments = dict(degradation=DARK, contrast=True)

    def place(self, root: Path, number: int) -> tuple[Path, Path | None]:
        person = f"Person_{'AB'[number % 2]}"
        return root / person / f"{person}_{number:04d}.jpg", None


class TestCasiaFaceV5(Files):
    component = "casia_facev5"
    arguments = dict(degradation=DARK, contrast=True)

    def place(self, root: Path, number: int) -> tuple[Path, Path | None]:
        return root / f"{number % 2:03d}" / f"{number % 2:03d}_{number}.bmp", None


class TwoFolders(Files):
    """Two folders, called one and two."""

    def place(self, root: Path, number: int) -> tuple[Path, Path | None]:
        return root / "one" / f"{number}.png", root / "two" / f"{number}.png"

    def build(self, **changes: Any) -> Any:
        for name in ("one", "two"):
            for number, item in enumerate(tiny_dataset(4).gallery()):
                if not (self.folder / "data" / name / f"{number}.png").exists():
                    write_image(self.folder / "data" / name / f"{number}.png", item["normal"])
        return super().build(**changes)


class TestPairedFolder(TwoFolders):
    component = "paired_folder"
    arguments = dict(low="one", normal="two", contrast=True)


class TestUnpairedFolder(TwoFolders):
    component = "unpaired_folder"
    arguments = dict(low="one", normal="two")


class TestContrast(TwoFolders):
    component = "contrast"
    changed = dict(seed=1)
    arguments = dict(high="one", low="two")


class TestImageFolder(Files):
    component = "image_folder"
    arguments = dict(light="normal", degradation=DARK, contrast=True)

    def place(self, root: Path, number: int) -> tuple[Path, Path | None]:
        return root / f"{number}.png", None


# --- degradations -----------------------------------------------------------------------------------------------------


class TestLinear(DegradationContract):
    component = "linear"


class TestGammaNoise(DegradationContract):
    component = "gamma_noise"


class TestLegacyGammaNoise(DegradationContract):
    component = "gamma_noise"
    arguments = dict(legacy=True)


class TestSensor(DegradationContract):
    component = "sensor"


class TestSensorWithJpeg(DegradationContract):
    component = "sensor"
    arguments = dict(jpeg=(40, 90))


class TestAdditiveNoise(DegradationContract):
    component = "additive_noise"


class TestHaze(DegradationContract):
    component = "haze"


class TestCompose(DegradationContract):
    component = "compose"
    arguments = dict(steps=[dict(type="linear"), dict(type="haze")])


# --- and nothing is left out ------------------------------------------------------------------------------------------


#: Components without a suite of their own, and why.
EXCUSED = {
    ("metric", "fid"): "fid_features with another network, whose 2048 features take minutes to compare twenty times"
}


def test_every_shipped_component_has_a_suite() -> None:
    tried = {(suite.kind, suite.component) for suite in globals().values() if _is_suite(suite)}
    shipped = {(c.kind, c.name) for c in plugins().components() if c.distribution == "lowface" and c.kind in KINDS}
    left_out = shipped - tried - set(EXCUSED)
    assert not left_out, f"without a suite here, which takes three lines: {sorted(left_out)}"
    assert tried <= shipped
    assert set(EXCUSED) <= shipped - tried
    assert all(NAME.match(name) for _, name in shipped)


def _is_suite(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Contract) and bool(value.component)


def test_the_suites_show_faces_and_not_noise() -> None:
    batch = tiny_batch()
    assert 0.2 < float(batch["normal"].mean()) < 0.8
    assert float(batch["low"].mean()) < 0.4 * float(batch["normal"].mean())
