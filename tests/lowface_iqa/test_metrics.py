"""Other libraries' measures as metrics: their own numbers, picture by picture, and who says what is better."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import lowface_core as lf
from lowface_core.errors import ConfigError, LowfaceError, PluginError
from lowface_core.evaluation.metric_set import MetricSet


@pytest.fixture
def library() -> Any:
    return pytest.importorskip("torchmetrics.image", reason='needs pip install "lowface[torchmetrics]"')


def pair(side: int = 48) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    normal = torch.rand(3, 3, side, side, generator=generator)
    return (normal + 0.1 * torch.randn(normal.shape, generator=generator)).clamp(0, 1), normal


@pytest.mark.parametrize(
    "name",
    ["VisualInformationFidelity", "universal_image_quality_index", "error_relative_global_dimensionless_synthesis"],
)
def test_is_the_mean_of_the_librarys_numbers(name: str, library: Any) -> None:
    image, normal = pair()
    metric = lf.build("metric", "torchmetrics", name=name)
    own = metric.update(image, normal)["torchmetrics"]
    kind = getattr(library, name if name[0].isupper() else name.title().replace("_", ""))
    expected = torch.stack([kind()(image[k : k + 1], normal[k : k + 1]) for k in range(3)])
    torch.testing.assert_close(own, expected.double(), atol=1e-6, rtol=1e-5)
    assert metric.compute() == pytest.approx(float(expected.mean()), rel=1e-5)
    assert metric.better == ("lower" if "error" in name else "higher")


def test_without_a_reference_it_reads_none(library: Any) -> None:
    image, _ = pair()
    metric = lf.build("metric", "torchmetrics", name="total_variation", options={"reduction": "mean"})
    by_hand = sum(image.diff(dim=axis).abs().sum((1, 2, 3)) for axis in (2, 3))
    torch.testing.assert_close(metric.update(image)["torchmetrics"], by_hand.double(), rtol=1e-5, atol=0)
    assert metric.variant == "TotalVariation, reduction='mean'"


def test_columns_say_what_the_measure_says(library: Any) -> None:
    image, normal = pair()
    specs = {
        name: {"type": "torchmetrics", "name": name} for name in ("total_variation", "spatial_correlation_coefficient")
    }
    metrics = MetricSet(specs, ("low", "normal"))
    metrics.update({"low": image, "enhanced": image, "normal": normal})
    table, columns = metrics.compute()
    assert {name: column["better"] for name, column in columns.items()} == dict(
        zip(specs, ("lower", "higher"), strict=True)
    )
    assert [metrics.direction(name) for name in specs] == ["lower", "higher"]
    assert {*table["normal"]} == {"total_variation"}  # the other compares with it


def test_mistakes_are_one_line(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        ConfigError, match="no such metric of single pictures: 'total_variaton'; did you mean 'total_va"
    ):
        lf.build("metric", "torchmetrics", name="total_variaton")
    with pytest.raises(ConfigError, match="options: torchmetrics' TotalVariation does not take them"):
        lf.build("metric", "torchmetrics", name="TotalVariation", options={"odd": 1})
    with pytest.raises(LowfaceError, match="VisualInformationFidelity: cannot measure pictures of"):
        lf.build("metric", "torchmetrics", name="VisualInformationFidelity").update(*pair(16))
    for name in ("torchmetrics", "pyiqa"):
        for module in (name, f"{name}.image"):
            monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(PluginError, match=rf'pip install "lowface\[{name}\]"'):
            lf.build("metric", name, name="psnr")


class Stand(nn.Module):
    """A metric as pyiqa makes them."""

    def __init__(self, name: str, as_loss: bool) -> None:
        super().__init__()
        self.lower_better, self.metric_mode, self.as_loss = name == "blur", "FR" if name == "near" else "NR", as_loss

    def forward(self, target: Tensor, ref: Tensor | None = None) -> Tensor:
        assert 0 <= target.min() <= target.max() <= 1
        with torch.set_grad_enabled(self.as_loss):
            return (target if ref is None else -(target - ref).abs()).mean((1, 2, 3), keepdim=True)[..., 0, 0]


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for pyiqa, which tests never need: its licence does not allow every use."""
    made: Any = ModuleType("pyiqa")
    made.list_models = lambda: ["bright", "near", "blur"]
    made.create_metric = lambda name, as_loss, device, **options: (
        Stand(name, as_loss) if {*options} <= {"loss_reduction"} else SimpleNamespace()[name]  # type: ignore[index]
    )
    monkeypatch.setitem(sys.modules, "pyiqa", made)


def test_pyiqa_says_its_licence_every_time(stand: None, capsys: pytest.CaptureFixture[str]) -> None:
    image, normal = pair()
    metric = lf.build("metric", "pyiqa", name="bright")
    assert metric.update(image)["pyiqa"].tolist() == pytest.approx(image.mean((1, 2, 3)).tolist())
    near = lf.build("metric", "pyiqa", name="near")
    near.update(image + 2, normal)
    assert near.compute() == pytest.approx(-float((1 - normal).mean()), rel=1e-5)
    assert (metric.better, lf.build("metric", "pyiqa", name="blur").better) == ("higher", "lower")
    out, err = capsys.readouterr()
    assert not out
    assert [line.split(":")[0] for line in err.splitlines()] == ["pyiqa (bright)", "pyiqa (near)", "pyiqa (blur)"]
    assert err.count("forbid commercial use") == 3


def test_pyiqas_mistakes(stand: None) -> None:
    with pytest.raises(ConfigError, match="pyiqa has no 'brigt'; did you mean 'bright'"):
        lf.build("metric", "pyiqa", name="brigt")
    with pytest.raises(ConfigError, match="pyiqa cannot build 'bright'"):
        lf.build("metric", "pyiqa", name="bright", options={"odd": 1})
    loss = lf.build("loss", "pyiqa", name="near")
    image, normal = pair()
    image.requires_grad_()
    loss(image, normal).backward()
    assert image.grad is not None
    assert image.grad.abs().sum() > 0
    loss.judge.metric.as_loss = False
    with pytest.raises(ConfigError, match="pyiqa near carries no gradient; use it as a metric"):
        loss(image, normal)
