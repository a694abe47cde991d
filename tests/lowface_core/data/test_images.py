"""Pictures and label maps: every mode becomes the documented numbers, every broken file one line that names it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lowface_core.data.images import list_images, read_image, read_labels, resize_image, resize_labels
from lowface_core.errors import DataError

ORANGE = (250, 120, 30)


def save(path: Path, picture: Image.Image, **options: object) -> Path:
    picture.save(path, **options)
    return path


def photo(height: int = 48, width: int = 64) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def error_line(path: Path, read=read_image) -> str:
    with pytest.raises(DataError) as caught:
        read(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}: ")
    assert message.count(str(path)) == 1
    return message


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".ppm", ".tif"])
def test_read_image_is_rgb_float(tmp_path: Path, suffix: str) -> None:
    pixels = photo()
    image = read_image(str(save(tmp_path / f"a{suffix}", Image.fromarray(pixels))))
    assert image.dtype == np.float32
    assert image.flags.c_contiguous
    np.testing.assert_array_equal(np.rint(image.transpose(1, 2, 0) * 255), pixels)
    assert image.max() <= 1


def test_grey_and_bilevel_have_three_equal_channels(tmp_path: Path) -> None:
    grey = read_image(save(tmp_path / "a.png", Image.new("L", (4, 4), 51)))
    np.testing.assert_array_equal(grey, np.float32(0.2))
    assert grey.shape == (3, 4, 4)
    assert read_image(save(tmp_path / "b.png", Image.new("1", (4, 4), 1))).min() == 1


def test_palette_is_read_by_its_colours(tmp_path: Path) -> None:
    picture = Image.new("P", (4, 4), 1)
    picture.putpalette([0, 0, 0, *ORANGE])
    image = read_image(save(tmp_path / "a.png", picture))
    np.testing.assert_array_equal(np.rint(image[:, 0, 0] * 255), ORANGE)


def test_transparency_shows_white(tmp_path: Path) -> None:
    clear = read_image(save(tmp_path / "a.png", Image.new("RGBA", (4, 4), (*ORANGE, 0))))
    opaque = read_image(save(tmp_path / "b.png", Image.new("RGBA", (4, 4), (*ORANGE, 255))))
    half = read_image(save(tmp_path / "c.png", Image.new("LA", (4, 4), (0, 128))))
    keyed = read_image(save(tmp_path / "d.png", Image.new("RGB", (4, 4), ORANGE), transparency=ORANGE))
    assert clear.min() == 1
    assert keyed.min() == 1
    np.testing.assert_array_equal(np.rint(opaque[:, 0, 0] * 255), ORANGE)
    np.testing.assert_allclose(half, 127 / 255, atol=1e-6)


def test_cmyk(tmp_path: Path) -> None:
    path = save(tmp_path / "a.jpg", Image.new("CMYK", (16, 16), (0, 255, 255, 0)), quality=100)
    with Image.open(path) as stored:
        assert stored.mode == "CMYK"
    np.testing.assert_allclose(read_image(path)[:, 8, 8], [1, 0, 0], atol=0.02)


def test_mode_i_and_float(tmp_path: Path) -> None:
    wide = Image.fromarray(np.full((2, 2), 65535, np.int32))
    assert read_image(save(tmp_path / "a.tif", wide)).min() == 1
    assert "16 bits" in error_line(save(tmp_path / "b.tif", Image.fromarray(np.full((2, 2), 65536, np.int32))))
    quarter = Image.fromarray(np.full((2, 2), 0.25, np.float32))
    assert read_image(save(tmp_path / "c.tif", quarter)).max() == 0.25
    assert "[0,1]" in error_line(save(tmp_path / "d.tif", Image.fromarray(np.full((2, 2), np.nan, np.float32))))


def test_labels_are_indices_not_colours(tmp_path: Path) -> None:
    indices = np.array([[0, 10], [3, 7]], np.uint8)
    palette = Image.fromarray(indices)
    palette = palette.convert("P")
    palette.putdata(indices.ravel().tolist())
    palette.putpalette([value for i in range(11) for value in (255 - i, 20 * i, 5)])
    for name, picture in (("p.png", palette), ("l.png", Image.fromarray(indices))):
        labels = read_labels(save(tmp_path / name, picture))
        assert labels.dtype == np.int64
        np.testing.assert_array_equal(labels, indices)
    sixteen = read_labels(save(tmp_path / "s.png", Image.fromarray(indices.astype(np.uint16))))
    np.testing.assert_array_equal(sixteen, indices)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA"])
def test_coloured_label_map_is_refused(tmp_path: Path, mode: str) -> None:
    message = error_line(save(tmp_path / "a.png", Image.new(mode, (4, 4))), read_labels)
    assert mode in message
    assert "class numbers" in message


@pytest.mark.parametrize("read", [read_image, read_labels])
def test_missing_empty_text_and_folder(tmp_path: Path, read) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("not a picture\n" * 50)
    (tmp_path / "folder.jpg").mkdir()
    assert "no such file" in error_line(tmp_path / "none.jpg", read)
    assert "0 bytes" in error_line(tmp_path / "empty.jpg", read)
    assert "not a picture" in error_line(tmp_path / "text.jpg", read)
    assert "folder" in error_line(tmp_path / "folder.jpg", read)
    assert "part of the path is a file" in error_line(tmp_path / "text.jpg" / "a.jpg", read)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".bmp", ".ppm"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_cut_short_is_an_error(tmp_path: Path, suffix: str, share: float) -> None:
    buffer = io.BytesIO()
    Image.fromarray(photo(96, 96)).save(buffer, Image.registered_extensions()[suffix])
    content = buffer.getvalue()
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content[: int(len(content) * share)])
    assert re.search(r"cut short|cannot be decoded|not a picture", error_line(path))


@pytest.mark.filterwarnings("ignore::UserWarning")  # the TIFF decoder comments on what it skips
def test_damaged_bytes_never_escape_as_another_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    refused = []
    for suffix in (".jpg", ".png", ".tif", ".webp"):
        whole = save(tmp_path / f"whole{suffix}", Image.fromarray(photo(24, 24))).read_bytes()
        path = tmp_path / f"damaged{suffix}"
        for _ in range(60):
            content = bytearray(whole)
            for place in rng.integers(0, min(len(content), 200), 4):
                content[place] = rng.integers(256)
            path.write_bytes(content)
            try:
                assert read_image(path).ndim == 3
            except DataError as error:
                refused.append(str(error).startswith(f"{path}: ") and "\n" not in str(error))
    assert len(refused) > 50
    assert all(refused)


def test_decompression_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "a.png", Image.new("L", (300, 300)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert "too large" in error_line(path)


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "a.png", Image.new("L", (4, 4)))

    def deny(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Image, "open", deny)  # file modes do not bind the superuser that containers run tests as
    assert "not permitted" in error_line(path)


def test_real_pictures_and_maps(shared: Path) -> None:
    folder = shared / "data" / "celeba-face"
    pictures, maps = list_images(folder / "normal"), list_images(folder / "seg")
    assert len(pictures) == len(maps) == 800
    for picture, labels in list(zip(pictures, maps, strict=True))[::40]:
        assert picture.stem == labels.stem
        small = resize_image(read_image(picture), (64, 64))
        assert small.shape == (3, 64, 64)
        assert 0.02 < small.mean() < 0.98
        classes = resize_labels(read_labels(labels), (64, 64))
        assert classes.max() <= 10
        assert (classes == 1).any()
