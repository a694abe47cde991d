import torch

from lowface_face.anchors import anchor_grid
from lowface_face.retinaface import RetinaFaceNet


def test_layout_is_the_released_one(shared):
    import json

    layout = json.loads((shared / "oracle" / "checkpoint_layouts.json").read_text())["Retinaface_mobilenet0.25.pth"]
    state = RetinaFaceNet().state_dict()
    assert {key: list(value.shape) for key, value in state.items()} == layout


def test_one_output_per_anchor_at_odd_sizes():
    with torch.no_grad():
        scores, boxes, points = RetinaFaceNet().eval()(torch.zeros(2, 3, 70, 101))
    count = len(anchor_grid(70, 101))
    assert scores.shape == (2, count)
    assert boxes.shape == (2, count, 4)
    assert points.shape == (2, count, 10)
