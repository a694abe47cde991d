import torch

from lowface_face.finder import FaceFinder


def test_a_picture_is_known_by_key_size_and_content(bright_detector):
    image = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 0.5 + 0.2
    finder = FaceFinder(bright_detector)
    for searched, (picture, key) in enumerate(
        [(image, "a"), (image.flip(-1), "a"), (image[..., :-1], "a"), (image, "b"), (torch.rand(1, 3, 4, 5), None)], 1
    ):
        for _ in range(2):
            finder.find_once(picture.clone(), key and [key])
            assert bright_detector.seen == searched


def test_forgets_the_one_unused_for_longest(bright_detector):
    finder = FaceFinder(bright_detector, most=2)
    image = torch.rand(1, 3, 64, 64)
    for key, searched in (("a", 1), ("b", 2), ("a", 2), ("c", 3), ("a", 3), ("b", 4)):
        finder.find_once(image, [key])
        assert bright_detector.seen == searched, key
