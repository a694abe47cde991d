from __future__ import annotations

import signal
from collections.abc import Callable
from types import ModuleType

import click
import pytest
from torch import nn

from lowface_core import hookimpl
from lowface_core.cli import cli


@pytest.fixture(autouse=True)
def commands_as_they_were():
    before = dict(cli.commands)
    yield
    cli.commands.clear()
    cli.commands.update(before)


def test_help_and_version_are_success(lowface):
    assert "train" in lowface("--help").out
    assert lowface("-h").code == 0
    assert lowface("--version").out.startswith("lowface, version ")


def test_wrong_usage_is_two_with_a_hint(lowface):
    for words in (
        ["trian"],
        ["train"],
        ["train", "x", "--no-such-option"],
        ["train", "x", "--seed", "-1"],
        ["train", "x", "y"],
    ):
        done = lowface(*words)
        assert done.code == 2, words
        assert done.out == ""
        assert "Traceback" not in done.err


def test_a_users_mistake_is_one_line_and_one(lowface):
    done = lowface("train", "lowfacent")
    assert done.code == 1
    assert done.err.startswith("lowface: lowfacent: no such config file; did you mean 'lowfacenet'?")
    assert done.err.count("\n") == 1


def offering(function: Callable[[], None]) -> Callable[..., None]:
    def register_commands(cli: click.Group) -> None:
        cli.add_command(click.command("stranger")(function))

    return register_commands


def test_a_plugin_adds_commands(lowface, add_plugin):
    add_plugin({"loss": {"haze": nn.Identity}}, register_commands=offering(lambda: click.echo("hello")))
    assert lowface("stranger").out == "hello\n"
    assert "stranger" in lowface("--help").out


def failing() -> None:
    raise ValueError("two\nlines")


def test_an_unexpected_failure_is_one_line_too(lowface, add_plugin):
    add_plugin({"loss": {"haze": nn.Identity}}, register_commands=offering(failing))
    done = lowface("stranger")
    assert (done.code, done.out) == (1, "")
    assert done.err == "lowface: unexpected ValueError: two lines (LOWFACE_DEBUG=1 shows where)\n"


def test_ctrl_c_outside_training_is_130(lowface, add_plugin):
    def interrupted() -> None:
        raise KeyboardInterrupt

    add_plugin({"loss": {"haze": nn.Identity}}, register_commands=offering(interrupted))
    done = lowface("stranger")
    assert (done.code, done.err.strip()) == (130, "interrupted")


def test_ctrl_c_before_a_command_has_begun_is_said_too(lowface, monkeypatch: pytest.MonkeyPatch):
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lowface_core.cli.printing", interrupted)
    done = lowface("list-plugins")
    assert (done.code, done.out, done.err.strip()) == (130, "", "interrupted")


def test_a_command_registered_under_another_name_is_there(lowface, add_plugin):
    module = ModuleType("renamed")
    module.offer = hookimpl(specname="register_commands")(offering(lambda: click.echo("hello")))
    add_plugin(loads=module)
    assert lowface("stranger").out == "hello\n"


@pytest.mark.parametrize("error", [RuntimeError("no\ncommands"), SystemExit(3), SystemExit("gone")])
def test_a_plugin_whose_commands_fail_is_disabled_and_the_others_go_on(lowface, add_plugin, error):
    def register_commands(cli: click.Group) -> None:
        cli.add_command(click.command("half")(lambda: None))
        cli.add_command(click.command("train")(lambda: None))
        raise error

    add_plugin({"loss": {"haze": nn.Identity}}, distribution="broken", register_commands=register_commands)
    add_plugin({}, register_commands=offering(lambda: click.echo("hello")))
    cause = f"register_commands failed: {type(error).__name__}: {' '.join(str(error).split())}"
    done = lowface("stranger")
    assert (done.code, done.out) == (0, "hello\n")
    assert done.err == f"lowface: plugin broken:made is left out: {cause}\n"
    done = lowface("list-plugins")
    assert done.code == 1
    assert f"failed  {cause}" in done.out
    assert "loss: haze" not in done.out
    assert lowface("half").code == 2
    assert "CONFIG" in lowface("train", "--help").out


def test_ctrl_c_while_python_ends_shows_no_traceback(python):
    code = "import atexit, os, signal, sys; atexit.register(os.kill, os.getpid(), signal.SIGINT); "
    code += "from lowface_core.cli import main; sys.argv = ['lowface', '--version']; main()"
    done = python("-c", code)
    assert done.out.startswith("lowface, version")
    assert done.err == ""
    assert done.code == -signal.SIGINT
