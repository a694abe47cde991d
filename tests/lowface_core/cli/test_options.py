from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from lowface_core.cli import add_plugin_commands, cli
from lowface_core.cli.options import ConfigCommand, HomePath, config_options, keywords
from lowface_core.errors import ConfigError


@click.command(cls=ConfigCommand)
@config_options
def probe(**values: object) -> None:
    click.echo(repr((values["config"], values["cfg_options"], values["seed"], values["resume"])))


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        ("x", ("x", (), None, None)),
        ("x --cfg-options a=1 b.c=2 --seed 3", ("x", ("a=1", "b.c=2"), 3, None)),
        ("--cfg-options a=1 b=2 x --seed 3", ("x", ("a=1", "b=2"), 3, None)),
        ("x --cfg-options a=1 --cfg-options b=2", ("x", ("a=1", "b=2"), None, None)),
        ("x --cfg-options=a=1 --resume", ("x", ("a=1",), None, "auto")),
        ("x --resume last.pth", ("x", (), None, "last.pth")),
        ("x --resume --cfg-options a=1", ("x", ("a=1",), None, "auto")),
        ("x --cfg-options a", ("x", ("a",), None, None)),
    ],
)
def test_cfg_options_takes_every_pair_that_follows(words: str, seen: tuple[object, ...]):
    result = CliRunner().invoke(probe, words.split())
    assert result.output.strip() == repr(seen)


def test_a_word_that_is_no_pair_is_wrong_usage():
    assert CliRunner().invoke(probe, ["x", "--cfg-options", "a=1", "b"]).exit_code == 2


def test_keywords_are_numbers_intervals_and_nothing():
    assert keywords(("exposure=0.04,0.10", "bits=12", "jpeg=null"), "--x") == {
        "exposure": [0.04, 0.10], "bits": 12, "jpeg": None
    }  # fmt: skip
    with pytest.raises(ConfigError, match=r"--x a\.b=1: write it as keyword=value"):
        keywords(("a.b=1",), "--x")


@pytest.mark.parametrize("words", [["--work-dir=~/x"], ["--work-dir", "~/x"]])
def test_the_users_folder_is_meant_by_a_tilde(words: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/u")
    seen = []

    @click.command
    @config_options
    def command(work_dir: str, **_: object) -> None:
        seen.append(work_dir)

    assert CliRunner().invoke(command, ["x", *words]).exit_code == 0
    assert seen == ["/home/u/x"]


def test_every_path_of_every_command_knows_the_users_folder():
    add_plugin_commands()
    commands = dict(cli.commands)
    for name, command in list(commands.items()):
        commands |= {f"{name} {inner}": c for inner, c in getattr(command, "commands", {}).items()}
    paths = {
        f"{name} {p.name}": p.type for name, c in commands.items() for p in c.params if isinstance(p.type, click.Path)
    }
    assert {"enhance output", "identify gallery", "data check root", "synthesize dst", "evaluate reference"} <= set(
        paths
    )
    assert [name for name, kind in paths.items() if not isinstance(kind, HomePath)] == []
