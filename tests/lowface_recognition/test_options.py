"""Options of both commands."""

from __future__ import annotations

import click
import pytest

from lowface_core.cli.options import ConfigCommand
from lowface_core.errors import ConfigError
from lowface_recognition.options import settings_of, shared_options

WORDS = (
    *("--degradation", "sensor", "--degradation-options", "exposure=0.04,0.10", "bits=12"),
    *("--enhancer", "gamma", "--enhancer-options", "gamma=0.6", "--cfg-options", "a=1", "b=2", "--seed", "3"),
)


@pytest.fixture
def command() -> click.Command:
    @click.command(cls=ConfigCommand)
    @shared_options
    def judge(**options: object) -> dict[str, object]:
        return options

    return judge


def test_words_follow_the_option_they_stand_behind(command: click.Command) -> None:
    got = command.main([*WORDS], standalone_mode=False)
    assert got["degradation_options"] == ("exposure=0.04,0.10", "bits=12")
    assert got["enhancer_options"] == ("gamma=0.6",)
    assert got["cfg_options"] == ("a=1", "b=2")
    assert (got["seed"], got["batch_size"], got["config"], got["device"]) == (3, 16, "recognition", "auto")


def test_settings(command: click.Command) -> None:
    got = command.main([*WORDS], standalone_mode=False)
    got.pop("as_json")
    assert settings_of(**got).degradation == {"type": "sensor", "exposure": [0.04, 0.10], "bits": 12}
    assert settings_of(**got).enhancer_options == {"gamma": 0.6}
    with pytest.raises(ConfigError, match="--normal: is for real low light"):
        settings_of(**{**got, "normal": "folder"})
    for part in ("enhancer", "degradation"):
        with pytest.raises(ConfigError, match=f"--{part}-options: belong to an? {part}; add --{part} NAME"):
            settings_of(**{**got, part: None})
