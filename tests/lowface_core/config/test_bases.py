"""``_base_`` by the name of a shipped config."""

from __future__ import annotations

from pathlib import Path

import pytest

from lowface_core.config.load import read
from lowface_core.errors import ConfigError


@pytest.mark.parametrize("base", ['"lowfacenet"', '"lowfacenet.py"', '["lowfacenet"]'])
def test_a_shipped_config_is_a_base_by_its_name(tmp_path: Path, base: str) -> None:
    (tmp_path / "mine.py").write_text(f"_base_ = {base}\nlr = 0.25\nlosses = dict(color=dict(weight=2.0))\n")
    default, mine = read("lowfacenet"), read(str(tmp_path / "mine.py"))
    assert mine["losses"].pop("color") == {"type": "color", "weight": 2.0}
    assert mine.pop("lr") == 0.25
    del default["losses"]["color"], default["lr"]
    assert mine == default


def test_also_in_yaml_and_in_a_subfolder(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("_base_: heads/parser_rendered\nmax_iters: 3\n")
    assert read(str(tmp_path / "mine.yaml")) == {**read("heads/parser_rendered"), "max_iters": 3}


def test_a_file_beside_the_config_goes_first(tmp_path: Path) -> None:
    (tmp_path / "lowfacenet.py").write_text("lr = 1.0\n")
    (tmp_path / "mine.py").write_text('_base_ = "lowfacenet.py"\n')
    assert read(str(tmp_path / "mine.py")) == {"lr": 1.0}


def test_a_base_that_is_neither_is_one_line_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text('_base_ = "lowfacenett"\n')
    with pytest.raises(ConfigError) as raised:
        read(str(tmp_path / "mine.py"))
    told = str(raised.value)
    assert "\n" not in told
    assert f"{tmp_path / 'mine.py'}: _base_ 'lowfacenett'" in told
    assert "did you mean 'lowfacenet'?" in told
