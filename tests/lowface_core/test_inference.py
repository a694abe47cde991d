from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn

import lowface_core as lf
from lowface_core.errors import DataError, LowfaceError, NonFiniteError, PluginError, WeightsError
from lowface_core.inference import LoadedEnhancer, outputs_of, resolve_enhancer
from lowface_core.runs import checkpoint


class Blur(nn.Module):
    """Looks one pixel to each side, and counts how large its inputs are."""

    receptive_radius = 2

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 3, 3, padding=1)
        self.sizes: list[tuple[int, int]] = []

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        self.sizes.append((low.shape[2], low.shape[3]))
        return {"enhanced": torch.sigmoid(self.two(torch.relu(self.one(low))))}


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (17, 16), (40, 33), (1, 50)])
def test_tiles_give_the_untiled_result(size: tuple[int, int]):
    torch.manual_seed(0)
    network = Blur().double().eval()
    low = torch.rand(2, 3, *size, dtype=torch.float64)
    whole = LoadedEnhancer(network, tile=1000)(low)
    network.sizes.clear()
    tiled = LoadedEnhancer(network, tile=16)(low)
    torch.testing.assert_close(tiled, whole, rtol=0, atol=1e-12)
    assert max(max(s) for s in network.sizes) <= 16 + 2 * 2


def test_an_enhancer_that_states_no_radius_sees_pictures_whole():
    network = Blur()
    network.receptive_radius = None
    LoadedEnhancer(network, tile=4)(torch.rand(1, 3, 9, 9))
    assert network.sizes == [(9, 9)]


def test_what_an_enhancer_answers_is_brought_into_range():
    out = LoadedEnhancer(nn.Identity())(torch.tensor([-1.0, 0.5, 2.0]).view(1, 3, 1, 1))
    assert out.flatten().tolist() == [0.0, 0.5, 1.0]


class Overflowing(nn.Module):
    """Answers with NaN, infinity, or nothing wrong, picture by picture."""

    def __init__(self, *values: float) -> None:
        super().__init__()
        self.values = values

    def forward(self, low: Tensor) -> Tensor:
        out = low.clone()
        for picture, value in zip(out, self.values, strict=False):
            picture[0, -1, -1] = value
        return out


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("tile", [512, 4])
def test_pixels_that_are_no_numbers_never_leave_the_network(value: float, tile: int):
    network = Overflowing(0.5, value)
    network.receptive_radius = 0
    loaded = LoadedEnhancer(network, tile, name="runs/a/last.pth")
    with pytest.raises(NonFiniteError, match=r"second.*runs/a/last\.pth"):
        loaded(torch.zeros(2, 3, 9, 9), ["first", "second"])
    assert outputs_of(Overflowing(0.5), torch.zeros(1, 3, 4, 4))["enhanced"].isfinite().all()
    with pytest.raises(NonFiniteError, match="the picture"):
        lf.enhance(np.zeros((5, 5, 3), np.uint8), Overflowing(value))


def test_an_enhancer_that_changes_the_size_is_refused():
    with pytest.raises(LowfaceError, match="keeps the size"):
        LoadedEnhancer(nn.AvgPool2d(2))(torch.zeros(1, 3, 8, 8))


@pytest.mark.parametrize(
    "kind",
    [pytest.param(np.uint8, id="uint8"), pytest.param(np.uint16, id="uint16"), np.float16, np.float32, np.float64],
)
def test_arrays_keep_their_depth(kind: type):
    most = np.iinfo(kind).max if np.dtype(kind).kind == "u" else 1
    ramp = np.linspace(0, most, 300, dtype=kind).reshape(10, 10, 3)
    out = lf.enhance(ramp, nn.Identity())
    assert out.dtype == (kind if np.dtype(kind).kind == "u" else np.float32)
    assert np.abs(out.astype(float) - ramp.astype(float)).max() <= most * 1e-7


@pytest.mark.parametrize(
    "array",
    [
        np.full((2, 2, 3), 7, np.int64),
        np.full((2, 2, 3), True),
        np.full((2, 2, 3), 1.5),
        np.full((2, 2, 3), 200.0, np.float32),
        np.full((2, 2, 3), -0.1),
        np.full((2, 2, 3), np.nan),
    ],
)
def test_arrays_that_could_mean_anything_are_refused(array: np.ndarray):
    with pytest.raises(DataError, match="a picture"):
        lf.enhance(array, nn.Identity())


SPEC = {"type": "retinex", "channels": 4}


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    save_file(lf.build("enhancer", "retinex", channels=4).state_dict(), tmp_path / "bare.safetensors")
    return tmp_path / "bare.safetensors"


