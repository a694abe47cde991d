import torch

from lowface_face.landmark_cache import LandmarkCache


def test_known_by_content_size_and_key():
    cache = LandmarkCache()
    image = torch.rand(1, 3, 40, 50)
    (name,) = cache.names(image, ["a"])
    cache.put(name, torch.ones(2))
    assert torch.equal(cache.get(cache.names(image.clone(), ["a"])[0]), torch.ones(2))
    assert cache.get(cache.names(image.flip(-1), ["a"])[0]) is None
    assert cache.get(cache.names(image[..., :-1], ["a"])[0]) is None
    assert cache.get(cache.names(image, ["b"])[0]) is None


def test_tiny_pictures_have_names():
    assert len(LandmarkCache().names(torch.rand(2, 3, 4, 5), None)) == 2


def test_forgets_the_one_unused_for_longest():
    cache = LandmarkCache(most=2)
    for name in ("a", "b"):
        cache.put((name,), torch.zeros(1))
    cache.get(("a",))
    cache.put(("c",), torch.zeros(1))
    assert len(cache) == 2
    assert cache.get(("b",)) is None
    assert cache.get(("a",)) is not None
