"""Networks described by mmsegmentation's own config files."""

from __future__ import annotations

import pytest
import torch

from lowface_core.errors import ConfigError, WeightsError
from lowface_semantic.deeplabv3plus import DeepLabV3Plus
from lowface_semantic.from_config import from_config
from lowface_semantic.parser_task import ParserTask

# An FCN on a tiny ResNet: nothing of DeepLabv3+ in it, synchronised batch norm, an auxiliary head and a
# pretrained backbone, as the library's own configs have them.
TINY = """
norm_cfg = dict(type="SyncBN", requires_grad=True)
data_preprocessor = dict(
    type="SegDataPreProcessor", mean=[127.5, 127.5, 127.5], std=[51.0, 51.0, 102.0], bgr_to_rgb={rgb},
)
model = dict(
    type="EncoderDecoder",
    data_preprocessor=data_preprocessor,
    pretrained="open-mmlab://resnet18_v1c",
    backbone=dict(type="ResNetV1c", depth=18, base_channels=8, stem_channels=8, norm_cfg=norm_cfg, style="pytorch"),
    decode_head=dict(
        type="FCNHead", in_channels=64, in_index=3, channels=16, num_convs=1, num_classes=5, norm_cfg=norm_cfg,
        loss_decode=dict(type="CrossEntropyLoss", use_sigmoid=False, loss_weight=1.0),
    ),
    auxiliary_head=dict(
        type="FCNHead", in_channels=32, in_index=2, channels=8, num_convs=1, num_classes=5, norm_cfg=norm_cfg,
    ),
    train_cfg=dict(), test_cfg=dict(mode="whole"),
)
"""


@pytest.fixture
def tiny(tmp_path):
    (tmp_path / "base.py").write_text(TINY.replace("{rgb}", "True"))
    path = tmp_path / "tiny.py"
    path.write_text('_base_ = "./base.py"\nmodel = dict(decode_head=dict(num_classes=7))\n')
    return path


def checkpoint(config, path):
    """As mmsegmentation saves: the auxiliary head and the preprocessing included."""
    torch.manual_seed(0)
    network = from_config(config)["network"]
    with torch.no_grad():
        for value in network.state_dict().values():
            if value.is_floating_point():
                value.uniform_(0.05, 0.15)
    extra = {"auxiliary_head.conv_seg.weight": torch.rand(2), "data_preprocessor.mean": torch.rand(3)}
    torch.save({"meta": {}, "state_dict": {**network.state_dict(), **extra}}, path)
    return network.eval()


def test_any_model_with_its_classes_and_normalisation(tiny, tmp_path):
    network = checkpoint(tiny, tmp_path / "w.pth")
    head = DeepLabV3Plus(tmp_path / "w.pth", config=tiny).eval()
    image = torch.rand(2, 3, 64, 32, requires_grad=True)
    logits = head(image)
    assert logits.shape == (2, 7, 64, 32)
    x = (image * 255 - 127.5) / torch.tensor([51.0, 51.0, 102.0]).view(1, 3, 1, 1)
    want = torch.nn.functional.interpolate(network(x), size=(64, 32), mode="bilinear")
    torch.testing.assert_close(logits, want)
    logits[0, 3].sum().backward()
    assert image.grad[0].abs().sum() > 0
    assert DeepLabV3Plus(tmp_path / "w.pth", config=str(tiny), num_classes=7)(torch.rand(1, 3, 5, 41)).shape[1:] == (
        7, 5, 41,
    )  # fmt: skip


def test_networks_for_blue_first_get_blue_first(tmp_path):
    for name, rgb in (("rgb", True), ("bgr", False)):
        (tmp_path / f"{name}.py").write_text(TINY.replace("{rgb}", str(rgb)).replace("102.0", "51.0"))
    checkpoint(tmp_path / "rgb.py", tmp_path / "w.pth")
    rgb, bgr = (DeepLabV3Plus(tmp_path / "w.pth", config=tmp_path / f"{name}.py").eval() for name in ("rgb", "bgr"))
    image = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(bgr(image), rgb(image.flip(1)))


def test_synchronised_norm_becomes_ordinary(tiny):
    kinds = {type(module) for module in from_config(tiny)["network"].modules()}
    assert torch.nn.BatchNorm2d in kinds
    assert torch.nn.SyncBatchNorm not in kinds


def test_a_config_that_ships_with_mmsegmentation():
    what = from_config("fcn-d6_r50b-d16_4xb2-80k_cityscapes-512x1024")
    assert what["network"].out_channels == 19
    assert what["mean"] == pytest.approx((0.485, 0.456, 0.406), abs=1e-3)
    assert what["channels"] == "rgb"


def test_it_can_be_pretrained(tiny):
    class Labelled:
        names = ("normal", "labels")

    task = ParserTask({"type": "deeplabv3plus", "config": str(tiny)}, Labelled())
    assert task.classes == tuple("0123456")
    batch = {"normal": torch.rand(2, 3, 32, 32), "labels": torch.randint(0, 7, (2, 32, 32))}
    task.loss(batch)["loss_ce"].backward()
    assert all(p.grad is not None for p in task.network.decode_head.parameters())


def test_mistakes(tiny, tmp_path):
    checkpoint(tiny, tmp_path / "w.pth")
    with pytest.raises(ConfigError, match="builds a network for 7"):
        DeepLabV3Plus(tmp_path / "w.pth", num_classes=19, config=tiny)
    with pytest.raises(ConfigError, match="leave one out"):
        DeepLabV3Plus(tmp_path / "w.pth", "small", config=tiny)
    with pytest.raises(WeightsError, match=r"w\.pth: does not fit EncoderDecoder"):
        DeepLabV3Plus(tmp_path / "w.pth", config=tmp_path / "base.py")
    with pytest.raises(ConfigError, match="did you mean 'deeplabv3plus_r50"):
        from_config("deeplabv3plus_r50-d8_4xb2-40k_cityscape-512x1024")
    for text, message in (
        ("x = 1", "has no model"),
        ("model = dict(type='EncoderDecodr')", "cannot build its model"),
        ("model = dict(", "cannot be read as a config"),
    ):
        (tmp_path / "wrong.py").write_text(text)
        with pytest.raises(ConfigError, match=message) as caught:
            from_config(tmp_path / "wrong.py")
        assert "\n" not in str(caught.value)
        assert "wrong.py" in str(caught.value)
