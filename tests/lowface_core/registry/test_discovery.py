"""Distributions as they lie about: whole, half-installed, twice; each a dist-info folder on the path."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lowface_core.registry import loader
from lowface_core.registry.discovery import discover

Install = Callable[..., Path]
MODULE = """
import lowface_core as lf

@lf.hookimpl
def register_losses(register):
    register("haze", "collections:OrderedDict")
"""
ENTRY = "[lowface]\nplugin = haze_free\n"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Makes a dist-info folder of raw metadata and entry points in a folder of the path, with the module haze_free."""

    def make(metadata: str | bytes | None, entries: str | bytes = ENTRY, name: str = "haze_free-1.2", at: str = "site"):
        folder = tmp_path / at / f"{name}.dist-info"
        folder.mkdir(parents=True)
        (tmp_path / at / "haze_free.py").write_text(MODULE)
        for file, content in (("METADATA", metadata), ("entry_points.txt", entries)):
            if content is not None:
                (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
        monkeypatch.syspath_prepend(str(tmp_path / at))
        loader.plugins.cache_clear()
        return folder

    yield make
    loader.plugins.cache_clear()
    sys.modules.pop("haze_free", None)


def whole(version: str = "1.2") -> str:
    return f"Metadata-Version: 2.1\nName: haze-free\nVersion: {version}\n"


NO_MODULE = "[lowface]\nplugin =\n"
BROKEN = {
    "no name": ("Metadata-Version: 2.1\nVersion: 1.2\n", ENTRY, "haze-free:plugin", "has no name"),
    "no version": ("Metadata-Version: 2.1\nName: haze-free\n", ENTRY, "haze-free:plugin", "has no version"),
    "no metadata": (None, ENTRY, "haze-free:plugin", "interrupted install; delete that folder"),
    "empty metadata": ("", ENTRY, "haze-free:plugin", "then pip install haze-free again"),
    "binary metadata": (b"\xff\xfe\x00", ENTRY, "haze-free:plugin", "cannot be read (UnicodeDecodeError)"),
    "binary entry points": (whole(), ENTRY.encode() + b"\xff", "haze-free:?", "entry_points.txt cannot be read"),
    "entry points of no form": (whole(), ENTRY + "nonsense\n", "haze-free:?", "entry_points.txt cannot be read"),
    "no module": (whole(), NO_MODULE, "haze-free:plugin", "names no module, but ''"),
    "no such module": (whole(), "[lowface]\nplugin = gone_module\n", "haze-free:plugin", "pip install gone_module"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_distribution_is_listed_as_failed_with_a_cure_and_the_rest_works(
    install: Install, lowface: Callable[..., Any], fault: str
) -> None:
    metadata, entries, key, cause = BROKEN[fault]
    install(metadata, entries)
    said = lowface("list-plugins", "--json")
    assert said.code == 1, said.err
    rows = {row["plugin"]: row for row in json.loads(said.out)}
    assert [name for name, row in rows.items() if row["status"] == "failed"] == [key]
    assert cause in rows[key]["error"]
    assert "pip install" in rows[key]["error"]
    assert rows["lowface:retinex"]["components"] == [{"kind": "enhancer", "name": "retinex"}]
    assert lowface("config", "check", "lowfacenet").code == 0
    (doctor,) = [p for p in loader.plugins().loaded if p.error]
    assert doctor.has_cure
    assert all("==?" not in line for line in lowface("list-plugins", "--requirements").out.splitlines())


@pytest.mark.parametrize("entries", ["[console_scripts]\nx = y:z\nnonsense\n", b"\xff", "[other]\nx =\n"])
def test_broken_distributions_that_are_no_plugins_are_none_of_our_business(install: Install, entries: Any) -> None:
    before = [source.key for source in discover()]
    install(None, entries)
    assert [source.key for source in discover()] == before


@pytest.mark.parametrize("name", ["haze_free-1.1", "~aze_free-1.1"])
@pytest.mark.parametrize("at", ["site", "other"])
def test_of_two_versions_one_works_and_the_other_is_listed(install: Install, name: str, at: str) -> None:
    install(whole("1.1"), name=name, at=at)
    install(whole("1.2"))
    ours = {source.key: source for source in discover() if source.distribution == "haze-free"}
    other = next(key for key in ours if "==" in key)
    assert set(ours) == {"haze-free:plugin", other}
    assert {ours["haze-free:plugin"].version, ours[other].version} == {"1.1", "1.2"}
    assert loader.plugins().find("loss", "haze").plugin == "haze-free:plugin"
    (failed,) = [plugin for plugin in loader.plugins().loaded if plugin.error]
    assert (failed.key, failed.has_cure) == (other, True)
    assert "pip uninstall haze-free" in failed.error
    if name.startswith("~"):
        assert ours["haze-free:plugin"].version == "1.2"


def test_what_an_interrupted_upgrade_left_does_not_hide_the_whole_one(install: Install) -> None:
    install(whole())
    install("Version: 1.3\n", name="haze_free-1.3", at="first")
    assert loader.plugins().find("loss", "haze").plugin == "haze-free:plugin"
    (failed,) = [plugin for plugin in loader.plugins().loaded if plugin.error]
    assert failed.version == "1.3"
    assert "has no name" in failed.error


def test_the_same_version_twice_is_one(install: Install) -> None:
    install(whole())
    install(whole(), at="editable")
    assert [found.error for found in discover() if found.distribution == "haze-free"] == [None]
