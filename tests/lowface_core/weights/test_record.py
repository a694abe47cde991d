from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from lowface_core.errors import WeightsError
from lowface_core.weights.record import EMBEDDED, MISSING, WRONG, Record, find, package_file, records, unique_name
from tests.lowface_core.weights.conftest import component

CONTENT = b"weights"
SHA = hashlib.sha256(CONTENT).hexdigest()


def record(package: str = "lowface_core", /, **facts: Any) -> Record:
    return Record(component(package, **facts), "w")


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"url": "http://x/a/b.safetensors"}, "vgg-w.safetensors"),
        ({"url": "http://x/b.ckpt?download=true#top"}, "vgg-w.ckpt"),
        ({"url": "http://x/"}, "vgg-w.pth"),
        ({"url": "http://x/download", "filename": "net.pt"}, "vgg-w.pt"),
        ({"filename": "unique.pt"}, "vgg-w.pt"),
        ({}, "vgg-w.pth"),
    ],
)
def test_a_file_keeps_its_publishers_suffix(home: Path, facts: dict[str, Any], name: str):
    assert record(**facts).path == home / "dist" / name


def test_embedded_weights_are_verified_by_the_record_of_their_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "made_package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "w.pth").write_bytes(CONTENT)
    (package / "w.json").write_text(f'{{"sha256": "{SHA}"}}')
    monkeypatch.syspath_prepend(tmp_path)
    one = record("made_package", file="w.pth", record="w.json")
    assert one.state() == EMBEDDED
    (package / "w.pth").write_bytes(b"other")
    assert one.state() == WRONG
    with pytest.raises(WeightsError, match=r"; reinstall dist$"):
        one.verify()
    elsewhere = record("lowface_core", file="w.pth", package="made_package", sha256=SHA)
    with pytest.raises(WeightsError, match=r"; reinstall made_package$"):
        elsewhere.verify()
    assert record("made_package", file="gone.pth").state() == MISSING
    with pytest.raises(WeightsError, match=r"^weights: made_package does not ship gone\.pth; reinstall made_package$"):
        package_file(record().component, "gone.pth", "made_package")


def test_every_shipped_record_is_found_by_its_name():
    every = records()
    assert {"vgg16/imagenet", "retinaface/widerface", "retinex/released"} <= {r.name for r in every}
    for one in every:
        assert find(unique_name(one, every)) == one
        assert one.state() in (EMBEDDED, MISSING)


def test_namesakes_of_several_plugins_need_the_distribution(add_plugin: Any):
    facts = {"weights": {"imagenet": {"url": "http://x/w.pth", "licence": "x", "source": "x"}}}
    add_plugin({"head": {"vgg16": (dict, facts)}})
    with pytest.raises(WeightsError, match="claimed 2 times; write lowface/vgg16/imagenet or stranger/vgg16/imagenet"):
        find("vgg16/imagenet")
    assert find("stranger/vgg16/imagenet").entry.url == "http://x/w.pth"
    assert find("lowface/vgg16/imagenet").entry.url != "http://x/w.pth"


def test_namesakes_of_several_kinds_need_the_kind(add_plugin: Any):
    facts = {"weights": {"w": {"url": "http://x/w.pth"}}}
    add_plugin({"head": {"same": (dict, facts)}, "metric": {"same": (dict, {**facts, "better": "lower"})}})
    assert find("head:stranger/same/w").component.kind == "head"
    with pytest.raises(WeightsError, match="write head:stranger/same/w or metric:stranger/same/w"):
        find("same/w")
