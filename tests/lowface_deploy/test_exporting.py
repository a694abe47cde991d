"""``lowface export``, from a run to a file that works as a checkpoint."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import lowface_core as lf
from lowface_core.inference import resolve_enhancer
from lowface_core.weights.record import sha256_of
from lowface_deploy import parity
from lowface_deploy.exporting import export

PACKAGES = {"onnx": ("onnx", "onnxruntime"), "openvino": ("openvino",), "torch": ()}
ENDINGS = {"onnx": ".onnx", "openvino": ".xml", "torch": ".torchscript"}


def needs(format: str, *more: str) -> None:
    for package in (*PACKAGES[format], *more):
        pytest.importorskip(package, reason=f'needs pip install "lowface[{format}]"')


@pytest.mark.parametrize("format", PACKAGES)
def test_a_run_becomes_a_file_that_is_a_checkpoint_again(
    lowface: Callable[..., Any], run: Path, tmp_path: Path, format: str
) -> None:
    needs(format)
    said = lowface("export", "run", "--format", format, "--licence", "CC0-1.0", "--json")
    assert said.code == 0, said.err
    file = tmp_path / f"run{ENDINGS[format]}"
    report = json.loads(file.with_name(file.name + ".json").read_text())
    told = json.loads(said.out)
    assert told.pop("written")[-1] == f"run{ENDINGS[format]}.json"
    assert told == report
    assert report["sha256"][file.name] == sha256_of(file)
    assert report["sizes"]["height"] == [1, None]
    assert report["parity"]["max"] <= 1e-4
    cases = report["parity"]["cases"]
    assert {(c["batch"], c["height"], c["width"]) for c in cases} == {
        (b, h, w) for b in (1, 3) for h, w in ((33, 47), (65, 91), (127, 85), (192, 256))
    }
    found = resolve_enhancer(str(file))
    inside = found.network.enhancer.facts
    assert {k: report[k] for k in inside} == inside | {"sizes": report["sizes"]}
    assert (inside["licence"], inside["manifest"]["seed"]) == ("CC0-1.0", 7)
    assert inside["source"]["sha256"] == sha256_of(run / "best.pth")
    assert (inside["input"]["name"], inside["output"]["name"], inside["receptive_radius"]) == ("low", "enhanced", 11)
    assert found.identity["sha256"]
    low = 0.3 * torch.rand(2, 3, 19, 23)
    assert torch.allclose(lf.load_enhancer(run)(low), found.network(low), atol=1e-4)
    Image.fromarray((60 * np.random.default_rng(0).random((21, 33, 3))).astype(np.uint8)).save(tmp_path / "dark.png")
    for name, checkpoint in (("a.png", "run"), ("b.png", file.name)):
        done = lowface("enhance", "dark.png", "-o", name, "--checkpoint", checkpoint, "--device", "cpu")
        assert done.code == 0, done.err
    one, other = (np.asarray(Image.open(tmp_path / name), np.int16) for name in ("a.png", "b.png"))
    assert np.abs(one - other).max() <= 1
    again = lowface("export", "run", "--format", format)
    assert (again.code, again.err) == (
        1,
        f"lowface: {file.name}: exists; add --overwrite, or give another name with -o\n",
    )


def test_tiles_of_a_large_picture_fit(run: Path, tmp_path: Path) -> None:
    export(str(run), "torch", tmp_path / "m.torchscript")
    network = lf.load_enhancer(tmp_path / "m.torchscript")
    network.tile = 32
    low = 0.3 * torch.rand(1, 3, 70, 50)
    assert torch.allclose(network(low), lf.load_enhancer(run)(low), atol=1e-5)


@pytest.mark.parametrize("format", ["onnx", "openvino"])
def test_eight_bits_stay_within_their_tolerance_and_the_loss_is_told(
    run: Path, pairs: Callable[[int], Path], tmp_path: Path, format: str
) -> None:
    needs(format, "nncf")
    folder, file = pairs(12), tmp_path / f"m{ENDINGS[format]}"
    report = export(str(run), format, file, "int8", calibrate=folder / "low", check=str(folder))
    assert report["parity"]["psnr"] >= 40
    assert report["parity"]["pictures"] == "cut from real ones"
    assert report["parity"]["max"] > 1e-4  # it has been quantised
    check = report["check"]
    assert check["pictures"] == 12
    assert check["psnr"]["lost"] == pytest.approx(check["psnr"]["torch"] - check["psnr"]["exported"])
    assert 0 < check["ssim"]["torch"] <= 1


def test_half_precision_halves_the_weights_and_states_what_that_costs(run: Path, tmp_path: Path) -> None:
    needs("onnx")
    whole = export(str(run), "onnx", tmp_path / "m.onnx")
    half = export(str(run), "onnx", tmp_path / "h.onnx", "fp16")
    assert half["parity"]["psnr"] >= 50
    assert half["parity"]["max"] > whole["parity"]["max"]
    import onnx

    stored = [{x.data_type for x in onnx.load(tmp_path / f).graph.initializer} for f in ("m.onnx", "h.onnx")]
    assert onnx.TensorProto.FLOAT in stored[0]
    assert onnx.TensorProto.FLOAT16 in stored[1]


#: Decides by the picture's size in Python, so that a recording is right for one size alone.
BAKED = """
import lowface_core as lf
from torch import nn

