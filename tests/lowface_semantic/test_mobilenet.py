"""The released parser's network against its recorded layout and logits."""

from __future__ import annotations

import numpy as np
import torch

from lowface_semantic.mobilenet import MobileNetDeepLab
from lowface_semantic.parser import Parser


def test_layout_of_the_released_checkpoint(layouts):
    want = layouts["best_deeplabv3plus_mobilenet_lapa_epoch96.pth:model_state"]
    have = {key: list(value.shape) for key, value in MobileNetDeepLab().state_dict().items()}
    assert have == want


def test_logits_of_the_released_code(shared, oracle_weights):
    with np.load(shared / "oracle" / "frozen_networks.npz") as arrays:
        image = torch.from_numpy(arrays["seg_input"])
        want = torch.from_numpy(arrays["deeplabv3plus_mobilenet_logits"])
    network = MobileNetDeepLab()
    network.load_state_dict(oracle_weights(network.state_dict()))
    # the recorded input is what the network itself was given, so it is not normalised again
    parser = Parser(network, normalize=False, multiple=1, smallest=16).eval()
    with torch.no_grad():
        got = parser(image)
    assert (got - want).norm() / want.norm() < 1e-4


def test_output_stride_changes_resolution_not_weights():
    states, sizes = [], []
    for stride in (8, 16):
        network = MobileNetDeepLab(3, stride).eval()
        states.append({key: value.shape for key, value in network.state_dict().items()})
        with torch.no_grad():
            sizes.append(network.backbone(torch.rand(1, 3, 64, 64))[1].shape[-1])
    assert states[0] == states[1]
    assert sizes == [8, 4]
