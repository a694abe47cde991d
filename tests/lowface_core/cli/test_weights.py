from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

CONTENT = b"weights" * 1000
SHA = hashlib.sha256(CONTENT).hexdigest()


class Head(nn.Module):
    """A head whose weights have names."""

    def __init__(self, weights: str) -> None:
        super().__init__()
        self.weights = weights


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOWFACE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LOWFACE_OFFLINE", raising=False)
    return tmp_path / "home"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "made.pth").write_bytes(CONTENT)
    return tmp_path / "web" / "made.pth"


@pytest.fixture(autouse=True)
def made(add_plugin: Callable[..., None], published: Path) -> None:
    """Head ``made`` with weights that can be fetched, that are wrong, that are fetched by hand, and that ship."""
    facts = {"licence": "MIT", "source": "the test", "sha256": SHA, "size": len(CONTENT)}
    weights = {
        "good": {**facts, "url": published.as_uri()},
        "bad": {**facts, "url": published.as_uri(), "sha256": "00" * 32},
        "web": {**facts, "url": "http://127.0.0.1:9/w.pth"},
        "hand": {"licence": "none stated", "source": "the authors' drive", "filename": "theirs.pth"},
        "ships": {"file": "errors.py", "package": "lowface_core", "licence": "Apache-2.0", "source": "here"},
    }
    add_plugin({"head": {"made": (Head, {"weights": weights})}})


def rows(lowface: Callable[..., Any]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in json.loads(lowface("weights", "list", "--json").out)}


def test_list_says_name_size_licence_source_and_state(lowface, home):
    known = rows(lowface)
    assert known["made/good"] == {
        "name": "made/good",
        "kind": "head",
        "plugin": "stranger:made",
        "size": 7000,
        "licence": "MIT",
        "source": "the test",
        "url": known["made/good"]["url"],
        "sha256": SHA,
        "state": "missing",
        "path": str(home / "stranger" / "made-good.pth"),
        "get": f"from {known['made/good']['url']}",
    }
    assert known["made/ships"]["state"] == "embedded"
    assert known["made/hand"]["get"] == "by hand, then: lowface weights add made/hand theirs.pth"
    assert known["small_features/embedded"]["state"] == "embedded"
    assert known["vgg16/imagenet"]["licence"].startswith("BSD-3-Clause")
    lowface("weights", "fetch", "made/good")
    assert rows(lowface)["made/good"]["state"] == "here"
    (home / "stranger" / "made-good.pth").write_bytes(b"other")
    assert rows(lowface)["made/good"]["state"] == "wrong hash"
    done = lowface("weights", "list")
    assert done.code == 0
    lines = done.out.splitlines()
    (at,) = [i for i, line in enumerate(lines) if line.startswith("made/good ")]
    assert lines[at].split() == ["made/good", "0.0", "KiB", "wrong", "hash", "MIT"]
    assert lines[at + 1] == "    the test"
    assert lines[at + 2] == f"    {home}/stranger/made-good.pth"
    assert not home.joinpath("lowface").exists()


def test_fetch_verify_and_path(lowface, home):
    place = home / "stranger" / "made-good.pth"
    missing = lowface("weights", "path", "made/good")
    assert (missing.code, missing.out) == (1, "")
    assert missing.err == "lowface: made/good: is missing; lowface weights fetch made/good\n"
    fetched = lowface("weights", "fetch", "made/good")
    assert (fetched.code, fetched.out) == (0, f"made/good: {place}\n")
    assert lowface("weights", "path", "made/good").out == f"{place}\n"
    assert lowface("weights", "fetch", "made/good").err == ""  # nothing to do
    verified = lowface("weights", "verify", "made/good")
    assert (verified.code, verified.out) == (0, f"made/good  right  {SHA}\n")
    (row,) = json.loads(lowface("weights", "verify", "made/good", "--json").out)
    assert row == {"name": "made/good", "ok": True, "sha256": SHA, "expected": SHA, "error": None}


def test_verify_without_names_looks_at_all_that_is_here(lowface, home):
    lowface("weights", "fetch", "made/good")
    done = lowface("weights", "verify")
    assert done.code == 0, done.err
    assert f"right  {SHA}" in done.out
    assert "small_features/embedded" in done.out
    assert "made/ships" in done.out
    assert "no hash on record" in done.out
    assert "made/hand" not in done.out
    (home / "stranger" / "made-good.pth").write_bytes(b"other")
    done = lowface("weights", "verify")
    assert done.code == 1
    other = hashlib.sha256(b"other").hexdigest()
    assert done.err == (
        f"lowface: made/good: {home}/stranger/made-good.pth: SHA-256 is {other}, expected {SHA}; "
        "delete the file to fetch it again\n"
    )
    assert any(line.split() == ["made/good", "WRONG"] for line in done.out.splitlines())
    rows = json.loads(lowface("weights", "verify", "--json").out)
    assert [row["name"] for row in rows if not row["ok"]] == ["made/good"]
    assert lowface("weights", "verify", "made/hand").code == 1


