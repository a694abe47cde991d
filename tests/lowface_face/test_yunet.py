"""YuNet: the numbers of onnxruntime, decoding by hand, sensible faces at any size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from lowface_core.data.images import read_image
from lowface_face.yunet import YuNet, cell_grid, decode
from lowface_face.yunet_network import YuNetNet

FILE = "face_detection_yunet_2023mar_int8bq.onnx"


@pytest.fixture(scope="module")
def yunet(weights: Path) -> YuNet:
    pytest.importorskip("onnx", reason='needs pip install "lowface[onnx]"')
    return YuNet(weights / FILE)


def test_one_answer_a_cell() -> None:
    scores, boxes, points = YuNetNet().eval()(torch.zeros(2, 3, 64, 96))
    count = 8 * 12 + 4 * 6 + 2 * 3
    assert scores.shape == (2, count)
    assert boxes.shape == (2, count, 4)
    assert points.shape == (2, count, 10)
    assert len(cell_grid(64, 96)) == count
    assert cell_grid(64, 96)[13].tolist() == [1, 1, 8]
    assert cell_grid(64, 96)[-1].tolist() == [2, 1, 32]


def test_decoding_by_hand() -> None:
    cells = torch.tensor([[3.0, 5.0, 16.0]])
    box, points = decode(torch.tensor([[0.5, 0.25, 0.0, np.log(2.0)]]).float(), torch.full((1, 10), 0.5), cells)
    assert box[0].tolist() == pytest.approx([56 - 8, 84 - 16, 56 + 8, 84 + 16])
    assert points[0].tolist() == [[56, 88]] * 5


def test_equals_onnxruntime(yunet: YuNet, weights: Path) -> None:
    runtime = pytest.importorskip("onnxruntime", reason="reference values are onnxruntime's")
    import onnx

    model = onnx.load(str(weights / FILE))
    sizes = {held.name: list(held.dims) for held in model.graph.initializer}
    for node in model.graph.node:  # the file gives a block size to biases of one scale, which onnxruntime refuses
        if node.op_type == "DequantizeLinear" and sizes[node.input[1]] == [1]:
            kept = [held for held in node.attribute if held.name != "block_size"]
            del node.attribute[:]
            node.attribute.extend(kept)
    session = runtime.InferenceSession(model.SerializeToString())
    pixels = np.random.default_rng(0).uniform(0, 255, (1, 3, 640, 640)).astype(np.float32)
    names = [output.name for output in session.get_outputs()]
    told = dict(zip(names, session.run(None, {"input": pixels}), strict=True))
    cls, obj, bbox, kps = (
        np.concatenate([told[f"{kind}_{stride}"] for stride in (8, 16, 32)], 1)
        for kind in ("cls", "obj", "bbox", "kps")
    )
    with torch.no_grad():
        scores, boxes, points = yunet.network(torch.from_numpy(pixels))
    np.testing.assert_allclose(scores, np.sqrt(cls * obj)[..., 0], atol=1e-3)
    np.testing.assert_allclose(boxes, bbox, atol=1e-4)
    np.testing.assert_allclose(points, kps, atol=1e-4)


def test_finds_real_faces_where_their_maps_are(yunet: YuNet, shared: Path) -> None:
    from PIL import Image

    root = shared / "data" / "celeba-face"
    seen = 0
    for path in sorted((root / "normal").iterdir())[:12]:
        faces = yunet(torch.from_numpy(read_image(path))[None])[0]
        labels = np.asarray(Image.open(root / "seg" / f"{path.stem}.png"))
        rows, columns = np.nonzero((labels > 0) & (labels < 10))
        middle = np.array([columns.mean(), rows.mean()])
        if len(faces):
            left, top, right, bottom = faces.boxes[faces.largest()].tolist()
            points = faces.landmarks[faces.largest()]
            inside = left < middle[0] < right and top < middle[1] < bottom
            seen += inside and bool(points[0, 0] < points[1, 0]) and bool(points[0, 1] < points[3, 1])
    assert seen >= 11


def test_faces_of_large_and_odd_pictures_come_back_in_their_pixels(yunet: YuNet, shared: Path) -> None:
    picture = torch.from_numpy(read_image(sorted((shared / "data" / "celeba-face" / "normal").iterdir())[0]))[None]
    plain = yunet(picture)[0]
    assert len(plain) >= 1
    wide = torch.nn.functional.pad(picture, (900, 0, 0, 33))  # shrunk to 640, and no multiple of 32
    moved = yunet(wide)[0]
    assert len(moved) >= 1
    np.testing.assert_allclose(moved.landmarks[0] - torch.tensor([900.0, 0.0]), plain.landmarks[0], atol=12)
    assert len(yunet(torch.zeros(1, 3, 40, 40))[0]) == 0
    both = yunet(torch.cat([picture, torch.zeros_like(picture)]))
    torch.testing.assert_close(both[0].boxes, plain.boxes)
    assert len(both[1]) == 0
