"""NIQE: what it must rank, which model it is, what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from lowface_core.errors import ConfigError, LowfaceError
from lowface_metrics.natural_scene import FEATURES, features
from lowface_metrics.niqe import NIQE, niqe
from lowface_metrics.pristine import Pristine, to_grey


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model nobody fitted: zero mean, unit covariance."""
    path = tmp_path_factory.mktemp("niqe") / "plain.npz"
    Pristine(np.zeros(FEATURES), np.eye(FEATURES), "plain", None).write(path)
    return path


def textured(height: int = 96, width: int = 192) -> torch.Tensor:
    noise = np.random.default_rng(0).normal(0.5, 0.6, (3, height, width))
    return torch.from_numpy(gaussian_filter(noise, (0, 1.5, 1.5)).clip(0, 1)).float()


def test_by_hand_against_a_plain_model(plain: Path) -> None:
    """Equation (10) with two patches, whose covariance is (a − b)(a − b)ᵀ / 2: inverted by Sherman and Morrison."""
    picture = textured().numpy()
    (a, b), _ = features(to_grey(picture, "released"))
    mean, v = (a + b) / 2, (a - b) / np.sqrt(2)
    want = np.sqrt(2 * (mean @ mean - (mean @ v) ** 2 / (1 + v @ v)))
    assert niqe(picture, Pristine.read(plain)) == pytest.approx(want, rel=1e-9)


def test_worse_pictures_are_farther_away(faces: list[np.ndarray]) -> None:
    """Fitted on twelve real pictures, judged on four others: as they are, with noise, blurred, halved and back."""
    pristine = Pristine.fit(faces[:12], "faces")
    rng = np.random.default_rng(0)
    for face in faces[12:]:
        good = niqe(face, pristine)
        noisy = niqe(np.clip(face + rng.normal(0, 0.1, face.shape), 0, 1), pristine)
        blurred = niqe(gaussian_filter(face, (0, 3, 3)), pristine)
        coarse = niqe(face[:, ::2, ::2].repeat(2, 1).repeat(2, 2), pristine)
        assert good < min(noisy, blurred, coarse)


def test_the_variant_names_grey_and_model(plain: Path, faces: list[np.ndarray], tmp_path: Path) -> None:
    a, b = NIQE(plain), NIQE(plain, "y")
    assert a.variant.startswith("released:plain-")
    assert b.variant == "y" + a.variant.removeprefix("released")
    Pristine.fit(faces[:12], "plain", "y").write(tmp_path / "other.npz")
    other = NIQE(tmp_path / "other.npz", "y")
    assert other.variant != b.variant  # another model under the same name
    with pytest.raises(ConfigError, match=r"niqe: .*other.npz was made with variant='y'"):
        NIQE(tmp_path / "other.npz")


def test_pictures_without_texture_are_left_out_and_counted(plain: Path, caplog: pytest.LogCaptureFixture) -> None:
    metric = NIQE(plain)
    numbers = metric.update(image=torch.stack([textured(), torch.zeros(3, 96, 192)]))["niqe"]
    assert numbers[0] > 0
    assert numbers[1].isnan()
    again = NIQE(plain)
    again.load_state(metric.state())
    for one in (metric, again):
        assert one.compute() == numbers[0]
    assert "niqe: 1 pictures without texture are left out" in caplog.text
    metric.reset()
    metric.update(image=torch.zeros(1, 3, 96, 192))
    assert np.isnan(metric.compute())


def test_small_pictures_are_refused(plain: Path) -> None:
    with pytest.raises(LowfaceError, match=r"niqe: a picture of 191x190 pixels is too small; .* 192x96"):
        NIQE(plain).update(image=torch.rand(1, 3, 190, 191))


def test_half_precision(plain: Path) -> None:
    image, metric = textured()[None], NIQE(plain)
    half = metric.update(image=(image * 255).round().div(255).half())["niqe"]
    torch.testing.assert_close(half, metric.update(image=image)["niqe"], rtol=0.05, atol=0)
