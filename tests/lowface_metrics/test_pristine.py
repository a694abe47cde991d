"""Pristine models: fitting, files of three layouts, files that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.io import savemat

from lowface_core.errors import ConfigError, DataError, WeightsError
from lowface_metrics.natural_scene import FEATURES, features
from lowface_metrics.pristine import Pristine, to_grey

MEAN, COVARIANCE = np.linspace(0.1, 2, FEATURES), np.diag(np.linspace(1, 3, FEATURES))


def test_a_model_survives_its_file(tmp_path: Path) -> None:
    Pristine(MEAN, COVARIANCE, "mine", "y").write(tmp_path / "m.npz")
    got = Pristine.read(tmp_path / "m.npz")
    np.testing.assert_array_equal(got.mean, MEAN)
    np.testing.assert_array_equal(got.covariance, COVARIANCE)
    assert (got.name, got.grey) == ("mine", "y")
    with pytest.raises(ConfigError, match=r"m.pth: .* must end in .npz"):
        got.write(tmp_path / "m.pth")


def test_the_authors_model_is_the_same_in_both_of_its_files(tmp_path: Path) -> None:
    """MATLAB keeps the mean as a row; BasicSR stores it likewise, with the window beside it."""
    npz, mat = tmp_path / "niqe_pris_params.npz", tmp_path / "modelparameters.mat"
    np.savez(npz, mu_pris_param=MEAN[None], cov_pris_param=COVARIANCE, gaussian_window=np.ones((7, 7)))
    savemat(mat, {"mu_prisparam": MEAN[None], "cov_prisparam": COVARIANCE})
    a, b = Pristine.read(npz), Pristine.read(mat)
    assert a.label == b.label
    assert a.label.startswith("live2013-")
    assert a.grey is None
    np.savez(npz, mu_pris_param=MEAN[None] * 1.001, cov_pris_param=COVARIANCE)
    assert Pristine.read(npz).label != a.label


def test_fitting_takes_the_sharp_patches_of_each_picture(faces: list[np.ndarray]) -> None:
    got = Pristine.fit(faces[:12], "faces")
    kept = []
    for face in faces[:12]:
        found, sharpness = features(to_grey(face, "released"))
        kept += [row for row, sharp in zip(found, sharpness, strict=True) if sharp > 0.75 * sharpness.max()]
    np.testing.assert_allclose(got.mean, np.mean(kept, axis=0))
    np.testing.assert_allclose(got.covariance, np.cov(np.array(kept), rowvar=False))


def test_too_few_patches_are_refused() -> None:
    noise = np.random.default_rng(0).uniform(size=(3, 200, 300))
    with pytest.raises(DataError, match=r"niqe: the pristine pictures have \d sharp patches .* more than 36"):
        Pristine.fit([noise, noise[:, :50]], "few")


def test_grey_forms() -> None:
    white, red = np.ones((3, 1, 1)), np.array([1.0, 0, 0]).reshape(3, 1, 1)
    assert [to_grey(p, "released").item() for p in (white, red)] == [255, 76]
    assert [to_grey(p, "y").item() for p in (white, red)] == [235, 81]
    with pytest.raises(ConfigError, match="niqe: variant is 'luma'"):
        to_grey(white, "luma")


def test_files_that_are_no_model(tmp_path: Path) -> None:
    cases = {
        "missing.npz": (None, "no such weights file"),
        "text.npz": (lambda p: p.write_text("hello"), "cannot be read as a pristine model"),
        "other.npz": (lambda p: np.savez(p, a=MEAN), r"is not a pristine model of NIQE; it holds \['a'\]"),
        "short.npz": (lambda p: np.savez(p, mean=MEAN[:5], covariance=COVARIANCE), "36 means and 36x36 covariances"),
        "nan.npz": (lambda p: np.savez(p, mean=MEAN * np.nan, covariance=COVARIANCE), "all finite"),
        "net.pth": (lambda p: torch.save({"a": torch.zeros(1)}, p), "pristine model"),
        "pickled.npz": (lambda p: np.savez(p, mean=np.array([{}], object), covariance=COVARIANCE), "cannot be read"),
    }
    for name, (make, message) in cases.items():
        if make:
            make(tmp_path / name)
        with pytest.raises(WeightsError, match=message) as caught:
            Pristine.read(tmp_path / name)
        assert str(caught.value).startswith(str(tmp_path / name))
        assert "\n" not in str(caught.value)
