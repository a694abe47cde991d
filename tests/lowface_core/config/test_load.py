from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lowface_core.config.load import apply_options, fill, fill_all, find, load, parse_option, read, shipped
from lowface_core.config.settings import SETTINGS
from lowface_core.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("lr=1e-3", ["lr"], 1e-3),
        ("losses.color.weight=0.1", ["losses", "color", "weight"], 0.1),
        ("amp=true", ["amp"], True),
        ("amp=False", ["amp"], False),
        ("ema=null", ["ema"], None),
        ("ema=None", ["ema"], None),
        ("enhancer.widths=[1,2]", ["enhancer", "widths"], [1, 2]),
        ("data_root=/data/a=b", ["data_root"], "/data/a=b"),
        ("device=cuda:1", ["device"], "cuda:1"),
        ("data_root='2024'", ["data_root"], "2024"),
        ("data_root=", ["data_root"], ""),
    ],
)
def test_an_option_is_a_path_and_a_literal(text: str, path: list[str], value: Any):
    assert parse_option(text) == (path, value)


@pytest.mark.parametrize("text", ["lr", "=3", "a..b=3", ".lr=1"])
def test_an_option_without_path_or_value_is_refused(text: str):
    with pytest.raises(ConfigError, match=r"^--cfg-options .*write it as path\.in\.config=value"):
        parse_option(text)


def test_options_set_add_and_remove():
    cfg: dict[str, Any] = {"losses": {"color": {"weight": 1}, "tv": {}}, "heads": {"vgg": {"layers": ["a", "b"]}}}
    cfg |= {"methods": {"a": {}, "b": {}}, "datasets": {"c": {}}}
    options = [
        "methods.a=null",
        "datasets.c=null",
        "losses.color.weight=2",
        "losses.tv=null",
        "heads.vgg.layers.1=c",
        "lr=0.5",
        "metrics.psnr={'type':'psnr'}",
    ]
    apply_options(cfg, options)
    assert cfg == {
        "losses": {"color": {"weight": 2}},
        "heads": {"vgg": {"layers": ["a", "c"]}},
        "lr": 0.5,
        "metrics": {"psnr": {"type": "psnr"}},
        "methods": {"b": {}},
        "datasets": {},
    }


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("lerning.rate=1", "lerning: unknown config key"),
        ("max_iter=1", "max_iter: unknown config key; did you mean 'max_iters'?"),
        (
            "losses.colour.weight=2",
            "losses.colour: --cfg-options losses.colour.weight=2: there is nothing to set inside it",
        ),
        ("losses.colour=null", "losses.colour: nothing there to remove; did you mean 'color'?"),
        ("heads.vgg.layers.7=c", "heads.vgg.layers.7: the list has 2 entries"),
        ("heads.vgg.layers.first=c", "heads.vgg.layers.first: the list has 2 entries"),
        ("lr.min=1", "lr: --cfg-options lr.min=1: there is nothing to set inside it"),
    ],
)
def test_an_option_that_leads_nowhere_is_told_with_its_path(option: str, told: str):
    cfg: dict[str, Any] = {"lr": 1.0, "losses": {"color": {"weight": 1}}, "heads": {"vgg": {"layers": ["a", "b"]}}}
    with pytest.raises(ConfigError) as raised:
        apply_options(cfg, [option])
    assert str(raised.value).startswith(told)


def test_settings_are_filled_into_texts_everywhere():
    cfg = {"train_dataset": {"root": "{data_root}/faces", "list": ["{data_root}"]}, "data_root": "/d", "n": 3}
    assert fill(cfg)["train_dataset"] == {"root": "/d/faces", "list": ["/d"]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{data_root}/x", "train_dataset.root: needs data_root; add --cfg-options data_root=FOLDER"),
        ("{dat_root}", "train_dataset.root: {dat_root} is not a setting; did you mean 'data_root'?"),
    ],
)
def test_a_hole_without_a_value_says_how_to_fill_it(text: str, told: str):
    with pytest.raises(ConfigError) as raised:
        fill({"train_dataset": {"root": text}, "data_root": None})
    assert str(raised.value) == told


CONTENT = {
    "enhancer": {"type": "retinex", "channels": 4},
    "lr": 0.5,
    "max_iters": 3,
    "losses": {"c": {"type": "color"}},
}
TEXTS = {
    ".py": "_size = 4\nenhancer = dict(type='retinex', channels=_size)\nlr = 0.5\nmax_iters = 3\n"
    "losses = dict(c=dict(type='color'))\n",
    ".yaml": "enhancer: {type: retinex, channels: 4}\nlr: 0.5\nmax_iters: 3\nlosses: {c: {type: color}}\n",
    ".json": json.dumps(CONTENT),
}


@pytest.mark.parametrize("suffix", TEXTS)
def test_python_yaml_and_json_say_the_same(tmp_path: Path, suffix: str):
    path = tmp_path / f"config{suffix}"
    path.write_text(TEXTS[suffix])
    assert read(str(path)) == CONTENT