def test_a_bare_state_dict_needs_the_enhancer_it_belongs_to(bare: Path):
    with pytest.raises(LowfaceError, match="does not say which enhancer it belongs to; add --enhancer NAME"):
        lf.load_enhancer(bare)
    network = lf.load_enhancer(bare, SPEC)
    assert not network.training
    assert not any(p.requires_grad for p in network.parameters())
    out = network(torch.rand(2, 3, 5, 7))
    assert out.shape == (2, 3, 5, 7)
    assert out.min() >= 0
    assert out.max() <= 1
    with pytest.raises(WeightsError, match="does not fit enhancer 'retinex'") as raised:
        lf.load_enhancer(bare, {"type": "retinex", "channels": 8})
    assert "\n" not in str(raised.value)


def test_a_missing_checkpoint_and_an_empty_work_dir_are_told(tmp_path: Path):
    with pytest.raises(WeightsError, match="no such checkpoint or work dir"):
        lf.load_enhancer(tmp_path / "gone.pth")
    with pytest.raises(LowfaceError, match="holds no checkpoint"):
        lf.load_enhancer(tmp_path)


def test_a_picture_comes_back_in_the_form_it_was_given(bare: Path, tmp_path: Path):
    network = lf.load_enhancer(bare, SPEC)
    levels = np.random.default_rng(0).integers(0, 100, (5, 4, 3), dtype=np.uint8)
    as_bytes, as_floats = lf.enhance(levels, network), lf.enhance(levels.astype(np.float64) / 255, network)
    assert (as_bytes.dtype, as_floats.dtype) == (np.uint8, np.float32)
    assert as_bytes.shape == levels.shape
    assert np.abs(as_bytes / 255 - as_floats).max() <= 0.5 / 255 + 1e-6
    Image.fromarray(levels).save(tmp_path / "p.png")
    assert np.array_equal(lf.enhance(tmp_path / "p.png", network), as_bytes)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (0, 4, 3), (1, 4, 4, 3)])
def test_other_arrays_are_refused(bare: Path, shape: tuple[int, ...]):
    with pytest.raises(DataError, match=r"a picture is an array \(H,W,3\), not"):
        lf.enhance(np.zeros(shape), lf.load_enhancer(bare, SPEC))


def test_the_best_checkpoint_of_a_work_dir_is_preferred(resolved: Callable[..., dict[str, Any]], tmp_path: Path):
    from lowface_core.train.trainer import train

    cfg = resolved()
    train(cfg, "tiny")
    run = Path(cfg["work_dir"])
    content = torch.load(run / "last.pth", weights_only=True)
    content["state_dict"]["conv.0.weight"].zero_()
    torch.save(content, run / "best.pth")
    assert lf.load_enhancer(run).enhancer.conv[0].weight.abs().sum() == 0
    assert lf.load_enhancer(str(run / "last.pth")).enhancer.conv[0].weight.abs().sum() > 0


class Fixed(nn.Module):
    def __init__(self, weights: str | None = None) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, low: Tensor) -> Tensor:
        return low * self.scale


def test_what_a_training_began_with_need_not_be_there_any_more(
    add_plugin: Callable[..., None], tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    class Started(nn.Module):
        def __init__(self, weights: str | None = None) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.tensor(2.0))
            if weights is not None:
                self.scale.data = torch.load(weights)

        def forward(self, low: Tensor) -> Tensor:
            return low * self.scale

    add_plugin({"enhancer": {"started": Started}})
    run = {
        "state_dict": {"scale": torch.tensor(0.5)},
        "enhancer_config": {"type": "started", "weights": str(tmp_path / "gone.pth")},
    }
    checkpoint.save(tmp_path / "run" / "best.pth", run)
    network = resolve_enhancer(tmp_path / "run").network
    assert network(torch.ones(1, 3, 2, 2)).max() == 0.5
    assert not recwarn.list


@pytest.mark.parametrize("name", ["fixed", None])
def test_an_untrained_network_is_refused(add_plugin: Callable[..., None], tmp_path: Path, name: str | None):
    add_plugin({"enhancer": {"fixed": Fixed, "bare": nn.Identity}})
    with pytest.raises(WeightsError, match="enhancer: 'fixed' is an untrained network; give a work dir"):
        resolve_enhancer(name, {"type": "fixed"})
    (tmp_path / "w").write_text("")
    assert not resolve_enhancer(name, {"type": "fixed", "weights": str(tmp_path / "w")}).network.training
    assert resolve_enhancer(None, {"type": "bare"}).network(torch.full((1, 3, 2, 2), 2.0)).max() == 1


