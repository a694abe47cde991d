import pytest
import torch

from lowface_core.errors import WeightsError
from lowface_face.anchors import anchor_grid
from lowface_face.detector import RetinaFace
from lowface_face.retinaface import RetinaFaceNet


def test_layout_is_the_released_one(layouts):
    layout = layouts["Retinaface_mobilenet0.25.pth"]
    state = RetinaFaceNet().state_dict()
    assert {key: list(value.shape) for key, value in state.items()} == layout


def test_one_output_per_anchor_at_odd_sizes():
    with torch.no_grad():
        scores, boxes, points = RetinaFaceNet().eval()(torch.zeros(2, 3, 70, 101))
    count = len(anchor_grid(70, 101))
    assert scores.shape == (2, count)
    assert boxes.shape == (2, count, 4)
    assert points.shape == (2, count, 10)


def public_resnet50_layout():
    """Keys and shapes of the public RetinaFace ResNet-50 files, written down from their published architecture."""
    shapes = {}

    def norm(name, channels):
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{name}.{part}"] = (channels,)
        shapes[f"{name}.num_batches_tracked"] = ()

    def unit(name, outputs, inputs, kernel):
        shapes[f"{name}.0.weight"] = (outputs, inputs, kernel, kernel)
        norm(f"{name}.1", outputs)

    shapes["body.conv1.weight"] = (64, 3, 7, 7)
    norm("body.bn1", 64)
    inputs = 64
    for stage, (width, blocks) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3)), 1):
        for block in range(blocks):
            name = f"body.layer{stage}.{block}"
            for k, (o, i, kernel) in enumerate(((width, inputs, 1), (width, width, 3), (4 * width, width, 1)), 1):
                shapes[f"{name}.conv{k}.weight"] = (o, i, kernel, kernel)
                norm(f"{name}.bn{k}", o)
            if block == 0:
                shapes[f"{name}.downsample.0.weight"] = (4 * width, inputs, 1, 1)
                norm(f"{name}.downsample.1", 4 * width)
            inputs = 4 * width
    for level, channels in enumerate((512, 1024, 2048), 1):
        unit(f"fpn.output{level}", 256, channels, 1)
        name = f"ssh{level}"
        unit(f"{name}.conv3X3", 128, 256, 3)
        unit(f"{name}.conv5X5_1", 64, 256, 3)
        for part in ("conv5X5_2", "conv7X7_2", "conv7x7_3"):
            unit(f"{name}.{part}", 64, 64, 3)
        for head, values in (("ClassHead", 2), ("BboxHead", 4), ("LandmarkHead", 10)):
            shapes[f"{head}.{level - 1}.conv1x1.weight"] = (2 * values, 256, 1, 1)
            shapes[f"{head}.{level - 1}.conv1x1.bias"] = (2 * values,)
    for part in ("merge1", "merge2"):
        unit(f"fpn.{part}", 256, 256, 3)
    return shapes


def test_resnet50_loads_the_public_layout_strictly(tmp_path):
    layout = public_resnet50_layout()
    network = RetinaFaceNet("resnet50")
    assert {key: tuple(value.shape) for key, value in network.state_dict().items()} == layout
    # as saved by data-parallel training
    torch.save({f"module.{key}": value for key, value in network.state_dict().items()}, tmp_path / "r50.pth")
    head = RetinaFace(tmp_path / "r50.pth", backbone="resnet50")
    for key, value in network.state_dict().items():
        assert torch.equal(head.network.state_dict()[key], value)
    assert len(head(torch.rand(2, 3, 70, 101))) == 2
    state = network.state_dict()
    del state["ssh1.conv3X3.0.weight"]
    torch.save(state, tmp_path / "cut.pth")
    with pytest.raises(WeightsError, match=r"ssh1.conv3X3.0.weight missing"):
        RetinaFace(tmp_path / "cut.pth", backbone="resnet50")


def test_resnet50_outputs_and_rectifiers():
    network = RetinaFaceNet("resnet50").eval()
    with torch.no_grad():
        scores, boxes, points = network(torch.zeros(1, 3, 70, 101))
    count = len(anchor_grid(70, 101))
    assert (scores.shape, boxes.shape, points.shape) == ((1, count), (1, count, 4), (1, count, 10))
    slopes = {m.negative_slope for m in network.modules() if isinstance(m, torch.nn.LeakyReLU)}
    assert slopes == {0.0}  # only pyramids of up to 64 channels leak
    assert {m.negative_slope for m in RetinaFaceNet().modules() if isinstance(m, torch.nn.LeakyReLU)} == {0.1}