def test_a_config_builds_on_its_bases(tmp_path: Path):
    (tmp_path / "_base_").mkdir()
    (tmp_path / "_base_" / "all.py").write_text(TEXTS[".py"])
    (tmp_path / "child.py").write_text("_base_ = ['_base_/all.py']\nlr = 0.25\nlosses = dict(c=dict(weight=2))\n")
    content = read(str(tmp_path / "child.py"))
    assert content["lr"] == 0.25
    assert content["losses"] == {"c": {"type": "color", "weight": 2}}
    assert content["enhancer"] == CONTENT["enhancer"]


def test_a_derived_config_drops_replaces_and_brings_back_entries(tmp_path: Path):
    base = "losses = dict(a=dict(type='color'), b=dict(type='x', weight=2), c=dict(type='y'))\n"
    (tmp_path / "base.py").write_text(base)
    child = "_base_ = 'base.py'\nlosses = dict(a=dict(_delete_=True), b=dict(_delete_=True, type='z'))\n"
    (tmp_path / "child.py").write_text(child)
    (tmp_path / "grandchild.py").write_text("_base_ = 'child.py'\nlosses = dict(a=dict(_delete_=True, type='again'))\n")
    assert read(str(tmp_path / "child.py"))["losses"] == {"b": {"type": "z"}, "c": {"type": "y"}}
    assert read(str(tmp_path / "grandchild.py"))["losses"]["a"] == {"type": "again"}


def test_dropping_what_the_base_does_not_have_is_told(tmp_path: Path):
    (tmp_path / "base.py").write_text("losses = dict(color=dict(type='color'))\n")
    (tmp_path / "child.py").write_text("_base_ = 'base.py'\nlosses = dict(colour=dict(_delete_=True))\n")
    with pytest.raises(ConfigError) as raised:
        read(str(tmp_path / "child.py"))
    assert str(raised.value) == "losses.colour: nothing there to remove; did you mean 'color'?"


@pytest.mark.parametrize(
    ("suffix", "text", "told"),
    [
        (".py", "lr = 1\nlr = = 2\n", r"broken\.py, line 2: "),
        (".py", "lr = undefined\n", r"broken\.py: NameError: .*undefined"),
        (".py", "_base_ = ['gone.py']\n", r"gone\.py"),
        (".json", "{", r"broken\.json: "),
        (".yaml", "a: [", r"broken\.yaml: "),
    ],
)
def test_a_config_that_cannot_be_read_is_one_line_with_its_name(tmp_path: Path, suffix: str, text: str, told: str):
    path = tmp_path / f"broken{suffix}"
    path.write_text(text)
    with pytest.raises(ConfigError, match=told) as raised:
        read(str(path))
    assert "\n" not in str(raised.value)


def test_a_config_is_found_by_file_or_by_shipped_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    configs = shipped()
    assert "lowfacenet" in configs
    assert not any("_base_" in name for name in configs)
    monkeypatch.chdir(tmp_path)
    for name in ("lowfacenet", "configs/lowfacenet.py", "lowfacenet.py"):
        assert find(name) == configs["lowfacenet"]
    (tmp_path / "lowfacenet").mkdir()  # a work dir of that name must not hide the config
    assert find("lowfacenet") == configs["lowfacenet"]
    with pytest.raises(ConfigError, match=r"lowfacent: no such config file; did you mean 'lowfacenet'\?"):
        find("lowfacent")


def test_flags_win_over_options_win_over_the_file_win_over_defaults(write_config: Callable[..., Path]):
    path = str(write_config(lr=1.0, seed=7))
    cfg = load(path, ["lr=2.0", "batch_size=3"], {"lr": 4.0, "device": None})
    assert (cfg["lr"], cfg["batch_size"], cfg["seed"], cfg["device"]) == (4.0, 3, 7, "cpu")
    assert cfg["accumulate"] == SETTINGS["accumulate"].default
    assert set(SETTINGS) <= set(cfg)


def test_data_root_given_by_option_reaches_the_data_set(write_config: Callable[..., Path]):
    path = write_config(train_dataset={"type": "lapa_face", "root": "{data_root}"})
    assert load(str(path), ["data_root=/faces"])["train_dataset"]["root"] == "/faces"


def test_everything_that_cannot_be_filled_in_is_said_at_once():
    cfg = {"lr": 1, "data_root": "/d", "a": ["{data_root}/x", "{lr}"], "b": {"c": "{weights_root}", "d": "{lrr}"}}
    filled, faults = fill_all(cfg)
    assert filled["a"] == ["/d/x", "1"]
    assert filled["b"] == cfg["b"]
    assert faults == [
        "b.c: needs weights_root; add --cfg-options weights_root=FOLDER",
        "b.d: {lrr} is not a setting; did you mean 'lr'?",
    ]