def test_a_wrong_download_is_kept_aside_and_the_others_are_fetched(lowface, home):
    done = lowface("weights", "fetch", "made/bad", "made/good")
    assert done.code == 1
    assert done.out == f"made/good: {home}/stranger/made-good.pth\n"
    last = done.err.splitlines()[-1]
    assert f"SHA-256 of the download is {SHA}, expected {'00' * 32}; kept aside as {home}/stranger/made-bad" in last
    assert (home / "stranger" / "made-bad.pth.wrong").read_bytes() == CONTENT


def test_offline_is_one_line_and_file_addresses_are_no_network(lowface, home, monkeypatch):
    monkeypatch.setenv("LOWFACE_OFFLINE", "1")
    done = lowface("weights", "fetch", "made/web")
    assert done.code == 1
    assert done.err == (
        f"lowface: weights: 'web' of head 'made' are not in {home}, "
        "and LOWFACE_OFFLINE=1 forbids fetching http://127.0.0.1:9/w.pth\n"
    )
    assert not home.exists()
    assert lowface("weights", "fetch", "made/good").code == 0


def test_add_copies_a_file_fetched_by_hand(lowface, home, tmp_path):
    done = lowface("weights", "fetch", "made/hand")
    assert done.code == 1
    assert done.err.startswith("lowface: weights: 'hand' of head 'made': theirs.pth must be fetched by hand ")
    assert done.err.endswith("from the authors' drive; then: lowface weights add made/hand theirs.pth\n")
    torch.save({"a": torch.ones(2)}, tmp_path / "theirs.pth")
    place = home / "stranger" / "made-hand.pth"
    done = lowface("weights", "add", "made/hand", "theirs.pth")
    assert (done.code, done.out) == (0, f"made/hand: copied to {place}\n")
    assert rows(lowface)["made/hand"]["state"] == "here"
    assert lowface("weights", "path", "made/hand").out == f"{place}\n"
    assert lowface("weights", "fetch", "made/hand").code == 0
    assert (tmp_path / "theirs.pth").is_file()


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["path", "made/god"], "unknown weights 'made/god'; did you mean 'made/good'?"),
        (["fetch", "made/good", "vgg16/imagnet"], "did you mean 'vgg16/imagenet'?"),
        (["verify", "made"], "unknown weights 'made'"),
        (["add", "made/hand", "gone.pth"], "gone.pth: no such file"),
        (["add", "made/good", "web/other.pth"], "nothing was added"),
        (["add", "made/hand", "web/made.pth"], "cannot be read as weights"),
        (["add", "made/ships", "web/made.pth"], "there is nothing to add"),
        (["fetch", "--all-for", "lowfacent"], "did you mean 'lowfacenet'?"),
    ],
)
def test_mistakes_are_one_line(lowface, tmp_path, home, words, part):
    (tmp_path / "web" / "other.pth").write_bytes(b"other")
    done = lowface("weights", *words)
    assert done.code == 1
    assert part in done.err
    assert done.err.count("\n") == 1
    assert done.out == ""
    assert not home.exists()


def test_wrong_usage_is_two(lowface):
    assert lowface("weights", "fetch").code == 2
    assert lowface("weights", "path").code == 2
    assert lowface("weights").code in (0, 2)  # click's habit changed


