import torch

from lowface_face.anchors import anchor_grid, decode_boxes, decode_landmarks


def test_grid_order_and_count():
    grid = anchor_grid(33, 64)
    assert grid.shape == (2 * (5 * 8 + 3 * 4 + 2 * 2), 3)
    assert grid[:4].tolist() == [[4, 4, 16], [4, 4, 32], [12, 4, 16], [12, 4, 32]]
    assert grid[2 * 8].tolist() == [4, 12, 16]  # the next row
    assert grid[-1].tolist() == [48, 48, 512]


def test_grid_is_cached():
    assert anchor_grid(48, 80) is anchor_grid(48, 80)


def test_decoding():
    anchors = torch.tensor([[100.0, 50.0, 20.0]])
    boxes = decode_boxes(torch.tensor([[1.0, -2.0, 0.0, 5 * torch.log(torch.tensor(2.0))]]), anchors)
    # centre (100 + 0.1·20, 50 − 0.2·20), width 20, height 20·e^(0.2·5·ln 2) = 40
    torch.testing.assert_close(boxes, torch.tensor([[92.0, 26.0, 112.0, 66.0]]))
    points = decode_landmarks(torch.arange(10.0)[None], anchors)
    torch.testing.assert_close(points[0, :2], torch.tensor([[100.0, 52.0], [104.0, 56.0]]))