class Baked(nn.Module):
    def forward(self, low):
        return low * (0.5 if low.shape[-1] == 85 else 1.0)

@lf.hookimpl
def register_enhancers(register):
    register("baked", Baked)
"""


@pytest.mark.parametrize("format", ["torch", "onnx"])
def test_what_misses_its_tolerance_is_not_written(
    lowface: Callable[..., Any], stranger: Callable[..., Path], tmp_path: Path, format: str
) -> None:
    needs(format)
    stranger("baked", BAKED)
    said = lowface("export", "baked", "--format", format)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "not written: pixels differ by up to" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("size", [0, 500, 7000])
@pytest.mark.parametrize("format", PACKAGES)
def test_a_full_disk_is_one_line_that_names_the_file(
    lowface: Callable[..., Any], run: Path, tmp_path: Path, format: str, size: int
) -> None:
    needs(format)
    (tmp_path / "out").mkdir()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        said = lowface("export", run, "--format", format, "-o", f"out/m{ENDINGS[format]}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert said.err.startswith("lowface: out/m")
    assert "cannot be written (File too large)" in said.err
    assert list((tmp_path / "out").iterdir()) == []


def test_what_computes_outside_torch_is_refused(lowface: Callable[..., Any], tmp_path: Path) -> None:
    said = lowface("export", "histogram_equalization", "--format", "torch")
    assert (said.code, said.err) == (
        1,
        "lowface: the enhancer computes outside torch, so there is no network to export\n",
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--precision", "int8"], "needs dark pictures to be calibrated with; add --calibrate FOLDER"),
        (["-o", "m.pth"], "m.pth: torch files end in .torchscript"),
        (["--check", "."], "holds no pictures"),
        (["--check", "tiny.json"], "has no test_dataset and no val_dataset"),
    ],
)
def test_mistakes_are_one_line(lowface: Callable[..., Any], tmp_path: Path, words: list[str], told: str) -> None:
    (tmp_path / "tiny.json").write_text('{"enhancer": {"type": "gain"}}')
    said = lowface("export", "gain", "--format", "torch", *words)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert told in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.json"]


@pytest.mark.parametrize(("format", "module", "extra"), [("onnx", "onnxruntime", "onnx"), ("openvino",) * 3])
def test_a_missing_extra_is_one_line(
    lowface: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str, module: str, extra: str
) -> None:
    if format == "onnx":
        needs("onnx")
    monkeypatch.setitem(sys.modules, module, None)
    said = lowface("export", "gain", "--format", format)
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert f'pip install "lowface[{extra}]"' in said.err
    assert list(tmp_path.iterdir()) == []


def test_an_export_is_not_exported_again(run: Path, tmp_path: Path) -> None:
    export(str(run), "torch", tmp_path / "m.torchscript")
    with pytest.raises(lf.LowfaceError, match="is an export already"):
        export(str(tmp_path / "m.torchscript"), "torch", tmp_path / "n.torchscript")


def test_the_loss_of_people_is_measured_where_a_recogniser_is_named(
    pairs: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def recognise(pictures: Tensor) -> tuple[Tensor, Tensor]:
        return pictures.mean((2, 3)) + torch.tensor([0.0, 0.0, 1.0]), pictures.mean((1, 2, 3)) > 0

    monkeypatch.setattr(parity, "_recogniser", lambda config: recognise)
    dataset = parity.folder_or_config(str(pairs(3)))
    shifted = nn.Conv2d(3, 3, 1, bias=False)
    nn.init.eye_(shifted.weight[..., 0, 0])
    shifted.weight.data[0] *= 0
    found = parity.loss_on(dataset, nn.Identity(), shifted, "any")["similarity"]
    assert found["faces"] == 3
    assert found["lost"] == pytest.approx(found["torch"] - found["exported"])
    assert found["lost"] > 0
