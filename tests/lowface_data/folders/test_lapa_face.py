"""What a LaPa-Face folder serves: names, values, pairs, order, gallery."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lowface_core.data.images import read_image, write_image
from lowface_core.errors import ConfigError, DataError
from lowface_data.degradations.linear import LinearDarkening
from lowface_data.folders.lapa_face import LapaFace

KEYS = ("ann_0", "ann_1", "bob_0", "cy_d_0")


def level(key: str) -> float:
    """The grey level of a key's flat picture, so that a picture says whose it is."""
    return (51 * (KEYS.index(key) + 1)) / 255


def make(root: Path, *folders: str, keys: tuple[str, ...] = KEYS) -> Path:
    for folder in ("normal", *folders):
        for key in reversed(keys):  # written in an order that is not the sorted one
            if folder == "seg":
                (root / "seg").mkdir(exist_ok=True)
                Image.fromarray(np.full((12, 12), KEYS.index(key), np.uint8)).save(root / "seg" / f"{key}.png")
            else:
                grey = level(key) * (1 if folder == "normal" else 1 / 3)
                write_image(root / folder / f"{key}.png", np.full((3, 12, 12), grey))
    return root


def same(a: dict, b: dict) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def test_names_reflect_what_is_there(tmp_path: Path) -> None:
    darken = LinearDarkening()
    assert LapaFace(make(tmp_path / "a")).names == ("normal", "identity", "key")
    assert LapaFace(tmp_path / "a", degradation=darken).names == ("low", "normal", "identity", "key")
    everything = LapaFace(make(tmp_path / "b", "underexposed", "seg"), contrast=True)
    assert everything.names == ("low", "normal", "positive", "negative", "labels", "identity", "key")
    for data in (LapaFace(tmp_path / "a"), everything):
        assert tuple(data[0]) == data.names


def test_items_keep_the_contract(tmp_path: Path) -> None:
    data = LapaFace(make(tmp_path, "underexposed", "seg"), contrast=True)
    assert len(data) == 4
    assert data.identities == ("ann", "bob", "cy_d")
    for index, key in enumerate(KEYS):
        item = data[index]
        assert item["key"] == key
        assert data.identities[item["identity"]] == key.rpartition("_")[0]
        for name in ("low", "normal", "positive", "negative"):
            assert item[name].shape == (3, 12, 12)
            assert item[name].flags.c_contiguous
        np.testing.assert_allclose(item["normal"], level(key), atol=1e-6)
        np.testing.assert_allclose(item["low"], level(key) / 3, atol=1e-6)
        assert (item["labels"] == index).all()


def test_degradation_on_the_fly_follows_the_generator(tmp_path: Path) -> None:
    data = LapaFace(make(tmp_path), degradation=LinearDarkening(0.2, 0.6, quantize=False))
    ratios = [data.item(0, np.random.default_rng(seed))["low"].mean() / level("ann_0") for seed in range(20)]
    assert 0.2 <= min(ratios) < max(ratios) <= 0.6
    assert same(data[2], data[2])
    np.testing.assert_allclose(data[2]["low"].std(), 0, atol=1e-6)


