"""What a plugin's author, or whoever installed it, can get wrong: the message names plugin, cause and cure."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lowface_core.registry.hookspecs import CONTRACT

Lowface = Callable[..., Any]
Stranger = Callable[..., Path]
WriteConfig = Callable[..., Path]

HEAD = "import lowface_core as lf\n"
LOSS = """
@lf.hookimpl
def register_losses(register):
    register("haze", "{package}.parts:Haze")
"""
PARTS = """
from torch import nn


class Haze(nn.Module):
    def __init__(self, target=0.5):
        super().__init__()
        {init}

    def forward(self, {reads}):
        return {reads}.mean()
"""


def parts(init: str = "pass", reads: str = "enhanced") -> str:
    return PARTS.format(init=init, reads=reads)


def source(package: str, before: str = "", after: str = "") -> str:
    return HEAD + before + LOSS.format(package=package) + after


def row(lowface: Lowface, plugin: str) -> dict[str, Any]:
    """What ``list-plugins --json`` says of a plugin; nothing but JSON may be on stdout."""
    return {row["plugin"]: row for row in json.loads(lowface("list-plugins", "--json").out)}[plugin]


LOADING = {
    "newer contract": (
        HEAD + f"LOWFACE_CONTRACT = {CONTRACT + 1}\n" + LOSS,
        f"it needs plugin contract {CONTRACT + 1}, and lowface 0.1.0 has contract {CONTRACT}; "
        "pip install --upgrade lowface, or install an older version of the plugin",
    ),
    "contract that is no number": (
        HEAD + "LOWFACE_CONTRACT = '1'\n" + LOSS,
        f"LOWFACE_CONTRACT is '1'; write a whole number, such as {CONTRACT}",
    ),
    "missing package": (
        "import gone_package.inner\n",
        "it needs the package 'gone_package', which is not installed; pip install gone_package",
    ),
    "missing package with another name": (
        "raise ModuleNotFoundError('No module named skimage', name='skimage')\n",
        "it needs the package 'skimage', which is not installed; pip install scikit-image",
    ),
    "missing module of an installed package": (
        "import json.gone\n",
        "the installed package 'json' has no module 'json.gone'; check its spelling, or pip install --upgrade json",
    ),
    "wrong argument": (
        HEAD + "@lf.hookimpl\ndef register_losses(registry):\n    pass\n",
        "hook register_losses has no argument 'registry'; write def register_losses(register)",
    ),
    "wrong argument of check_config": (
        HEAD + "@lf.hookimpl\ndef check_config(config):\n    return []\n",
        "hook check_config has no argument 'config'; write def check_config(cfg)",
    ),
    "required keyword-only argument": (
        HEAD + "@lf.hookimpl\ndef register_losses(register, *, extra):\n    pass\n",
        "hook register_losses has no argument 'extra'; write def register_losses(register)",
    ),
    "misspelt hook": (
        HEAD + "@lf.hookimpl\ndef register_loss(register):\n    pass\n",
        "unknown hook 'register_loss'; did you mean 'register_losses'?; hooks: check_config, register_commands, ",
    ),
    "no marker": (
        "def register_losses(register):\n    pass\n",
        "register_losses is not marked as a hook; write @lf.hookimpl above it",
    ),
    "no hook": ("VALUE = 1\n", "implements no lowface hook; is @lf.hookimpl missing?"),
    "unknown fact": (
        HEAD + "@lf.hookimpl\ndef register_losses(register):\n    register('haze', dict, beter='higher')\n",
        "loss 'haze': unknown fact 'beter'",
    ),
    "exit at import": ("raise SystemExit('no licence\\nfound')\n", "SystemExit: no licence found"),
    "error at import": ("1 / 0\n", "ZeroDivisionError: division by zero"),
    "command that is taken": (
        HEAD
        + "import click\n\n@lf.hookimpl\ndef register_commands(cli):\n    cli.add_command(click.Command('train'))\n",
        "register_commands failed: lowface has a command 'train' already; give it another name",
    ),
}


@pytest.mark.parametrize("fault", LOADING)
def test_a_plugin_that_cannot_be_loaded_is_left_out_with_cause_and_cure(
    lowface: Lowface, stranger: Stranger, fault: str
) -> None:
    text, message = LOADING[fault]
    stranger("haze-free", text.format(package="haze_free") if "{package}" in text else text, parts=parts())
    done = lowface("list-plugins")
    assert done.code == 1
    (line,) = [line for line in done.out.splitlines() if line.startswith("haze-free:plugin")]
    assert message in line
    assert "Traceback" not in done.err
    failed = row(lowface, "haze-free:plugin")
    assert (failed["status"], failed["components"]) == ("failed", [])
    assert message in failed["error"]
    assert row(lowface, "lowface:retinex").items() >= {"status": "ok", "error": None}.items()


def test_the_contract_of_this_version_and_none_stated_are_met(lowface: Lowface, stranger: Stranger) -> None:
    stranger("haze-free", source("haze_free", before=f"LOWFACE_CONTRACT = {CONTRACT}\n"), parts=parts())
    assert row(lowface, "haze-free:plugin")["status"] == "ok"


def test_arguments_with_defaults_and_open_ones_are_nobodys_business(lowface: Lowface, stranger: Stranger) -> None:
    stranger("haze-free", HEAD + "@lf.hookimpl\ndef register_losses(register, extra=1, *more, **others):\n    pass\n")
    assert row(lowface, "haze-free:plugin")["status"] == "ok"


def train(lowface: Lowface, write_config: WriteConfig, **changes: Any) -> str:
    """What a training that fails says: one line."""
    done = lowface("train", write_config(**changes), "--work-dir", "run")
    assert done.code == 1
    assert done.out == ""
    (line,) = done.err.splitlines()
    return line


HAZE = {"fog": {"type": "haze"}}


def test_a_package_that_only_a_component_needs_is_named_with_component_and_plugin(
    lowface: Lowface, stranger: Stranger, write_config: WriteConfig
) -> None:
    stranger("haze-free", source("haze_free"), parts="import gone_package\n")
    assert train(lowface, write_config, losses=HAZE) == (
        "lowface: losses.fog: loss 'haze' of plugin haze-free:plugin cannot be imported from 'haze_free.parts:Haze': "
        "it needs the package 'gone_package', which is not installed; pip install gone_package"
    )


def test_a_package_that_only_building_needs_is_too(
    lowface: Lowface, stranger: Stranger, write_config: WriteConfig
) -> None:
    stranger("haze-free", source("haze_free"), parts=parts(init="import gone_package"))
    assert train(lowface, write_config, losses=HAZE) == (
        "lowface: losses.fog: loss 'haze' of plugin haze-free:plugin could not be built: "
        "it needs the package 'gone_package', which is not installed; pip install gone_package"
    )


def test_two_plugins_with_one_name_need_the_distribution_in_the_config(
    lowface: Lowface, stranger: Stranger, write_config: WriteConfig
) -> None:
    stranger("haze-free", source("haze_free"), parts=parts())
    stranger("haze-rival", source("haze_rival"), parts=parts())
    ways = "write haze-free/haze or haze-rival/haze"
    assert train(lowface, write_config, losses=HAZE) == (
        f"lowface: losses.fog.type: loss 'haze' is claimed by 2 plugins; {ways}"
    )
    done = lowface("list-plugins")
    assert (done.code, f"name clash: loss 'haze' is claimed by 2 plugins; {ways}" in done.out.splitlines()) == (0, True)
    done = lowface("config", "check", write_config(losses={"fog": {"type": "haze-rival/haze"}}))
    assert done.code == 0, done.err


def test_a_loss_that_reads_what_nobody_supplies_is_answered_with_what_is_on_offer(
    lowface: Lowface, stranger: Stranger, write_config: WriteConfig
) -> None:
    stranger("haze-free", source("haze_free"), parts=parts(reads="enhaced"))
    line = train(lowface, write_config, losses=HAZE)
    assert line.startswith(
        "lowface: losses.fog: reads 'enhaced', which nobody supplies; did you mean 'enhanced'?; "
        "on offer from train_dataset 'rendered_faces', the enhancer and the heads: box, enhance, enhanced, identity, "
    )


@pytest.mark.parametrize(
    ("init", "message"),
    [
        ("raise ValueError('two\\nlines')", "ValueError: two lines"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("assert target > 1", "AssertionError: no message"),
    ],
)
def test_a_factory_that_raises_is_named_with_config_path_and_plugin(
    lowface: Lowface, stranger: Stranger, write_config: WriteConfig, tmp_path: Path, init: str, message: str
) -> None:
    stranger("haze-free", source("haze_free"), parts=parts(init=init))
    line = train(lowface, write_config, losses=HAZE)
    assert line == f"lowface: losses.fog: loss 'haze' of plugin haze-free:plugin could not be built: {message}"
    assert not (tmp_path / "run").exists()


def test_an_error_of_lowfaces_own_class_with_more_arguments_is_one_line_too(
    lowface: Lowface, stranger: Stranger, write_config: WriteConfig
) -> None:
    own = """
