import torch

from lowface_face.encoder import Encoder, template_for


class Mean(Encoder):
    crop_size = (8, 6)
    dim = 3

    def embed(self, crop):
        assert crop.shape[-2:] == self.crop_size
        return crop.mean((2, 3)) * 7


def test_templates():
    wide, narrow = template_for((112, 112)), template_for((112, 96))
    torch.testing.assert_close(wide[0], torch.tensor([38.2946, 51.6963]))
    torch.testing.assert_close(narrow, wide - torch.tensor([8.0, 0.0]))
    torch.testing.assert_close(template_for((224, 224))[2], wide[2] * 2 + 0.5)


def test_embeddings_have_unit_length_and_other_sizes_are_resized():
    encoder = Mean()
    for size in ((8, 6), (30, 17)):
        out = encoder(torch.rand(4, 3, *size))
        torch.testing.assert_close(out.norm(dim=1), torch.ones(4))
