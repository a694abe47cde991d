from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from lowface_core.cli.options import ConfigCommand, config_name, config_options, keywords
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


def test_a_run_is_named_after_its_config():
    assert config_name("configs/heads/x.py") == config_name("heads/x") == config_name("x") == "x"


def test_keywords_are_numbers_intervals_and_nothing():
    assert keywords(("exposure=0.04,0.10", "bits=12", "jpeg=null"), "--x") == {
        "exposure": [0.04, 0.10], "bits": 12, "jpeg": None
    }  # fmt: skip
    with pytest.raises(ConfigError, match=r"--x a\.b=1: write it as keyword=value"):
        keywords(("a.b=1",), "--x")
