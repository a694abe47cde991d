from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lowface_core.errors import DataError
from lowface_core.report import galleries
from lowface_core.report.album import STEPS, Album, Shot
from lowface_core.report.charts import BINS, brightness, histogram
from lowface_core.report.galleries import Gallery
from lowface_core.report.inputs import read_all

Write = Callable[..., Path]


def test_samples_of_several_methods_stand_side_by_side(evaluation: Write, pictures: Callable[..., None]) -> None:
    folders = [evaluation("gamma"), evaluation("lowfacenet")]
    for folder in folders:
        pictures(folder, {"sample": 3}, {"psnr": 18.25})
    (gallery,) = galleries.samples(read_all(folders), album := Album())
    assert [card.title for card in gallery.cards] == [f"person_{i}/sample" for i in range(3)]
    card = gallery.cards[0]
    assert [shot.caption for shot in card.shots] == ["low", "gamma", "lowfacenet", "normal"]
    assert card.shots[1].alt == "person_0/sample: enhanced by gamma; psnr 18.25"
    assert card.numbers == "gamma: psnr 18.25\nlowfacenet: psnr 18.25"
    assert {k: len(v) for k, v in gallery.images.items()} == {
        "low": 3,
        "enhanced by gamma": 3,
        "enhanced by lowfacenet": 3,
        "normal": 3,
    }
    assert len(album.shots) == 12


def test_failures_say_whose_what_and_how_many(counting: Write, pictures: Callable[..., None]) -> None:
    folder = counting()
    pictures(folder, {"lost": 3, "another": 1, "sample": 1}, {"rank": 3})
    (lost,) = galleries.failures(read_all([folder]), Album())  # the groups that the kind of result names
    assert lost.title == "Lost: gamma (counting)"
    assert lost.note == "Found before, not after. 3 of 15 are shown."
    assert lost.cards[0].note == "two instead of three"
    assert lost.cards[0].shots[1].alt == "person_0/lost: enhanced, gamma; rank 3; two instead of three"


def test_many_results_show_fewer_pictures_each(evaluation: Write, pictures: Callable[..., None]) -> None:
    folders = [evaluation(f"m{i}") for i in range(4)]
    for folder in folders:
        pictures(folder, {"sample": 12, "worst": 100}, size=16)
    sources = read_all(folders)
    assert galleries.most_cards(sources[:1]) == 100  # one result alone shows all it kept
    assert galleries.most_cards(sources) == 12
    found = galleries.failures(sources, Album())
    assert [len(g.cards) for g in found] == [12] * 4
    assert found[0].note.endswith("12 of 100 are shown.")
    assert galleries.most_cards(sources * 4) == 6


def test_training_panels_are_taken_apart_and_shown_in_order(training: Write) -> None:
    samples, steps = galleries.training(read_all([training(iterations=90, panels=9)]), Album())
    assert [shot.caption for shot in samples.cards[1].shots] == ["low", "enhanced", "illumination", "normal"]
    assert samples.cards[0].shots[1].alt == "lowfacenet, sample 1: enhanced, iteration 90"
    titles = [card.title for card in steps.cards]
    assert len(titles) == galleries.STEPS_SHOWN
    assert (titles[0], titles[-1]) == ("iteration 10", "iteration 90")


def test_a_panel_of_another_make_is_shown_whole(training: Write) -> None:
    folder = training(panels=1)
    Image.new("RGB", (300, 100), "navy").save(folder / "samples" / "iter_000100.png")
    (gallery,) = galleries.training(read_all([folder]), Album())
    assert [len(card.shots) for card in gallery.cards] == [1]
    assert gallery.images == {}


def test_a_broken_thumbnail_is_named(evaluation: Write, pictures: Callable[..., None]) -> None:
    folder = evaluation()
    pictures(folder, {"sample": 1})
    (folder / "pictures" / "0001_low.jpg").write_bytes(b"")
    with pytest.raises(DataError, match=r"0001_low\.jpg"):
        galleries.samples(read_all([folder]), Album())


def noisy(seed: int, width: int = 256, height: int = 192) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def decoded(shot: Shot) -> Image.Image:
    head, content = shot.source.split(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(content)))


def test_few_pictures_keep_their_size() -> None:
    album = Album()
    small, large, sheet = (
        album.add(Shot(image, "alt", "caption", scale))
        for image, scale in ((noisy(0, 96, 80), 1.0), (noisy(1, 600, 300), 1.0), (noisy(2, 600, 300), 2.0))
    )
    album.close()
    assert (album.side, album.quality) == STEPS[0]
    assert decoded(small).size == (small.width, small.height) == (96, 80)
    assert decoded(large).size == (256, 128)
    assert decoded(sheet).size == (512, 256)


def test_many_pictures_share_the_room() -> None:
    album = Album(room=200_000)
    for seed in range(20):
        album.add(Shot(noisy(seed), "alt", "caption"))
    album.close()
    assert sum(len(shot.source) for shot in album.shots) <= 200_000
    assert album.side < STEPS[0][0]
    assert all(max(decoded(shot).size) == album.side for shot in album.shots)


def test_the_histogram_is_that_of_rec_601_luma() -> None:
    share, mean = histogram([Image.new("RGB", (8, 8), "black"), Image.new("RGB", (2, 2), "white")])
    assert (share[0], share[-1]) == (0.5, 0.5)  # each picture weighs the same
    assert share.sum() == pytest.approx(1)
    assert mean == pytest.approx(0.5)
    share, mean = histogram([Image.new("RGB", (4, 4), (255, 0, 0))])
    assert mean == pytest.approx(0.299)
    assert int(np.argmax(share)) == int(0.299 * BINS)


def test_the_chart_says_what_it_was_made_from() -> None:
    dark, bright = Image.new("RGB", (4, 4), (20, 20, 20)), Image.new("RGB", (4, 4), (200, 200, 200))
    images = {"low": [dark] * 3, "enhanced by gamma": [bright] * 3, "illumination": [bright]}
    chart = brightness(Gallery("g", "Samples", images=images), {"gamma": "m3"})
    assert chart is not None
    assert [name for _, name in chart.legend] == ["low (mean 0.08)", "enhanced by gamma (mean 0.78)"]
    assert "3 pictures shown under “Samples”" in chart.note
    assert "tone-m3" in chart.picture
    assert len(chart.rows) == BINS
    assert brightness(Gallery("g", "Samples"), {}) is None
