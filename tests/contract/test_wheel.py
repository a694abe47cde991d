"""The wheel is complete: configs and embedded weights inside, no stray import names, and it works by itself."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any


def test_it_holds_configs_and_weights_and_no_stray_import_names(wheel: Path, root: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"lowface_core", *(path.name for path in (root / "plugins").iterdir() if path.is_dir())}
    for config in (root / "configs").rglob("*.py"):
        assert f"lowface_core/configs/{config.relative_to(root / 'configs').as_posix()}" in names
    for weights in (root / "plugins").rglob("weights/*.*"):
        assert weights.relative_to(root / "plugins").as_posix() in names
    sources = {path.relative_to(root / "plugins").as_posix() for path in (root / "plugins").rglob("*.py")}
    sources |= {path.relative_to(root).as_posix() for path in (root / "lowface_core").rglob("*.py")}
    assert sources <= set(names)


def test_it_works_without_the_checkout(wheel: Path, pip_install: Any, python: Any, tmp_path: Path) -> None:
    site = pip_install(tmp_path / "site", wheel)

    def run(*words: str) -> str:  # the folder comes first, so the editable install is not what is imported
        done = python(*words, cwd=tmp_path, PYTHONPATH=site)
        assert done.code == 0, done.err
        return done.out

    def lowface(*words: str) -> str:
        return run("-m", "lowface_core", *words)

    assert Path(run("-c", "import lowface_core; print(lowface_core.__file__)").strip()).is_relative_to(site)
    assert "lowfacenet" in lowface("config", "list")
    assert all(plugin["status"] == "ok" for plugin in json.loads(lowface("list-plugins", "--json")))
    small = ["train_dataset.identities=3", "val_dataset.identities=2", "test_dataset.identities=2", "samples=0"]
    lowface("train", "lowfacenet", "--work-dir", "run", "--cfg-options", "max_iters=1", "batch_size=2", *small)
    assert (tmp_path / "run" / "summary.json").is_file()
