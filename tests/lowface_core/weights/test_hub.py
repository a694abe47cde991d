"""Weights out of model repositories: fetched once, verified later, silent when the network is forbidden."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import lowface_core as lf
from lowface_core.errors import ConfigError, LowfaceError, WeightsError
from lowface_core.weights import hub
from tests.hub_server import Hub

ADDRESS = "hf://made/network/weights/model.pth@main"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    server = Hub()
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.setenv("LOWFACE_HOME", str(tmp_path / "home"))
    for name in ("LOWFACE_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    server.repos["made/network"] = {"weights/model.pth": b"weights"}
    yield server
    server.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hf://a/b/c.pth", ("a/b", "c.pth", "main")),
        ("hf://a.x/b-1/d/c.onnx@v1.0", ("a.x/b-1", "d/c.onnx", "v1.0")),
        ("hf://a/b", None),
        ("hf://a/b/../../c", None),
        ("hf://a/b/c@x@y", None),
    ],
)
def test_forms(text: str, expected: tuple[str, str, str] | None) -> None:
    if expected is None:
        with pytest.raises(WeightsError, match="is no address; write hf://owner/repo/file@revision"):
            hub.Address.of(text)
    else:
        found = hub.Address.of(text)
        assert (found.repo, found.file, found.revision) == expected


def test_is_fetched_once_and_its_hash_is_noted(server: Hub) -> None:
    path = hub.fetch(ADDRESS)
    assert path.read_bytes() == b"weights"
    assert hub.Address.of(ADDRESS).noted.read_text().split() == [hashlib.sha256(b"weights").hexdigest(), ADDRESS]
    asked = len([each for each in server.requests if each.startswith("GET /made/network/resolve")])
    assert hub.fetch(ADDRESS) == path
    assert len([each for each in server.requests if each.startswith("GET /made/network/resolve")]) == asked == 1


def test_another_file_later_is_refused(server: Hub) -> None:
    hub.fetch(ADDRESS)
    server.repos["made/network"]["weights/model.pth"] = b"other weights"
    with pytest.raises(WeightsError, match="when it first came; the repository may have changed it: name a commit"):
        hub.fetch(ADDRESS)


def test_damage_in_the_cache_shows_offline(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    path = hub.fetch(ADDRESS)
    monkeypatch.setenv("LOWFACE_OFFLINE", "1")
    asked = len(server.requests)
    assert hub.fetch(ADDRESS) == path
    path.resolve().write_bytes(b"damaged")
    with pytest.raises(WeightsError, match="when it first came"):
        hub.fetch(ADDRESS)
    assert len(server.requests) == asked


@pytest.mark.parametrize("switch", ["LOWFACE_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_and_not_here_is_one_line(switch: str, server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(switch, "1")
    for ask in (hub.check, hub.fetch):
        with pytest.raises(WeightsError, match=f"is not in .*, and {switch}.* forbids fetching it"):
            ask(ADDRESS)
    assert not server.requests


def test_what_cannot_be_fetched_is_one_line(server: Hub) -> None:
    for address in ("hf://made/network/none.pth", "hf://nobody/nothing/model.pth"):
        with pytest.raises(WeightsError, match="could not be fetched") as caught:
            hub.fetch(address)
        assert "\n" not in str(caught.value)


def test_a_server_that_is_away_leaves_what_came(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    path = hub.fetch(ADDRESS)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert hub.fetch(ADDRESS) == path


def test_heads_take_addresses(server: Hub, tmp_path: Path) -> None:
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    network = timm.create_model("resnet10t", num_classes=5).eval()
    from safetensors.torch import save_file

    save_file(network.state_dict(), str(tmp_path / "model.safetensors"))
    server.repos["timm/resnet10t.made"] = {"model.safetensors": (tmp_path / "model.safetensors").read_bytes()}
    address = "hf://timm/resnet10t.made/model.safetensors"
    head = lf.build("head", "timm_classifier", model="resnet10t", num_classes=5, weights=address, normalize=False)
    picture = torch.rand(1, 3, 64, 64)
    torch.testing.assert_close(head.eval()(picture), network(picture))
    with pytest.raises((ConfigError, LowfaceError), match="is no address"):
        lf.build("head", "timm_classifier", model="resnet10t", weights="hf://timm")
