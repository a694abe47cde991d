"""The packages that the templates make: named, complete, valid in every file, refused or whole."""

from __future__ import annotations

import ast
import importlib
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lowface_core.config.check import check_config
from lowface_core.config.load import load
from lowface_core.errors import LowfaceError, PluginError
from lowface_core.registry import loader
from lowface_core.registry.registration import KINDS
from lowface_core.scaffold import package
from lowface_core.scaffold.package import LICENCES, Names, contents, make_package, names_for
from lowface_core.testing.suite import Contract

tomllib = pytest.importorskip("tomllib")  # from Python 3.11 on


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A package of each kind."""
    folder = tmp_path_factory.mktemp("made")
    return {kind: make_package(f"lowface-made-{kind}", kind, folder)[0] for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_is_there_and_valid(made: dict[str, Path], kind: str) -> None:
    folder, module = made[kind], f"lowface_made_{kind}"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {
        ".gitignore",
        "LICENSE",
        "README.md",
        "pyproject.toml",
        f"configs/made_{kind}.py",
        f"{module}/__init__.py",
        f"{module}/made_{kind}.py",
        f"{module}/py.typed",
        f"tests/test_made_{kind}.py",
        "tests/test_config.py",
    }
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "py.typed":
            text = path.read_text(encoding="utf-8")
            assert text.endswith("\n")
            assert not text.endswith("\n\n")
            assert "{{" not in text.replace("${{", "")
            assert "{%" not in text
            if path.suffix == ".py":
                ast.parse(text)
    facts = tomllib.loads((folder / "pyproject.toml").read_text())
    assert facts["project"]["name"] == f"lowface-made-{kind}"
    assert facts["project"]["license"] == "Apache-2.0"
    assert facts["project"]["entry-points"]["lowface"] == {f"made_{kind}": module}
    assert facts["project"]["optional-dependencies"]["test"]
    assert kind in (folder / "README.md").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_its_module_has_types_and_docstrings_throughout(made: dict[str, Path], kind: str) -> None:
    tree = ast.parse((made[kind] / f"lowface_made_{kind}" / f"made_{kind}.py").read_text())
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            assert ast.get_docstring(node), node.name
        if isinstance(node, ast.FunctionDef):
            assert node.returns is not None, node.name
            assert all(a.annotation for a in node.args.args if a.arg != "self"), node.name
            if not node.name.startswith("_") or node.name == "__call__":
                assert ast.get_docstring(node), node.name


@pytest.mark.parametrize("name", ["lowface-x", "lowface-abcdefghijklmnopqrstuvwxyzab"])
def test_ruff_finds_nothing_whatever_the_name(tmp_path: Path, ruff: Callable[[Path], str], name: str) -> None:
    for kind in KINDS:
        (tmp_path / kind).mkdir()
        make_package(name, kind, tmp_path / kind, workflow=True)
    assert ruff(tmp_path) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_it_registers_passes_the_config_check_and_subclasses_the_suite(
    made: dict[str, Path], add_plugin: Callable[..., None], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    folder = made[kind]
    monkeypatch.syspath_prepend(folder)
    module = importlib.import_module(f"lowface_made_{kind}")
    add_plugin(loads=module, distribution=f"lowface-made-{kind}", entry=f"made_{kind}")
    found = loader.plugins().find(kind, f"made_{kind}")
    assert isinstance(found.factory, str)
    assert f"made_{kind}:Made{kind.title()}" in found.factory
    cfg = load(str(folder / "configs" / f"made_{kind}.py"), ["data_root=pictures"] if kind == "dataset" else [])
    check_config(cfg, "train")
    assert f"made_{kind}" in str(cfg)
    assert cfg["max_iters"] <= 100
    tests = runpy.run_path(str(folder / "tests" / f"test_made_{kind}.py"))
    suites = [v for v in tests.values() if isinstance(v, type) and issubclass(v, Contract) and v.component]
    assert [(s.kind, s.component) for s in suites] == [(kind, f"made_{kind}")]
    assert suites[0].__name__.startswith("Test")


@pytest.mark.parametrize("licence", LICENCES)
def test_the_licence_is_as_chosen(licence: str) -> None:
    files = contents(names_for("lowface-x", "loss"), "loss", licence, 'Zoë "Z" Ä', False)
    facts = tomllib.loads(files["pyproject.toml"])["project"]
    assert facts["authors"] == [{"name": 'Zoë "Z" Ä'}]
    if licence == "none":
        assert "license" not in facts
        assert "LICENSE" not in files
        assert "all rights reserved" in files["README.md"]
        return
    assert facts["license"] == LICENCES[licence]
    assert 'Zoë "Z" Ä' in files["LICENSE"]
    first = {"apache-2.0": "Apache License", "mit": "MIT License", "bsd-3-clause": "BSD 3-Clause License"}[licence]
    assert files["LICENSE"].strip().startswith(first)
    assert LICENCES[licence] in files["README.md"]


def test_without_an_author_the_licence_names_the_packages_own() -> None:
    files = contents(names_for("lowface-x", "loss"), "loss", "mit", None, True)
    assert "the authors of lowface-x" in files["LICENSE"]
    assert "authors" not in tomllib.loads(files["pyproject.toml"])["project"]
    assert "${{ matrix.python }}" in files[".github/workflows/test.yml"]


def test_what_exists_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lowface-folder").mkdir()
    (tmp_path / "lowface-file").write_text("mine")
    (tmp_path / "lowface-link").symlink_to(tmp_path / "nowhere")
    for name in ("lowface-folder", "lowface-file", "lowface-link"):
        with pytest.raises(LowfaceError, match=f"{name}: exists already; choose another name"):
            make_package(name, "loss", tmp_path)
    assert (tmp_path / "lowface-file").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 3


def test_nothing_half_made_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, *args: Any, **kwargs: Any) -> None:
        if self.name == "README.md":
            raise OSError(28, "No space left on device")
        return real(self, *args, **kwargs)

    real = Path.write_text
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(LowfaceError, match=r"lowface-x: cannot be written \(No space left on device\)"):
        make_package("lowface-x", "loss", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_directory_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(LowfaceError, match=r"cannot be written \(no such folder\)"):
        make_package("lowface-x", "loss", tmp_path / "nowhere")


def test_every_kind_has_its_texts_and_no_template_is_python() -> None:
    assert {path.parent.name for path in package.TEMPLATES.glob("*/kind.json")} == set(KINDS)
    assert not list(package.TEMPLATES.rglob("*.py"))
    used = {template.parent.name for template in package.TEMPLATES.rglob("*.jinja")}
    assert used == {"common", "licences", *KINDS}


def test_names_follow_from_the_distributions() -> None:
    assert names_for("lowface-warm-light", "loss") == Names(
        "lowface-warm-light", "lowface_warm_light", "warm_light", "WarmLight", "WarmLightLoss"
    )
    assert names_for("haze_free2", "head") == Names(
        "haze_free2", "haze_free2", "haze_free2", "HazeFree2", "HazeFree2Head"
    )
    assert names_for("lowface-dark-loss", "loss").cls == "DarkLoss"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Lowface-Warmth", "did you mean 'lowface-warmth'?"),
        ("my plugin", "did you mean 'my-plugin'?"),
        ("warmth!", "did you mean 'warmth'?"),
        ("7-lights", "beginning with a letter"),
        ("", "will not do as a name"),
        ("-", "will not do as a name"),
        ("a--b", "did you mean 'a-b'?"),
        ("../up", "did you mean 'up'?"),
        ("über", "will not do as a name"),
        ("class", "class is a word of Python's; try lowface-classs"),
        ("lowface-lambda", "lambda is a word of Python's"),
        ("match", "match is a word of Python's"),
        ("lowface-3d", "write a letter after 'lowface-'"),
        ("torch", "'torch' is installed already (version"),
        ("lowface", "'lowface' is installed already (version"),
        ("facenet_pytorch", "'facenet_pytorch' is installed already"),
        ("json", "'json' is a module of Python's own; choose another name, such as lowface-json"),
        ("lowface-core", "a module lowface_core is installed already"),
        ("lowface-fidelity", "a module lowface_fidelity is installed already"),
        ("lowface-color", "plugin lowface:fidelity offers a loss 'color' already; choose another name"),
        ("lowface-" + "long-" * 8 + "name", "52 characters long; 36 at most"),
    ],
)
def test_a_name_that_will_not_do_is_one_line(name: str, part: str) -> None:
    with pytest.raises(PluginError) as refused:
        names_for(name, "loss")
    assert part in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_name_is_taken_by_the_same_kind_alone() -> None:
    assert names_for("lowface-color", "metric").component == "color"