def test_underexposed_files_win_over_the_degradation(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = LapaFace(make(tmp_path, "underexposed"), degradation=LinearDarkening(0.9, 1.0))
    np.testing.assert_allclose(data[0]["low"], level("ann_0") / 3, atol=1e-6)
    assert "degradation is not used" in caplog.text


def test_contrast_comes_from_other_identities(tmp_path: Path) -> None:
    data = LapaFace(make(tmp_path, "underexposed"), contrast=True)
    seen = set()
    for seed in range(60):
        item = data.item(0, np.random.default_rng(seed))
        seen.add((round(float(item["positive"].mean()), 2), round(float(item["negative"].mean()), 2)))
    others = [round(level(key), 2) for key in ("bob_0", "cy_d_0")]
    assert seen == {(p, round(n / 3, 2)) for p in others for n in others}


def test_contrast_negative_may_be_made_on_the_fly(tmp_path: Path) -> None:
    data = LapaFace(make(tmp_path), degradation=LinearDarkening(0.1, 0.1), contrast=True)
    for seed in range(10):
        item = data.item(3, np.random.default_rng(seed))
        assert item["positive"].mean() in [pytest.approx(level(key)) for key in KEYS[:3]]
        assert item["negative"].mean() < 0.1 * level("bob_0") + 0.01


def test_contrast_folders_are_preferred_and_take_the_samples_size(tmp_path: Path) -> None:
    make(tmp_path)
    write_image(tmp_path / "Contrast" / "high" / "x.png", np.full((3, 30, 20), 1.0))
    write_image(tmp_path / "Contrast" / "low" / "y.png", np.full((3, 8, 8), 0.2))
    item = LapaFace(tmp_path, contrast=True)[0]
    assert "low" not in item
    assert item["positive"].shape == item["negative"].shape == (3, 12, 12)
    assert item["positive"].min() == 1
    np.testing.assert_allclose(item["negative"], 0.2, atol=1e-6)


def test_contrast_without_a_source(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="give a degradation"):
        LapaFace(make(tmp_path), contrast=True)
    with pytest.raises(DataError, match=r"only one.*add a second") as caught:
        LapaFace(tmp_path, contrast=True, degradation=LinearDarkening(), limit=2)
    assert str(tmp_path) in str(caught.value)
    (tmp_path / "Contrast" / "high").mkdir(parents=True)
    write_image(tmp_path / "Contrast" / "high" / "x.png", np.ones((3, 4, 4)))
    with pytest.raises(DataError, match=r"Contrast/low: holds no pictures"):
        LapaFace(tmp_path, contrast=True)


def test_size_resizes_pictures_smoothly_and_maps_by_nearest(tmp_path: Path) -> None:
    make(tmp_path, "seg", keys=("ann_0",))
    stripes = np.zeros((3, 12, 12))
    stripes[:, :, ::2] = 1
    write_image(tmp_path / "normal" / "ann_0.png", stripes)
    Image.fromarray(np.repeat([[0, 10]], 6, axis=1).repeat(12, axis=0).astype(np.uint8)).save(
        tmp_path / "seg" / "ann_0.png"
    )
    item = LapaFace(tmp_path, size=4)[0]
    assert item["normal"].shape == (3, 4, 4)
    np.testing.assert_allclose(item["normal"][:, :, 1:3], 0.5, atol=0.1)
    np.testing.assert_array_equal(item["labels"], [[0, 0, 10, 10]] * 4)


def test_split_file(tmp_path: Path) -> None:
    make(tmp_path)
    assert [LapaFace(tmp_path, split="anything")[i]["key"] for i in range(4)] == list(KEYS)
    (tmp_path / "split.json").write_text(json.dumps({"train": ["cy_d_0", "ann_1"], "test": ["bob_0"]}))
    train = LapaFace(tmp_path)
    assert [train[i]["key"] for i in range(len(train))] == ["ann_1", "cy_d_0"]
    assert train.identities == ("ann", "cy_d")
    assert LapaFace(tmp_path, split="test").identities == ("bob",)
    assert len(LapaFace(tmp_path, split=None)) == 4
    assert [item["key"] for item in LapaFace(tmp_path, split=None, limit=3).gallery()] == ["ann_0", "bob_0"]


def test_files_of_other_splits_need_no_partner(tmp_path: Path) -> None:
    make(tmp_path, "seg", "underexposed")
    (tmp_path / "split.json").write_text(json.dumps({"train": ["ann_0"]}))
    for folder in ("seg", "underexposed"):
        (tmp_path / folder / "bob_0.png").unlink()
    assert len(LapaFace(tmp_path)) == 1


def test_one_folder_per_identity(tmp_path: Path) -> None:
    flat = LapaFace(make(tmp_path / "flat", "underexposed", "seg"), contrast=True)
    make(tmp_path / "deep", "underexposed", "seg")
    for folder in ("normal", "underexposed"):
        for path in list((tmp_path / "deep" / folder).iterdir()):
            home = path.parent / path.stem.rpartition("_")[0]
            home.mkdir(exist_ok=True)
            path.rename(home / path.name)
    deep = LapaFace(tmp_path / "deep", contrast=True)
    assert deep.identities == flat.identities
    assert all(same(flat[i], deep[i]) for i in range(4))


def test_gallery_is_the_first_picture_of_each_identity(tmp_path: Path) -> None:
    gallery = list(LapaFace(make(tmp_path, "underexposed")).gallery())
    assert [entry["key"] for entry in gallery] == ["ann_0", "bob_0", "cy_d_0"]
    assert [entry["identity"] for entry in gallery] == [0, 1, 2]
    for entry in gallery:
        np.testing.assert_allclose(entry["normal"], level(entry["key"]), atol=1e-6)
    small = LapaFace(tmp_path, size=6, gallery_size=10)
    assert small[0]["normal"].shape == (3, 6, 6)
    assert [entry["normal"].shape for entry in small.gallery()] == [(3, 10, 10)] * 3


def test_each_file_is_decoded_once(tmp_path: Path, reads: list[Path]) -> None:
    data = LapaFace(make(tmp_path, "underexposed"), contrast=True, size=8, skip_unreadable=True)
    for _ in range(3):
        for index in range(4):
            data[index]
    list(data.gallery())
    assert len(reads) == len(set(reads)) == 8


def test_nothing_is_decoded_at_construction_and_cache_can_be_off(tmp_path: Path, reads: list[Path]) -> None:
    cached, plain = (LapaFace(make(tmp_path, "seg"), size=8, cache=cache) for cache in (True, False))
    assert not reads
    assert same(plain[1], plain[1])
    assert len(reads) == 2
    assert same(plain[1], cached[1])


def test_fingerprint_follows_the_files(tmp_path: Path) -> None:
    make(tmp_path, "underexposed")
    first = LapaFace(tmp_path).fingerprint()
    assert first == LapaFace(tmp_path).fingerprint()
    assert first != LapaFace(tmp_path, limit=3).fingerprint()
    moved = tmp_path.with_name(tmp_path.name + "-moved")
    os.rename(tmp_path, moved)
    assert first == LapaFace(moved).fingerprint()
    with (moved / "underexposed" / "ann_0.png").open("ab") as file:
        file.write(b"0")
    assert first != LapaFace(moved).fingerprint()
    moved.rename(tmp_path)


def test_real_faces(shared: Path) -> None:
    root = shared / "data" / "celeba-face"
    train, test = (LapaFace(root, split, size=64, degradation=LinearDarkening()) for split in ("train", "test"))
    assert (len(train), len(test), len(LapaFace(root, split=None))) == (600, 200, 800)
    assert not set(train.identities) & set(test.identities)
    for data in (train, test):
        for index in range(0, len(data), len(data) // 10):
            item = data[index]
            assert item["low"].shape == item["normal"].shape == (3, 64, 64)
            assert item["labels"].max() <= 10
            assert (item["labels"] == 1).mean() > 0.05
            ratio = item["low"].mean() / item["normal"].mean()
            assert 0.34 < ratio < 0.46
    whole = read_image(root / "normal" / f"{test[0]['key']}.jpg")
    np.testing.assert_allclose(whole.mean((1, 2)), test[0]["normal"].mean((1, 2)), atol=0.003)
