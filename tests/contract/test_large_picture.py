"""A photo of twelve megapixels goes through a shipped enhancer in tiles, in bounded memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import lowface_core as lf
from lowface_core.data.images import write_image
from lowface_core.inference import LoadedEnhancer

PROGRAM = """
import json, sys
import lowface_core as lf
from lowface_core.cli import main
from lowface_core.runs.memory import peak_memory_mib
sys.argv[:1] = ["lowface", "enhance"]
try:
    main()
except SystemExit as stop:
    print(json.dumps({"code": stop.code or 0, "mib": peak_memory_mib()}))
"""


def test_tiles_of_a_shipped_network_are_exact() -> None:
    torch.manual_seed(0)
    network = lf.build("enhancer", "retinex", channels=8).eval()
    low = torch.rand(1, 3, 150, 90) * 0.2
    with torch.no_grad():
        assert (LoadedEnhancer(network, tile=64)(low) - LoadedEnhancer(network)(low)).abs().max() <= 1e-6


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("channels", [16, 64])
def test_twelve_megapixels_take_less_than_two_gibibytes(python: Any, tmp_path: Path, channels: int) -> None:
    network = lf.build("enhancer", "retinex", channels=channels)
    content = {"state_dict": network.state_dict(), "enhancer_config": {"type": "retinex", "channels": channels}}
    torch.save(content, tmp_path / "network.pth")
    write_image(tmp_path / "photo.png", np.random.default_rng(0).random((3, 3000, 4000), dtype=np.float32) * 0.1)
    words = ("photo.png", "-o", "out.png", "--checkpoint", "network.pth")
    done = python("-c", PROGRAM, *words, cwd=tmp_path)
    outcome = json.loads(done.out.splitlines()[-1])
    assert outcome["code"] == 0, done.err
    assert (tmp_path / "out.png").is_file()
    assert outcome["mib"] <= 2048


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_hundred_megapixels_take_little_more_than_twice_the_picture(python: Any, tmp_path: Path) -> None:
    row = np.random.default_rng(0).integers(0, 60, (100, 10_000, 3), np.uint8)
    Image.fromarray(np.tile(row, (100, 1, 1))).save(tmp_path / "photo.jpg", quality=80)
    words = ("photo.jpg", "-o", "out.jpg", "--checkpoint", "gamma", "--max-pixels", "100000000")
    done = python("-c", PROGRAM, *words, cwd=tmp_path)
    outcome = json.loads(done.out.splitlines()[-1])
    assert outcome["code"] == 0, done.err
    assert outcome["mib"] <= 3 * 10**8 / 2**20 + 1.2 * 1024
