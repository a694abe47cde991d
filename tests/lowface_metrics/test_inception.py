"""The Inception network: torch-fidelity's, read through the weight store's reader, with two ways of resizing."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from lowface_core.errors import ConfigError, WeightsError
from lowface_metrics.inception import InceptionFeatures, bare_inception, clean_resize

pytest.importorskip("torch_fidelity")


def test_clean_resizing_is_pillows_on_float() -> None:
    """As clean-fid: each channel of the 8-bit picture as float, bicubic, clipped, not rounded."""
    rng = np.random.default_rng(0)
    for height, width in ((512, 400), (120, 97)):
        picture = rng.integers(0, 256, (height, width), dtype=np.uint8)
        want = Image.fromarray(picture.astype(np.float32)).resize((299, 299), Image.Resampling.BICUBIC)
        image = torch.from_numpy(picture)[None, None].expand(1, 3, -1, -1) / 255.0
        got = clean_resize(image)
        assert got.shape == (1, 3, 299, 299)
        np.testing.assert_allclose(got[0, 1].numpy(), np.asarray(want).clip(0, 255), atol=5e-3)


def test_both_variants_run_the_same_network(inception: Path, pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    """On pictures of 299x299 pixels neither resizes, so both must say what torch-fidelity's network says."""
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    ours = InceptionFeatures(inception).eval()
    theirs = FeatureExtractorInceptionV3("inception-v3-compat", ["2048"], feature_extractor_weights_path=str(inception))
    image = torch.nn.functional.interpolate(pair[1], (299, 299))
    pixels = (255 * image).round().byte()
    with torch.no_grad():
        want = theirs(pixels)[0]
        assert want.std() > 0.01
        torch.testing.assert_close(ours(image, "inception_tf"), want)
        torch.testing.assert_close(ours(image, "clean"), want, rtol=1e-4, atol=1e-4)
        want = theirs((255 * pair[1]).round().byte())[0]
        torch.testing.assert_close(ours(pair[1], "inception_tf"), want)
        assert (ours(pair[1], "clean") - want).abs().max() > 1e-3


def test_a_wrong_file_is_refused(unique_file: Path) -> None:
    with pytest.raises(WeightsError, match=r"does not fit Bare: .*nearest registered architecture: metric 'unique'"):
        InceptionFeatures(unique_file)


def test_without_torch_fidelity_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch_fidelity.feature_extractor_inceptionv3", None)
    with pytest.raises(ConfigError, match=r'torch-fidelity, which is not installed: pip install "lowface\[metrics\]"'):
        bare_inception()


def test_the_bare_network_reads_no_file() -> None:
    with torch.device("meta"):
        network: nn.Module = bare_inception()
    assert all(p.is_meta for p in network.parameters())
    assert len(network.state_dict()) > 300
