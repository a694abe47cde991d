import torch

from lowface_face.face_encoder import FaceEncoder, FaceEncoderNet


def test_size():
    count = sum(p.numel() for p in FaceEncoderNet().parameters())
    assert 300_000 < count < 600_000


def test_saved_and_loaded(tmp_path):
    from safetensors.torch import save_file

    network = FaceEncoderNet(dim=32).eval()
    save_file(network.state_dict(), tmp_path / "encoder.safetensors")
    head = FaceEncoder(tmp_path / "encoder.safetensors", dim=32)
    crop = torch.rand(3, 3, 64, 64)
    with torch.no_grad():
        want = torch.nn.functional.normalize(network(crop * 2 - 1), dim=1)
        torch.testing.assert_close(head(crop), want)
