"""The learnt baselines give what the authors' code gives with the authors' weights, whatever size and batch."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import lowface_core as lf
from lowface_core.data.images import read_image, write_image
from lowface_core.errors import WeightsError
from lowface_core.inference import LoadedEnhancer, load_enhancer
from lowface_core.weights.record import Record, records, sha256_of

#: Array of the reference, enhancer, checkpoint, keywords, tolerance.
PUBLISHED: dict[str, tuple[str, str, dict[str, Any], float]] = {
    "zero_dce": ("zero_dce", "zero_dce_epoch99.pth", {}, 1e-4),
    "zero_dcepp_x12_cropped": ("zero_dcepp", "zero_dcepp_epoch99.pth", {}, 1e-4),
    "scl_lle": ("scl_lle", "scl_lle.pth", {}, 1e-4),
    "sci_easy": ("sci", "sci_easy.pt", {}, 1e-4),
    "sci_medium": ("sci", "sci_medium.pt", {}, 1e-4),
    "sci_difficult": ("sci", "sci_difficult.pt", {}, 1e-4),
    "ruas_lol": ("ruas", "ruas_lol.pt", {"denoise": True}, 1e-3),
    "ruas_upe": ("ruas", "ruas_upe.pt", {}, 1e-3),
    "ruas_dark": ("ruas", "ruas_dark.pt", {}, 1e-3),
    "retinexnet": ("retinexnet", "retinexnet_decom_9200.tar", {"relight": "retinexnet_relight_9200.tar"}, 1e-3),
    "ssienet_even_cropped": ("ssienet", "ssienet_6000.npz", {}, 1e-4),
}


@pytest.fixture(scope="module")
def reference(shared: Path) -> dict[str, Tensor]:
    """Input and outputs of the released code, (2,3,96,96) each."""
    with np.load(shared / "oracle" / "baselines.npz") as held:
        return {key: torch.from_numpy(held[key]).permute(0, 3, 1, 2) for key in held.files}


@pytest.fixture(params=PUBLISHED)
def published(request: pytest.FixtureRequest, shared: Path) -> tuple[str, nn.Module]:
    """Name of the reference array, and the enhancer with the published weights."""
    name, file, options, _ = PUBLISHED[request.param]
    options = {k: str(shared / "weights" / v) if k == "relight" else v for k, v in options.items()}
    built = lf.build("enhancer", name, weights=str(shared / "weights" / file), **options)
    return request.param, built.eval().requires_grad_(False)


def test_pixels_are_those_of_the_released_code(published: tuple[str, nn.Module], reference: dict[str, Tensor]) -> None:
    array, enhancer = published
    enhanced = enhancer(reference["input"])["enhanced"]
    # the released code of RUAS writes values outside [0,1] and cuts them when it saves the picture
    assert float((enhanced - reference[array].clamp(0, 1)).abs().max()) <= PUBLISHED[array][3]


def test_any_size_and_any_batch(published: tuple[str, nn.Module], reference: dict[str, Tensor]) -> None:
    _, enhancer = published
    for height, width in ((1, 1), (1, 9), (13, 2), (37, 51)):
        low = reference["input"][..., :height, :width].repeat(4, 1, 1, 1)
        together, alone = enhancer(low), enhancer(low[:1])
        assert together["enhanced"].shape == low.shape
        assert together["enhanced"].dtype == torch.float32
        assert bool(together["enhanced"].isfinite().all())
        for name, value in alone.items():
            torch.testing.assert_close(together[name][:1], value, atol=1e-5, rtol=1e-4)


def test_tiles_fit_together(published: tuple[str, nn.Module], reference: dict[str, Tensor]) -> None:
    _, enhancer = published
    if getattr(enhancer, "receptive_radius", None) is None:
        pytest.skip("is never cut into tiles")
    low = torch.cat([reference["input"][:1], reference["input"][1:]], -1)[..., :75, :187]
    tiled = LoadedEnhancer(enhancer, tile=32)(low)
    torch.testing.assert_close(tiled, enhancer(low)["enhanced"], atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", ["zero_dce", "sci", "ruas", "ssienet"])
def test_the_command_takes_the_published_file(
    name: str, shared: Path, lowface: Callable[..., Any], tmp_path: Path
) -> None:
    file = shared / "weights" / next(f for n, f, _, _ in PUBLISHED.values() if n == name)
    low = np.random.default_rng(0).integers(0, 60, (19, 23, 3), dtype=np.uint8)
    write_image(tmp_path / "low.png", low.transpose(2, 0, 1) / 255)
    done = lowface("enhance", "low.png", "-o", "out.png", "--checkpoint", file, "--enhancer", name, "--device", "cpu")
    assert done.code == 0, done.err
    assert read_image(tmp_path / "out.png").mean() > 1.2 * read_image(tmp_path / "low.png").mean()


def test_the_decomposition_alone_finds_its_relighting(
    shared: Path, reference: dict[str, Tensor], tmp_path: Path
) -> None:
    weights = shared / "weights"
    spec = {"type": "retinexnet", "relight": str(weights / "retinexnet_relight_9200.tar")}
    enhancer = load_enhancer(weights / "retinexnet_decom_9200.tar", spec)
    assert float((enhancer(reference["input"]) - reference["retinexnet"]).abs().max()) <= 1e-3
    torch.save(enhancer.enhancer.state_dict(), tmp_path / "whole.pth")
    whole = lf.build("enhancer", "retinexnet", weights=str(tmp_path / "whole.pth")).eval()
    assert torch.equal(whole(reference["input"])["enhanced"], enhancer(reference["input"]))
    with pytest.raises(WeightsError, match=r"retinexnet_decom_9200\.tar: .*relighting"):
        lf.build(
            "enhancer",
            "retinexnet",
            weights=str(weights / "retinexnet_decom_9200.tar"),
            relight=str(weights / "retinexnet_decom_9200.tar"),
        )


@pytest.mark.parametrize("name", sorted({name for name, *_ in PUBLISHED.values()}))
def test_a_wrong_or_missing_checkpoint_is_one_line(name: str, shared: Path) -> None:
    wrong = shared / "weights" / ("zero_dcepp_epoch99.pth" if name != "zero_dcepp" else "scl_lle.pth")
    with pytest.raises(WeightsError, match=re.escape(str(wrong))) as misfit:
        lf.build("enhancer", name, weights=str(wrong))
    assert "nearest registered architecture" in str(misfit.value)
    with pytest.raises(WeightsError, match=r"missing\.pth") as missing:
        lf.build("enhancer", name, weights="missing.pth")
    assert not {"\n"} & set(str(misfit.value) + str(missing.value))


@pytest.mark.parametrize(
    "record", [r for r in records() if r.component.plugin == "lowface:baselines"], ids=lambda r: r.name
)
def test_records_are_of_the_published_files(record: Record, shared: Path) -> None:
    files = [f for f in (shared / "weights").iterdir() if f.stat().st_size == record.entry.size]
    assert record.entry.sha256 in map(sha256_of, files)
    assert record.entry.licence
    assert record.entry.url or (record.entry.filename and record.entry.source)