def test_a_home_that_cannot_be_written_is_one_line(lowface, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("LOWFACE_HOME", str(tmp_path / "file"))
    for words in (["fetch", "made/good"], ["add", "made/good", "web/made.pth"]):
        done = lowface("weights", *words)
        assert done.code == 1
        assert "cannot be written" in done.err
        assert done.err.endswith("set LOWFACE_HOME\n")
        assert done.err.count("\n") == 1


def test_everything_a_config_asks_for(lowface, write_config, home, tmp_path):
    face = {"type": "face", "encoder": {"type": "made", "weights": "web"}}
    heads = {
        "one": {"type": "made", "weights": "good"},
        "two": {"type": "made", "weights": "good"},
        "three": {"type": "made", "weights": "hand"},
        "four": {"type": "small_features", "weights": "embedded"},
        "five": {"type": "made", "weights": "gone.pth"},
        "six": {"type": "made", "weights": "{weights_root}/theirs.pth"},
        "seven": {"type": "made", "weights": str(tmp_path / "web" / "made.pth")},
        "eight": {"type": "made", "weights": "{weights_root}/made.pth"},
        "face": face,
    }
    done = lowface("weights", "fetch", "--all-for", write_config(heads=heads))
    assert done.code == 1
    assert done.out.splitlines()[0] == f"made/good: {home}/stranger/made-good.pth"
    assert done.out.splitlines()[1].startswith("small_features/embedded: ")
    assert len(done.out.splitlines()) == 2
    lines = [line.removeprefix("lowface: ") for line in done.err.splitlines() if not line.startswith("fetching ")]
    by_hand = (
        "theirs.pth must be fetched by hand from the authors' drive; then: lowface weights add made/hand theirs.pth"
    )
    assert lines[0] == f"heads.three.weights: 'hand' of head 'made': {by_hand}"
    assert lines[1] == "heads.five.weights: no file 'gone.pth'"
    assert lines[2] == (
        f"heads.six.weights: 'hand' of head 'made': {by_hand}, "
        'and write weights="hand"; or have it as {weights_root}/theirs.pth'
    )
    assert lines[3] == (
        "heads.eight.weights: no file '{weights_root}/made.pth'; write weights=\"good\" to take it from the store"
    )
    assert lines[4].startswith("heads.face.encoder.weights 'web' of head 'made': http://127.0.0.1:9/w.pth could not be")
    assert len(lines) == 5
    options = ["--cfg-options", f"weights_root={tmp_path / 'web'}", "heads.five=null", "heads.six=null"]
    options += ["heads.three=null", "heads.face=null"]
    done = lowface("weights", "fetch", "--all-for", tmp_path / "tiny.json", *options)
    assert done.code == 0, done.err


def test_all_for_the_papers_config_names_what_must_be_fetched_by_hand(lowface, monkeypatch):
    monkeypatch.setenv("LOWFACE_OFFLINE", "1")
    done = lowface("weights", "fetch", "--all-for", "lowfacenet_paper")
    assert done.code == 1
    for name in (
        "best_deeplabv3plus_mobilenet_lapa_epoch96.pth must be fetched by hand from https://drive.google.com/",
        "lowface weights add deeplabv3plus_mobilenet/lapa best_deeplabv3plus_mobilenet_lapa_epoch96.pth",
        "facenet_mobilenet.pth must be fetched by hand from https://drive.google.com/",
        "lowface weights add facenet_mobilenet/released facenet_mobilenet.pth",
        "LOWFACE_OFFLINE=1 forbids fetching https://download.pytorch.org/models/vgg16-397923af.pth",
        "Retinaface_mobilenet0.25.pth",
    ):
        assert name in done.err, name
    assert len(done.err.splitlines()) == 4


def test_all_for_the_default_config_needs_nothing(lowface, home):
    done = lowface("weights", "fetch", "--all-for", "lowfacenet")
    assert (done.code, done.err) == (0, "")
    assert [line.split(":")[0] for line in done.out.splitlines()] == [
        "small_features/embedded",
        "deeplabv3plus/embedded",
        "face_encoder/embedded",
    ]
    assert not home.exists()


def test_an_enhancers_weights_by_name(lowface, tmp_path):
    from PIL import Image

    import lowface_core as lf

    torch.save(lf.build("enhancer", "retinex").state_dict(), tmp_path / "Low-FaceNet.pth")
    Image.new("RGB", (9, 7), (20, 10, 5)).save(tmp_path / "dark.png")
    words = ["enhance", "dark.png", "-o", "out", "--checkpoint", "retinex/released"]
    done = lowface(*words)
    assert done.code == 1
    assert "Low-FaceNet.pth must be fetched by hand" in done.err
    assert done.err.count("\n") == 1
    assert lowface("weights", "add", "retinex/released", "Low-FaceNet.pth").code == 0
    assert lowface(*words).code == 0
    assert (tmp_path / "out" / "dark.png").is_file()
    assert lf.load_enhancer("retinex/released")(torch.rand(1, 3, 4, 5)).shape == (1, 3, 4, 5)
    done = lowface("enhance", "dark.png", "-o", "again", "--checkpoint", "retinex/relesed")
    assert done.err == ("lowface: retinex/relesed: no such checkpoint or work dir; did you mean 'retinex/released'?\n")
