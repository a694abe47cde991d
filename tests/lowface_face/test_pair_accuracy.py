import math

import torch

from lowface_face.pair_accuracy import verification_accuracy


def test_separable_and_not():
    ids = torch.arange(4)
    assert verification_accuracy(torch.eye(4), ids, ids) == 1.0
    assert verification_accuracy(torch.zeros(4, 4), ids, ids) == 0.5


def test_threshold_comes_from_the_other_half():
    # Half the probes have cosines shifted by 2: the threshold of one half is wrong for the other.
    ids = torch.arange(4)
    shift = torch.tensor([0.0, 2.0, 0.0, 2.0])[:, None]
    assert verification_accuracy(torch.eye(4) * 0.5 + shift, ids, ids) == 0.5


def test_impostor_is_another_person_even_with_repeated_columns():
    gallery = torch.tensor([0, 0, 1, 1])
    similarity = torch.tensor([[0.9, 0.9, 0.1, 0.1], [0.2, 0.2, 0.8, 0.8]])
    assert verification_accuracy(similarity, torch.tensor([0, 1]), gallery) == 1.0


def test_too_few_probes():
    assert math.isnan(verification_accuracy(torch.zeros(1, 2), torch.tensor([0]), torch.arange(2)))
