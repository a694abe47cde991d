"""The enhancer ``spandrel``: the architecture comes from the checkpoint."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional

import lowface_core as lf
from lowface_core.data.images import read_image, write_image
from lowface_core.errors import LowfaceError, PluginError, WeightsError
from lowface_core.inference import load_enhancer
from lowface_core.testing import tiny_batch

Save = Callable[[str], tuple[Path, Any]]
#: What sides must be a multiple of; NAFNet pads by itself.
MULTIPLES = {"NAFNet": 1, "RetinexFormer": 8}


@pytest.mark.parametrize("architecture", MULTIPLES)
def test_detects_the_architecture_and_gives_its_result(architecture: str, checkpoint: Save) -> None:
    path, network = checkpoint(architecture)
    enhancer = lf.build("enhancer", "spandrel", weights=path).eval()
    assert enhancer.architecture == architecture
    low = tiny_batch(32, 40, 2)["low"]
    with torch.no_grad():
        expected = network(low).clamp(0, 1)
        assert not torch.equal(expected, low)
        assert torch.allclose(enhancer(low)["enhanced"], expected, atol=1e-6)


@pytest.mark.parametrize("architecture", MULTIPLES)
@pytest.mark.parametrize("size", [(1, 1), (1, 29), (17, 30), (33, 47)])
def test_odd_sizes_are_padded_and_cut_back(architecture: str, size: tuple[int, int], checkpoint: Save) -> None:
    path, network = checkpoint(architecture)
    low = tiny_batch(48, 48, 2)["low"][..., : size[0], : size[1]]
    with torch.no_grad():
        enhanced = load_enhancer("spandrel", {"weights": str(path)})(low)
        assert enhanced.shape == low.shape
        if min(size) > MULTIPLES[architecture]:  # the mirror image reaches far enough
            down, right = (-side % MULTIPLES[architecture] for side in size)
            larger = network(functional.pad(low, (0, right, 0, down), mode="reflect"))
            assert torch.allclose(enhanced, larger[..., : size[0], : size[1]].clamp(0, 1), atol=1e-6)


def test_enhances_from_the_command_line(lowface: Callable[..., Any], checkpoint: Save, tmp_path: Path) -> None:
    path, _ = checkpoint("NAFNet")
    write_image(tmp_path / "dark.png", tiny_batch(33, 21, 1)["low"][0].numpy())
    options = ("--checkpoint", "spandrel", "--enhancer-options", f"weights={path}")
    result = lowface("enhance", "dark.png", "-o", "bright.png", *options)
    assert result.code == 0, result.err
    low = torch.from_numpy(read_image(tmp_path / "dark.png"))[None]
    expected = load_enhancer("spandrel", {"weights": str(path)})(low)[0].numpy()
    assert abs(read_image(tmp_path / "bright.png") - expected).max() <= 0.5 / 255 + 1e-6


def test_its_parameters_train(checkpoint: Save) -> None:
    enhancer = lf.build("enhancer", "spandrel", weights=checkpoint("NAFNet")[0])
    batch = tiny_batch(20, 20, 2)
    optimizer = torch.optim.Adam(enhancer.parameters(), lr=2e-3)
    errors = []
    for _ in range(15):
        error = functional.l1_loss(enhancer(batch["low"])["enhanced"], batch["normal"])
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        errors.append(float(error.detach()))
    assert errors[-1] < 0.9 * errors[0]


def fault(kind: type[LowfaceError], path: Path) -> str:
    with pytest.raises(kind) as caught:
        lf.build("enhancer", "spandrel", weights=path)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_unknown_checkpoints_are_one_line_with_spandrels_version(checkpoint: Save, tmp_path: Path) -> None:
    path = tmp_path / "unknown.pth"
    torch.save({"mystery.weight": torch.ones(3, 3)}, path)
    message = fault(WeightsError, path)
    assert str(path) in message
    assert f"spandrel {importlib.metadata.version('spandrel')}" in message
    state = checkpoint("NAFNet")[1].state_dict()
    torch.save({k: v for k, v in state.items() if not k.startswith("ups.")}, path)
    message = fault(WeightsError, path)
    assert str(path) in message
    assert "spandrel" in message


def test_networks_that_are_no_enhancers_are_refused(checkpoint: Save, tmp_path: Path) -> None:
    from spandrel.architectures.Compact import Compact
    from spandrel.architectures.NAFNet import NAFNet

    path = tmp_path / "other.pth"
    torch.save(Compact(num_feat=8, num_conv=1, upscale=2).state_dict(), path)
    assert "enlarges pictures 2 times" in fault(WeightsError, path)
    torch.save(NAFNet(img_channel=1, width=8, enc_blk_nums=[1], dec_blk_nums=[1]).state_dict(), path)
    assert "from 1 channels to 1" in fault(WeightsError, path)


def test_a_missing_file_and_pickled_objects_are_one_line(checkpoint: Save, tmp_path: Path) -> None:
    assert "missing.pth" in fault(WeightsError, tmp_path / "missing.pth")
    torch.save({"object": Path("anything")}, tmp_path / "pickled.pth")
    assert "other than tensors" in fault(WeightsError, tmp_path / "pickled.pth")


def test_without_the_package_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "any.pth"
    torch.save({"a": torch.ones(1)}, path)
    monkeypatch.setitem(sys.modules, "spandrel", None)
    assert 'pip install "lowface[spandrel]"' in fault(PluginError, path)


def test_is_the_network_of_a_config_in_training_and_evaluation(
    lowface: Callable[..., Any], checkpoint: Save, tmp_path: Path
) -> None:
    path, network = checkpoint("NAFNet")
    (tmp_path / "tuned.py").write_text(
        f"""
enhancer = dict(type="spandrel", weights={str(path)!r})
losses = dict(brightness=dict(type="brightness_cr", eps=0.5))
_dark = dict(type="linear", low=0.2, high=0.3)
train_dataset = dict(type="rendered_faces", size=20, identities=2, pictures=1, contrast=True, degradation=_dark)
val_dataset = test_dataset = dict(type="rendered_faces", size=20, identities=2, pictures=1, degradation=_dark)
metrics = dict(psnr=dict(type="psnr"))
"""
    )
    trained = lowface("train", "tuned.py", "--work-dir", "run", "--device", "cpu", "--cfg-options", "max_iters=2")
    assert trained.code == 0, trained.err
    tuned = load_enhancer(tmp_path / "run").enhancer.network.state_dict()
    assert any(not torch.equal(tuned[key], value) for key, value in network.state_dict().items())
    measured = lowface("evaluate", "tuned.py", "--checkpoint", "run", "--metrics", "psnr")
    assert measured.code == 0, measured.err
    assert "psnr" in measured.out
