"""Plain folders: pairs by stem, unpaired pictures, any pictures; what is absent is absent from the names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lowface_core.config.build import build_from
from lowface_core.data.images import write_image
from lowface_core.errors import ConfigError, DataError
from lowface_data.degradations.linear import LinearDarkening
from lowface_data.folders.image_folder import ImageFolder
from lowface_data.folders.paired_folder import PairedFolder
from lowface_data.folders.unpaired_folder import UnpairedFolder


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for i, key in enumerate(("a", "b", "c")):
        write_image(tmp_path / "low" / f"{key}.png", np.full((3, 8, 6), 0.2 * i / 2))
        write_image(tmp_path / "normal" / "deep" / f"{key}.bmp", np.full((3, 8, 6), 0.4 + 0.2 * i))
    write_image(tmp_path / "normal" / "more.bmp", np.full((3, 8, 6), 1.0))
    return tmp_path


def test_pairs_by_stem(tree: Path) -> None:
    data = PairedFolder(tree / "low", tree / "normal", contrast=True)
    assert data.names == ("low", "normal", "positive", "negative", "key")
    for i, key in enumerate(("a", "b", "c")):
        item = data[i]
        assert item["key"] == key
        np.testing.assert_allclose(item["low"], 0.1 * i, atol=0.003)
        np.testing.assert_allclose(item["normal"], 0.4 + 0.2 * i, atol=0.003)
        assert abs(item["positive"].mean() - item["normal"].mean()) > 0.1


def test_pairs_with_maps_and_without_partners(tree: Path) -> None:
    (tree / "maps").mkdir()
    for key in ("a", "b"):
        Image.fromarray(np.full((8, 6), 3, np.uint8)).save(tree / "maps" / f"{key}.png")
    data = PairedFolder(tree / "low", tree / "normal", tree / "maps", limit=2)
    assert data.names == ("low", "normal", "labels", "key")
    assert (data[1]["labels"] == 3).all()
    with pytest.raises(DataError, match=r"maps: no label map for 'c'"):
        PairedFolder(tree / "low", tree / "normal", tree / "maps")
    (tree / "normal" / "deep" / "b.bmp").unlink()
    with pytest.raises(DataError, match=r"normal: no normal-light picture for 'b'"):
        PairedFolder(tree / "low", tree / "normal")
    write_image(tree / "normal" / "deep" / "a.bmp", np.zeros((3, 6, 8)))
    with pytest.raises(DataError, match=r"a\.png is 6x8 pixels and its picture .*a\.bmp is 8x6"):
        PairedFolder(tree / "low", tree / "normal", limit=1)[0]


def test_unpaired_pictures_come_without_replacement(tree: Path) -> None:
    data = UnpairedFolder(tree / "low", tree / "normal")
    assert data.names == ("low", "positive", "negative", "key")
    rng = np.random.default_rng(0)
    drawn = [data.draw(p % 3, rng, p)["positive"].mean() for p in range(8)]
    assert sorted(np.round(drawn[:4], 1)) == sorted(np.round(drawn[4:], 1)) == [0.4, 0.6, 0.8, 1.0]
    assert data[0]["negative"].mean() < 0.3
    with pytest.raises(DataError, match="no such folder"):
        UnpairedFolder(tree / "low", tree / "nowhere")


def test_any_folder(tree: Path) -> None:
    data = ImageFolder(tree)
    assert data.names == ("low", "key")
    assert [data[i]["key"] for i in (0, 3, 6)] == ["low/a", "normal/deep/a", "normal/more"]
    bright = ImageFolder(tree / "normal", "normal", size=4, degradation=LinearDarkening(), contrast=True)
    assert bright.names == ("low", "normal", "positive", "negative", "key")
    assert bright[0]["low"].shape == (3, 4, 4)
    with pytest.raises(ConfigError, match="give a degradation"):
        ImageFolder(tree / "normal", "normal", contrast=True)


def test_a_loss_that_needs_what_is_absent_fails_in_the_wiring_check(tree: Path, tmp_path: Path) -> None:
    from lowface_core.config.load import load
    from lowface_core.train.trainer import Trainer

    config = tmp_path / "c.json"
    config.write_text(
        f"""{{"enhancer": {{"type": "retinex", "channels": 4}}, "max_iters": 1, "device": "cpu",
        "losses": {{"semantic": {{"type": "semantic_brightness", "regions": "labels"}}}},
        "train_dataset": {{"type": "paired_folder", "low": "{tree}/low", "normal": "{tree}/normal"}}}}"""
    )
    with pytest.raises(ConfigError, match=r"losses\.semantic: reads 'labels'.*train_dataset 'paired_folder'"):
        Trainer(load(str(config), [], {"work_dir": str(tmp_path / "run")}), "c")


def test_contrast_from_is_built_from_a_config(tree: Path) -> None:
    contrast = {"type": "contrast", "high": str(tree / "normal"), "low": str(tree / "low"), "size": 8}
    spec = {"type": "paired_folder", "low": str(tree / "low"), "normal": str(tree / "normal"), "size": 4}
    data = build_from("dataset", {**spec, "contrast_from": contrast}, "train_dataset")
    assert data.names == ("low", "normal", "positive", "negative", "key")
    assert data[0]["positive"].shape == (3, 4, 4)
    with pytest.raises(ConfigError, match=r"train_dataset\.contrast_from\.hihg: .*did you mean 'high'"):
        build_from("dataset", {**spec, "contrast_from": {**contrast, "hihg": 1}}, "train_dataset")
