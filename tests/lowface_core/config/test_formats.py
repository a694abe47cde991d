from __future__ import annotations

from pathlib import Path

import pytest

from lowface_core.config.formats import merge
from lowface_core.config.load import read
from lowface_core.errors import ConfigError

BOMB = "a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("code.yaml", "lr: !!python/object/apply:os.mkdir [made]\n", "could not determine a constructor"),
        ("code.yml", "lr: !!python/name:os.system\n", "could not determine a constructor"),
        ("bomb.yaml", BOMB, "aliases unfold to more than"),
        ("self.yaml", "heads: &a {x: *a}\n", "aliases unfold to more than"),
        ("deep.json", '{"a":' * 200 + "1" + "}" * 200, "too deep"),
        ("deeper.json", "[" * 100_000 + "]" * 100_000, "too deep"),
        ("list.yaml", "- 1\n", "must hold a dict"),
        ("base.py", "_base_ = undefined\n", "base.py: ValueError"),
        ("self.py", "_base_ = 'self.py'\n", "cannot build on itself"),
        ("stop.py", "raise SystemExit(3)\n", "stop.py: SystemExit: 3"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, part: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError) as raised:
        read(str(tmp_path / name))
    assert part in str(raised.value)
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "made").exists()


def test_a_cycle_of_bases_and_a_yaml_base_that_runs_code(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("_base_ = 'b.yaml'\n")
    (tmp_path / "b.yaml").write_text("_base_: a.py\n")
    with pytest.raises(ConfigError, match=r"b\.yaml: _base_ leads back to .*a\.py"):
        read(str(tmp_path / "a.py"))
    (tmp_path / "b.yaml").write_text("lr: !!python/object/apply:os.mkdir [made]\n")
    with pytest.raises(ConfigError, match=r"b\.yaml: ConstructorError"):
        read(str(tmp_path / "a.py"))


def test_yaml_reads_numbers_and_leaves_texts_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "told")
    text = "lr: 1e-4\nweight_decay: -2E+3\nwork_dir: '{{$SECRET:none}}'\nbest: 1e\nheads: {a: &a {x: 1}, b: *a}\n"
    (tmp_path / "c.yaml").write_text(text)
    assert read(str(tmp_path / "c.yaml")) == {
        "lr": 1e-4,
        "weight_decay": -2000.0,
        "work_dir": "{{$SECRET:none}}",
        "best": "1e",
        "heads": {"a": {"x": 1}, "b": {"x": 1}},
    }


def test_a_python_config_reads_what_its_base_holds(tmp_path: Path) -> None:
    (tmp_path / "base.json").write_text('{"lr": 0.5, "heads": {"a": {"size": 3}}}')
    (tmp_path / "c.py").write_text(
        "import math\n_base_ = ['base.json']\nlr = _base_.lr / 2\nbatch_size = _base_.heads.a.size\n"
        "def double(x): return 2 * x\nseed = double(4)\nprint('unseen')\n"
    )
    assert read(str(tmp_path / "c.py")) == {"lr": 0.25, "heads": {"a": {"size": 3}}, "batch_size": 3, "seed": 8}


def test_two_bases_must_not_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"lr": 1}')
    (tmp_path / "b.json").write_text('{"lr": 2}')
    (tmp_path / "c.py").write_text("_base_ = ['a.json', 'b.json']\n")
    with pytest.raises(ConfigError, match=r"c\.py: lr: in more than one file of _base_"):
        read(str(tmp_path / "c.py"))


def test_merging_changes_neither_side() -> None:
    base, over = {"a": {"x": 1, "y": 2}, "b": 3}, {"a": {"x": {"_delete_": True, "z": 1}, "y": 4}}
    assert merge(base, over, "") == {"a": {"x": {"z": 1}, "y": 4}, "b": 3}
    assert base == {"a": {"x": 1, "y": 2}, "b": 3}
    with pytest.raises(ConfigError, match="b: is 3 in the base; add _delete_=True"):
        merge(base, {"b": {"x": 1}}, "")


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
