from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lowface_core.errors import DataError, LowfaceError
from lowface_core.report.write import make, targets

Write = Callable[..., Path]


def test_tables_are_written_beside_the_page(tmp_path: Path, evaluation: Write) -> None:
    done = make([evaluation()], tmp_path / "out" / "r.html")
    assert {kind: path.name for kind, path in done.files.items()} == {
        "html": "r.html",
        "md": "r.md",
        "csv": "r.csv",
        "latex": "r.tex",
    }
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["r.csv", "r.html", "r.md", "r.tex"]
    assert "<title>gamma</title>" in (tmp_path / "out" / "r.html").read_text(encoding="utf-8")


def test_nothing_is_replaced_without_overwrite(tmp_path: Path, evaluation: Write) -> None:
    folder, page = evaluation(), tmp_path / "r.html"
    (tmp_path / "r.md").write_text("mine")
    with pytest.raises(LowfaceError, match=r"r\.md: exists; add --overwrite"):
        make([folder], page)
    assert not page.exists()
    make([folder], page, formats=["html"])
    make([folder], page, overwrite=True)
    assert (tmp_path / "r.md").read_text() != "mine"


def test_names_of_the_page(tmp_path: Path) -> None:
    assert targets(tmp_path, ["html", "md"], False) == {
        "html": tmp_path / "report.html",
        "md": tmp_path / "report.md",
    }
    with pytest.raises(LowfaceError, match=r"ends in \.html"):
        targets(tmp_path / "r.md", ["md"], False)


def test_titles(tmp_path: Path, evaluation: Write, counting: Write) -> None:
    names = "abcde"
    make([*map(evaluation, names), counting("a")], tmp_path / "r.html", formats=["md"])
    assert (tmp_path / "r.md").read_text().startswith("# a, b and 3 more\n")


def test_a_hundred_real_noisy_pictures_stay_below_5_mb(
    shared: Path, tmp_path: Path, evaluation: Write, pictures: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """100 faces of LFW, each as low, enhanced and normal, with the noise that brightening leaves."""
    photographs = sorted((shared / "data" / "lfw-faces").glob("*/*.jpg"))[:100]
    assert len(photographs) == 100
    folder = evaluation()
    (folder / "pictures").mkdir()
    draw = np.random.default_rng(0)
    index = []
    for number, path in enumerate(photographs):
        normal = np.asarray(Image.open(path).convert("RGB"), dtype=np.float64) / 255
        light = normal**2.2 * 0.05
        low = (draw.poisson(light * 800) / 800 + draw.normal(0, 0.006, light.shape)).clip(0, 1)
        enhanced = (low / 0.05).clip(0, 1) ** (1 / 2.2)
        files = {}
        for stage, pixels in (("low", low), ("enhanced", enhanced), ("normal", normal)):
            files[stage] = f"{number:04d}_{stage}.jpg"
            Image.fromarray((pixels * 255).astype(np.uint8)).save(folder / "pictures" / files[stage], quality=85)
        entry = {"key": path.stem, "group": "sample", "stages": files, "numbers": {"psnr": 18.2}, "note": ""}
        index.append(entry)
    (folder / "pictures" / "index.json").write_text(json.dumps(index))
    page = make([folder], tmp_path / "r.html", formats=["html"]).files["html"]
    assert page.read_text(encoding="utf-8").count("data:image/jpeg;base64,") == 300
    assert 1_500_000 < page.stat().st_size <= 5_000_000


def test_a_result_that_is_broken_inside_is_named_by_path(tmp_path: Path, counting: Write) -> None:
    good, bad = counting(), counting(folder="x", stages={"low": {"found": {"value": "0.5"}}})
    with pytest.raises(DataError, match=r"x/result\.json: not a result; stages\.low\.found\.value: should") as caught:
        make([good, bad], tmp_path / "out" / "r.html")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()