import lowface_core as lf


class HazeError(lf.LowfaceError):
    def __init__(self, text, code):
        super().__init__(text)

"""
    stranger("haze-free", source("haze_free"), parts=own + parts(init="raise HazeError('target is odd', 3)"))
    assert train(lowface, write_config, losses=HAZE) == "lowface: losses.fog: target is odd"


def test_a_plugin_that_prints_leaves_json_alone_and_is_named(
    lowface: Lowface, stranger: Stranger, write_config: WriteConfig
) -> None:
    shouts = "print('welcome to haze-free!')\n"
    stranger("haze-free", shouts + source("haze_free"), parts="print('parts')\n" + parts(init="print('built')"))
    done = lowface("list-plugins", "--json")
    assert done.code == 0
    assert {"plugin": "haze-free:plugin", "status": "ok"}.items() <= json.loads(done.out)[0].items()
    assert done.err == "lowface: plugin haze-free:plugin prints: welcome to haze-free!\n"
    done = lowface("train", write_config(losses=HAZE), "--work-dir", "run", "--json")
    assert json.loads(done.out)["iterations"] == 2
    for text in ("parts", "built"):
        assert f"lowface: loss 'haze' of plugin haze-free:plugin prints: {text}\n" in done.err


def test_a_plugin_that_imports_torch_when_loaded_is_known(stranger: Stranger, python: Lowface) -> None:
    """What the doctor and the conformance suite then say is tested with them."""
    site = stranger("haze-free", "import torch\n" + source("haze_free"), parts=parts())
    script = "from lowface_core.registry.loader import plugins; print([p.key for p in plugins().loaded if p.heavy])"
    done = python("-c", script, PYTHONPATH=str(site))
    assert done.out == "['haze-free:plugin']\n", done.err


CHECKS = {
    "raises": ("raise KeyError('losses')", "plugin haze-free:plugin failed in check_config: KeyError: 'losses'"),
    "text": (
        "return 'losses: too few'",
        "plugin haze-free:plugin: check_config must return a list of texts, not 'losses: too few'",
    ),
    "fault": ("return ['losses: too few']", "losses: too few"),
}


@pytest.mark.parametrize("fault", CHECKS)
def test_a_plugins_own_check_of_configs(
    lowface: Lowface, stranger: Stranger, write_config: WriteConfig, fault: str
) -> None:
    does, message = CHECKS[fault]
    stranger("haze-free", source("haze_free", after=f"\n@lf.hookimpl\ndef check_config(cfg):\n    {does}\n"))
    assert train(lowface, write_config) == f"lowface: {message}"


def test_strict_raises_and_debug_shows_where(
    lowface: Lowface, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger("haze-free", "1 / 0\n")
    monkeypatch.setenv("LOWFACE_STRICT", "1")
    done = lowface("list-plugins")
    assert (done.code, done.out) == (1, "")
    assert done.err == "lowface: unexpected ZeroDivisionError: division by zero (LOWFACE_DEBUG=1 shows where)\n"
    monkeypatch.setenv("LOWFACE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        lowface("list-plugins")


def test_trace_shows_each_hook_call_registration_build_and_who_fills_what(
    lowface: Lowface, stranger: Stranger, write_config: WriteConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = "\n@lf.hookimpl\ndef check_config(cfg):\n    return []\n"
    stranger("haze-free", source("haze_free", after=check), parts=parts())
    monkeypatch.setenv("LOWFACE_TRACE", "1")
    done = lowface(
        "train", write_config(losses={"fog": {"type": "haze", "target": 0.25}}), "--work-dir", "run", "--json"
    )
    assert json.loads(done.out)["iterations"] == 2
    lines = [line for line in done.err.splitlines() if line.startswith("trace: ")]
    ours = [line.rpartition(" (")[0] if line.endswith(" ms)") else line for line in lines if "haze" in line]
    assert ours[:3] == [
        "trace: haze-free:plugin imports haze_free",
        "trace: haze-free:plugin register(name='haze', factory='haze_free.parts:Haze') as loss",
        "trace: haze-free:plugin register_losses(register=<register a loss>)",
    ]
    assert "trace: loss 'haze' of plugin haze-free:plugin: import haze_free.parts" in ours
    assert any(line.startswith("trace: haze-free:plugin check_config(cfg={") for line in ours)
    assert "trace: losses.fog: haze-free:plugin builds haze(target=0.25)" in ours
    assert "trace: losses.fog reads enhanced from enhancer" in lines