def test_a_checkpoints_own_enhancer_goes_before_the_fallback_and_keywords_before_its_own(bare: Path, tmp_path: Path):
    own = {"type": "retinex", "channels": 4, "illumination_channels": 1}
    state = lf.build("enhancer", "retinex", channels=4, illumination_channels=1).state_dict()
    checkpoint.save(tmp_path / "run" / "best.pth", {"state_dict": state, "enhancer_config": own})
    other = {"type": "retinex", "channels": 8}
    for given in ("run", "run/best.pth"):
        found = resolve_enhancer(tmp_path / given, fallback=other)
        assert (found.title, found.identity["config"], len(found.identity["sha256"])) == ("run", own, 64)
    for spec in (other, {"channels": 8}):
        with pytest.raises(WeightsError, match="does not fit enhancer 'retinex'"):
            resolve_enhancer(tmp_path / "run", spec)
    found = resolve_enhancer(bare, fallback=SPEC)
    assert (found.title, found.identity["config"]) == ("bare", SPEC)
    assert resolve_enhancer("gamma", {"gamma": 0.5}).identity == {
        "name": "gamma", "weights": {}, "config": {"type": "gamma", "gamma": 0.5}
    }  # fmt: skip


def test_a_name_without_a_checkpoint_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "gamma").mkdir()
    monkeypatch.chdir(tmp_path)
    assert resolve_enhancer(None, {"type": "gamma"}).title == "gamma"
    with pytest.raises(LowfaceError, match="gamma: holds no checkpoint"):
        resolve_enhancer("gamma")


def test_one_plugin_ships_the_weights_that_are_used_where_none_is_named(
    add_plugin: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lowface_core import inference

    facts = {"weights": {"w": lf.Weights(file="w.pth", package="json", licence="MIT", source="here", default=True)}}
    add_plugin({"enhancer": {"mine": (nn.Identity, facts)}})
    with pytest.raises(WeightsError, match=r"several plugins ship some \(mine/w, night/base\); name a checkpoint"):
        lf.load_enhancer()
    monkeypatch.setattr(inference, "records", list)
    with pytest.raises(WeightsError, match="no plugin that loaded ships any; name a checkpoint"):
        lf.load_enhancer()


class Levelled(nn.Module):
    """Divides by the mean of the whole picture and subtracts a map of it."""

    receptive_radius = 0

    def context(self, picture: Tensor) -> dict[str, Tensor]:
        return {"mean": picture.mean((1, 2, 3), keepdim=True), "map": picture[:, :1] * 0.1}

    def forward(self, low: Tensor, context: dict[str, Tensor] | None = None) -> Tensor:
        known = self.context(low) if context is None else context
        assert known["map"].shape[-2:] == low.shape[-2:]
        return (low * 0.2 / known["mean"] - known["map"]).clamp(0, 1)


def test_tiles_know_the_whole_picture_if_the_enhancer_describes_it() -> None:
    low = torch.rand(1, 3, 40, 33) * torch.linspace(0.1, 1, 33)
    whole = Levelled()(low)
    torch.testing.assert_close(LoadedEnhancer(Levelled(), tile=16)(low), whole, rtol=0, atol=1e-6)
    assert float((Levelled()(low[..., :16]) - whole[..., :16]).abs().max()) > 0.05


def test_a_context_that_fails_names_whose_it_is() -> None:
    class Failing(nn.Module):
        receptive_radius = 0

        def context(self, picture: Tensor) -> Tensor:
            raise KeyError("exposure")

        def forward(self, low: Tensor, context: Tensor | None = None) -> Tensor:
            return low

    with pytest.raises(lf.LowfaceError, match=r"a run: context: .*Failing.* failed: KeyError"):
        LoadedEnhancer(Failing(), tile=8, name="a run")(torch.rand(1, 3, 20, 20))


class Quicker(nn.Module):
    """Says in which form it was run."""

    def forward(self, low: torch.Tensor) -> torch.Tensor:
        return low * 0 + 0.25

    def for_inference(self) -> nn.Module:
        return Constant()


class Constant(nn.Module):
    def forward(self, low: torch.Tensor) -> torch.Tensor:
        return low * 0 + 0.75


def test_what_an_enhancer_offers_for_use_is_used() -> None:
    network = Quicker()
    loaded = LoadedEnhancer(network)
    assert loaded.enhancer is network
    assert float(loaded(torch.rand(1, 3, 4, 4)).mean()) == 0.75


def test_one_that_cannot_be_made_ready_is_named() -> None:
    network = Quicker()
    network.for_inference = lambda: 1 / 0  # type: ignore[assignment,return-value]
    with pytest.raises(PluginError, match=r"a run: for_inference: Quicker of .* failed: ZeroDivisionError"):
        LoadedEnhancer(network, name="a run")


def test_loading_a_run_does_not_import_torchs_compiler(tmp_path: Path) -> None:
    file, config = tmp_path / "a.pth", {"type": "retinex", "channels": 4}
    state = lf.build("enhancer", "retinex", channels=4).state_dict()
    torch.save({"state_dict": state, "enhancer_config": config}, file)
    code = f"import sys, lowface_core; lowface_core.load_enhancer({str(file)!r}); print('torch._dynamo' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
